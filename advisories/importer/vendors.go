package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"postern/advisories"
	"postern/scanner/version"
)

var buildOnly = regexp.MustCompile(`^\d+(?:\.\d+)?$`)

// joinBuild is for Citrix, whose bound is the build inside the release line of the
// version: 13.1 and 51.15 are 13.1-51.15.
func joinBuild(c claim) claim {
	if c.from == "" {
		return c
	}
	for _, bound := range []*string{&c.fixed, &c.last} {
		if buildOnly.MatchString(*bound) {
			*bound, c.branch = c.from+"-"+*bound, c.from
		}
	}
	if c.branch != "" {
		c.from = ""
	}
	return c
}

var sonicPlatform = regexp.MustCompile(`(?i)^(\d+(?:\.\d+)+)-(?:R\d+|\d+v.*)$`)

// onPlatform keeps a SonicOS bound among the builds of its platform, which have numbers
// of their own: "7.0.1-R579 and earlier" says nothing of 7.0.1-5161.
func (c *collection) onPlatform(one claim) claim {
	m := sonicPlatform.FindStringSubmatch(one.last)
	if c.scheme != version.SonicOS || m == nil || one.from != "" {
		return one
	}
	one.from, one.branch = m[1]+"-0v", m[1]
	if strings.Contains(strings.ToUpper(one.last), "-R") {
		one.from = m[1] + "-R0"
	}
	one.doubt = quoted(one.row) + " was taken for builds of its platform and this release alone."
	return one
}

// inverted is for records that call everything affected but the fix.
func (c *collection) inverted(unaffected []span) []span {
	var out []span
	for _, s := range unaffected {
		if s.from.IsZero() || s.from.Compare(s.last) != 0 {
			continue
		}
		c.notes = append(c.notes, fmt.Sprintf("The record calls every version affected but %s; that was taken for before %s.", s.last, s.last))
		out = append(out, span{fixed: s.last, row: s.row})
	}
	return out
}

var hotfix = regexp.MustCompile(`\b\d+\.\d+\.\d+-h\d+\b`)

// hotfixes adds what the solutions of Palo Alto Networks name beyond the row: hotfixes of
// older maintenance releases, which are fixed though they are below the bound.
func (c *collection) hotfixes(one *claim) {
	upper, err := c.scheme.Parse(one.fixed)
	if err != nil || one.unaffected {
		return
	}
	h := habitsFor(c.scheme)
	train, _ := h.line(1, upper)
	var added []string
	for _, text := range hotfix.FindAllString(c.remedy, -1) {
		v, err := c.scheme.Parse(text)
		if err != nil || text == one.fixed || slices.Contains(one.also, text) || slices.Contains(added, text) {
			continue
		}
		if line, _ := h.line(1, v); line == train && v.Compare(upper) < 0 {
			added = append(added, text)
		}
	}
	if len(added) > 0 {
		one.also = append(one.also, added...)
		c.notes = append(c.notes, "The solutions of the record name more fixes than its ranges, and they were taken: "+strings.Join(added, ", ")+".")
	}
}

// beyond notes where the ranges clear versions of which the record says nothing: after the
// end of a branch of every version, and between the single versions of a list.
func (c *collection) beyond(a *advisories.Affected, affected []span, h habits) {
	if a.UnlistedBranches == advisories.StatusUnaffected {
		return
	}
	if a.UnlistedBranches == advisories.StatusAffected {
		c.notes = append(c.notes, "The record calls every version affected that it does not name; inside the release lines that it names, its ranges alone decide here.")
	}
	if slices.ContainsFunc(a.Branches, func(b advisories.Branch) bool { return b.Branch == allBranch && b.Status == "" && b.After == "" }) {
		c.notes = append(c.notes, "What comes after the highest bound counts as not affected here, and the record does not say so.")
	}
	single := func(s span) bool { return !s.whole && !s.last.IsZero() && s.from.Compare(s.last) == 0 }
	if slices.ContainsFunc(affected, single) && h.numbers > 0 {
		c.notes = append(c.notes, "The record lists single versions. Those between them count as not affected here, and the record does not say so.")
	}
}
