package fingerprints

import (
	"regexp/syntax"
	"slices"
	"strings"
)

const (
	maxLiterals = 24 // of one group: more are not worth looking for
	maxGroups   = 8  // of one pattern
	maxClass    = 4  // characters of a class that are written out
)

// requiredLiterals lists groups of ASCII literals, in lower case. Every text that the
// pattern matches holds one of each group, in any case; a text with a look-alike of an
// ASCII letter is the exception, see [lookalikes]. It is empty when nothing is known.
func requiredLiterals(tree *syntax.Regexp) [][]string {
	if parts := plainParts(finite(tree)); len(parts) > 0 {
		return [][]string{parts}
	}
	switch tree.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return requiredLiterals(tree.Sub[0])
	case syntax.OpRepeat:
		if tree.Min > 0 {
			return requiredLiterals(tree.Sub[0])
		}
	case syntax.OpConcat:
		return requiredOfAll(tree.Sub)
	case syntax.OpAlternate:
		var all []string
		for _, sub := range tree.Sub {
			best := bestGroup(requiredLiterals(sub))
			if len(best) == 0 || len(all)+len(best) > maxLiterals {
				return nil
			}
			all = append(all, best...)
		}
		return [][]string{all}
	}
	return nil
}

// requiredOfAll joins neighbours that are a few texts each: "swl_(?:login|header)" needs one
// of two literals and not a short and a common one.
func requiredOfAll(subs []*syntax.Regexp) [][]string {
	var groups [][]string
	run := []string{""}
	flush := func() {
		if shortest(run) > 0 {
			groups = append(groups, plainParts(run))
		}
		run = []string{""}
	}
	for _, sub := range subs {
		texts := finite(sub)
		if texts == nil {
			flush()
			groups = append(groups, requiredLiterals(sub)...)
			continue
		}
		if len(run)*len(texts) > maxLiterals {
			flush()
		}
		run = crossed(run, texts)
	}
	flush()
	groups = slices.DeleteFunc(groups, func(g []string) bool { return shortest(g) == 0 })
	slices.SortStableFunc(groups, func(a, b []string) int { return shortest(b) - shortest(a) })
	return groups[:min(len(groups), maxGroups)]
}

// finite lists every text that the pattern matches, in lower case, where they are few; nil
// where they are not.
func finite(tree *syntax.Regexp) []string {
	switch tree.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(tree.Rune))}
	case syntax.OpCapture:
		return finite(tree.Sub[0])
	case syntax.OpEmptyMatch, syntax.OpBeginText, syntax.OpEndText, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}
	case syntax.OpCharClass:
		var texts []string
		for i := 0; i < len(tree.Rune); i += 2 {
			for r := tree.Rune[i]; r <= tree.Rune[i+1]; r++ {
				if texts = append(texts, strings.ToLower(string(r))); len(texts) > maxClass {
					return nil
				}
			}
		}
		return texts
	case syntax.OpAlternate:
		var texts []string
		for _, sub := range tree.Sub {
			some := finite(sub)
			if some == nil || len(texts)+len(some) > maxLiterals {
				return nil
			}
			texts = append(texts, some...)
		}
		return texts
	case syntax.OpConcat:
		texts := []string{""}
		for _, sub := range tree.Sub {
			some := finite(sub)
			if some == nil || len(texts)*len(some) > maxLiterals {
				return nil
			}
			texts = crossed(texts, some)
		}
		return texts
	}
	return nil
}

func crossed(first, second []string) []string {
	var all []string
	for _, a := range first {
		for _, b := range second {
			all = append(all, a+b)
		}
	}
	return all
}

// plainParts is the longest run of ASCII of each text; nothing when one has none.
func plainParts(texts []string) []string {
	var parts []string
	for _, text := range texts {
		best := ""
		for _, run := range strings.FieldsFunc(text, func(r rune) bool { return r >= 0x80 }) {
			if len(run) > len(best) {
				best = run
			}
		}
		if best == "" {
			return nil
		}
		if !slices.Contains(parts, best) {
			parts = append(parts, best)
		}
	}
	return parts
}

// bestGroup is the group whose shortest literal is the longest: short ones stand on every
// page.
func bestGroup(groups [][]string) []string {
	var best []string
	for _, group := range groups {
		if shortest(group) > shortest(best) {
			best = group
		}
	}
	return best
}

// shortest is the length of the shortest literal, by which a group is judged.
func shortest(literals []string) int {
	if len(literals) == 0 {
		return 0
	}
	return len(slices.MinFunc(literals, func(a, b string) int { return len(a) - len(b) }))
}

// lookalikes reports whether a text holds a character outside ASCII that a pattern which
// ignores case takes for k or s.
func lookalikes(text string) bool {
	return strings.Contains(text, "\u017f") || strings.Contains(text, "\u212a")
}
