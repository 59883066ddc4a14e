package version

import (
	"encoding/binary"
	"slices"
)

// Set is a union of ranges of versions in one scheme. The zero value is empty.
//
// Sets of different schemes have no version in common. Operations on two of them are
// still defined: see each.
type Set struct {
	scheme Scheme
	// spans are in rising order and do not overlap. Two that touch are both single
	// versions, so that a union of single versions stays a list of candidates.
	spans []span
}

// A span is every version between two cuts; it is never empty.
type span struct{ lo, hi cut }

// Scheme is the order that the set belongs to; empty for the zero Set.
func (s Set) Scheme() Scheme { return s.scheme }

// Union is every version in s or t. A set cannot hold versions of two schemes: the
// union of two sets of different schemes that both hold something is the empty set,
// which stands for a contradiction wherever it stands for a device.
func (s Set) Union(t Set) Set {
	switch {
	case t.IsEmpty():
		return s
	case s.IsEmpty():
		return t
	case s.scheme != t.scheme:
		return Set{}
	}
	if len(s.spans) < len(t.spans) {
		s, t = t, s
	}
	spans := append(make([]span, 0, len(s.spans)+len(t.spans)), s.spans...)
	for _, a := range t.spans {
		spans = grammars[s.scheme].insert(spans, a)
	}
	return Set{scheme: s.scheme, spans: spans}
}

// Intersect is every version in both s and t; nothing if they are of different
// schemes.
func (s Set) Intersect(t Set) Set {
	if s.scheme != t.scheme {
		return Set{}
	}
	var both []span
	for i, j := 0, 0; i < len(s.spans) && j < len(t.spans); {
		a, b := s.spans[i], t.spans[j]
		both = appendSpan(both, later(a.lo, b.lo), earlier(a.hi, b.hi))
		if a.hi.compare(b.hi) <= 0 {
			i++
		} else {
			j++
		}
	}
	return newSet(s.scheme, both)
}

// Minus is every version in s and not in t; all of s if they are of different
// schemes.
func (s Set) Minus(t Set) Set {
	if s.scheme != t.scheme {
		return s
	}
	var rest []span
	j := 0
	for _, a := range s.spans {
		for j < len(t.spans) && t.spans[j].hi.compare(a.lo) <= 0 {
			j++
		}
		lo := a.lo
		for i := j; i < len(t.spans) && t.spans[i].lo.compare(a.hi) < 0; i++ {
			rest = appendSpan(rest, lo, t.spans[i].lo)
			lo = t.spans[i].hi
		}
		rest = appendSpan(rest, lo, a.hi)
	}
	return newSet(s.scheme, rest)
}

// Key is a short text of bytes by which sets of the same key are equal, for maps.
func (s Set) Key() string {
	b := append(make([]byte, 0, 256), s.scheme...)
	for _, a := range s.spans {
		for _, c := range [2]cut{a.lo, a.hi} {
			if c.end {
				b = append(b, '$')
				continue
			}
			b = append(b, '=')
			for _, n := range c.key {
				b = binary.AppendVarint(b, int64(n))
			}
		}
	}
	return string(b)
}

// IsEmpty reports whether no version is in s.
func (s Set) IsEmpty() bool { return len(s.spans) == 0 }

// IsAll reports whether every version is in s.
func (s Set) IsAll() bool { return !s.IsEmpty() && All(s.scheme).Within(s) }

// Within reports whether every version of s is in t. The empty set is within
// everything: ask IsEmpty first.
func (s Set) Within(t Set) bool {
	if s.scheme != t.scheme {
		return s.IsEmpty()
	}
	j := 0
	for _, a := range s.spans {
		for j < len(t.spans) && t.spans[j].hi.compare(a.lo) <= 0 {
			j++
		}
		lo := a.lo // everything of a before it is in t
		for i := j; lo.compare(a.hi) < 0; i++ {
			if i == len(t.spans) || t.spans[i].lo.compare(lo) > 0 {
				return false
			}
			lo = later(lo, t.spans[i].hi)
		}
	}
	return true
}

// Overlaps reports whether some version is in both s and t.
func (s Set) Overlaps(t Set) bool {
	if s.scheme != t.scheme {
		return false
	}
	for i, j := 0, 0; i < len(s.spans) && j < len(t.spans); {
		a, b := s.spans[i], t.spans[j]
		if later(a.lo, b.lo).compare(earlier(a.hi, b.hi)) < 0 {
			return true
		}
		if a.hi.compare(b.hi) <= 0 {
			i++
		} else {
			j++
		}
	}
	return false
}

// Contains reports whether v is in s. Builds that the text of v leaves out count as 0:
// to ask whether every build of v is in s, ask whether Exactly(v) is Within s.
func (s Set) Contains(v Version) bool {
	g := grammars[v.scheme]
	if g == nil || s.scheme != v.scheme {
		return false
	}
	at := g.before(v.key)
	return slices.ContainsFunc(s.spans, func(a span) bool {
		return a.lo.compare(at) <= 0 && at.compare(a.hi) < 0
	})
}

