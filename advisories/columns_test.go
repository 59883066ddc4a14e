package advisories

import (
	"regexp"
	"strings"
	"testing"
)

var column = regexp.MustCompile(`(?m)^(\S+\.yaml:\d+):\d+: `)

// withoutColumns is an error as the other tests state it: with the line alone.
func withoutColumns(err error) string { return column.ReplaceAllString(err.Error(), "$1: ") }

// A problem names the column too, where a part of the YAML is at fault.
func TestProblemsNameTheColumn(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"unknown key", "summary:", "sumary: x\nsummary:", `4:1: key "sumary" is not known here; see advisories/README.md`},
		{"key twice", "summary:", "title: again\nsummary:", `4:1: key "title" was given before, in line 3`},
		{"no YAML has none", "summary: A", "summary: A: b: ", `4: mapping values are not allowed in this context`},
		{"list for text", "title: \"Acme Gate: overflow in the login page\"", "title: [a]", "3:8: cannot unmarshal !!seq into string; see advisories/README.md for what stands here"},
		{"value", "severity: critical", "severity: severe", `7:11: severity is "severe"; it is low, medium, high or critical`},
		{"item of a list", `["6.2.16"]`, `["6.2.16", 6.2]`, "33:28: possible: 6.2 is read as a number, not as text; quote it: possible: \"6.2\""},
		{"missing key", "source: vendor\n", "", "1:1: source is missing; give where the facts are from"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadOne(t, strings.Replace(gate, tt.old, tt.new, 1))
			if err == nil {
				t.Fatal("loaded")
			}
			if got := strings.ReplaceAll(err.Error(), gateFile+":", ""); got != tt.want {
				t.Errorf("complaints\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
