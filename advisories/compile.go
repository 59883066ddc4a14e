package advisories

import (
	"cmp"
	"fmt"
	"slices"

	"postern/scanner/version"
)

// allBranch is the branch of every version, for products without release lines.
const allBranch = "all"

// listedLine is the name of the line of the versions that are listed one by one.
const listedLine = "listed"

// compile turns branches into sets, or reports why that cannot be done. A version is
// decided by the most specific branch that holds it.
func compile(p place, a *Affected, scheme version.Scheme) *Ranges {
	before := len(p.in.problems)
	lines := parseBranches(p.key("branches"), a.Branches, scheme)
	checkOverlaps(p.key("branches"), lines)
	if len(p.in.problems) > before {
		return nil
	}
	r, rest := &Ranges{Scheme: scheme, Lines: make([]Line, 0, len(lines)+2)}, version.All(scheme)
	if len(a.Listed) > 0 {
		listed := parseListed(p.key("listed"), a.Listed, scheme)
		rest = rest.Minus(listed)
		r.add(Line{Name: listedLine, Covers: listed, Status: StatusAffected})
	}
	for _, line := range lines {
		at := p.key("branches").item(line.item)
		line.Covers = line.prefix.Intersect(rest)
		rest = rest.Minus(line.prefix)
		if line.Covers.IsEmpty() {
			at.bad("branch %s decides nothing; more specific branches hold all of it", line.Name)
			continue
		}
		line.Spans = parseEvents(at.key("events"), line, scheme)
		line.After = afterSpans(at, line, scheme)
		r.add(line.Line)
	}
	r.add(Line{Covers: rest, Status: a.UnlistedBranches, Note: a.UnlistedNote})
	if len(p.in.problems) > before {
		return nil
	}
	return r
}

// parseListed reads the versions that are listed one by one.
func parseListed(p place, texts []string, scheme version.Scheme) version.Set {
	var versions []version.Version
	seen := map[string]bool{}
	for i, text := range texts {
		v, err := scheme.Parse(text)
		switch {
		case err != nil:
			p.item(i).bad("listed: %v", err)
			continue
		case seen[v.String()]:
			p.item(i).bad("listed: %s is there twice; keep one", v)
		}
		seen[v.String()] = true
		versions = append(versions, v)
	}
	return version.Each(versions)
}

// branchLine is a line that is being made of a branch.
type branchLine struct {
	Line
	prefix version.Set // with more specific branches
	depth  int         // how many branches hold all of this one: the more, the more specific
}

// parseBranches reads each branch on its own, and sorts more specific ones first.
func parseBranches(p place, branches []Branch, scheme version.Scheme) []branchLine {
	var lines []branchLine
	for i, b := range branches {
		at := p.item(i)
		line := branchLine{Line: Line{Name: b.Branch, Status: b.Status, Note: b.Note, Fix: b.Fix, item: i, branch: &branches[i]}}
		checkBranch(at, b)
		if b.Fix == "none" {
			line.Fix = ""
		} else if b.Fix != "" {
			if fix, err := scheme.Parse(b.Fix); err != nil {
				at.key("fix").bad("fix: %v; or write none", err)
			} else {
				line.Fix = fix.String()
			}
		}
		var err error
		if line.prefix, err = branchSet(b.Branch, scheme); err != nil {
			at.key("branch").bad("branch: %v", err)
			continue
		}
		lines = append(lines, line)
	}
	for i := range lines {
		lines[i].depth = around(lines, lines[i])
	}
	slices.SortStableFunc(lines, func(a, b branchLine) int { return cmp.Compare(b.depth, a.depth) })
	return lines
}

func branchSet(name string, scheme version.Scheme) (version.Set, error) {
	if name == allBranch {
		return version.All(scheme), nil
	}
	v, err := scheme.Parse(name)
	if err != nil {
		return version.Set{}, fmt.Errorf("%w; the branch of every version is %q", err, allBranch)
	}
	return version.Prefix(v), nil
}

// around counts the branches that hold all of this one, itself too.
func around(lines []branchLine, of branchLine) int {
	n := 0
	for _, l := range lines {
		if of.prefix.Within(l.prefix) {
			n++
		}
	}
	return n
}

func checkBranch(at place, b Branch) {
	switch {
	case b.Status == "" && len(b.Events) == 0:
		at.bad("branch %s states neither status nor events", b.Branch)
	case b.Status != "" && len(b.Events) > 0:
		at.bad("branch %s states both status and events; keep one", b.Branch)
	case b.Status != "" && !slices.Contains([]string{StatusAffected, StatusUnaffected, StatusUnknown}, b.Status):
		at.key("status").bad("status is %q; it is affected, unaffected or unknown", b.Status)
	case b.Status == StatusUnaffected && b.Fix != "":
		at.key("fix").bad("fix is stated for branch %s, which is not affected; remove it", b.Branch)
	case b.Fix != "" && endsFixed(b.Events):
		at.key("fix").bad("fix is stated, and the events of branch %s say it already; remove it", b.Branch)
	}
}

// afterSpans is every version of a line after its last affected one, when nothing is
// known of them.
func afterSpans(at place, line branchLine, scheme version.Scheme) version.Set {
	if line.branch.After == "" {
		return version.Set{}
	}
	if line.branch.After != StatusUnknown {
		at.key("after").bad("after is %q; it is unknown, or left out where later versions are not affected", line.branch.After)
		return version.Set{}
	}
	if n := len(line.Spans); n > 0 && !line.Spans[n-1].LastAffected.IsZero() {
		later, err := version.Range(scheme, version.Bounds{After: line.Spans[n-1].LastAffected})
		if err != nil {
			at.key("after").bad("after: %v", err)
		}
		return later.Intersect(line.Covers)
	}
	at.key("after").bad("after is for branches that end with last_affected; remove it from branch %s", line.Name)
	return version.Set{}
}

// endsFixed reports whether every affected stretch names its own fix.
func endsFixed(events []Event) bool {
	introduced, fixed := 0, 0
	for _, e := range events {
		if e.Introduced != "" {
			introduced++
		}
		if e.Fixed != "" {
			fixed++
		}
	}
	return fixed > 0 && introduced == fixed
}

// checkOverlaps refuses branches of which neither is inside the other: which of them
// decides would be a matter of order.
func checkOverlaps(p place, lines []branchLine) {
	for i, a := range lines {
		for _, b := range lines[:i] {
			later := p.item(max(a.item, b.item))
			switch {
			case a.prefix.Equal(b.prefix):
				later.bad("branches %s and %s are the same; put their events together", b.Name, a.Name)
			case !a.prefix.Within(b.prefix) && !b.prefix.Within(a.prefix) && !a.prefix.Intersect(b.prefix).IsEmpty():
				later.bad("branches %s and %s overlap, and neither is inside the other", b.Name, a.Name)
			}
		}
	}
}
