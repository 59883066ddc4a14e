package advisories

import (
	"strings"
	"testing"
)

// What follows the last affected version is possible where no source says what holds.
func TestAfterUnknown(t *testing.T) {
	text := strings.NewReplacer(
		`        fix: "7.0.14"`, "        after: unknown\n        fix: \"7.0.14\"",
		`"7.2.7", "7.0.14", "7.4.0"]`, `"7.2.7", "7.4.0"]`,
		`["6.2.16"]`, `["6.2.16", "7.0.14"]`,
	).Replace(gate)
	db, err := loadOne(t, text)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := db.Get("CVE-2024-0001")
	entry := &a.Affected[0]
	for version, want := range map[string]string{"7.0.0": holdsAffected, "7.0.13": holdsAffected, "7.0.14": holdsPossible, "7.0.99": holdsPossible, "7.2.7": holdsNotAffected} {
		v, err := entry.Ranges().Scheme.Parse(version)
		if err != nil {
			t.Fatal(err)
		}
		if got := entry.HoldsOf(v); got != want {
			t.Errorf("%s comes out as %s, want %s", version, got, want)
		}
	}
}

func TestAfterRefuses(t *testing.T) {
	const after = "        after: unknown\n        fix: \"7.0.14\""
	softened := strings.NewReplacer(`        fix: "7.0.14"`, after, `"7.2.7", "7.0.14", "7.4.0"]`, `"7.2.7", "7.4.0"]`).Replace(gate)
	tests := []struct{ name, text, old, new, want string }{
		{"no version after it", softened, "modified: ", "modified: ", "25: branch 7.0 is affected in <=7.0.13, and unknown after that, and holds names no version after it; add one to possible"},
		{"another word", gate, `        fix: "7.0.14"`, strings.Replace(after, "unknown", "affected", 1), `25: after is "affected"; it is unknown, or left out where later versions are not affected`},
		{"behind a fix", gate, `          - fixed: "7.2.7"`, "          - fixed: \"7.2.7\"\n        after: unknown", "21: after is for branches that end with last_affected; remove it from branch 7.2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { refused(t, tt.text, tt.old, tt.new, tt.want) })
	}
}
