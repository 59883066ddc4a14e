package report

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

func kev(f finding.Finding) finding.Finding {
	f.KEV = &finding.KEV{Added: "2024-02-09"}
	return f
}

// TestSARIFKeepsTheWorst: with too many results the least important go, with their rules,
// and the file and the person who asked for it are told.
func TestSARIFKeepsTheWorst(t *testing.T) {
	var out bytes.Buffer
	var told []string
	opts := Options{MarkAccepted: true, Notice: func(s string) { told = append(told, s) }}
	w := newSARIF(&stream{w: &out}, finding.Header{Version: "1.0.0"}, opts)
	w.kept.limit = 3
	accepted := kev(advisory("CVE-2024-0005", finding.Affected, "critical", 10))
	accepted.Accepted = &finding.Acceptance{Reason: "it is off", Owner: "netops", Expires: "2027-01-31"}
	for i, f := range []finding.Finding{
		accepted,
		kev(advisory("CVE-2024-0001", finding.Possible, "critical", 10)), advisory("CVE-2024-0002", finding.Affected, "low", 2),
		kev(advisory("CVE-2024-0004", finding.Affected, "high", 7)), advisory("CVE-2024-0003", finding.Affected, "critical", 9.8), advisory("CVE-2024-0002", finding.Affected, "low", 2),
	} {
		require.NoError(t, w.Write(gateway(fmt.Sprintf("a%d:443", i), finding.Exact, f)))
	}
	require.NoError(t, w.Close(finding.Summary{Complete: true}))
	said := "3 results were left out: a run may hold at most 3 results and 10 MB when it is packed, and the worst were kept."
	log := decode(t, out.Bytes())
	require.Equal(t, []string{"note CVE-2024-0002 a2:443", "error CVE-2024-0004 a3:443", "error CVE-2024-0003 a4:443", "results-left-out: " + said}, brief(log))
	require.Equal(t, []string{"sarif: " + said}, told)
	require.Equal(t, 3, integer(log, "runs", 0, "properties", "leftOut"))
	var rules []string
	for _, r := range rulesOf(log) {
		rules = append(rules, text(r, "id"))
	}
	require.Equal(t, []string{"CVE-2024-0002", "CVE-2024-0004", "CVE-2024-0003"}, rules, "no rule without result")
}

// TestSARIFKeepsNothingBelowWhatItDropped: a short result may not stay where a worse and
// longer one went.
func TestSARIFKeepsNothingBelowWhatItDropped(t *testing.T) {
	k := newKept()
	k.room = 6000
	write := func(id string, weight, size int) {
		t.Helper()
		c := claim{finding: advisory(id, finding.Affected, "low", 1)}
		one := c.result(finding.Result{Target: "a:443"}, id)
		one.Message.Text = strings.Repeat("x", size)
		require.NoError(t, k.add(id, id, weight, one, c.rule))
	}
	write("CVE-1", 9, 2000)
	write("CVE-2", 5, 4000) // no room
	write("CVE-3", 4, 10)
	write("CVE-4", 6, 10)
	var got []string
	for _, one := range k.worst {
		got = append(got, one.rule)
	}
	require.ElementsMatch(t, []string{"CVE-1", "CVE-4"}, got)
	require.Equal(t, 2, k.dropped())
	require.Len(t, k.rules, 2)
}

// noise is text that cannot be packed, as a device could send it.
func noise(r *rand.Rand, length int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/"
	b := make([]byte, length)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

// packedSize is what the file is when it is uploaded.
func packedSize(t *testing.T, b []byte) int {
	t.Helper()
	var size counter
	z := gzip.NewWriter(&size)
	_, err := z.Write(b)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return int(size)
}

// TestSARIFStaysBelowTheUploadLimit writes more than a run may hold: results of ordinary
// length, which are cut by their number, and of text that cannot be packed, which are cut
// by the size of the file.
func TestSARIFStaysBelowTheUploadLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 60,000 results")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		name  string
		shows func(target string) string
		kept  func(t *testing.T, n int)
	}{
		{"ordinary", func(target string) string { return strings.Repeat(target, 8)[:160] }, func(t *testing.T, n int) { require.Equal(t, 25_000, n) }},
		{"noise", func(string) string { return noise(random, 800) }, func(t *testing.T, n int) {
			require.Less(t, n, 25_000)
			require.Greater(t, n, 12_000, "more would fit")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			w := newSARIF(&stream{w: &out}, finding.Header{Version: "1.0.0"}, Options{})
			r := gateway("", finding.Exact)
			r.Products[0].Because = []finding.Reason{{Rule: "a-rule", Request: "GET /", Says: "9.1"}, {Rule: "b-rule", Request: "GET /x", Says: "9.1"}}
			for i := range 30_000 {
				r.Target = fmt.Sprintf("vpn%d.example.org:443", i)
				r.Input.Line = i
				for j := range r.Products[0].Because {
					r.Products[0].Because[j].Shows = tt.shows(r.Target)
				}
				f := advisory(fmt.Sprintf("CVE-2024-%04d", i%100), finding.Affected, "high", 7)
				if i%1000 == 999 {
					f = kev(f)
				}
				r.Products[0].Findings = []finding.Finding{f}
				require.NoError(t, w.Write(r))
			}
			require.LessOrEqual(t, w.kept.held, maxSARIFHeld)
			require.NoError(t, w.Close(finding.Summary{}))
			t.Logf("%d results in %.1f MB, %.1f MB packed, %.1f MB held", len(w.kept.worst), float64(out.Len())/1e6, float64(packedSize(t, out.Bytes()))/1e6, float64(w.kept.held)/1e6)
			require.Less(t, packedSize(t, out.Bytes()), maxSARIFPacked)
			log := decode(t, out.Bytes())
			results := list(log, "runs", 0, "results")
			tt.kept(t, len(results))
			known := 0
			for _, one := range results {
				if at(one, "properties", "kev") == true {
					known++
				}
			}
			require.Equal(t, 30, known, "what is exploited is kept")
			require.Equal(t, 30_000-len(results), integer(log, "runs", 0, "properties", "leftOut"))
		})
	}
}
