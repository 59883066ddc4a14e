package fingerprints

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
)

// pattern is an RE2 pattern with groups of literals, in lower case: every text that it
// matches must hold one of each group. Looking for them first keeps hundreds of patterns
// cheap on a page that does not.
type pattern struct {
	text string
	// expression is the pattern, compiled when it is first needed: no scan needs all.
	expression func() *regexp.Regexp
	literals   [][]string  // empty when nothing is known; see [requiredLiterals]
	required   [][]literal // the same, of a pattern over bodies; see [literals.addAll]
}

func (p *pattern) matches(text string) bool { return p.expression().MatchString(text) }

// noText is a pattern that matches no text.
var noText = regexp.MustCompile(`[^\x00-\x{10FFFF}]`)

// checkedPattern is a pattern that was compiled before and found to be right. Should it not
// compile all the same, it matches nothing.
func checkedPattern(text string) *pattern {
	return &pattern{text: text, expression: sync.OnceValue(func() *regexp.Regexp {
		if re, err := regexp.Compile(text); err == nil {
			return re
		}
		return noText
	})}
}

// bodyLiterals are the literals of a pattern that is known to be right.
func bodyLiterals(text string) [][]string {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil
	}
	return requiredLiterals(tree)
}

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
