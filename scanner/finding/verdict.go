package finding

import (
	"postern/advisories"
	"postern/scanner/version"
)

// judge is the verdict on a device that may run any version of the set, with its
// reason and the version to upgrade to. What cannot be told is possible, never clean.
func judge(may asked, entry *advisories.Affected) (Verdict, string, string) {
	r := entry.Ranges()
	var unseen string // why a fix cannot be seen from outside
	if !entry.Visible() {
		unseen = entry.PatchNote
	}
	switch {
	case may.IsEmpty():
		return Possible, contradiction(nil), ""
	case may.Scheme() != r.Scheme: // they have no order, and so no range decides
		return Possible, "the version is not in the order that the advisory is written in", ""
	case may.Within(r.Affected) && entry.Visible():
		fix := fixFor(may, r)
		return Affected, inside(may, r, fix), fix
	case may.Within(r.Affected):
		fix := fixFor(may, r)
		return Possible, withNote(inside(may, r, fix), unseen), fix
	case ruledOut(may.Set, r):
		return NotAffected, outside(may, r), ""
	case may.IsAll():
		return Possible, "the version could not be read", ""
	case may.Overlaps(r.Affected):
		fix := fixFor(may, r)
		return Possible, withNote(partly(may, r, fix), unseen), fix
	}
	return Possible, unsaid(may, r), fixFor(may, r)
}

// ruledOut reports whether no version of the set is affected, for all that is known.
func ruledOut(may version.Set, r *advisories.Ranges) bool {
	return !may.IsEmpty() && may.Scheme() == r.Scheme && !may.Overlaps(r.Affected) && !may.Overlaps(r.Unknown)
}

// A hit is a stretch or an unknown line that a device may be in.
type hit struct {
	line *advisories.Line
	span *advisories.Span // nil for a line of which no source says anything
}

// hits lists every stretch that the set has versions in; without any, every unknown
// line.
func hits(may version.Set, r *advisories.Ranges) []hit {
	var spans, unknown []hit
	for i := range r.Lines {
		line := &r.Lines[i]
		for j := range line.Spans {
			if may.Overlaps(line.Spans[j].Versions) {
				spans = append(spans, hit{line, &line.Spans[j]})
			}
		}
		if line.Status == advisories.StatusUnknown && may.Overlaps(line.Covers) || may.Overlaps(line.After) {
			unknown = append(unknown, hit{line, nil})
		}
	}
	if len(spans) > 0 {
		return spans
	}
	return unknown
}

// fixFor is the version to upgrade to from the highest version that is hit: the end of
// its own stretch, or what its branch names instead. It is empty when no source names
// one; a fix of another branch is never made up.
func fixFor(may asked, r *advisories.Ranges) string {
	if may.IsAll() {
		return "" // no branch is the device's own
	}
	in := may.Set
	if whole := may.Within(r.Affected) || may.Within(r.Unknown) && !may.Overlaps(r.Affected); len(may.versions) != 1 || !whole {
		in = highestIn(may.Set, r)
	}
	all := hits(in, r)
	if len(all) == 0 {
		return ""
	}
	return highest(all, r.Scheme).fix()
}

// highestIn is the highest version of the set that is affected, or else one that may be;
// or all of them where they cannot be told apart.
func highestIn(may version.Set, r *advisories.Ranges) version.Set {
	in := may.Intersect(r.Affected)
	if in.IsEmpty() {
		in = may.Intersect(r.Unknown)
	}
	if versions, ok := in.Candidates(); ok && len(versions) > 0 {
		return version.Exactly(versions[len(versions)-1])
	}
	return in
}

func (h hit) fix() string {
	if h.span != nil && !h.span.Fixed.IsZero() {
		return h.span.Fixed.String()
	}
	return h.line.Fix
}

func highest(hits []hit, scheme version.Scheme) hit {
	best := hits[0]
	for _, h := range hits[1:] {
		if h.begins(scheme).Compare(best.begins(scheme)) > 0 {
			best = h
		}
	}
	return best
}

// begins is where the stretch begins. The beginning of a branch is its name, and that
// of every version the zero Version, which sorts before all others.
func (h hit) begins(scheme version.Scheme) version.Version {
	if h.span != nil && !h.span.From.IsZero() {
		return h.span.From
	}
	v, err := scheme.Parse(h.line.Name)
	if err != nil { // "all", or no branch
		return version.Version{}
	}
	return v
}
