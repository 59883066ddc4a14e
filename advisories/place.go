package advisories

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one fault of one file.
type Problem struct {
	File    string // "fortinet/CVE-2024-21762.yaml"
	Line    int    // from 1; 0 for the file as a whole
	Column  int    // from 1, in characters; 0 when it is not known
	Message string // what is wrong, and what to do about it
}

func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	if p.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// joined is the problems in the order of files and lines; nil for none.
func joined(problems []Problem) error {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	var errs []error
	for _, p := range slices.Compact(problems) {
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}

// A source is one file while it is read, and what is wrong with it.
type source struct {
	name     string
	prove    bool // hold it against the versions that it states
	draft    bool // it may carry the mark of a draft
	problems []Problem
}

func (s *source) bad(line, column int, format string, args ...any) {
	s.problems = append(s.problems, Problem{File: s.name, Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

// A place is a part of a file, so that a problem can name its line.
type place struct {
	in   *source
	node *yaml.Node
}

func (p place) bad(format string, args ...any) { p.in.bad(p.node.Line, p.node.Column, format, args...) }

// key is the value of a key of a mapping, or the mapping itself when it has none:
// the nearest line to look at.
func (p place) key(name string) place {
	if p.node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(p.node.Content); i += 2 {
			if p.node.Content[i].Value == name {
				return place{p.in, p.node.Content[i+1]}
			}
		}
	}
	return p
}

// has reports whether a mapping has the key.
func (p place) has(name string) bool { return p.key(name) != p }

// item is the i-th entry of a list.
func (p place) item(i int) place {
	if p.node.Kind == yaml.SequenceNode && i < len(p.node.Content) {
		return place{p.in, p.node.Content[i]}
	}
	return p
}

// quotedWord is the key or value that a complaint of the YAML reader is about, and tagWord
// the kind of value.
var (
	quotedWord = regexp.MustCompile("[\"`]([^\"`]*)[\"`]")
	tagWord    = regexp.MustCompile(`!![a-z]+`)
)

// columnOn looks up where on its line a complaint of the YAML reader belongs, which only
// tells the line: at the key or value that it names, or at the first of the line. It is 0
// when nothing stands there, as in what is no YAML.
func columnOn(doc *yaml.Node, line int, message string) int {
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
	walk(doc)
	return cmp.Or(named, first)
}
