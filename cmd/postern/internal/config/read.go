package config

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ignoreKey is the key of the accepted risks.
const ignoreKey = "ignore"

// root reads the whole document.
func (in *reader) root(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" && node.Value == "" {
		return // "---" and nothing else
	}
	in.mapping(node, "the file", func(key, value *yaml.Node) {
		flags, known := in.commands[key.Value]
		switch {
		case key.Value == ignoreKey:
			in.risks(value)
		case known:
			in.section(key.Value, value, flags)
		default:
			in.unknownSection(key)
		}
	})
}

func (in *reader) unknownSection(key *yaml.Node) {
	names := append(sorted(in.commands), ignoreKey)
	for _, command := range names {
		if _, flag := in.commands[command][key.Value]; flag {
			in.bad(key, "key %s belongs below one of %s, as a flag of it, for example below \"%s:\"", quoted(key.Value), strings.Join(names[:len(names)-1], ", "), firstWith(in.commands, key.Value))
			return
		}
	}
	in.bad(key, "unknown key %s; %s", quoted(key.Value), expected(key.Value, names))
}

// firstWith is the command that people mean: scan, where it has the flag.
func firstWith(commands Commands, flag string) string {
	if _, ok := commands["scan"][flag]; ok {
		return "scan"
	}
	for _, command := range sorted(commands) {
		if _, ok := commands[command][flag]; ok {
			return command
		}
	}
	return ""
}

// section reads the flags of one command.
func (in *reader) section(command string, node *yaml.Node, flags map[string]Flag) {
	in.mapping(node, command, func(key, value *yaml.Node) {
		flag, known := flags[key.Value]
		if !known {
			in.bad(key, "%s has no flag %s; %s", command, quoted(key.Value), expected(key.Value, sorted(flags)))
			return
		}
		if values, ok := in.values(key.Value, value, flag); ok {
			in.file.Settings[command] = append(in.file.Settings[command], Setting{Flag: key.Value, Values: values, Line: value.Line, Column: value.Column})
		}
	})
}

// values reads the value of a flag.
func (in *reader) values(name string, node *yaml.Node, flag Flag) ([]string, bool) {
	if flag.Kind != List {
		value, ok := in.scalar(name, node, flag)
		return []string{value}, ok
	}
	if in.refers(node) {
		return nil, false
	}
	if node.Kind != yaml.SequenceNode {
		in.bad(node, "%s: write a list, as in %s: [%s]", name, name, shown(node, "A, B"))
		return nil, false
	}
	values, good := []string{}, true
	for _, item := range node.Content {
		value, ok := in.scalar(name, item, flag)
		good = good && ok
		values = append(values, value)
	}
	return values, good
}

// scalar reads one value. YAML may take a text for a number or a date; what counts is what
// is written, where the flag takes any text.
func (in *reader) scalar(name string, node *yaml.Node, flag Flag) (string, bool) {
	if in.refers(node) {
		return "", false
	}
	if node.Kind != yaml.ScalarNode {
		in.bad(node, "%s: write a single value", name)
		return "", false
	}
	tag := node.ShortTag()
	wrong := ""
	switch {
	case tag == "!!null":
		in.bad(node, "%s has no value; give one, or remove the key", name)
		return "", false
	case flag.Kind == Switch && tag != "!!bool":
		wrong = "write true or false"
	case flag.Kind == Number && tag != "!!int":
		wrong = "write a whole number"
	case flag.Kind != Switch && tag == "!!bool":
		wrong = "write a text; if that is one, put it in quotes"
	case tag != "!!str" && tag != "!!int" && tag != "!!float" && tag != "!!bool" && tag != "!!timestamp":
		wrong = "a value of the type " + tag + " is not read here"
	}
	if wrong != "" {
		in.bad(node, "%s: %s: %s", name, quoted(node.Value), wrong)
		return "", false
	}
	if flag.Check != nil {
		if err := flag.Check(node.Value); err != nil {
			if flag.Kind == Duration {
				err = fmt.Errorf("is no duration; write one such as 30s or 5m")
			}
			in.bad(node, "%s: %s: %v", name, quoted(node.Value), err)
			return "", false
		}
	}
	return node.Value, true
}

// mapping passes on every pair of a mapping whose keys are texts that come once.
func (in *reader) mapping(node *yaml.Node, what string, take func(key, value *yaml.Node)) {
	if in.refers(node) {
		return
	}
	if node.Kind != yaml.MappingNode {
		in.bad(node, "%s: write lines of \"key: value\"", what)
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if in.refers(key) {
			continue
		}
		if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" {
			in.bad(key, "%s: a key is a plain word", what)
			continue
		}
		if line, twice := seen[key.Value]; twice {
			in.bad(key, "key %s was given before, in line %d", quoted(key.Value), line)
			continue
		}
		seen[key.Value] = key.Line
		take(key, value)
	}
}

// refers refuses anchors, aliases and merge keys: every value is written out, so that a
// small file cannot stand for a huge one and a reader sees what holds.
func (in *reader) refers(node *yaml.Node) bool {
	switch {
	case node.Kind == yaml.AliasNode:
		in.bad(node, "*%s refers to another place; write the value out", cut(node.Value))
	case node.Anchor != "":
		in.bad(node, "&%s is a name for other places to refer to; write the values out", cut(node.Anchor))
	case node.ShortTag() == "!!merge":
		in.bad(node, "<< merges another place; write the values out")
	default:
		return false
	}
	return true
}

// syntax says what the YAML reader says, with its line.
func (in *reader) syntax(err error) {
	text, line := strings.TrimPrefix(err.Error(), "yaml: "), 1
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, what, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				line, text = n, what
			}
		}
	}
	in.bad(&yaml.Node{Line: line, Column: 1}, "is not YAML: %s", text)
}
