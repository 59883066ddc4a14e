package advisories

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"go.yaml.in/yaml/v3"
)

var (
	boundText = regexp.MustCompile(`(?:introduced|fixed|last_affected): "([^"]*[0-9][^"]*)"`)
	numbers   = regexp.MustCompile(`[0-9]+`)
)

// Every bound of every shipped file is moved by one in its last number, both ways: the
// versions that the file states must notice.
func TestASlipInAShippedBoundIsNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("reads every file again and again")
	}
	slips := 0
	eachFile(t, func(name, text string) {
		for _, m := range boundText.FindAllStringSubmatchIndex(text, -1) {
			bound := text[m[2]:m[3]]
			for _, by := range []int{-1, +1} {
				moved, ok := move(bound, by)
				if !ok {
					continue
				}
				slips++
				if loads(name, text[:m[2]]+moved+text[m[3]:]) {
					t.Errorf("%s:%d: with %s in place of %s it still loads", name, 1+strings.Count(text[:m[2]], "\n"), moved, bound)
				}
			}
		}
	})
	if slips < 200 {
		t.Errorf("only %d slips were tried", slips)
	}
}

// Every key of every shipped file is misspelt, each once a file.
func TestASlipInAShippedKeyIsNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("reads every file again and again")
	}
	slips := 0
	eachFile(t, func(name, text string) {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfter(text, "\n")
		for key, node := range keysOf(&doc, map[string]*yaml.Node{}) {
			slips++
			line := lines[node.Line-1]
			at := node.Column - 1 + len(key)
			wrong := strings.Join(lines[:node.Line-1], "") + line[:at] + "x" + line[at:] + strings.Join(lines[node.Line:], "")
			if loads(name, wrong) {
				t.Errorf("%s:%d: with %sx in place of %s it still loads", name, node.Line, key, key)
			}
		}
	})
	if slips < 200 {
		t.Errorf("only %d slips were tried", slips)
	}
}

// keysOf adds the first place of every key.
func keysOf(node *yaml.Node, keys map[string]*yaml.Node) map[string]*yaml.Node {
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			if keys[child.Value] == nil {
				keys[child.Value] = child
			}
			continue
		}
		keysOf(child, keys)
	}
	return keys
}

// eachFile visits every shipped file, or every eighth with -short: under the race detector
// all of them take minutes.
func eachFile(t *testing.T, f func(name, text string)) {
	t.Helper()
	names, err := fs.Glob(builtin, "*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		if testing.Short() && i%8 != 0 {
			continue
		}
		data, err := builtin.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !loads(name, string(data)) {
			t.Errorf("%s does not load alone", name)
			continue
		}
		f(name, string(data))
	}
}

func loads(name, text string) bool {
	_, err := Load(fstest.MapFS{name: {Data: []byte(text)}}, builtinOrders)
	return err == nil
}

// move adds to the last number of a version.
func move(bound string, by int) (string, bool) {
	all := numbers.FindAllStringIndex(bound, -1)
	last := all[len(all)-1]
	digits := bound[last[0]:last[1]]
	n, err := strconv.Atoi(digits)
	if err != nil || bound == "0" || n+by < 0 {
		return "", false
	}
	return bound[:last[0]] + fmt.Sprintf("%0*d", len(digits), n+by) + bound[last[1]:], true
}
