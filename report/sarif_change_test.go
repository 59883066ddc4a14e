package report

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// hashes are the fingerprints of a file's results, by rule.
func hashes(log map[string]any) map[string]string {
	all := map[string]string{}
	for _, r := range list(log, "runs", 0, "results") {
		all[text(r, "ruleId")] = text(r, "partialFingerprints", "primaryLocationLineHash")
	}
	return all
}

// TestSARIFFingerprintsStayWhenLinesMove: neither the place in the list, nor its file, nor
// the version, nor what stands beside it makes another result of it.
func TestSARIFFingerprintsStayWhenLinesMove(t *testing.T) {
	one := gateway("vpn.example.org:443", finding.Exact, advisory("CVE-2024-0001", finding.Affected, "high", 7), advisory("CVE-2024-0002", finding.Possible, "high", 7))
	before := hashes(sarifOf(t, finding.Summary{Complete: true}, one))
	moved := one
	moved.Input.File, moved.Input.Line, moved.Input.Text = "lists/other.csv", 900, "VPN.example.org , netops"
	moved.Products = []finding.Product{one.Products[0]}
	moved.Products[0].Version = finding.Version{State: finding.Candidates, Text: "9.0 or 9.1"}
	after := hashes(sarifOf(t, finding.Summary{Complete: true}, gateway("a:443", finding.Exact, advisory("CVE-2023-0009", finding.Affected, "low", 1)), moved))
	require.Len(t, before, 2)
	for rule, hash := range before {
		require.Equal(t, hash, after[rule], rule)
	}
}

// carried is an endpoint that did not answer, with what an earlier scan said of it.
func carried(target string, findings ...finding.Finding) finding.Result {
	seen := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	for i := range findings {
		findings[i].Change, findings[i].Seen = finding.NotEvaluated, &seen
	}
	r := gateway(target, finding.Exact, findings...)
	r.Outcome, r.Reason = finding.Unreachable, "timeout"
	r.Earlier, r.Products = &finding.Earlier{Products: r.Products}, nil
	return r
}

// TestSARIFKeepsWhatWasNotJudgedAgain: the alert of a gateway that does not answer must
// not close by itself.
func TestSARIFKeepsWhatWasNotJudgedAgain(t *testing.T) {
	certain, maybe := advisory("CVE-2024-0001", finding.Affected, "high", 7), advisory("CVE-2024-0002", finding.Possible, "high", 7)
	first := sarifOf(t, finding.Summary{Complete: true}, gateway("a:443", finding.Exact, certain, maybe))
	r := carried("a:443", certain, maybe)
	tls := finding.Finding{Advisory: "POSTERN-LEGACY-TLS", Kind: finding.LegacyTLS, Verdict: finding.Affected, Title: "Old", Reason: "only TLS 1.0"}
	r.Earlier.Findings = []finding.Finding{tls}
	log := sarifOf(t, finding.Summary{Complete: true}, r)
	require.Equal(t, []string{"error CVE-2024-0001 a:443", "note CVE-2024-0002/possible a:443", "note POSTERN-LEGACY-TLS a:443", "unreachable: 'a:443' could not be judged: timeout."}, brief(log))
	for rule, hash := range hashes(first) {
		require.Equal(t, hash, hashes(log)[rule], rule)
	}
	results := list(log, "runs", 0, "results")
	require.Contains(t, text(results[0], "message", "text"), "'a:443' ran Acme Gate '9.1', affected by CVE-2024-0001. ")
	require.Contains(t, text(results[0], "message", "text"), "Last seen on 2026-11-20 and not judged again this time, so the finding stands.")
	require.Equal(t, "2026-11-20T03:00:00Z", text(results[0], "properties", "lastSeen"))
	require.Equal(t, "not_evaluated", text(results[0], "properties", "change"))
	require.Contains(t, text(results[2], "message", "text"), "'a:443' had outdated TLS")
}

// TestSARIFPrefersWhatWasSeenThisTime: of two claims about one advisory the stronger is
// written, and of equals the fresh one.
func TestSARIFPrefersWhatWasSeenThisTime(t *testing.T) {
	for _, tt := range []struct {
		name       string
		now, then  finding.Verdict
		want, says string
	}{
		{"both certain", finding.Affected, finding.Affected, "error CVE-2024-0001 a:443", "runs"},
		{"certain now", finding.Affected, finding.Possible, "error CVE-2024-0001 a:443", "runs"},
		{"certain then", finding.Possible, finding.Affected, "error CVE-2024-0001 a:443", "ran"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := carried("a:443", advisory("CVE-2024-0001", tt.then, "high", 7))
			r.Outcome = finding.Identified
			r.Products = gateway("", finding.Exact, advisory("CVE-2024-0001", tt.now, "high", 7)).Products
			log := sarifOf(t, finding.Summary{Complete: true}, r)
			require.Equal(t, []string{tt.want}, brief(log))
			require.Contains(t, text(log, "runs", 0, "results", 0, "message", "text"), "'a:443' "+tt.says+" Acme")
		})
	}
}

