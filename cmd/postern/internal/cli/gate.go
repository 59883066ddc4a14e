package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"postern/scanner/finding"
)

// gate decides whether findings fail a run: any of its conditions is enough.
type gate []condition

// condition is what one finding must meet, all of it. The zero value is met by none.
type condition struct {
	affected, possible, kev, eol, fresh bool
	severity                            int // index into severities, from 1; 0 for any
	epss                                float64
	unreachable                         bool // about a result; it stands alone
}

// gateFlag explains the words of -fail-on in a help text.
const gateFlag = "exit 1 on any of these `WORDS`: " + gateWords + "; with commas any of them, with + all of one finding, as in new+kev"

const gateWords = "affected, possible, kev, severity:high, epss:0.5, eol, new, unreachable, none"

// plainGateFlag is for commands that know neither of earlier scans nor of hosts.
const plainGateFlag = "exit 1 on any of these `WORDS`: affected, possible, kev, severity:high, epss:0.5, eol, none; with commas any of them, with + all of one finding, as in kev+severity:high"

// severities rise.
func severities() []string { return []string{"low", "medium", "high", "critical"} }

// parseGate reads -fail-on and reports all that is wrong with it.
func parseGate(value string) (gate, error) {
	var g gate
	var errs []error
	for text := range strings.SplitSeq(value, ",") {
		text = strings.TrimSpace(text)
		if text == "none" && !strings.Contains(value, ",") {
			return nil, nil
		}
		c, err := parseCondition(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("-fail-on %s: %w", value, err))
		}
		g = append(g, c)
	}
	return g, errors.Join(errs...)
}

func parseCondition(text string) (condition, error) {
	var c condition
	words := strings.Split(text, "+")
	for _, word := range words {
		if err := c.read(strings.TrimSpace(word)); err != nil {
			return condition{}, err
		}
	}
	alone := slices.ContainsFunc(words, func(w string) bool { w = strings.TrimSpace(w); return w == "none" || w == "unreachable" })
	switch {
	case c.eol && (c.affected || c.possible || c.kev || c.epss > 0):
		return condition{}, fmt.Errorf("%q: no finding is both an end of life and a vulnerability; write them with a comma", text)
	case alone && len(words) > 1:
		return condition{}, fmt.Errorf("%q: none and unreachable do not go with a +", text)
	case words[0] == "none":
		return condition{}, errors.New("none does not go with other conditions")
	}
	return c, nil
}

// read adds one word. A minimum is written severity:high, or severity>=high in quotes, which
// a shell would take for a file.
func (c *condition) read(word string) error {
	name, minimum, ok := strings.Cut(word, ">=")
	if !ok {
		name, minimum, ok = strings.Cut(word, ":")
	}
	switch {
	case ok && name == "severity":
		c.severity = slices.Index(severities(), minimum) + 1
		if c.severity == 0 {
			return fmt.Errorf("%q: severities are %s", word, strings.Join(severities(), ", "))
		}
		return nil
	case ok && name == "epss":
		share, err := parseShare("fail-on", minimum)
		if err != nil || share == 0 {
			return fmt.Errorf("%q: write a probability above 0, as in epss:0.5 or epss:50%%", word)
		}
		c.epss = share
		return nil
	}
	flags := map[string]*bool{"affected": &c.affected, "possible": &c.possible, "kev": &c.kev, "eol": &c.eol, "new": &c.fresh, "unreachable": &c.unreachable, "none": new(bool)}
	if flags[word] == nil {
		return fmt.Errorf("unknown condition %q; conditions are %s", word, gateWords)
	}
	*flags[word] = true
	return nil
}

// needs reports whether any of the conditions has it.
func (g gate) needs(has func(condition) bool) bool { return slices.ContainsFunc(g, has) }

// comparing refuses "new" where nothing is compared.
func (g gate) comparing(compared bool) error {
	if !compared && g.needs(func(c condition) bool { return c.fresh }) {
		return errors.New("-fail-on new: there is nothing to compare with; name the report of an earlier scan with -baseline FILE")
	}
	return nil
}

// ofVersions refuses what a version alone cannot meet.
func (g gate) ofVersions() error {
	if g.needs(func(c condition) bool { return c.fresh || c.unreachable }) {
		return errors.New("-fail-on: new and unreachable are about scans; match judges a version alone")
	}
	return nil
}

// crossed reports whether one finding of a product fails the run; the product is empty for
// what is about an endpoint. An accepted finding never does.
func (g gate) crossed(p finding.Product, f finding.Finding) bool {
	if f.Accepted != nil {
		return false
	}
	return slices.ContainsFunc(g, func(c condition) bool { return c.met(p, f) })
}

// met reports whether a finding meets all of a condition. Where it says nothing else, only
// what is certainly affected does; "new" alone is any new finding that diff lists.
func (c condition) met(p finding.Product, f finding.Finding) bool {
	if c.unreachable || c.fresh && (f.Change != finding.IsNew || !p.Claims(f)) {
		return false
	}
	rank := slices.Index(severities(), f.Severity) + 1
	if c.severity > rank || c.epss > f.EPSS || c.kev && f.KEV == nil {
		return false
	}
	certain := f.Verdict == finding.Affected
	switch {
	case c.eol:
		return f.Kind == finding.EndOfLife && certain
	case c == (condition{fresh: true}):
		return f.Verdict != finding.NotAffected
	case f.Kind != finding.Vulnerability:
		return false // it is about no known weakness
	case c.possible && !c.affected:
		return certain || f.Verdict == finding.Possible
	}
	return certain
}

// crossedBy reports whether a result, or any finding of it, fails the run. What an earlier
// scan found and this one could not judge counts as if it had been found again.
func (g gate) crossedBy(r finding.Result) bool {
	if r.Outcome == finding.Unreachable && r.Reason != excluded && g.needs(func(c condition) bool { return c.unreachable }) {
		return true
	}
	if g.anyOf(r.Products, r.Findings) {
		return true
	}
	return r.Earlier != nil && g.anyOf(r.Earlier.Products, r.Earlier.Findings)
}

// excluded is the reason of a target that was not asked because it must not be.
const excluded = "excluded"

func (g gate) anyOf(products []finding.Product, findings []finding.Finding) bool {
	for _, p := range products {
		if slices.ContainsFunc(p.Findings, func(f finding.Finding) bool { return g.crossed(p, f) }) {
			return true
		}
	}
	return slices.ContainsFunc(findings, func(f finding.Finding) bool { return g.crossed(finding.Product{}, f) })
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
