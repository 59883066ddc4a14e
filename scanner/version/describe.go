package version

import (
	"fmt"
	"strings"
)

// described is how many versions or ranges a description names.
const described = 6

// Describe says for people which versions are in the set: "7.2.4 or 7.2.5", "7.2.0 up to
// before 7.2.7", "22.7R2 or later", "any 10.2.9" for a version with everything that
// refines it, "any version", "no version". Of more than six parts it names six and says
// how many more there are. It holds nothing but digits, letters of the scheme, and words.
func (s Set) Describe() string {
	switch {
	case s.IsEmpty():
		return "no version"
	case s.IsAll():
		return "any version"
	}
	var parts []string
	for _, a := range s.lineSpans() {
		parts = append(parts, s.spanWords(a))
	}
	if more := len(parts) - described; more > 0 {
		return fmt.Sprintf("%s … and %d more", strings.Join(parts[:described], ", "), more)
	}
	last := len(parts) - 1
	switch {
	case last == 0:
		return parts[0]
	case strings.Contains(strings.Join(parts, ""), " "):
		return strings.Join(parts[:last], ", ") + ", or " + parts[last]
	}
	return strings.Join(parts[:last], ", ") + " or " + parts[last]
}

func (s Set) spanWords(a span) string {
	g := grammars[s.scheme]
	if v, ok := g.single(s.scheme, a); ok {
		return v.String()
	}
	if text, ok := s.prefixText(a); ok {
		return "any " + text
	}
	first, last := g.open(a)
	switch {
	case first && !last:
		return "before " + g.cutText(a.hi)
	case last:
		return g.cutText(a.lo) + " or later"
	}
	return g.cutText(a.lo) + " up to before " + g.cutText(a.hi)
}

// prefixText is the version that the span is Prefix of, if there is one.
func (s Set) prefixText(a span) (string, bool) {
	g := grammars[s.scheme]
	for depth := range g.identity {
		v, err := s.scheme.Parse(g.text(a.lo.key, depth+1))
		if err != nil || v.stated != depth+1 {
			continue
		}
		if p := Prefix(v).spans[0]; p.lo.compare(a.lo) == 0 && p.hi.compare(a.hi) == 0 {
			return v.String(), true
		}
	}
	return "", false
}
