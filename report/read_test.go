package report

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
	"postern/scanner/finding"
)

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", "not a postern report: beginning, byte 0: the file breaks off: unexpected EOF; only files written with -o json can be read"},
		{"a list", "[]", `not a postern report: beginning, byte 1: expected "{"; only files written with -o json can be read`},
		{"no JSON", "Postern 0.1.0", "not a postern report: beginning, byte 0: invalid character 'P' looking for beginning of value; only files written with -o json can be read"},
		{"jsonl", `{"target":"a:443"}`, `not a postern report: it begins with "target" instead of "format"; jsonl cannot be read back, only files written with -o json`},
		{"hostile key", `{"\u001b[2J":1}`, `not a postern report: it begins with "\x1b[2J" instead of "format"; jsonl cannot be read back, only files written with -o json`},
		{"SARIF", `{"$schema":"x","version":"2.1.0"}`, `not a postern report: it begins with "$schema" instead of "format"; jsonl cannot be read back, only files written with -o json`},
		{"later format", `{"format":2,"results":[]}`, "the report has format 2 and this postern reads format 1; read it with the version of postern that wrote it, or scan again"},
		{"format of the wrong kind", `{"format":"1","results":[]}`, "format, byte 13: json: cannot unmarshal string into Go value of type int"},
		{"no results", `{"format":1}`, "not a postern report: it has no results"},
		{"results of the wrong kind", `{"format":1,"results":{}}`, `results, byte 23: expected "["`},
		{"broken result", `{"format":1,"results":[{"target":"a:443"},{"target":1}]}`, "result 2, byte 54: json: cannot unmarshal number into Go struct field Result.target of type string"},
		{"header after the results", `{"format":1,"results":[],"version":"1"}`, `byte 34: "version" must stand before the results and only once, as postern writes it`},
		{"results twice", `{"format":1,"results":[],"results":[]}`, `byte 34: "results" must stand before the results and only once, as postern writes it`},
		{"something after it", `{"format":1,"results":[]}{}`, "byte 26: something follows the report"},
		{"cut in the results", `{"format":1,"results":[{"target":"a:443"}`, "after result 1, byte 41: the file breaks off: unexpected EOF"},
		{"cut in a result", `{"format":1,"results":[{"target":"a:443"},{"tar`, "result 2, byte 42: the file breaks off: unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Read(strings.NewReader(tt.in), func(finding.Result) error { return nil })
			require.EqualError(t, err, tt.want)
		})
	}
}

func TestReadGivesWhatIsThere(t *testing.T) {
	var targets []string
	h, s, err := Read(iotest.OneByteReader(strings.NewReader(
		`{"format":1,"tool":"postern","later":{"a":[1]},"results":[{"target":"a:443","new":1},{"target":"b:443"}],"more":2}`)),
		func(r finding.Result) error { targets = append(targets, r.Target); return nil })
	require.NoError(t, err)
	require.Equal(t, []string{"a:443", "b:443"}, targets)
	require.Equal(t, "postern", h.Tool)
	require.Zero(t, s, "there is no summary")
}

func TestReadStopsWhenTold(t *testing.T) {
	stop, count := errors.New("enough"), 0
	_, _, err := Read(strings.NewReader(`{"format":1,"results":[{},{},{}]}`), func(finding.Result) error {
		if count++; count == 2 {
			return stop
		}
		return nil
	})
	require.Equal(t, stop, err)
	require.Equal(t, 2, count)
}

// TestReadOfABrokenOffFile cuts the example everywhere: what is complete is delivered,
// and the end is always noticed.
func TestReadOfABrokenOffFile(t *testing.T) {
	whole, err := os.ReadFile(example)
	require.NoError(t, err)
	for cut := 0; cut < len(whole)-2; cut += 97 {
		count := 0
		_, _, err := Read(bytes.NewReader(whole[:cut]), func(finding.Result) error { count++; return nil })
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut at %d", cut)
		require.LessOrEqual(t, count, strings.Count(string(whole[:cut]), "\n    }"))
	}
}

