package finding

import (
	"testing"
)

// gate is a result with one product at a version and these findings.
func gate(state VersionState, version string, notAffected []string, findings ...Finding) Result {
	return Result{Target: "Gate.example:443", Outcome: Identified, Products: []Product{{
		ID: "acme-gate", Name: "Acme Gate", Version: Version{State: state, Text: version}, Findings: findings, NotAffected: notAffected,
	}}}
}

// compare is what diff does.
func compare(before, after []Result) []Change {
	c := NewComparison(Header{})
	for _, r := range before {
		c.Before(r)
	}
	for _, r := range after {
		c.After(r)
	}
	_, changes := c.Changes(true)
	return changes
}

func TestComparison(t *testing.T) {
	hole := Finding{Advisory: "CVE-2024-0001", Verdict: Affected, Severity: "high"}
	maybe := Finding{Advisory: "CVE-2024-0001", Verdict: Possible, Severity: "high"}
	ended := Finding{Advisory: "POSTERN-EOL", Kind: EndOfLife, Verdict: Affected}
	unread := gate(Unknown, "unknown", nil, maybe)
	of := func(outcome Outcome, reason string) Result {
		return Result{Target: "gate.example:443", Outcome: outcome, Reason: reason}
	}
	other := gate(Exact, "1", nil)
	other.Products[0].ID = "other-gate"
	old := func(r Result) Result {
		r.Findings = []Finding{{Advisory: "POSTERN-LEGACY-TLS", Kind: LegacyTLS, Verdict: Affected}}
		return r
	}
	tests := []struct {
		name           string
		before, after  []Result
		status, reason string
	}{
		{"new", nil, []Result{gate(Exact, "9.1", nil, hole)}, "new", ""},
		{"new on a known gateway", []Result{gate(Exact, "9.1", nil)}, []Result{gate(Exact, "9.1", nil, hole)}, "new", ""},
		{"unchanged", []Result{gate(Exact, "9.1", nil, hole)}, []Result{gate(Exact, "9.2", nil, hole)}, "unchanged", ""},
		{"surer", []Result{gate(Candidates, "9.1 or 9.2", nil, maybe)}, []Result{gate(Exact, "9.1", nil, hole)}, "new", "it is certain now"},
		{"upgraded", []Result{gate(Exact, "9.1", nil, hole)}, []Result{gate(Exact, "9.3", []string{"CVE-2024-0001"})}, "fixed", "the version rules it out"},
		{"unreachable, named in another spelling", []Result{gate(Exact, "9.1", nil, hole)}, []Result{of(Unreachable, "refused")}, "not_evaluated", "the endpoint is unreachable: refused"},
		{"interrupted", []Result{gate(Exact, "9.1", nil, hole)}, []Result{of(Interrupted, "")}, "not_evaluated", "the endpoint is interrupted"},
		{"not recognised", []Result{gate(Exact, "9.1", nil, hole)}, []Result{of(Unidentified, "")}, "not_evaluated", "no gateway was recognised this time"},
		{"not in the list", []Result{gate(Exact, "9.1", nil, hole)}, nil, "not_evaluated", "the endpoint is not in the later scan"},
		{"version unread", []Result{gate(Exact, "9.1", nil, hole)}, []Result{unread}, "not_evaluated", "the version could not be read this time"},
		{"replaced", []Result{gate(Exact, "9.1", nil, hole)}, []Result{other}, "fixed", "another product answers now"},
		{"advisory gone", []Result{gate(Exact, "9.1", nil, hole)}, []Result{gate(Exact, "9.1", nil)}, "not_evaluated", "the rules do not know the advisory any more"},
		{"end of life over", []Result{gate(Exact, "9.1", nil, ended)}, []Result{gate(Exact, "9.9", nil)}, "fixed", "it does not hold any more"},
		{"TLS mended", []Result{old(of(Unidentified, ""))}, []Result{of(Unidentified, "")}, "fixed", "the endpoint does not show it any more"},
		{"TLS not seen", []Result{old(of(Unidentified, ""))}, []Result{of(Unreachable, "timeout")}, "not_evaluated", "the endpoint is unreachable: timeout"},
		{"maybes are no finding", []Result{unread}, []Result{unread}, "", ""},
	}
	for _, tt := range tests {
		got := compare(tt.before, tt.after)
		switch {
		case tt.status == "" && len(got) == 0:
		case len(got) != 1 || string(got[0].Status) != tt.status || got[0].Reason != tt.reason:
			t.Errorf("%s: %+v, want %s %q", tt.name, got, tt.status, tt.reason)
		}
	}
}

func TestChangesAreInOrder(t *testing.T) {
	before := (gate(Exact, "9.1", nil, Finding{Advisory: "CVE-1", Verdict: Affected, Severity: "low"}, Finding{Advisory: "CVE-2", Verdict: Affected, Severity: "low"}))
	after := (gate(Exact, "9.2", []string{"CVE-1"},
		Finding{Advisory: "CVE-2", Verdict: Affected, Severity: "low"},
		Finding{Advisory: "CVE-3", Verdict: Possible, Severity: "critical"},
		Finding{Advisory: "CVE-4", Verdict: Affected, Severity: "low"},
		Finding{Advisory: "CVE-5", Verdict: Affected, Severity: "critical"},
		Finding{Advisory: "CVE-6", Verdict: Affected, Severity: "low", KEV: &KEV{}}))
	var order []string
	for _, change := range compare([]Result{before}, []Result{after}) {
		order = append(order, change.Advisory)
	}
	want := []string{"CVE-6", "CVE-5", "CVE-4", "CVE-3", "CVE-1", "CVE-2"}
	for i := range want {
		if order[i] != want[i] {
			t.Fatalf("order %v, want %v", order, want)
		}
	}
}
