package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

func TestGate(t *testing.T) {
	kev := &finding.KEV{Added: "2024-02-09"}
	read := finding.Product{Version: finding.Version{State: finding.Exact}}
	tests := []struct {
		gate    string
		finding finding.Finding
		want    bool
	}{
		{"affected", finding.Finding{Verdict: finding.Affected}, true},
		{"affected", finding.Finding{Verdict: finding.Possible, KEV: kev}, false},
		{"affected", finding.Finding{Verdict: finding.NotAffected}, false},
		{"possible", finding.Finding{Verdict: finding.Possible}, true},
		{"possible", finding.Finding{Verdict: finding.Affected}, true},
		{"possible", finding.Finding{Verdict: finding.NotAffected}, false},
		{"kev", finding.Finding{Verdict: finding.Affected}, false},
		{"kev", finding.Finding{Verdict: finding.Affected, KEV: kev}, true},
		{"kev", finding.Finding{Verdict: finding.Possible, KEV: kev}, false},
		{"kev,possible", finding.Finding{Verdict: finding.Possible}, true},
		{"kev+possible", finding.Finding{Verdict: finding.Possible}, false},
		{"kev+possible", finding.Finding{Verdict: finding.Possible, KEV: kev}, true},
		{"affected+possible", finding.Finding{Verdict: finding.Possible}, false},
		{"none", finding.Finding{Verdict: finding.Affected, KEV: kev}, false},
		{"eol", finding.Finding{Kind: finding.EndOfLife, Verdict: finding.Affected}, true},
		{"eol", finding.Finding{Kind: finding.EndOfLife, Verdict: finding.Possible}, false},
		{"eol", finding.Finding{Verdict: finding.Affected, KEV: kev}, false},
		{"eol+severity:high", finding.Finding{Kind: finding.EndOfLife, Verdict: finding.Affected, Severity: "medium"}, false},
		{"eol+severity:high", finding.Finding{Kind: finding.EndOfLife, Verdict: finding.Affected, Severity: "high"}, true},
		{"affected,possible,kev,severity:low", finding.Finding{Kind: finding.EndOfLife, Verdict: finding.Affected, Severity: "high"}, false},
		{"affected,possible,kev,eol", finding.Finding{Kind: finding.LegacyTLS, Verdict: finding.Affected}, false},
		{"affected,possible,kev,eol", finding.Finding{Kind: finding.Contradiction, Verdict: finding.Possible}, false},
		{"severity>=high", finding.Finding{Verdict: finding.Affected, Severity: "critical"}, true},
		{"severity:high", finding.Finding{Verdict: finding.Affected, Severity: "high"}, true},
		{"severity:high", finding.Finding{Verdict: finding.Affected, Severity: "medium"}, false},
		{"severity:low", finding.Finding{Verdict: finding.Affected}, false},
		{"severity:high", finding.Finding{Verdict: finding.Possible, Severity: "critical"}, false},
		{"severity:high+possible", finding.Finding{Verdict: finding.Possible, Severity: "critical"}, true},
		{"epss>=0.5", finding.Finding{Verdict: finding.Affected, EPSS: 0.5}, true},
		{"epss:50%", finding.Finding{Verdict: finding.Affected, EPSS: 0.49}, false},
		{"epss:0.5", finding.Finding{Verdict: finding.Possible, EPSS: 0.9}, false},
		{"epss:0.5+kev", finding.Finding{Verdict: finding.Affected, EPSS: 0.9}, false},
		{" kev + epss:0.5 , eol ", finding.Finding{Verdict: finding.Affected, EPSS: 0.9, KEV: kev}, true},
		{"new", finding.Finding{Verdict: finding.Affected}, false},
		{"new", finding.Finding{Verdict: finding.Affected, Change: finding.Unchanged}, false},
		{"new", finding.Finding{Verdict: finding.Affected, Change: finding.NotEvaluated}, false},
		{"new", finding.Finding{Verdict: finding.Affected, Change: finding.IsNew}, true},
		{"new", finding.Finding{Verdict: finding.Possible, Change: finding.IsNew}, true},
		{"new", finding.Finding{Kind: finding.LegacyTLS, Verdict: finding.Affected, Change: finding.IsNew}, true},
		{"new+affected", finding.Finding{Verdict: finding.Possible, Change: finding.IsNew}, false},
		{"new+affected", finding.Finding{Kind: finding.LegacyTLS, Verdict: finding.Affected, Change: finding.IsNew}, false},
		{"new+kev", finding.Finding{Verdict: finding.Affected, Change: finding.IsNew}, false},
		{"new+kev", finding.Finding{Verdict: finding.Affected, Change: finding.Unchanged, KEV: kev}, false},
		{"new+kev", finding.Finding{Verdict: finding.Affected, Change: finding.IsNew, KEV: kev}, true},
		{"new+eol", finding.Finding{Kind: finding.EndOfLife, Verdict: finding.Affected, Change: finding.IsNew}, true},
		{"unreachable", finding.Finding{Verdict: finding.Affected, Change: finding.IsNew, KEV: kev}, false},
	}
	for _, tt := range tests {
		g, err := parseGate(tt.gate)
		require.NoError(t, err)
		require.Equal(t, tt.want, g.crossed(read, tt.finding), "-fail-on %s: %+v", tt.gate, tt.finding)
		tt.finding.Accepted = &finding.Acceptance{Reason: "why"}
		require.False(t, g.crossed(read, tt.finding), "-fail-on %s: accepted: %+v", tt.gate, tt.finding)
	}
}

