package advisories

import (
	"crypto/sha256"
	_ "embed" // for the prepared advisories
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"postern/scanner/version"
)

// prepared holds what the built-in files say in a form that is read ten times as fast as
// YAML, a line a file: the digest of the YAML that it was made from, the file's name, the
// newest date in it, and the [Advisory]. The YAML stays the truth: a line whose digest is
// not that of the file is not used, and a file without a line is read as it is.
//
//go:generate go test . -run TestPreparedIsFresh -update
//go:embed prepared.tsv
var prepared string

// preparedLine is one line of it.
type preparedLine struct{ digest, newest, advisory string }

// readPrepared is every line by the file's name.
func readPrepared(text string) map[string]preparedLine {
	lines := make(map[string]preparedLine, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		digest, rest, _ := strings.Cut(line, "\t")
		name, rest, _ := strings.Cut(rest, "\t")
		newest, advisory, _ := strings.Cut(rest, "\t")
		lines[name] = preparedLine{digest, newest, advisory}
	}
	return lines
}

// fits reports whether the line was made from this YAML.
func (l preparedLine) fits(data []byte) bool {
	return l.digest == fmt.Sprintf("%x", sha256.Sum256(data))
}

// read is the advisory of a line, which was checked when it was written. Its ranges are
// made into sets when somebody asks for them: most runs look at a few advisories.
func (l preparedLine) read(name string, orders Orders) (*Advisory, error) {
	var a Advisory
	if err := json.Unmarshal([]byte(l.advisory), &a); err != nil {
		return nil, fmt.Errorf("advisories: prepared form of %s: %w; make it anew with go generate ./advisories", name, err)
	}
	a.Affected, a.References = slices.Clone(a.Affected), slices.Clone(a.References)
	for i := range a.Affected {
		e := &a.Affected[i]
		e.giveRoomBack()
		scheme, ok := orders(e.Product)
		switch {
		case !ok:
			return nil, fmt.Errorf("advisories: %s: product %q is not known", name, e.Product)
		case e.ExposedPort == 0:
			e.ranges = sync.OnceValue(func() *Ranges { return compilePrepared(name, e, scheme) })
		}
	}
	return &a, nil
}

// giveRoomBack makes the lists no longer than what is in them: encoding/json leaves room to
// grow, 0.6 MB in all advisories.
func (a *Affected) giveRoomBack() {
	a.Models, a.Listed, a.Branches = slices.Clone(a.Models), slices.Clone(a.Listed), slices.Clone(a.Branches)
	for i := range a.Branches {
		a.Branches[i].Events = slices.Clone(a.Branches[i].Events)
	}
	h := &a.Holds
	h.Affected, h.NotAffected, h.Possible = slices.Clone(h.Affected), slices.Clone(h.NotAffected), slices.Clone(h.Possible)
}

// compilePrepared is the ranges of an entry that was checked before. Should they fail to
// compile all the same, nothing is known of any version, and the reason says why.
func compilePrepared(name string, e *Affected, scheme version.Scheme) *Ranges {
	in := &source{name: name}
	if r := compile(place{in, &yaml.Node{}}, e, scheme); r != nil {
		return r
	}
	all := version.All(scheme)
	return &Ranges{Scheme: scheme, Unknown: all, Lines: []Line{{Covers: all, Status: StatusUnknown, Note: joined(in.problems).Error()}}}
}

// prepare writes the line of a file.
func prepare(name string, data []byte, a *Advisory) (string, error) {
	plain, err := withoutEmpty(a)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%x\t%s\t%s\t%s\n", sha256.Sum256(data), name, a.newest(), plain), nil
}

// withoutEmpty is v as JSON, without the fields that say nothing.
func withoutEmpty(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	return json.Marshal(pruned(tree))
}

func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if value = pruned(value); value == nil {
				delete(v, key)
			} else {
				v[key] = value
			}
		}
		if len(v) == 0 {
			return nil
		}
	case []any:
		for i := range v {
			if v[i] = pruned(v[i]); v[i] == nil {
				v[i] = map[string]any{} // its place counts
			}
		}
		if len(v) == 0 {
			return nil
		}
	case string:
		if v == "" {
			return nil
		}
	case float64:
		if v == 0 {
			return nil
		}
	} // false stays: where nothing is said, it may mean true
	return v
}
