package report

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// said is what the text format says of results, with every run of spaces and line breaks
// as one space, so that a test does not depend on where lines break.
func said(t *testing.T, s finding.Summary, results ...finding.Result) string {
	t.Helper()
	return strings.Join(strings.Fields(string(write(t, "text", Options{}, finding.Header{Version: "1.0.0"}, s, results...))), " ")
}

func known(id, fixed string, ransomware bool) finding.Finding {
	f := advisory(id, finding.Affected, "critical", 9.8)
	f.Fixed, f.KEV = fixed, &finding.KEV{Added: "2024-02-09", Ransomware: ransomware}
	return f
}

func TestTextShowsTheWorstFirst(t *testing.T) {
	cleared := gateway("clear:443", finding.Exact)
	cleared.Products[0].NotAffected = []string{"CVE-2024-0005"}
	out := string(write(t, "text", Options{}, finding.Header{}, finding.Summary{},
		cleared,
		gateway("unjudged:443", finding.Exact),
		gateway("possible:443", finding.Exact, advisory("CVE-2024-0001", finding.Possible, "critical", 10)),
		gateway("low:443", finding.Exact, advisory("CVE-2024-0002", finding.Affected, "low", 2)),
		gateway("critical:443", finding.Exact, advisory("CVE-2024-0003", finding.Affected, "critical", 9.1)),
		gateway("kev:443", finding.Exact, known("CVE-2024-0004", "", false)),
		gateway("later:443", finding.Exact, known("CVE-2024-0004", "", false)),
	))
	var order []string
	for line := range strings.Lines(out) {
		if m := regexp.MustCompile(`^ {0,2}(\w+):443`).FindStringSubmatch(line); m != nil {
			order = append(order, m[1])
		}
	}
	require.Equal(t, []string{"kev", "later", "critical", "low", "possible", "unjudged", "clear"}, order)
	require.Contains(t, out, "AFFECTED: 4 gateways\n")
	require.Contains(t, out, "POSSIBLY AFFECTED: 1 gateway\n")
	require.Contains(t, out, "NOT JUDGED: 1 gateway\n")
	require.Contains(t, out, "EVERY ADVISORY RULED OUT: 1 gateway\n")
}

func TestTextSaysOneLineOfAnUnreadVersion(t *testing.T) {
	var maybes []finding.Finding
	for i := range 19 {
		f := known(fmt.Sprintf("CVE-2024-%04d", i), "9.2", true)
		f.Verdict = finding.Possible
		if i >= 15 {
			f.KEV = nil
		}
		maybes = append(maybes, f)
	}
	out := said(t, finding.Summary{}, gateway("a:443", finding.Unknown, maybes...))
	require.Contains(t, out, "version not shown; 19 advisories could not be excluded, 15 of them known to be exploited")
	require.NotContains(t, out, "CVE-2024")
	require.NotContains(t, out, "9.1", "the text of an unknown version")
	require.Contains(t, out, "Look up the version: Acme Gate, 1 gateway; then: postern match acme-gate VERSION")

	maybes[0].Exploitation = []string{"A claims it; B disputes it."}
	require.Contains(t, said(t, finding.Summary{}, gateway("a:443", finding.Unknown, maybes...)), "CVE-2024-0000: A claims it; B disputes it.")
}

func TestTextGroupsMaybesByReason(t *testing.T) {
	a, b, c := known("CVE-2024-0001", "9.2", false), advisory("CVE-2024-0002", "", "", 0), advisory("CVE-2024-0003", "", "", 0)
	a.Verdict, b.Verdict, c.Verdict = finding.Possible, finding.Possible, finding.Possible
	b.Reason = "the fix cannot be seen"
	out := said(t, finding.Summary{}, gateway("a:443", finding.Exact, a, b, c))
	require.Contains(t, out, "possible: CVE-2024-0001 (KEV, fixed in 9.2), CVE-2024-0003 - it is so possible: CVE-2024-0002 - the fix cannot be seen")
}

