package version

import (
	"fmt"
	"regexp"
	"strings"
)

// Words of the notation.
const (
	allText  = "*"
	noneText = "none"
	orText   = " || "
)

// String writes the set in a notation that ParseSet reads: "7.2.4 || 7.2.5",
// ">=7.2.0 <7.2.7", "*" for all, "none" for the empty set.
func (s Set) String() string {
	switch {
	case s.IsEmpty():
		return noneText
	case s.IsAll():
		return allText
	}
	var parts []string
	for _, a := range s.lineSpans() {
		parts = append(parts, s.spanText(a))
	}
	return strings.Join(parts, orText)
}

// lineSpans is the spans of s, cut where one line of a scheme ends, because a range is
// written inside one line.
func (s Set) lineSpans() []span {
	g := grammars[s.scheme]
	if !g.lined {
		return s.spans
	}
	var spans []span
	for _, a := range s.spans {
		for a.lo.compare(a.hi) < 0 {
			border := earlier(a.hi, g.after(a.lo.key, 1))
			spans = append(spans, span{a.lo, border})
			a.lo = border
		}
	}
	return spans
}

func (s Set) spanText(a span) string {
	g := grammars[s.scheme]
	if v, ok := g.single(s.scheme, a); ok {
		return v.String()
	}
	first, last := g.open(a)
	switch {
	case first && !last:
		return "<" + g.cutText(a.hi)
	case last:
		return ">=" + g.cutText(a.lo)
	}
	return ">=" + g.cutText(a.lo) + " <" + g.cutText(a.hi)
}

// open reports whether the span begins at the first and ends at the last version of
// its line.
func (g *grammar) open(a span) (first, last bool) {
	if !g.lined {
		return a.lo.compare(g.before(key{})) == 0, a.hi.end
	}
	line := key{a.lo.key[0]}
	return a.lo.compare(g.before(line)) == 0, a.hi.compare(g.after(line, 1)) == 0
}

func (g *grammar) cutText(c cut) string { return g.text(c.key, c.key.used(g.shown)) }

var comparison = regexp.MustCompile(`^(>=|<=|>|<)\s*([^<>=|]+)`)

// ParseSet reads what Set.String writes. It also reads ">a" and "<=a", which cover every
// build of a as [Bounds] says, "a.*" for every version that refines a (see [Prefix]), and
// versions in any spelling that Parse reads.
func ParseSet(s Scheme, text string) (Set, error) {
	if !s.Known() {
		return Set{}, fmt.Errorf("unknown version scheme %q; the schemes are %v", string(s), Schemes())
	}
	if strings.TrimSpace(text) == noneText {
		return Set{scheme: s}, nil
	}
	var spans []span
	for part := range strings.SplitSeq(text, "||") {
		set, err := parseSpan(s, strings.TrimSpace(part))
		if err != nil {
			return Set{}, fmt.Errorf("version set %.200q: %w", text, err)
		}
		spans = append(spans, set.spans...)
	}
	return newSet(s, spans), nil
}

func parseSpan(s Scheme, text string) (Set, error) {
	switch {
	case text == allText:
		return All(s), nil
	case strings.HasSuffix(text, ".*"):
		v, err := s.Parse(strings.TrimSuffix(text, ".*"))
		return Prefix(v), err
	case !strings.HasPrefix(text, "<") && !strings.HasPrefix(text, ">"):
		v, err := s.Parse(text)
		return Exactly(v), err
	}
	var b Bounds
	for rest := text; rest != ""; {
		match := comparison.FindStringSubmatch(rest)
		if match == nil {
			return Set{}, fmt.Errorf("%q does not begin with >=, >, < or <= and a version", rest)
		}
		v, err := s.Parse(match[2])
		if err != nil {
			return Set{}, err
		}
		bound := map[string]*Version{">=": &b.From, ">": &b.After, "<": &b.Before, "<=": &b.Through}[match[1]]
		if !bound.IsZero() {
			return Set{}, fmt.Errorf("%q has two bounds of one kind", text)
		}
		*bound = v
		rest = rest[len(match[0]):]
	}
	return Range(s, b)
}
