package importer

import (
	"cmp"
	"slices"
	"strconv"

	"postern/advisories"
	"postern/scanner/version"
)

// branches puts spans of one product into release lines.
func branches(spans []span, scheme version.Scheme, h habits) []advisories.Branch {
	spans = h.climb(spans)
	perLine := scheme == version.Ivanti && countOpen(spans) > 1
	if perLine {
		spans = ivantiLines(spans, h)
	}
	h.separate(spans)
	for i := range spans {
		h.settle(&spans[i])
	}
	byBranch := map[string][]span{}
	for _, s := range spans {
		byBranch[s.branch] = append(byBranch[s.branch], s)
	}
	if !perLine && !h.rowsWin {
		shareOut(byBranch, scheme)
	}
	prune(byBranch, scheme)
	var list []advisories.Branch
	for name, members := range byBranch {
		list = append(list, oneBranch(name, members, scheme, h))
	}
	slices.SortFunc(list, func(a, b advisories.Branch) int { return compareNames(a.Branch, b.Branch, scheme) })
	return list
}

// compareNames puts "all" last.
func compareNames(a, b string, scheme version.Scheme) int {
	if a == allBranch || b == allBranch {
		return cmp.Compare(boolInt(a == allBranch), boolInt(b == allBranch))
	}
	v, _ := scheme.Parse(a) // the zero Version sorts first
	w, _ := scheme.Parse(b)
	return cmp.Or(v.Compare(w), cmp.Compare(len(a), len(b)))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// climb splits a span with a fix for each maintenance line: after the fix of one line
// the next line is affected up to its own. Without a ladder the highest fix counts.
func (h habits) climb(spans []span) []span {
	var out []span
	for _, s := range spans {
		if len(s.also) == 0 {
			out = append(out, s)
			continue
		}
		fixes := append([]version.Version{s.fixed}, s.also...)
		slices.SortFunc(fixes, version.Version.Compare)
		s.also = nil
		if h.ladder == nil || !s.last.IsZero() {
			if s.last.IsZero() {
				s.fixed = fixes[len(fixes)-1]
			}
			out = append(out, s)
			continue
		}
		for i, fix := range fixes {
			s.fixed = fix
			out = append(out, s)
			if i+1 == len(fixes) {
				break
			}
			next, ok := h.ladder(fix)
			if !ok || fixes[i+1].Compare(next) < 0 {
				next = successor(fix)
			}
			if next.IsZero() || fixes[i+1].Compare(next) <= 0 {
				break
			}
			s.from = next
		}
	}
	return out
}

// successor is the version whose last number is one higher; zero when there is none.
func successor(v version.Version) version.Version {
	text := v.String()
	at := number.FindAllStringIndex(text, -1)
	last := at[len(at)-1]
	next, err := v.Scheme().Parse(text[:last[0]] + plusOne(text[last[0]:last[1]]) + text[last[1]:])
	if err != nil {
		return version.Version{}
	}
	return next
}

func (s span) upper() version.Version {
	if !s.fixed.IsZero() {
		return s.fixed
	}
	return s.last
}

// open reports a span that says only where it ends.
func (s span) open() bool {
	return s.branch == "" && s.from.IsZero() && !s.upper().IsZero()
}

func countOpen(spans []span) int {
	n := 0
	for _, s := range spans {
		if s.open() && !s.fixed.IsZero() {
			n++
		}
	}
	return n
}

// separate chooses the branches of spans that say only where they end. The lowest takes
// in everything before it. Each other is about its own release line: the coarsest that
// holds no lower one.
func (h habits) separate(spans []span) {
	var ends []*span
	for i := range spans {
		if spans[i].open() {
			ends = append(ends, &spans[i])
		}
	}
	slices.SortStableFunc(ends, func(a, b *span) int { return a.upper().Compare(b.upper()) })
	for i, s := range ends {
		if i == 0 && !h.generations {
			s.branch = allBranch
			continue
		}
		for level := h.first(s.upper()); level < len(h.lines); level++ {
			name, ok := h.line(level, s.upper())
			if !ok {
				break
			}
			s.branch = name
			shared := slices.ContainsFunc(ends[:i], func(lower *span) bool {
				other, ok := h.line(level, lower.upper())
				return ok && other == name
			})
			if !shared {
				break
			}
		}
	}
}

// first is the coarsest line that "and earlier" can be about.
func (h habits) first(v version.Version) int {
	generation, _ := h.line(0, v)
	n, err := strconv.Atoi(generation)
	if h.parallel > 0 && err == nil && n >= h.parallel {
		return 1
	}
	return 0
}

// settle chooses the branch of a span that is not open below, and makes its beginning
// the beginning of the branch where they are the same.
func (h habits) settle(s *span) {
	if s.branch == "" {
		end := s.upper()
		if end.IsZero() && h.endless {
			end = s.from
		}
		s.branch = allBranch
		if !end.IsZero() && !s.from.IsZero() {
			s.branch = h.home(s.from, end)
		}
	}
	exact := !s.last.IsZero() && s.from.Compare(s.last) == 0
	if exact && h.trainIsNoBuild && s.branch == s.last.String() {
		*s = span{branch: s.branch, whole: true, status: advisories.StatusUnknown, row: s.row}
		return
	}
	if s.branch == allBranch || s.from.IsZero() || exact {
		return
	}
	if line, err := branchSet(s.from.String(), s.from.Scheme()); s.silent && err == nil && !s.upper().IsZero() && line.Contains(s.upper()) {
		s.branch, s.from = s.from.String(), version.Version{} // nothing is said of what comes before
		return
	}
	start, err := s.from.Scheme().Parse(s.branch)
	if err != nil {
		return
	}
	if first, ok := firstRelease(start); s.from.Compare(start) <= 0 || ok && s.from.Compare(first) == 0 {
		s.from = version.Version{}
	}
}

// firstRelease is the first version of a Junos train, which is called R1.
func firstRelease(train version.Version) (version.Version, bool) {
	v, err := train.Scheme().Parse(train.String() + "R1")
	return v, err == nil && train.Scheme() == version.Junos
}
