package advisories

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parse reads one document strictly; it returns nil when that is not possible.
func (s *source) parse(data []byte) (*Advisory, place) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		s.syntax(err, &doc)
		return nil, place{}
	}
	if doc.Kind == 0 || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		s.bad(1, 1, "holds no advisory; begin with \"id: CVE-…\"")
		return nil, place{}
	}
	root := place{s, doc.Content[0]}
	root.checkScalars("")

	var a Advisory
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&a); err != nil {
		s.syntax(err, &doc)
		return nil, place{}
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); {
	case err == nil:
		s.bad(max(second.Line, 1), max(second.Column, 1), "a second document begins here; one file holds one advisory")
	case !errors.Is(err, io.EOF):
		s.syntax(err, &second)
	}
	return &a, root
}

// tagOf is the tag that a scalar of a key must have; every other key holds text.
var tagOf = map[string]string{
	"preauth": "!!bool", "in_the_wild": "!!bool", "ransomware": "!!bool", "patch_visible": "!!bool",
	"exposed_port": "!!int",
}

// checkScalars refuses what YAML would turn into something that is not as written:
// the version 7.10 is the number 7.1, and a date is a time of day.
func (p place) checkScalars(key string) {
	switch p.node.Kind {
	case yaml.AliasNode:
		p.bad("*%s refers to another place; write the value out", p.node.Value)
	case yaml.MappingNode:
		for i := 0; i+1 < len(p.node.Content); i += 2 {
			place{p.in, p.node.Content[i+1]}.checkScalars(p.node.Content[i].Value)
		}
	case yaml.SequenceNode:
		for i := range p.node.Content {
			p.item(i).checkScalars(key)
		}
	case yaml.ScalarNode:
		p.checkScalar(key)
	}
}

func (p place) checkScalar(key string) {
	want, typed := tagOf[key]
	switch tag := p.node.ShortTag(); {
	case tag == "!!null":
		p.bad("%s has no value; remove the key or give one", key)
	case !typed && tag != "!!str":
		p.bad("%s: %s is read as %s, not as text; quote it: %s: %q", key, p.node.Value, kindWord(tag), key, p.node.Value)
	case typed && tag != want && want == "!!bool":
		p.bad("%s: %q is not true or false; write it without quotes", key, p.node.Value)
	case typed && tag != want:
		p.bad("%s: %q is not a number; write it without quotes", key, p.node.Value)
	}
}

func kindWord(tag string) string {
	switch tag {
	case "!!float", "!!int":
		return "a number"
	case "!!timestamp":
		return "a point in time"
	case "!!bool":
		return "true or false"
	}
	return tag
}

var (
	lineOf     = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s*)?line (\d+): (?s)(.*)$`)
	unknownKey = regexp.MustCompile(`^field (.*) not found in type advisories\.(.*)$`)
	doubleKey  = regexp.MustCompile(`^mapping key (".*") already defined at line (\d+)$`)
)

// syntax says what the YAML reader says, with the line where it belongs.
func (s *source) syntax(err error, doc *yaml.Node) {
	texts := []string{err.Error()}
	var types *yaml.TypeError
	if errors.As(err, &types) {
		texts = types.Errors
	}
	for _, text := range texts {
		line := 1
		if m := lineOf.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1]) // digits
			text = m[2]
		}
		text = strings.TrimPrefix(text, "yaml: ")
		if m := unknownKey.FindStringSubmatch(text); m != nil {
			text = "key \"" + m[1] + "\" is not known here; see advisories/README.md"
		} else if m := doubleKey.FindStringSubmatch(text); m != nil {
			text = "key " + m[1] + " was given before, in line " + m[2]
		} else if strings.HasPrefix(text, "cannot unmarshal") {
			text += "; see advisories/README.md for what stands here"
		}
		s.bad(line, columnOn(doc, line, text), "%s", text)
	}
}
