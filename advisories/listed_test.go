package advisories

import (
	"fmt"
	"strings"
	"testing"
)

// listing is the gate with versions that are listed before its branches.
func listing(versions, holds string) string {
	text := strings.Replace(gate, "    branches:\n", "    listed: ["+versions+"]\n    branches:\n", 1)
	return strings.Replace(text, `affected: ["7.2.1", `, `affected: [`+holds+`"7.2.1", `, 1)
}

func TestListedVersionsCountBeforeBranches(t *testing.T) {
	db, err := loadOne(t, listing(`"7.4.3", "6.2.9"`, `"6.2.9", "7.4.3", `))
	if err != nil {
		t.Fatal(err)
	}
	r := db.All()[0].Affected[0].Ranges()
	if got, want := r.Affected.String(), "6.2.9 || >=6.4 <6.5 || >=7.0 <7.0.13.1 || >=7.2.1 <7.2.7 || 7.4.3"; got != want {
		t.Errorf("affected = %s, want %s", got, want)
	}
	for _, tt := range []struct {
		version  string
		affected bool
		unknown  bool
	}{
		{"6.2.9", true, false}, {"6.2.8", false, true}, {"6.2.10", false, true},
		{"7.4.3", true, false}, {"7.4.2", false, false}, {"7.4.4", false, false},
	} {
		v, err := r.Scheme.Parse(tt.version)
		if err != nil {
			t.Fatal(err)
		}
		if r.Affected.Contains(v) != tt.affected || r.Unknown.Contains(v) != tt.unknown {
			t.Errorf("%s: affected %t, unknown %t", v, r.Affected.Contains(v), r.Unknown.Contains(v))
		}
	}
}

func TestListedVersionsAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, versions, holds, want string }{
		{"no version", `"7.x"`, `"6.2.9", `, `listed: "7.x" is no dotted version; write it like 2.12.1`},
		{"version twice", `"6.2.9", "v6.2.9"`, `"6.2.9", `, `listed: 6.2.9 is there twice; keep one`},
		{"nothing to prove it", `"6.2.9"`, ``, `branch listed is affected, and holds names no version of it; add one`},
		{"not quoted", `6.2`, `"6.2", `, `listed: 6.2 is read as a number, not as text; quote it: listed: "6.2"`},
		{"too many", strings.Repeat(`"6.2.9", `, maxListed+1), ``, `listed has 5001 versions; at most 5000 are read`},
	} {
		_, err := loadOne(t, listing(tt.versions, tt.holds))
		if err == nil {
			db, _ := loadOne(t, listing(tt.versions, tt.holds))
			err = db.Check(testOrders)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
	}
}

// As many as the longest real lists have, in any order, take no noticeable time.
func TestLongListsLoad(t *testing.T) {
	var versions []string
	for i := range 2000 {
		versions = append(versions, fmt.Sprintf(`"5.%d.%d"`, i*7919%2000, i))
	}
	if _, err := loadOne(t, listing(strings.Join(versions, ", "), versions[0]+", ")); err != nil {
		t.Fatal(err)
	}
}