func TestReadBoundsItsMemory(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"format":1,"results":[{"target":"`), endlessly('a'))
	_, _, err := Read(endless, func(finding.Result) error { return nil })
	require.ErrorContains(t, err, "one part has more than 16777216 bytes")

	// Many results together may be longer than one.
	one := `{"target":"` + strings.Repeat("a", 1<<20) + `"}`
	many := `{"format":1,"results":[` + strings.Repeat(one+",", 20) + one + `]}`
	count := 0
	_, _, err = Read(strings.NewReader(many), func(finding.Result) error { count++; return nil })
	require.NoError(t, err)
	require.Equal(t, 21, count)
}

type endlessly byte

func (e endlessly) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestReadReturnsErrorsOfTheReader(t *testing.T) {
	fault := errors.New("disk on fire")
	for _, sent := range []string{"", `{"format":1,`, `{"format":1,"results":[`, `{"format":1,"results":[{}`, `{"format":1,"results":[]`} {
		_, _, err := Read(io.MultiReader(strings.NewReader(sent), iotest.ErrReader(fault)), func(finding.Result) error { return nil })
		require.ErrorIs(t, err, fault, sent)
	}
}

// TestStrangeValuesDoNotCostTheReport writes what JSON cannot hold.
func TestStrangeValuesDoNotCostTheReport(t *testing.T) {
	r := finding.Result{
		Target: "a:443", Outcome: finding.Identified, Seconds: math.NaN(),
		TLS:      &evidence.TLS{NotBefore: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -24*3600))},
		Products: []finding.Product{{Findings: []finding.Finding{{Score: math.Inf(1), Verdict: finding.Affected}}}},
	}
	for _, format := range Formats() {
		write(t, format, Options{}, finding.Header{Format: 1}, finding.Summary{Coverage: math.NaN()}, r)
	}
	require.True(t, math.IsNaN(r.Seconds), "the caller's result is its own")
	require.Equal(t, -1, r.TLS.NotBefore.Year())
	require.Nil(t, r.Products[0].Because)

	out := write(t, "json", Options{}, finding.Header{Format: 1}, finding.Summary{}, r)
	require.Contains(t, string(out), `"because": []`)
	require.NotContains(t, string(out), "null")
}

func TestJSONWithoutResults(t *testing.T) {
	got := write(t, "json", Options{}, finding.Header{Format: 1, Tool: "postern"}, finding.Summary{Complete: true})
	require.Contains(t, string(got), "  \"results\": [],\n  \"summary\": {\n")
	h, s, err := Read(bytes.NewReader(got), func(finding.Result) error { t.Error("a result"); return nil })
	require.NoError(t, err)
	require.Equal(t, "postern", h.Tool)
	require.True(t, s.Complete)
	require.Empty(t, write(t, "jsonl", Options{}, finding.Header{}, finding.Summary{}))
}

// TestJSONKeysKeepTheirOrder reads the top level of the document.
func TestJSONKeysKeepTheirOrder(t *testing.T) {
	var keys []string
	for line := range strings.Lines(string(convert(t, "json", Options{}))) {
		if strings.HasPrefix(line, "  \"") {
			keys = append(keys, strings.Split(line, `"`)[1])
		}
	}
	require.Equal(t, []string{"format", "tool", "version", "rules", "started", "inputs", "results", "summary"}, keys)
}

// FuzzRead: whatever can be read can be written, and then reads and writes the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"format":1,"results":[{"target":"a\ud800","products":[{"because":null,"findings":[{"score":1e308}]}]}],"summary":{}}`))
	f.Add([]byte(`{"format":1,"started":"2026-01-01T00:00:00+01:00","x":[{}],"results":[]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		again := func(in []byte) ([]byte, error) {
			var results []finding.Result
			h, s, err := Read(bytes.NewReader(in), func(r finding.Result) error { results = append(results, r); return nil })
			if err != nil {
				return nil, err
			}
			return write(t, "json", Options{}, h, s, results...), nil
		}
		first, err := again(in)
		if err != nil {
			return
		}
		second, err := again(first)
		require.NoError(t, err)
		require.Equal(t, string(first), string(second))
		for _, format := range []string{"jsonl", "sarif", "text"} {
			_, _, err := Read(bytes.NewReader(in), func(r finding.Result) error {
				write(t, format, Options{}, finding.Header{}, finding.Summary{}, r)
				return nil
			})
			require.NoError(t, err)
		}
	})
}
