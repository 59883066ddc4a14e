package fingerprints

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// pattern is an RE2 pattern with literals, in lower case, one of which every
// text that it matches must hold. Looking for them first keeps hundreds of patterns
// cheap on a page that holds none.
type pattern struct {
	text string
	// expression is the pattern, compiled when it is first needed: no scan needs all.
	expression func() *regexp.Regexp
	literals   []string  // empty when nothing is known
	required   []literal // the same, of a pattern over bodies; see [literals.addAll]
}

func (p *pattern) matches(text string) bool { return p.expression().MatchString(text) }

// noText is a pattern that matches no text.
var noText = regexp.MustCompile(`[^\x00-\x{10FFFF}]`)

// checkedPattern is a pattern that was compiled before and found to be right. Should it not
// compile all the same, it matches nothing.
func checkedPattern(text string, literals []string) *pattern {
	return &pattern{text: text, literals: literals, expression: sync.OnceValue(func() *regexp.Regexp {
		if re, err := regexp.Compile(text); err == nil {
			return re
		}
		return noText
	})}
}

// bodyLiterals are the literals of a pattern that is known to be right.
func bodyLiterals(text string) []string {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil
	}
	return requiredLiterals(tree)
}

// maxLiterals is how many literals are worth looking for.
const maxLiterals = 24

func compilePattern(text string) (*pattern, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("pattern %q does not compile: %w", text, err)
	}
	if err := checkPattern(text, tree); err != nil {
		return nil, err
	}
	if startsWithAnything(tree) {
		return nil, errors.New("pattern " + fmt.Sprintf("%q", text) + " begins with .*, which only costs time; patterns are not anchored")
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("pattern %q does not compile: %w", text, err)
	}
	return &pattern{text: text, expression: func() *regexp.Regexp { return re }, literals: requiredLiterals(tree)}, nil
}

// startsWithAnything reports whether a match may begin with any run of bytes.
func startsWithAnything(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpStar, syntax.OpPlus:
		return tree.Sub[0].Op == syntax.OpAnyChar || tree.Sub[0].Op == syntax.OpAnyCharNotNL
	case syntax.OpConcat, syntax.OpCapture:
		return startsWithAnything(tree.Sub[0])
	case syntax.OpAlternate:
		for _, sub := range tree.Sub {
			if startsWithAnything(sub) {
				return true
			}
		}
	}
	return false
}

// requiredLiterals lists ASCII literals, in lower case, one of which every match holds;
// nothing when there are none.
func requiredLiterals(tree *syntax.Regexp) []string {
	switch tree.Op {
	case syntax.OpLiteral:
		if plain := longestPlain(string(tree.Rune), tree.Flags&syntax.FoldCase != 0); plain != "" {
			return []string{plain}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredLiterals(tree.Sub[0])
	case syntax.OpRepeat:
		if tree.Min > 0 {
			return requiredLiterals(tree.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, sub := range tree.Sub {
			if literals := requiredLiterals(sub); shortest(literals) > shortest(best) {
				best = literals
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, sub := range tree.Sub {
			literals := requiredLiterals(sub)
			if len(literals) == 0 || len(all)+len(literals) > maxLiterals {
				return nil
			}
			all = append(all, literals...)
		}
		return all
	}
	return nil
}

// shortest is the length of the shortest literal, by which a list is judged: short
// ones stand on every page.
func shortest(literals []string) int {
	if len(literals) == 0 {
		return 0
	}
	return len(slices.MinFunc(literals, func(a, b string) int { return len(a) - len(b) }))
}

// longestPlain is the longest run of ASCII in text, in lower case. Where case is
// folded, k and s end a run: they have look-alikes outside ASCII that match too.
func longestPlain(text string, folded bool) string {
	best := ""
	for _, run := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r >= 0x80 || folded && (r == 'k' || r == 's')
	}) {
		if len(run) > len(best) {
			best = run
		}
	}
	return best
}
