package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"postern/advisories"
	"postern/scanner/version"
)

// few is how many single versions a record names at most when it speaks of what was
// looked at, and not of everything that is affected.
const few = 3

// many is how many single versions are written as a list rather than a branch each.
const many = 12

// exact reports a span of one version.
func (s span) exact() bool {
	return !s.whole && !s.last.IsZero() && s.from.Compare(s.last) == 0
}

// singles says what single versions of a record stand for: the whole list of a vendor,
// the newest build of a line, or themselves with every build of theirs.
func (c *collection) singles(affected []span, h habits) []span {
	var alone, ranges []span
	for _, s := range affected {
		if s.exact() {
			alone = append(alone, s)
		} else {
			ranges = append(ranges, s)
		}
	}
	switch {
	case len(alone) == 0:
		return affected
	case h.lists && len(alone) > few:
		c.notes = append(c.notes, "The record lists single builds. In each release line everything up to the newest of them was taken as affected, and what comes after it as unknown.")
		return append(ranges, listedLines(alone, h)...)
	case h.endsAlone && slices.ContainsFunc(ranges, span.open):
		for _, s := range alone {
			c.notes = append(c.notes, quoted(s.row)+" is a single build beside ranges; older builds of its line were taken as affected too.")
			s.from = version.Version{}
			ranges = append(ranges, s)
		}
		return ranges
	}
	c.narrow = len(ranges) == 0 && len(alone) <= few
	if h.numbers > 0 && !c.narrow {
		return affected // a list whose versions follow one another
	}
	if len(alone) > many && len(ranges) == 0 {
		slices.SortFunc(alone, func(a, b span) int { return a.last.Compare(b.last) })
		for _, s := range alone {
			if text := s.last.String(); !slices.Contains(c.listed, text) {
				c.listed = append(c.listed, text)
			}
		}
		return nil
	}
	for _, s := range alone {
		if (c.narrow || s.silent) && !slices.ContainsFunc(ranges, func(r span) bool { return h.near(r, s) }) {
			s = span{branch: s.last.String(), whole: true, row: s.row}
		}
		ranges = append(ranges, s)
	}
	return ranges
}

// near reports whether two spans lie in one release line.
func (h habits) near(a, b span) bool {
	for _, v := range []version.Version{a.from, a.upper()} {
		first, ok := h.line(h.train-1, v)
		second, ok2 := h.line(h.train-1, b.last)
		if ok && ok2 && first == second {
			return true
		}
	}
	return false
}

// listedLines is each release line up to the newest build of a list.
func listedLines(list []span, h habits) []span {
	newest := map[string]span{}
	for _, s := range list {
		line, ok := h.line(h.train-1, s.last)
		if !ok {
			line = s.last.String()
		}
		// A list that begins at 6.2.3 says nothing of 6.2.0 and 6.2.2.
		if part, ok := h.line(h.train, s.last); ok && !strings.HasSuffix(part, ".0") && !strings.HasSuffix(part, ".1") &&
			!slices.ContainsFunc(list, func(o span) bool { return h.inside(line, o) && !h.inside(part, o) }) {
			line = part
		}
		if old, seen := newest[line]; !seen || s.last.Compare(old.last) > 0 {
			newest[line] = span{branch: line, last: s.last, silent: s.silent, row: s.row}
		}
	}
	var out []span
	for _, s := range newest {
		out = append(out, s)
	}
	return out
}

// inside reports whether the version of a span begins with the name of a line.
func (h habits) inside(line string, s span) bool {
	return s.last.String() == line || strings.HasPrefix(s.last.String(), line+".")
}

// defaultAffected is for records that call affected whatever they do not name, and give
// ranges with fixes: everything before the highest fix is affected, but for the lines that
// have a fix of their own.
func (c *collection) defaultAffected(affected []span, h habits) []span {
	unlike := func(s span) bool { return s.whole || s.fixed.IsZero() || s.branch != "" || len(s.also) > 0 }
	if !c.allAffected() || len(affected) < 2 || slices.ContainsFunc(affected, unlike) {
		return affected
	}
	slices.SortFunc(affected, func(a, b span) int { return a.fixed.Compare(b.fixed) })
	lines := make([]string, len(affected))
	for i := range affected {
		for level := range h.lines {
			name, ok := h.line(level, affected[i].fixed)
			shared := slices.ContainsFunc(affected, func(o span) bool {
				other, _ := h.line(level, o.fixed)
				return o.fixed.Compare(affected[i].fixed) != 0 && other == name
			})
			if ok && !shared {
				lines[i] = name
				break
			}
		}
		if lines[i] == "" {
			return affected // the lines are not fine enough to tell the fixes apart
		}
	}
	top := len(lines) - 1
	lines[top], affected[top].around = allBranch, true
	for i := range affected {
		affected[i].from, affected[i].branch = version.Version{}, lines[i]
	}
	c.notes = append(c.notes, "The record calls affected whatever it does not name: everything before the highest fix was taken.")
	return affected
}