// TestGateOfResults is about where a finding stands, and about the one word that is about
// no finding.
func TestGateOfResults(t *testing.T) {
	hole := finding.Finding{Verdict: finding.Affected}
	fresh := finding.Finding{Verdict: finding.Possible, Change: finding.IsNew}
	note := finding.Finding{Kind: finding.Contradiction, Verdict: finding.Possible, Change: finding.IsNew}
	with := func(state finding.VersionState, f finding.Finding) []finding.Product {
		return []finding.Product{{Version: finding.Version{State: state}, Findings: []finding.Finding{f}}}
	}
	tests := []struct {
		name, gate string
		result     finding.Result
		want       bool
	}{
		{"in a product", "affected", finding.Result{Products: with(finding.Exact, hole)}, true},
		{"of the endpoint", "new", finding.Result{Findings: []finding.Finding{note}}, true},
		{"not judged again", "affected", finding.Result{Outcome: finding.Unreachable, Earlier: &finding.Earlier{Products: with(finding.Exact, hole)}}, true},
		{"not judged again, of the endpoint", "new", finding.Result{Earlier: &finding.Earlier{Findings: []finding.Finding{note}}}, true},
		{"a pile of maybes is nothing new", "new", finding.Result{Products: with(finding.Unknown, fresh)}, false},
		{"and is possible", "possible", finding.Result{Products: with(finding.Unknown, fresh)}, true},
		{"unreachable", "unreachable", finding.Result{Outcome: finding.Unreachable, Reason: "timeout"}, true},
		{"unreachable or more", "kev,unreachable", finding.Result{Outcome: finding.Unreachable, Reason: "timeout"}, true},
		{"not asked at all", "unreachable", finding.Result{Outcome: finding.Unreachable, Reason: "excluded"}, false},
		{"reached", "unreachable", finding.Result{Outcome: finding.Unidentified}, false},
		{"nothing found", "affected,possible,new,eol", finding.Result{Outcome: finding.Unreachable}, false},
	}
	for _, tt := range tests {
		g, err := parseGate(tt.gate)
		require.NoError(t, err)
		require.Equal(t, tt.want, g.crossedBy(tt.result), tt.name)
	}
}

func TestGateRefusesWhatItDoesNotKnow(t *testing.T) {
	for bad, says := range map[string]string{
		"":                      `unknown condition ""; conditions are affected, possible, kev`,
		"affected,":             `unknown condition ""`,
		"AFFECTED":              `unknown condition "AFFECTED"`,
		"new+":                  `unknown condition ""`,
		"none,kev":              "none does not go with other conditions",
		"kev+none":              "none and unreachable do not go with a +",
		"unreachable+kev":       "none and unreachable do not go with a +",
		"eol+kev":               "no finding is both an end of life and a vulnerability",
		"severity":              `unknown condition "severity"; conditions are affected, possible, kev, severity:high`,
		"severity>high":         `unknown condition "severity>high"`,
		"severity:severe":       "severities are low, medium, high, critical",
		"severity:":             "severities are",
		"epss:2":                "write a probability above 0, as in epss:0.5 or epss:50%",
		"epss>=":                "write a probability",
		"epss:0":                "write a probability",
		"epss:NaN":              "write a probability",
		"kev,fresh,severity:no": `unknown condition "fresh"`,
	} {
		_, err := parseGate(bad)
		require.ErrorContains(t, err, "-fail-on "+bad)
		require.ErrorContains(t, err, says)
	}
	_, err := parseGate("fresh,severity:no")
	require.Len(t, strings.Split(err.Error(), "\n"), 2, "everything that is wrong is said")
	for _, good := range []string{"new", "kev,new+kev"} {
		g, err := parseGate(good)
		require.NoError(t, err)
		require.ErrorContains(t, g.comparing(false), "-baseline FILE")
		require.NoError(t, g.comparing(true))
		require.Error(t, g.ofVersions())
	}
}
