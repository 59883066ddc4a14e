package fingerprints

import (
	"fmt"
	"io"
	"io/fs"
	"regexp/syntax"
)

// Bounds on what a rule file may cost to read.
const (
	maxRuleFile  = 4 << 20  // bytes of a product.yaml, lifecycle.yaml or table
	maxPattern   = 4 << 10  // bytes of a pattern
	maxPatternOp = 20 << 10 // parts of a pattern, with what it repeats counted as often
)

// readFile reads a file that is not larger than rules are.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxRuleFile+1))
	if err == nil && len(data) > maxRuleFile {
		return nil, fmt.Errorf("goes on after %d bytes; rules and tables are smaller", maxRuleFile)
	}
	return data, err
}

// checkPattern refuses a pattern whose compiled form would be large: RE2 matches in linear
// time, but a repeat of repeats is copied out.
func checkPattern(text string, tree *syntax.Regexp) error {
	if len(text) > maxPattern {
		return fmt.Errorf("pattern %.40q… has %d bytes; at most %d are allowed", text, len(text), maxPattern)
	}
	if parts := patternParts(tree); parts > maxPatternOp {
		return fmt.Errorf("pattern %.40q has %d parts when its repeats are written out; at most %d are allowed", text, parts, maxPatternOp)
	}
	return nil
}

// patternParts is about how many instructions a pattern compiles to.
func patternParts(tree *syntax.Regexp) int {
	parts := 1
	if tree.Op == syntax.OpLiteral {
		parts = len(tree.Rune)
	}
	for _, sub := range tree.Sub {
		parts += patternParts(sub)
	}
	if tree.Op == syntax.OpRepeat {
		parts *= max(tree.Min, tree.Max, 1)
	}
	return parts
}