// soften leaves open what a record does not say: of other versions than the few that it
// names, and of those before a range when its own description begins earlier.
func (c *collection) soften(a *advisories.Affected) {
	if c.narrow || len(c.listed) > 0 && a.UnlistedBranches == advisories.StatusUnaffected {
		a.UnlistedBranches = advisories.StatusUnknown
		a.UnlistedNote = "The record names single versions alone, which says nothing of others."
	}
	var one []claim // the affected range, if there is but one
	var bounds []string
	for _, claim := range c.claims {
		if bounds = append(bounds, claim.fixed, claim.last); !claim.unaffected {
			one = append(one, claim)
		}
	}
	if len(one) != 1 || one[0].from == "" || one[0].from == one[0].last || one[0].literal {
		return
	}
	for _, bound := range bounds {
		if bound != "" && saysBefore(c.words, bound) {
			a.UnlistedBranches = advisories.StatusUnknown
			a.UnlistedNote = fmt.Sprintf("The range begins at %s, and the description says before %s.", one[0].from, bound)
			c.narrowTo(a, one[0].from)
			c.notes = append(c.notes, a.UnlistedNote)
			return
		}
	}
}

// narrowTo keeps the one branch of an entry to the release that its range begins with,
// where the range does not leave it.
func (c *collection) narrowTo(a *advisories.Affected, from string) {
	if len(a.Branches) != 1 {
		return
	}
	b := a.Branches[0]
	line, err := branchSet(from, c.scheme)
	if err != nil || len(b.Events) != 2 {
		return
	}
	end, err := c.scheme.Parse(b.Events[1].Fixed + b.Events[1].LastAffected)
	if err == nil && line.Contains(end) {
		b.Branch, b.Events[0] = from, advisories.Event{Introduced: "0"}
		a.Branches[0] = b
	}
}

func saysBefore(words, bound string) bool {
	re, err := regexp.Compile(`(?i)\b(?:before|prior to)(?: version)? ` + regexp.QuoteMeta(bound) + `(?:[^\w.]|\.?$|\. )`)
	return err == nil && re.MatchString(words)
}

var remedied = regexp.MustCompile(`(?i)\b(Forti[a-z]+(?:-6K7K)?)(?: version)? (\d+\.\d+\.\d+)\b`)

// remedies takes the first fixed version of each release line from the solutions. What
// follows the last affected version of a line for which they name none is unknown: the
// vendor writes the newest release of such a line as its last affected one.
func (c *collection) remedies(a *advisories.Affected, h habits) {
	if !h.remedies {
		return
	}
	var fixes []version.Version
	for _, m := range remedied.FindAllStringSubmatch(c.remedy, -1) {
		ids := idsOf("fortinet", m[1])
		if v, err := c.scheme.Parse(m[2]); err == nil && slices.Contains(ids, c.id) {
			fixes = append(fixes, v)
		}
	}
	if len(fixes) == 0 {
		return
	}
	slices.SortFunc(fixes, version.Version.Compare)
	var none []string
	for i := range a.Branches {
		b := &a.Branches[i]
		line, err := branchSet(b.Branch, c.scheme)
		if err != nil || len(b.Events) == 0 || b.Events[len(b.Events)-1].LastAffected == "" {
			continue
		}
		last, err := c.scheme.Parse(b.Events[len(b.Events)-1].LastAffected)
		if err != nil {
			continue
		}
		at := slices.IndexFunc(fixes, func(v version.Version) bool { return line.Contains(v) && v.Compare(last) > 0 })
		if at >= 0 {
			b.Fix, b.After = fixes[at].String(), ""
		} else {
			b.After = advisories.StatusUnknown
			none = append(none, b.Branch)
		}
	}
	c.list("The solutions name no fix for these, so what follows their last affected version is unknown: ", none)
}

// forgotten leaves unknown the release lines that the vendor had, and of which the record
// says nothing though it calls a newer one affected.
func (c *collection) forgotten(a *advisories.Affected, h habits) {
	if a.UnlistedBranches != advisories.StatusUnaffected || len(h.trains) == 0 {
		return
	}
	var added []string
	for _, name := range h.trains {
		train, err := c.scheme.Parse(name)
		if err != nil {
			continue
		}
		newer := false
		named := slices.ContainsFunc(a.Branches, func(b advisories.Branch) bool {
			set, err := branchSet(b.Branch, c.scheme)
			v, _ := c.scheme.Parse(b.Branch)
			newer = newer || err == nil && b.Status != advisories.StatusUnaffected && v.Compare(train) > 0
			return err == nil && !set.Intersect(version.Prefix(train)).IsEmpty() && !endsBefore(b, train)
		})
		if !named && newer {
			added = append(added, name)
		}
	}
	for _, name := range added {
		a.Branches = append(a.Branches, advisories.Branch{
			Branch: name, Status: advisories.StatusUnknown,
			Note: "The record does not name this release line, which may have been out of support.",
		})
	}
	if len(added) > 0 {
		c.notes = append(c.notes, "Left unknown, since the record does not name them and the vendor assesses lines in support: "+strings.Join(added, ", ")+".")
	}
}

// endsBefore reports a branch of every version whose ranges end before a release line.
func endsBefore(b advisories.Branch, train version.Version) bool {
	if b.Branch != allBranch || len(b.Events) == 0 {
		return false
	}
	end := b.Events[len(b.Events)-1]
	v, err := train.Scheme().Parse(end.Fixed + end.LastAffected)
	return err == nil && v.Compare(train) < 0
}
