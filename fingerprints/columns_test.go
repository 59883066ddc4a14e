package fingerprints

import (
	"regexp"
	"testing"
)

var column = regexp.MustCompile(`(?m)^(\S+\.yaml:\d+):\d+: `)

// withoutColumns is an error as the other tests state it: with the line alone.
func withoutColumns(err error) string { return column.ReplaceAllString(err.Error(), "$1: ") }

// A problem names the column too, where a part of the YAML is at fault.
func TestProblemsNameTheColumn(t *testing.T) {
	tests := []struct{ name, from, to, want string }{
		{"value", "definitive", "certain", `acme-gate/product.yaml:11:5: rule login-page: identifies is "certain"; it is definitive, strong or weak`},
		{"item of a list", "{title: '^Acme Gate$'}", "{title: Acme, body: [a, ' ']}", `acme-gate/product.yaml:12:36: rule login-page: body holds an empty literal`},
		{"unknown key", "{title: '^Acme Gate$'}", "{titel: x}", `acme-gate/product.yaml:12:13: unknown key "titel" in a match`},
		{"key twice", "vendor: Acme", "vendor: Acme\nvendor: Acme", `acme-gate/product.yaml:4:1: mapping key "vendor" already defined at line 3`},
		{"wrong kind", "rules:", "ports: https\nrules:", "acme-gate/product.yaml:8:8: cannot unmarshal !!str `https` into []int"},
		{"no YAML has none", "id: acme-gate", "id: [", `acme-gate/product.yaml:2: did not find expected ',' or ']'`},
		{"check", "source: TEST:gate.yaml", "source: ' '", `acme-gate/product.yaml:9:5: rule login-page: states no source`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			catalog, problems := load(files("acme-gate/product.yaml", swap(t, tt.from, tt.to)), nil)
			if len(problems) == 0 {
				problems = catalog.Check()
			}
			if got := joinProblems(problems); got == nil || got.Error() != tt.want {
				t.Errorf("problems:\n%v\nwant\n%s", got, tt.want)
			}
		})
	}
}
