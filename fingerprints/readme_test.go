package fingerprints

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeExamples: what the README quotes stands in the product that it names, and
// its whole product holds what it states.
func TestReadmeExamples(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n *# ([a-z0-9-]+)(, whole|, lifecycle)?\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	if len(blocks) < 8 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, block := range blocks {
		file := "product.yaml"
		switch block[2] {
		case ", lifecycle":
			file = lifecycleFile
		case ", whole":
			if problems := mustLoad(t, files(block[1]+"/product.yaml", block[3])).Check(); len(problems) > 0 {
				t.Errorf("%s: %v", block[1], joinProblems(problems))
			}
			continue
		}
		shipped, err := embedded.ReadFile(block[1] + "/" + file)
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(unindented(string(shipped)), unindented(block[3])) {
			t.Errorf("%s does not hold\n%s", block[1], block[3])
		}
	}
}

func unindented(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.TrimSuffix(strings.Join(lines, "\n"), "\n") + "\n"
}

// TestReadmeKeys: every key that YAML may hold is explained.
func TestReadmeKeys(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{Product{}, Request{}, Rule{}, Match{}, Reading{}, Model{}, ModelReading{}, Span{}, Table{}, Skip{}, Dates{}, Example{}, Lifecycle{}, LifecycleBranch{}} {
		kind := reflect.TypeOf(v)
		for i := range kind.NumField() {
			key, _, _ := strings.Cut(kind.Field(i).Tag.Get("yaml"), ",")
			if key == "-" || key == "" {
				continue // no YAML
			}
			if !regexp.MustCompile("(?m)`" + key + "\\b|^ *(- )?" + key + ":|[{ ]" + key + ": ").Match(readme) {
				t.Errorf("the key %s of a %s is not explained", key, strings.ToLower(kind.Name()))
			}
		}
	}
}