func TestTextShowsEvidence(t *testing.T) {
	r := gateway("a:443", finding.Exact, known("CVE-2024-0001", "9.2", true))
	r.Products[0].Because = []finding.Reason{
		{Rule: "page", Identifies: "definitive", Request: "GET /", Shows: "<title>"},
		{Rule: "etag", Request: "GET /x", Shows: `ETag: "1"`, Says: "9.1"},
		{Rule: "date", Request: "GET /y", Shows: "Tue", Says: ">=9"},
	}
	out := said(t, finding.Summary{}, r)
	require.Contains(t, out, `seen: GET /x 'ETag: "1"' means 9.1 (etag)`)
	require.Equal(t, 1, strings.Count(out, "seen:"))

	r.Products[0].Version.Set = ">=9"
	require.Contains(t, said(t, finding.Summary{}, r), `seen: GET /y "Tue" means >=9 (date)`, "what says the whole of it comes first")
	r.Products[0].Version.Set = "9.1"

	r.Products[0].Version.State = finding.Contradictory
	out = said(t, finding.Summary{}, r)
	require.Contains(t, out, `means 9.1 (etag) seen: GET /y "Tue" means >=9 (date)`)
	require.Equal(t, 2, strings.Count(out, "seen:"))

	r.Products[0].Because = r.Products[0].Because[:1]
	require.Contains(t, said(t, finding.Summary{}, r), `seen: GET / "<title>" (page)`)
}

func TestTextListsAreShort(t *testing.T) {
	var results []finding.Result
	for i := range 25 {
		results = append(results,
			finding.Result{Target: fmt.Sprintf("u%d:443", i), Outcome: finding.Unidentified},
			finding.Result{Target: fmt.Sprintf("x%d:443", i), Outcome: finding.Unreachable, Reason: "timeout", Detail: "no answer within 15s"})
	}
	out := said(t, finding.Summary{Unreachable: 25}, results...)
	require.Contains(t, out, "NO GATEWAY RECOGNISED: 25 endpoints u0:443")
	require.Contains(t, out, "u9:443 and 15 more")
	require.Contains(t, out, "x19:443 timeout: no answer within 15s and 5 more")
	require.NotContains(t, out, "x20:443")
	require.Contains(t, out, "Scan again: 25 endpoints could not be reached")
}

func TestTextNeverCallsSilenceClean(t *testing.T) {
	out := said(t, finding.Summary{Complete: true, PossiblyAffected: 2})
	require.Contains(t, out, "None known to be affected, 2 possibly affected. What could not be told is not clean.")
	require.NotContains(t, out, "INCOMPLETE")
	require.NotContains(t, out, "NEXT")
}

func TestTextSaysWhereItStopped(t *testing.T) {
	stopped := finding.Result{Target: "c:443", Input: finding.Input{Text: "c", Line: 3}, Outcome: finding.Interrupted}
	results := []finding.Result{
		{Target: "a:443", Input: finding.Input{Text: "a", Line: 1}, Outcome: finding.Unidentified}, // one target, two ports
		{Target: "a:8443", Input: finding.Input{Text: "a", Line: 1}, Outcome: finding.Unidentified},
		{Target: "10.0.0.1:443", Input: finding.Input{Text: "10.0.0.0/31", Line: 2}, Outcome: finding.Unreachable}, // one range, two targets
		{Target: "10.0.0.2:443", Input: finding.Input{Text: "10.0.0.0/31", Line: 2}, Outcome: finding.Unreachable},
		stopped,
	}
	require.Contains(t, said(t, finding.Summary{Targets: 9}, results...), "INCOMPLETE: stopped after 3 of 9 targets; what was not asked is not clean.")
	require.Contains(t, said(t, finding.Summary{}, results...), "INCOMPLETE: the scan was stopped early; what was not asked is not clean.")
	require.Contains(t, said(t, finding.Summary{Targets: 1}, stopped), "stopped after 0 of 1 target;")
}

func TestTextSaysWhatToDo(t *testing.T) {
	nofix := advisory("CVE-2024-0009", finding.Affected, "high", 8)
	nofix.Remediation = "Switch the portal off."
	to := func(r finding.Result, upgrade string) finding.Result {
		r.Products[0].Upgrade = upgrade
		return r
	}
	out := said(t, finding.Summary{},
		to(gateway("a:443", finding.Exact, known("CVE-2024-0001", "9.1.9", true), nofix), "9.1.12"),
		to(gateway("b:443", finding.Exact, known("CVE-2024-0001", "9.1.10", true)), "9.1.12"),
		gateway("c:443", finding.Exact, known("CVE-2024-0001", "8.0.5", true)))
	require.Contains(t, out, "NEXT Upgrade: Acme Gate, 2 gateways -> 9.1.12 or later; no known advisory affects it "+
		"Upgrade: Acme Gate, 1 gateway to a supported release: every fixed version that is named is affected by a later advisory "+
		"Act on CVE-2024-0009: Acme Gate, 1 gateway. No fixed version is named. Switch the portal off.")
}

