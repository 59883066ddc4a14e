package cli

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// An accepted finding crosses no gate, wherever it stands and whatever the gate asks for.
func TestAcceptedFindingsCrossNoGate(t *testing.T) {
	hole := finding.Finding{Advisory: "CVE-2024-0001", Verdict: finding.Affected, Severity: "critical", EPSS: 0.9, KEV: &finding.KEV{}, Change: finding.IsNew}
	ended := finding.Finding{Advisory: "POSTERN-EOL", Kind: finding.EndOfLife, Verdict: finding.Affected, Severity: "high", Change: finding.IsNew}
	for _, words := range []string{"affected", "possible", "kev", "severity:high", "epss:0.5", "new", "new+kev", "eol", "affected,possible,kev,eol,new"} {
		g, err := parseGate(words)
		require.NoError(t, err)
		for _, f := range []finding.Finding{hole, ended} {
			accepted := f
			accepted.Accepted = &finding.Acceptance{Reason: "why", Owner: "netops", Expires: "2027-01-31"}
			for place, result := range map[string]func(finding.Finding) finding.Result{
				"product":  func(f finding.Finding) finding.Result { return finding.Result{Products: productWith(f)} },
				"endpoint": func(f finding.Finding) finding.Result { return finding.Result{Findings: []finding.Finding{f}} },
				"earlier": func(f finding.Finding) finding.Result {
					return finding.Result{Earlier: &finding.Earlier{Products: productWith(f)}}
				},
			} {
				require.False(t, g.crossedBy(result(accepted)), "%s: accepted %s of %s", words, f.Advisory, place)
			}
			relevant := words != "eol" && f.Kind == "" || words == "eol" && f.Kind != ""
			if relevant {
				require.True(t, g.crossedBy(finding.Result{Products: productWith(f)}), "%s: %s", words, f.Advisory)
			}
			require.True(t, !relevant || g.crossedBy(finding.Result{Products: productWith(accepted, f)}), "%s: one of two is accepted", words)
		}
	}
}

func productWith(findings ...finding.Finding) []finding.Product {
	return []finding.Product{{ID: "acme-gate", Version: finding.Version{State: finding.Exact}, Findings: findings}}
}
