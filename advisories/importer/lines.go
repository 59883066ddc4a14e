package importer

import (
	"regexp"
	"slices"

	"postern/advisories"
	"postern/scanner/version"
)

// ivantiLines is for records that list a fixed build for each release: 22.3R1.2,
// 22.4R1.2, 22.4R2.4 … Each holds in its own release. A release of the same line
// without one has no fix, and neither have other lines before the last that has.
func ivantiLines(spans []span, h habits) []span {
	var out []span
	highest := map[string]version.Version{} // of a generation
	for _, s := range spans {
		if !s.open() || s.fixed.IsZero() {
			out = append(out, s)
			continue
		}
		generation, _ := h.line(0, s.fixed)
		line, _ := h.line(1, s.fixed)
		if high, ok := highest[generation]; !ok || s.fixed.Compare(high) > 0 {
			highest[generation] = s.fixed
		}
		s.branch, _ = h.line(2, s.fixed)
		if s.branch == "" {
			s.branch = line
		}
		out = append(out, s)
		if line == s.branch {
			continue
		}
		at := slices.IndexFunc(out, func(o span) bool { return o.whole && o.branch == line })
		if at < 0 {
			out = append(out, span{branch: line, whole: true, fixed: s.fixed, note: "No fixed build of this release is named."})
		} else if out[at].fixed.Compare(s.fixed) < 0 {
			out[at].fixed = s.fixed
		}
	}
	for generation, high := range highest {
		out = append(out, span{branch: generation, fixed: high})
	}
	return out
}

// shareOut gives what a coarse line says of a finer one to the finer one too: the finer
// one decides there, and nothing that the record says must be lost by that.
func shareOut(byBranch map[string][]span, scheme version.Scheme) {
	for fine := range byBranch {
		inner, err := branchSet(fine, scheme)
		if err != nil || fine == allBranch {
			continue
		}
		for coarse, spans := range byBranch {
			outer, err := branchSet(coarse, scheme)
			if err != nil || coarse == fine || !inner.Within(outer) {
				continue
			}
			for _, s := range spans {
				part, ok := clip(s, fine, inner, scheme)
				if ok && !s.around {
					part = outside(part, byBranch[fine], scheme)
					byBranch[fine] = append(byBranch[fine], part)
				}
			}
		}
	}
}

// outside ends a span where a row about another platform begins: SonicOSv has builds of
// its own, which come after the plain ones of a release in the order.
func outside(s span, rows []span, scheme version.Scheme) span {
	for _, row := range rows {
		if scheme == version.SonicOS && s.whole && platform.MatchString(row.from.String()) {
			return span{branch: s.branch, fixed: row.from, row: s.row}
		}
	}
	return s
}

var platform = regexp.MustCompile(`-(?:R0|0v)$`)

// clip is the part of a span that lies inside a finer line.
func clip(s span, fine string, inner version.Set, scheme version.Scheme) (span, bool) {
	set, err := s.set(scheme)
	if err != nil || s.status != "" || set.Intersect(inner).IsEmpty() {
		return span{}, false
	}
	if inner.Within(set) {
		return span{branch: fine, whole: true, row: s.row}, true
	}
	s.branch = fine
	for _, v := range []*version.Version{&s.from, &s.fixed, &s.last} {
		if !v.IsZero() && !inner.Contains(*v) {
			*v = version.Version{}
		}
	}
	return s, true
}

// prune drops what finer lines decide in full, which the loader would refuse.
func prune(byBranch map[string][]span, scheme version.Scheme) {
	for name, spans := range byBranch {
		rest, err := branchSet(name, scheme)
		if err != nil {
			continue
		}
		for fine := range byBranch {
			inner, err := branchSet(fine, scheme)
			if err == nil && fine != name && inner.Within(rest) {
				rest = rest.Minus(inner)
			}
		}
		kept := slices.DeleteFunc(slices.Clone(spans), func(s span) bool {
			set, err := s.set(scheme)
			return err == nil && set.Intersect(rest).IsEmpty()
		})
		if byBranch[name] = kept; len(kept) == 0 {
			delete(byBranch, name)
		}
	}
}

// oneBranch writes the spans of a line as events.
func oneBranch(name string, spans []span, scheme version.Scheme, h habits) advisories.Branch {
	b := advisories.Branch{Branch: name}
	whole := slices.IndexFunc(spans, func(s span) bool { return s.whole && s.status == "" })
	if whole < 0 && spans[0].whole {
		whole = 0
	}
	if whole >= 0 {
		b.Status, b.Note = advisories.StatusAffected, spans[whole].note
		if fix := spans[whole].fixed; !fix.IsZero() {
			b.Fix = fix.String() // of another release of the line
		}
		if spans[whole].unfixed {
			b.Fix = "none"
		}
		if spans[whole].status != "" {
			b.Status = spans[whole].status
			b.Note = "The record names the release line and no build of it."
		}
		return b
	}
	spans = slices.DeleteFunc(spans, func(s span) bool { return s.whole })
	for _, s := range joined(spans, h) {
		from := "0"
		b.After = "" // that of the last stretch counts
		if !s.from.IsZero() {
			from = s.from.String()
		}
		b.Events = append(b.Events, advisories.Event{Introduced: from})
		switch {
		case !s.fixed.IsZero():
			b.Events = append(b.Events, advisories.Event{Fixed: s.fixed.String()})
		case !s.last.IsZero():
			b.Events = append(b.Events, advisories.Event{LastAffected: s.last.String()})
			if s.silent {
				b.After = advisories.StatusUnknown
			}
		}
	}
	return b
}

// joined puts spans in order and makes one of those that overlap, or that follow one
// another without a version between them.
func joined(spans []span, h habits) []span {
	slices.SortStableFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	var out []span
	for _, s := range spans {
		if len(out) == 0 || !out[len(out)-1].reaches(s, h) {
			out = append(out, s)
			continue
		}
		if last := &out[len(out)-1]; s.endsAfter(*last) {
			last.fixed, last.last, last.silent = s.fixed, s.last, s.silent
		}
	}
	return out
}

// reaches reports whether b, which does not begin before a, is one stretch with it.
func (a span) reaches(b span, h habits) bool {
	if a.upper().IsZero() || b.from.IsZero() {
		return true
	}
	if !a.fixed.IsZero() {
		return b.from.Compare(a.fixed) <= 0
	}
	return b.from.Compare(a.last) <= 0 || h.numbers > 0 && follows(a.last, b.from, h.numbers)
}

func (a span) endsAfter(b span) bool {
	if a.upper().IsZero() || b.upper().IsZero() {
		return a.upper().IsZero()
	}
	c := a.upper().Compare(b.upper())
	return c > 0 || c == 0 && !a.last.IsZero()
}

// follows reports whether w is the very next version after v, all of whose numbers are
// stated or zero.
func follows(v, w version.Version, numbers int) bool {
	full := v.String()
	for len(number.FindAllString(full, -1)) < numbers {
		full += ".0"
	}
	if len(number.FindAllString(full, -1)) > numbers {
		return false
	}
	padded, err := v.Scheme().Parse(full)
	return err == nil && successor(padded).Compare(w) == 0
}
