package report

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Run with: go test ./report -run '^$' -bench . -count 10 | tee new.txt; benchstat old.txt new.txt

// benchResults is how many gateways are written, each with two findings.
const benchResults = 10_000

func benchmarkFormat(b *testing.B, format string) {
	results := manyGateways(benchResults, 2, nil)
	s := summed(true, results)
	b.ReportAllocs()
	for b.Loop() {
		var size counter
		w, err := New(format, &size, corpusHeader(), Options{})
		require.NoError(b, err)
		for _, r := range results {
			require.NoError(b, w.Write(r))
		}
		require.NoError(b, w.Close(s))
		b.ReportMetric(float64(size)/benchResults, "B/result")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchResults, "ns/result")
}

func BenchmarkSARIF(b *testing.B)     { benchmarkFormat(b, "sarif") }
func BenchmarkHTML(b *testing.B)      { benchmarkFormat(b, "html") }
func BenchmarkCycloneDX(b *testing.B) { benchmarkFormat(b, "cyclonedx") }
func BenchmarkJSON(b *testing.B)      { benchmarkFormat(b, "json") }
func BenchmarkCSV(b *testing.B)       { benchmarkFormat(b, "csv") }
