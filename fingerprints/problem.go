package fingerprints

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one fault of the data: where it is and what is wrong with it.
type Problem struct {
	File    string // "fortinet-fortios/product.yaml"
	Line    int    // from 1; 0 when the fault is of the whole file
	Column  int    // from 1, in characters; 0 when it is not known
	Rule    string // id of the rule; empty when it is not of one rule
	Message string
}

// Error is the problem on one line: file, line, column, rule and fault.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Line > 0 && p.Column > 0 {
		fmt.Fprintf(&b, ":%d", p.Column)
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

// locate is the line and column of the node that p leads to, or of the last one on the
// way there that exists.
func locate(node *yaml.Node, p spot) (line, column int) {
	if node == nil {
		return 0, 0
	}
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line, column = node.Line, node.Column
	for _, step := range p {
		next, at := descend(node, step)
		if next == nil {
			return line, column
		}
		node, line, column = next, at.Line, at.Column
	}
	return line, column
}

// descend takes one step and says at which node the step begins: for a key that is
// the key.
func descend(node *yaml.Node, step any) (next, at *yaml.Node) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step], node.Content[step]
		}
	case string:
		if node.Kind != yaml.MappingNode {
			return nil, nil
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i+1], node.Content[i]
			}
		}
	}
	return nil, nil
}

// to is p and further steps; p stays as it is.
func (p spot) to(steps ...any) spot {
	return append(p[:len(p):len(p)], steps...)
}

// quotedWord is the key or value that a complaint of the YAML reader is about, and tagWord
// the kind of value.
var (
	quotedWord = regexp.MustCompile("[\"`]([^\"`]*)[\"`]")
	tagWord    = regexp.MustCompile(`!![a-z]+`)
)

// findColumn looks up where on its line a complaint of the YAML reader belongs, which
// only tells the line: at the key or value that it names, or at the first of the line. It
// is 0 when data is no YAML.
func findColumn(data []byte, line int, message string) int {
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil {
		return 0
	}
	word, tag := "", tagWord.FindString(message)
	if m := quotedWord.FindStringSubmatch(message); m != nil {
		word = m[1]
	}
	named, first := 0, 0
	var walk func(node *yaml.Node)
	walk = func(node *yaml.Node) {
		if node.Line == line && node.Kind != yaml.DocumentNode {
			if first == 0 {
				first = node.Column
			}
			switch {
			case tag != "" && node.ShortTag() != tag:
			case tag != "" || word != "" && node.Kind == yaml.ScalarNode && strings.HasPrefix(node.Value, word):
				named = node.Column // the last one: a key that was given before is wrong the second time
			}
		}
		for _, child := range node.Content {
			walk(child)
		}
	}
	walk(&doc)
	return cmp.Or(named, first)
}
