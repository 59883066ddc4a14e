package report

import (
	"fmt"
	"strings"

	"postern/scanner/finding"
)

type htmlCard struct{ Count, Text, Class string }

type htmlAction struct{ Gateways, Product, Do, Owners string }

func (w *htmlWriter) headline(s finding.Summary) string {
	switch {
	case s.Affected > 0:
		return fmt.Sprintf("%s affected, %s by known exploited vulnerabilities", plural(s.Affected, "gateway"), number(s.KEV))
	case s.PossiblyAffected > 0:
		return fmt.Sprintf("No gateway known to be affected, %s possibly", number(s.PossiblyAffected))
	}
	return "No gateway known to be affected"
}

func (w *htmlWriter) scanLine(s finding.Summary) string {
	what := strings.Join(w.header.Inputs, ", ")
	if what == "" {
		what = "targets given as arguments"
	}
	line := "Scan of " + visible(what, 300)
	if !w.header.Started.IsZero() {
		line += ", " + w.header.Started.UTC().Format("2006-01-02 15:04 UTC")
	}
	return fmt.Sprintf("%s. %s, %s. Rules of %s: %s, %s.", line, plural(s.Targets, "target"), plural(s.Requests, "request"),
		visible(w.header.Rules.Date, 20), plural(w.header.Rules.Products, "product"), plural(w.header.Rules.Advisories, "advisory"))
}

func (w *htmlWriter) warnings(s finding.Summary) []string {
	var all []string
	if !s.Complete {
		all = append(all, "The scan is incomplete: what is not listed was not judged.")
	}
	if s.Unreachable > 0 {
		all = append(all, fmt.Sprintf("%s could not be reached and may be anything. Coverage %.1f%%.", plural(s.Unreachable, "endpoint"), 100*finite(s.Coverage)))
	}
	return all
}

func htmlCards(s finding.Summary) []htmlCard {
	return []htmlCard{
		{number(s.Identified), "gateways recognised", ""},
		{number(s.Affected), "affected", "critical"},
		{number(s.KEV), "by exploited vulnerabilities", "critical"},
		{number(s.PossiblyAffected), "possibly affected", "high"},
		{number(s.EndOfLife), "past the end of security fixes", "high"},
		{number(s.Unidentified), "with no gateway recognised", ""},
		{number(s.Unreachable + s.Interrupted), "not judged", "medium"},
	}
}

// actions says what to do, what concerns most gateways first, and whose they are.
func (w *htmlWriter) actions() []htmlAction {
	var all []htmlAction
	add := func(list map[action]int, do func(action) string) {
		for _, a := range sortedKeys(list, byGateways(list)) {
			all = append(all, htmlAction{number(list[a]), visible(a.product, 100), visible(do(a), 500), w.ownersOf(a)})
		}
	}
	add(w.advice.upgrades, func(a action) string {
		if a.what == "" {
			return "Upgrade to a supported release: every fixed version that is named is affected by a later advisory"
		}
		return "Upgrade to " + a.what + " or later; no known advisory affects it"
	})
	add(w.advice.mitigate, func(a action) string { return "Act on " + a.what + ": " + a.how })
	add(w.advice.ended, func(a action) string {
		if a.what == "" {
			return "Replace it: no branch is known that gets security fixes"
		}
		return "Move to branch " + a.what + " or later: the one that runs gets no security fixes"
	})
	add(w.advice.unread, func(a action) string { return "Look up the version, then: postern match " + a.id + " VERSION" })
	return all
}

// ownersOf names the first few owners of what is to be done.
func (w *htmlWriter) ownersOf(todo action) string {
	counts := withoutEmpty(w.owners[todo])
	var names []string
	for i, owner := range sortedKeys(counts, strings.Compare) {
		if i == 10 {
			names = append(names, fmt.Sprintf("and %d more", len(counts)-i))
			break
		}
		names = append(names, fmt.Sprintf("%s (%d)", owner, counts[owner]))
	}
	return strings.Join(names, ", ")
}

func withoutEmpty(counts map[string]int) map[string]int {
	all := map[string]int{}
	for name, n := range counts {
		if name != "" {
			all[name] = n
		}
	}
	return all
}

func (w *htmlWriter) stateNames() []string {
	var all []string
	for _, s := range htmlStates {
		if w.states[s.Text] {
			all = append(all, s.Text)
		}
	}
	return all
}
