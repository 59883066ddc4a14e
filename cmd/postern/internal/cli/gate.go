package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"postern/scanner/finding"
)

// gate decides whether findings fail a run: any of its conditions is enough.
type gate []string

// gateWords are the conditions that -fail-on knows.
func gateWords() []string { return []string{"affected", "possible", "kev", "eol", "none"} }

func parseGate(value string) (gate, error) {
	var g gate
	for word := range strings.SplitSeq(value, ",") {
		word = strings.TrimSpace(word)
		if !slices.Contains(gateWords(), word) {
			return nil, fmt.Errorf("-fail-on %s: unknown condition %q; conditions are %s", value, word, strings.Join(gateWords(), ", "))
		}
		g = append(g, word)
	}
	if len(g) > 1 && slices.Contains(g, "none") {
		return nil, fmt.Errorf("-fail-on %s: none does not go with other conditions", value)
	}
	return g, nil
}

// crossed reports whether one finding fails the run. Those of a kind count only for the
// word of that kind: they are about no known weakness.
func (g gate) crossed(f finding.Finding) bool {
	if f.Kind != finding.Vulnerability {
		return f.Kind == finding.EndOfLife && f.Verdict == finding.Affected && slices.Contains(g, "eol")
	}
	for _, word := range g {
		switch {
		case word == "affected" && f.Verdict == finding.Affected,
			word == "possible" && (f.Verdict == finding.Affected || f.Verdict == finding.Possible),
			word == "kev" && f.Verdict == finding.Affected && f.KEV != nil:
			return true
		}
	}
	return false
}

// crossedBy reports whether any finding of a result fails the run.
func (g gate) crossedBy(r finding.Result) bool {
	if slices.ContainsFunc(r.Findings, g.crossed) {
		return true
	}
	for _, p := range r.Products {
		if slices.ContainsFunc(p.Findings, g.crossed) {
			return true
		}
	}
	return false
}

// parseShare reads "95%" or "0.95" as a share between 0 and 1.
func parseShare(flag, value string) (float64, error) {
	number, percent := strings.CutSuffix(value, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) { // NaN is in no range
		return 0, fmt.Errorf("-%s %s: not a share; write 95%% or 0.95", flag, value)
	}
	return share, nil
}