// Equal reports whether s and t hold the same versions.
func (s Set) Equal(t Set) bool {
	if s.IsEmpty() || t.IsEmpty() {
		return s.IsEmpty() && t.IsEmpty()
	}
	return s.scheme == t.scheme && slices.EqualFunc(touching(s.spans), touching(t.spans), func(a, b span) bool {
		return a.lo.compare(b.lo) == 0 && a.hi.compare(b.hi) == 0
	})
}

// Candidates lists the versions of a set that is a union of single versions (see
// [Exactly]), in rising order; ok is false for a set with a true range in it. The empty
// set has no candidates, and ok.
func (s Set) Candidates() (versions []Version, ok bool) {
	for _, a := range s.spans {
		v, ok := grammars[s.scheme].single(s.scheme, a)
		if !ok {
			return nil, false
		}
		versions = append(versions, v)
	}
	return versions, true
}

// single is the version that the span is Exactly of, if there is one.
func (g *grammar) single(s Scheme, a span) (Version, bool) {
	depth, ok := g.singleDepth(a)
	if !ok {
		return Version{}, false
	}
	stated := a.lo.key.used(g.shown)
	if depth > g.identity {
		stated = depth
	}
	v, err := s.Parse(g.text(a.lo.key, stated))
	return v, err == nil
}

// singleDepth is how many components the version states that the span is Exactly of.
func (g *grammar) singleDepth(a span) (int, bool) {
	for depth := g.identity; depth <= len(g.components); depth++ {
		if !a.lo.end && a.lo.key.zeroFrom(depth) && g.after(a.lo.key, depth).compare(a.hi) == 0 &&
			(depth == g.identity || g.canState(a.lo.key, depth)) {
			return depth, true
		}
	}
	return 0, false
}

// canState reports whether a text can state just the first depth components of k: there
// is no way to write every build of one SonicOS platform.
func (g *grammar) canState(k key, depth int) bool {
	text := g.text(k, depth)
	for _, p := range g.patterns() {
		if match := p.FindStringSubmatch(text); match != nil {
			r, err := g.read(p.SubexpNames(), match)
			return err == nil && r.key == k && r.stated == depth
		}
	}
	return false
}

// newSet puts spans, which become its own, in order and joins those that overlap or touch.
// Sets are kept for as long as the program runs, so room to grow is given back.
func newSet(s Scheme, spans []span) Set {
	spans = grammars[s].joined(spans)
	if len(spans) < cap(spans) {
		spans = slices.Clone(spans)
	}
	return Set{scheme: s, spans: spans}
}

// joined sorts spans and makes one of those that overlap or touch, in place.
func (g *grammar) joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		if c := a.lo.compare(b.lo); c != 0 {
			return c
		}
		return b.hi.compare(a.hi)
	})
	joined := spans[:0]
	for _, a := range spans {
		for len(joined) > 0 && g.join(joined[len(joined)-1], a) {
			last := joined[len(joined)-1]
			a = span{last.lo, later(last.hi, a.hi)}
			joined = joined[:len(joined)-1]
		}
		joined = append(joined, a)
	}
	return joined
}

// insert joins a with the spans that it overlaps or touches. Exact lists have hundreds of
// versions that are added one by one, so the rest is left as it is.
func (g *grammar) insert(spans []span, a span) []span {
	from, _ := slices.BinarySearchFunc(spans, a.lo, func(b span, lo cut) int { return b.hi.compare(lo) })
	to := from
	for to < len(spans) && spans[to].lo.compare(a.hi) <= 0 {
		to++
	}
	// A neighbour's neighbour may be a single version that only stood apart from another.
	for from > 0 && from < to && spans[from-1].hi.compare(spans[from].lo) == 0 {
		from--
	}
	for to > from && to < len(spans) && spans[to].lo.compare(spans[to-1].hi) == 0 {
		to++
	}
	return slices.Replace(spans, from, to, g.joined(append(slices.Clone(spans[from:to]), a))...)
}

// join reports whether b, which does not begin before a, is one span with it.
func (g *grammar) join(a, b span) bool {
	switch c := b.lo.compare(a.hi); {
	case c < 0:
		return true
	case c > 0:
		return false
	}
	_, first := g.singleDepth(a)
	_, second := g.singleDepth(b)
	return !first || !second
}

// touching joins neighbours too, which leaves one form for each set.
func touching(spans []span) []span {
	if len(spans) < 2 {
		return spans // nearly all are
	}
	var joined []span
	for _, a := range spans {
		if n := len(joined); n > 0 && joined[n-1].hi.compare(a.lo) == 0 {
			joined[n-1].hi = a.hi
			continue
		}
		joined = append(joined, a)
	}
	return joined
}

func appendSpan(spans []span, lo, hi cut) []span {
	if lo.compare(hi) >= 0 {
		return spans
	}
	return append(spans, span{lo, hi})
}