func TestTextSummary(t *testing.T) {
	h := finding.Header{Version: "1.0.0", Started: time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC), Inputs: []string{"a.txt", "-"}}
	s := finding.Summary{Targets: 1200, Results: 1300, Identified: 12, Unidentified: 1000, Unreachable: 288, Affected: 3, KEV: 2, PossiblyAffected: 4,
		Requests: 2100, Coverage: 0.7785, Complete: true, Ended: h.Started.Add(133 * time.Second)}
	out := strings.Join(strings.Fields(string(write(t, "text", Options{}, h, s))), " ")
	require.Contains(t, out, "Scan of a.txt, -, 2026-11-22 21:00:00 UTC")
	require.Contains(t, out, "1,200 targets, 1,300 results: 12 gateways, 1,000 with no gateway recognised, 288 unreachable.")
	require.Contains(t, out, "3 affected, 2 of them by known exploited vulnerabilities (KEV); 4 possibly affected.")
	require.Contains(t, out, "Coverage 77.8% (what gave an answer); 2,100 requests sent in 2m13s.")
}

func TestPluralAndNumber(t *testing.T) {
	for want, got := range map[string]string{
		"0 gateways": plural(0, "gateway"), "1 advisory": plural(1, "advisory"), "2 advisories": plural(2, "advisory"), "12,000 gateways": plural(12000, "gateway"),
		"999": number(999), "1,000": number(1000), "1,234,567": number(1234567), "-5": number(-5), "-500": number(-500), "-5,000": number(-5000),
	} {
		require.Equal(t, want, got)
	}
}

func TestPageLaysOut(t *testing.T) {
	p := newPage(Options{Width: 40})
	p.line(2, 6, padded(10, say("one")), padded(4, say("")), say("two"))
	p.line(2, 6, padded(10, say("longer than that")), say("two"))
	p.line(0, 4, say(strings.Repeat("word ", 9)))
	p.line(0, 4, say(strings.Repeat("x", 77)))
	p.line(0, 4, say(strings.Repeat("深", 30)))
	p.line(2, 6, padded(10, say("nothing after")))
	require.Equal(t, ""+
		"  one             two\n"+
		"  longer than that two\n"+
		"word word word word word word word word\n    word\n"+
		strings.Repeat("x", 40)+"\n    "+strings.Repeat("x", 36)+"\n    x\n"+
		strings.Repeat("深", 20)+"\n    "+strings.Repeat("深", 10)+"\n"+
		"  nothing after\n", p.buf.String())
}

func TestFullName(t *testing.T) {
	for want, p := range map[string]finding.Product{
		"Fortinet FortiOS":   {Vendor: "Fortinet", Name: "FortiOS (FortiGate SSL-VPN)"},
		"SonicWall SMA 100":  {Vendor: "SonicWall", Name: "SonicWall SMA 100 (SRA, SSL-VPN)"},
		"OpenConnect server": {Vendor: "OpenConnect project", Name: "OpenConnect server (ocserv)"},
		"Gate":               {Name: "Gate"},
	} {
		require.Equal(t, want, fullName(p))
	}
}

// TestAttacksSayKEVOnce: the catalogue is said by a mark in text and a sentence in SARIF.
func TestAttacksSayKEVOnce(t *testing.T) {
	f := known("CVE-2024-0001", "", true)
	f.Exploitation = []string{"in CISA's catalogue of known exploited vulnerabilities since 2024-02-09", "campaign: X, claimed by Y, disputed by Z."}
	require.Equal(t, "Campaign: X, claimed by Y, disputed by Z.", attacks(f))
	f.KEV = nil
	require.Contains(t, attacks(f), "In CISA's catalogue")
}

func TestWhyLeavesTheFixOut(t *testing.T) {
	require.Equal(t, "7.2.4 is in branch 7.2: and so on", why(finding.Finding{Fixed: "7.2.7", Reason: "7.2.4 is in branch 7.2; fixed in 7.2.7: and so on"}))
	require.Equal(t, "it is so", why(finding.Finding{Reason: "it is so"}))
}
