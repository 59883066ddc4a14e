package fingerprints

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one fault of the data: where it is and what is wrong with it.
type Problem struct {
	File    string // "fortinet-fortios/product.yaml"
	Line    int    // from 1; 0 when the fault is of the whole file
	Rule    string // id of the rule; empty when it is not of one rule
	Message string
}

// Error is the problem on one line: file, line, rule and fault.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	if p.Rule != "" {
		fmt.Fprintf(&b, "rule %s: ", p.Rule)
	}
	b.WriteString(p.Message)
	return b.String()
}

func (p Problem) String() string { return p.Error() }

// joinProblems makes one error of all problems, one a line; nil of none.
func joinProblems(problems []Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}

// spot leads from the top of a YAML document to a node: keys and indexes.
type spot []any

// locate is the line of the node that p leads to, or of the last one on the way
// there that exists.
func locate(node *yaml.Node, p spot) int {
	if node == nil {
		return 0
	}
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line := node.Line
	for _, step := range p {
		next, at := descend(node, step)
		if next == nil {
			return line
		}
		node, line = next, at
	}
	return line
}

// descend takes one step and says on which line the step begins: for a key that is
// the line of the key.
func descend(node *yaml.Node, step any) (next *yaml.Node, line int) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step], node.Content[step].Line
		}
	case string:
		if node.Kind != yaml.MappingNode {
			return nil, 0
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1], node.Content[i].Line
			}
		}
	}
	return nil, 0
}

// to is p and further steps; p stays as it is.
func (p spot) to(steps ...any) spot {
	return append(p[:len(p):len(p)], steps...)
}