// TestSARIFOfAcceptedRisks: left out by default, because code scanning opens an alert for
// a suppressed result; and never silently.
func TestSARIFOfAcceptedRisks(t *testing.T) {
	accepted := advisory("CVE-2024-0001", finding.Affected, "critical", 9.8)
	accepted.Accepted = &finding.Acceptance{Reason: "the portal is switched off", Owner: "netops", Expires: "2027-01-31", Justification: "vulnerable_code_not_in_execute_path"}
	r := gateway("a:443", finding.Exact, accepted, advisory("CVE-2024-0002", finding.Affected, "low", 2))
	s := finding.Summary{Complete: true, Accepted: 1, Acceptances: []finding.IdleAcceptance{{Advisory: "CVE-2020-0001", Owner: "netops", Expires: "2026-01-31", Expired: true, Place: "postern.yaml:12"}}}
	idle := "acceptance-idle: 'postern.yaml:12' accepts CVE-2020-0001 and has expired on 2026-01-31; its owner is netops."
	says := "Accepted by netops until 2027-01-31: the portal is switched off (vulnerable_code_not_in_execute_path)."
	require.Equal(t, []string{"note CVE-2024-0002 a:443", "risk-accepted: CVE-2024-0001 on 'a:443' is left out. " + says, idle}, brief(sarifOf(t, s, r)))

	out := write(t, "sarif", Options{MarkAccepted: true}, finding.Header{Version: "1.0.0"}, s, r)
	acceptable(t, out)
	log := decode(t, out)
	require.Equal(t, []string{"error CVE-2024-0001 a:443", "note CVE-2024-0002 a:443", idle}, brief(log))
	require.Equal(t, []any{map[string]any{"kind": "external", "status": "accepted", "justification": says}}, list(log, "runs", 0, "results", 0, "suppressions"))
	require.Equal(t, []any{}, at(log, "runs", 0, "results", 1, "suppressions"), "the standard wants them on all results or on none")
}

func TestSARIFSaysWhatTheRunRestsOn(t *testing.T) {
	done := finding.Summary{Complete: true}
	h := finding.Header{
		Version: "1.0.0", Started: time.Date(2026, 11, 22, 21, 0, 3, 0, time.UTC), Inputs: []string{"./a.txt", "a.txt", "b b.csv", "-"},
		Rules:    finding.Rules{Digest: "sha256:1", Date: "2026-08-07", From: "my/rules"},
		Baseline: &finding.Baseline{Started: time.Date(2026, 11, 21, 21, 0, 0, 0, time.UTC), Rules: finding.Rules{Digest: "sha256:0"}},
		Shards: []finding.ShardRun{{Shard: finding.Shard{Index: 1, Of: 3}, Summary: &done}, {Shard: finding.Shard{Index: 2, Of: 3}},
			{Shard: finding.Shard{Index: 3, Of: 3}, Summary: &done}},
	}
	fresh, old := advisory("CVE-2024-0001", finding.Affected, "high", 7), advisory("CVE-2024-0002", finding.Affected, "high", 7)
	fresh.Change, old.Change = finding.IsNew, finding.Unchanged
	one := gateway("a:443", finding.Exact, fresh, old)
	one.Input.File = "a.txt"
	two := carried("b:443", advisory("CVE-2024-0001", finding.Affected, "high", 7))
	two.Input.File = "b b.csv"
	out := write(t, "sarif", Options{}, h, finding.Summary{StillAffected: 1}, one, two)
	acceptable(t, out)
	log := decode(t, out)
	properties := at(log, "runs", 0, "properties")
	require.Equal(t, "my/rules", text(properties, "rulesFrom"))
	require.Equal(t, map[string]any{"startTimeUtc": "2026-11-21T21:00:00Z", "rulesDigest": "sha256:0"}, at(properties, "baseline"))
	require.Equal(t, map[string]any{"of": 3.0, "missing": []any{2.0}}, at(properties, "shards"))
	require.Equal(t, 1, integer(properties, "stillAffected"))
	require.Equal(t, false, at(log, "runs", 0, "invocations", 0, "executionSuccessful"))
	require.Contains(t, brief(log)[len(brief(log))-1], "incomplete: The scan is incomplete: shard 2 of 3 is missing")
	require.Equal(t, []any{map[string]any{"location": map[string]any{"uri": "a.txt"}, "roles": []any{"analysisTarget"}}, map[string]any{"location": map[string]any{"uri": "b%20b.csv"}, "roles": []any{"analysisTarget"}}}, list(log, "runs", 0, "artifacts"))
	var states []string
	for _, r := range list(log, "runs", 0, "results") {
		states = append(states, text(r, "baselineState"))
	}
	require.Equal(t, []string{"new", "unchanged", "unchanged"}, states)
}

// TestSARIFOfAShardHasACategoryOfItsOwn: or the parts would replace each other.
func TestSARIFOfAShardHasACategoryOfItsOwn(t *testing.T) {
	h := finding.Header{Version: "1.0.0", Inputs: []string{"a.txt"}, Started: time.Date(2026, 11, 22, 21, 0, 3, 0, time.UTC), Shard: &finding.Shard{Index: 2, Of: 7}}
	log := decode(t, write(t, "sarif", Options{}, h, finding.Summary{Complete: true}))
	require.Equal(t, "postern/a.txt-shard-2-of-7/20261122T210003Z", text(log, "runs", 0, "automationDetails", "id"))
	require.Equal(t, "2/7", text(log, "runs", 0, "properties", "shard"))
}

// TestSARIFNamesOneEndpointOnce: a list may name it twice, and a file may be written by
// anybody.
func TestSARIFNamesOneEndpointOnce(t *testing.T) {
	r := gateway("a:443", finding.Exact, advisory("CVE-2024-0001", finding.Affected, "high", 7))
	r.Products = append(r.Products, r.Products[0])
	require.Equal(t, []string{"error CVE-2024-0001 a:443"}, brief(sarifOf(t, finding.Summary{Complete: true}, r, r)))
}
