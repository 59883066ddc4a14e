package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

func ofKind(id string, kind finding.Kind, verdict finding.Verdict) finding.Finding {
	return finding.Finding{Advisory: id, Kind: kind, Verdict: verdict, Severity: "high", Title: "T", Reason: "it is so"}
}

// TestSARIFOfKinds: each kind has one rule and one level, whatever the severity says, and
// none of them is shown as a weakness.
func TestSARIFOfKinds(t *testing.T) {
	r := gateway("a:443", finding.Exact, ofKind("POSTERN-EOL", finding.EndOfLife, finding.Affected), ofKind("POSTERN-DECLARED", finding.Contradiction, finding.Possible))
	r.Findings = []finding.Finding{ofKind("POSTERN-LEGACY-TLS", finding.LegacyTLS, finding.Affected)}
	other := gateway("b:443", finding.InRange, ofKind("POSTERN-EOL", finding.EndOfLife, finding.Possible))
	alone := finding.Result{Target: "c:443", Outcome: finding.Unidentified, Findings: []finding.Finding{ofKind("POSTERN-CONTRADICTORY", finding.Contradiction, finding.Possible)}}
	log := sarifOf(t, finding.Summary{Complete: true}, r, other, alone)
	require.Equal(t, []string{
		"note POSTERN-LEGACY-TLS a:443", "warning POSTERN-EOL a:443", "note POSTERN-DECLARED a:443",
		"note POSTERN-EOL b:443", "note POSTERN-CONTRADICTORY c:443",
	}, brief(log))
	levels := map[string]string{}
	for _, rule := range rulesOf(log) {
		levels[text(rule, "id")] = text(rule, "defaultConfiguration", "level")
		require.Nil(t, at(rule, "properties", "security-severity"), "the level decides")
	}
	require.Equal(t, map[string]string{"POSTERN-LEGACY-TLS": "note", "POSTERN-EOL": "warning", "POSTERN-DECLARED": "note", "POSTERN-CONTRADICTORY": "note"}, levels)
}

// TestSARIFOfKindsNeverOutweighs: where there is no room for everything, weaknesses stay.
func TestSARIFOfKindsNeverOutweighs(t *testing.T) {
	eol := claim{finding: ofKind("POSTERN-EOL", finding.EndOfLife, finding.Affected)}
	low := claim{finding: advisory("CVE-2024-0001", finding.Affected, "low", 1)}
	require.Less(t, eol.weight(), low.weight())
}

// TestTextGroupsByKind: a finding of a kind alone makes no gateway affected, and is shown.
func TestTextGroupsByKind(t *testing.T) {
	eol := ofKind("POSTERN-EOL", finding.EndOfLife, finding.Affected)
	eol.Fixed = "9.4"
	legacy := ofKind("POSTERN-LEGACY-TLS", finding.LegacyTLS, finding.Affected)
	known := gateway("a:443", finding.Exact)
	known.Products[0].NotAffected = []string{"CVE-2024-0001"}
	tests := []struct {
		name   string
		change func(*finding.Result)
		want   []string
	}{
		{"nothing", func(*finding.Result) {}, []string{"EVERY ADVISORY RULED OUT: 1 gateway", "  a:443"}},
		{"end of life", func(r *finding.Result) { r.Products[0].Findings = []finding.Finding{eol} },
			[]string{"END OF LIFE, NO OPEN ADVISORY: 1 gateway", "  end of life: it is so; fixes go on in 9.4", "  1 advisory ruled out.", "  Move on: Acme Gate, 1 gateway -> branch 9.4 or later"}},
		{"of the endpoint", func(r *finding.Result) { r.Findings = []finding.Finding{legacy} },
			[]string{"EVERY ADVISORY RULED OUT: 1 gateway", "  outdated TLS or HTTP: it is so"}},
		{"beside a weakness", func(r *finding.Result) {
			r.Products[0].Findings = []finding.Finding{advisory("CVE-2024-0001", finding.Affected, "high", 8), eol}
		}, []string{"AFFECTED: 1 gateway", "  end of life: it is so"}},
		{"declared and not reached", func(r *finding.Result) {
			r.Outcome, r.Reason, r.Products[0].Confidence = finding.Unreachable, "refused", "declared"
			r.Products[0].Findings = []finding.Finding{advisory("CVE-2024-0001", finding.Affected, "high", 8)}
		}, []string{"AFFECTED: 1 gateway", "    declared, not recognised; exact version", "UNREACHABLE, NOT JUDGED: 1 endpoint"}},
		{"no gateway", func(r *finding.Result) {
			r.Outcome, r.Products, r.Findings = finding.Unidentified, nil, []finding.Finding{legacy}
		}, []string{"NO GATEWAY RECOGNISED: 1 endpoint", "NOTED WITHOUT A GATEWAY: 1 endpoint", "    outdated TLS or HTTP: it is so"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := known
			r.Products = append([]finding.Product(nil), r.Products...)
			tt.change(&r)
			var s finding.Summary
			s.Add(r)
			page := string(write(t, "text", Options{}, finding.Header{}, s, r))
			for _, line := range tt.want {
				require.Contains(t, page, "\n"+line)
			}
			if !strings.HasPrefix(tt.want[0], "AFFECTED") {
				require.NotContains(t, page, "\nAFFECTED")
				require.Contains(t, page, "None known to be affected")
			}
		})
	}
}

func TestTextCountsWhatWasNoted(t *testing.T) {
	var results []finding.Result
	for i := range listNoted + 2 {
		results = append(results, finding.Result{Target: fmt.Sprintf("host%d:443", i), Outcome: finding.Unidentified,
			Findings: []finding.Finding{ofKind("POSTERN-LEGACY-TLS", finding.LegacyTLS, finding.Affected)}})
	}
	page := string(write(t, "text", Options{}, finding.Header{}, finding.Summary{}, results...))
	require.Contains(t, page, "NOTED WITHOUT A GATEWAY: 22 endpoints")
	require.Contains(t, page, "\n  and 2 more\n")
	require.Equal(t, listNoted, strings.Count(page, "outdated TLS or HTTP:"))
}
