package importer

import (
	"fmt"
	"slices"
	"strings"

	"postern/advisories"
	"postern/scanner/version"
)

// clear uses what the record calls unaffected: a version after the last affected one of
// its line is the one to upgrade to, and a release line of its own is a branch.
func (c *collection) clear(a *advisories.Affected, unaffected []span, h habits) {
	for _, s := range unaffected {
		if s.last.IsZero() || s.from.Compare(s.last) != 0 {
			continue
		}
		name := h.home(s.last, s.last)
		at := slices.IndexFunc(a.Branches, func(b advisories.Branch) bool { return b.Branch == name })
		switch {
		case at >= 0:
			fixAfter(&a.Branches[at], s.last)
		case a.UnlistedBranches != advisories.StatusUnaffected && name != allBranch && len(h.lines) > 1:
			if start, err := c.scheme.Parse(name); err == nil && s.last.Compare(start) <= 0 {
				a.Branches = append(a.Branches, advisories.Branch{Branch: name, Status: advisories.StatusUnaffected})
			}
		}
	}
}

// fixAfter names the fix of a line that ends with its last affected version.
func fixAfter(b *advisories.Branch, fix version.Version) {
	if len(b.Events) == 0 {
		return
	}
	last := b.Events[len(b.Events)-1].LastAffected
	if v, err := fix.Scheme().Parse(last); err == nil && v.Compare(fix) < 0 {
		b.Fix, b.After = fix.String(), ""
	}
}

// contradictions notes what the record calls unaffected and the ranges do not.
func (c *collection) contradictions(a *advisories.Affected, unaffected []span) {
	for _, s := range unaffected {
		set, err := s.set(c.scheme)
		if err == nil && !set.Intersect(a.Ranges().Affected).IsEmpty() {
			c.notes = append(c.notes, quoted(s.row)+" lies in a range that the record calls affected.")
		}
	}
}

// compare notes the versions of a list of affected ones that the ranges clear. The list
// is Palo Alto Networks', which names single builds.
func (c *collection) compare(a *advisories.Affected, list []string) {
	var cleared []string
	for _, text := range list {
		name, bare, ok := strings.Cut(plain(text), " ")
		if !ok || !strings.EqualFold(name, "PAN-OS") {
			continue
		}
		v, err := c.scheme.Parse(bare)
		if err == nil && a.HoldsOf(v) != "affected" {
			cleared = append(cleared, v.String())
		}
	}
	if len(cleared) > 0 {
		c.notes = append(c.notes, fmt.Sprintf("The record's own list of affected builds names %s, which the ranges do not call affected.", strings.Join(cleared, ", ")))
	}
}
