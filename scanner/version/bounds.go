package version

import "fmt"

// All is every version of the scheme; the empty set for a scheme that does not exist.
func All(s Scheme) Set {
	g := grammars[s]
	if g == nil {
		return Set{}
	}
	return Set{scheme: s, spans: []span{{g.before(key{}), endCut()}}}
}

// Exactly is v itself, with any build that its text leaves out: FortiOS "7.2.6"
// covers every build of 7.2.6, Gaia "R81.20" every Jumbo take, PAN-OS "10.2.9"
// only the release and none of its hotfixes.
func Exactly(v Version) Set {
	g := grammars[v.scheme]
	if g == nil {
		return Set{}
	}
	return Set{scheme: v.scheme, spans: []span{{g.before(v.key), g.afterExactly(v)}}}
}

// Each is every one of the versions, all of one scheme, each as in [Exactly]. It is what
// the union of them is, made at once.
func Each(versions []Version) Set {
	if len(versions) == 0 || grammars[versions[0].scheme] == nil {
		return Set{}
	}
	s := versions[0].scheme
	var spans []span
	for _, v := range versions {
		if v.scheme != s {
			return Set{}
		}
		spans = append(spans, Exactly(v).spans...)
	}
	return newSet(s, spans)
}

// Prefix is every version that v is or refines to: PAN-OS "10.2.9" with all its
// hotfixes, Ivanti "22.7R2" with all its patches, FortiOS "7.2" with every 7.2.x. It is
// what a page that shows only the leading part of a version means. Nothing before v
// itself is in it, so the betas of 10.2.9 are not.
func Prefix(v Version) Set {
	g := grammars[v.scheme]
	if g == nil {
		return Set{}
	}
	return Set{scheme: v.scheme, spans: []span{{g.before(v.key), g.after(v.key, v.stated)}}}
}

// Bounds writes a range as YAML does; a zero end is open. From and Before are
// "introduced" and "fixed"; Through is "last affected" and covers every build of
// that version (see [Exactly]).
type Bounds struct {
	From    Version // included
	After   Version // excluded, with every build of it
	Before  Version // excluded
	Through Version // included, with every build of it
}

// Range is the set between bounds. It refuses both lower or both upper bounds, mixed
// schemes, and a range that is empty or backwards. Without any bound it is All.
//
// Where a scheme has lines of their own (NetScaler's standard and FIPS builds), a range
// stays inside the line of its bounds, also at an open end, and bounds of two lines are
// refused.
func Range(s Scheme, b Bounds) (Set, error) {
	g := grammars[s]
	if g == nil {
		return Set{}, fmt.Errorf("unknown version scheme %q; the schemes are %v", string(s), Schemes())
	}
	if err := b.check(s); err != nil {
		return Set{}, err
	}
	lo, hi := g.lineEnds(b)
	switch {
	case !b.From.IsZero():
		lo = g.before(b.From.key)
	case !b.After.IsZero():
		lo = g.afterExactly(b.After)
	}
	switch {
	case !b.Before.IsZero():
		hi = g.before(b.Before.key)
	case !b.Through.IsZero():
		hi = g.afterExactly(b.Through)
	}
	if lo.compare(hi) >= 0 {
		return Set{}, fmt.Errorf("no version is in the range %s", b)
	}
	return newSet(s, []span{{lo, hi}}), nil
}

func (b Bounds) check(s Scheme) error {
	if !b.From.IsZero() && !b.After.IsZero() {
		return fmt.Errorf("range %s has two lower bounds; give from or after", b)
	}
	if !b.Before.IsZero() && !b.Through.IsZero() {
		return fmt.Errorf("range %s has two upper bounds; give before or through", b)
	}
	var first Version
	for _, v := range []Version{b.From, b.After, b.Before, b.Through} {
		switch {
		case v.IsZero():
			continue
		case v.scheme != s:
			return fmt.Errorf("%s is a %s version in a range of %s versions", v, v.scheme, s)
		case first.IsZero():
			first = v
		case grammars[s].lined && v.key[0] != first.key[0]:
			return fmt.Errorf("%s and %s are of different lines; write a range for each", first, v)
		}
	}
	return nil
}

// String is the range in the notation of ParseSet, without judging it.
func (b Bounds) String() string {
	text := ""
	for _, bound := range []struct {
		operator string
		v        Version
	}{{">=", b.From}, {">", b.After}, {"<", b.Before}, {"<=", b.Through}} {
		if bound.v.IsZero() {
			continue
		}
		if text != "" {
			text += " "
		}
		text += bound.operator + bound.v.String()
	}
	if text == "" {
		return "*"
	}
	return text
}

// lineEnds is where the open ends of a range are.
func (g *grammar) lineEnds(b Bounds) (lo, hi cut) {
	for _, v := range []Version{b.From, b.After, b.Before, b.Through} {
		if g.lined && !v.IsZero() {
			return g.before(key{v.key[0]}), g.after(v.key, 1)
		}
	}
	return g.before(key{}), endCut()
}

// afterExactly is the cut after v and every build of it that its text leaves out.
func (g *grammar) afterExactly(v Version) cut {
	return g.after(v.key, max(v.stated, g.identity))
}
