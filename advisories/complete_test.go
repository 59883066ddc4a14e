package advisories

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
)

// A pair is one line of a list of what has to be there: a CVE and a product.
type pair struct{ cve, product, added string }

// readPairs reads a table of CVE, product and a third column, which may be empty.
func readPairs(t *testing.T, name string) []pair {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var pairs []pair
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		columns := strings.Split(lines.Text(), "\t")
		if len(columns) != 3 {
			t.Fatalf("%s: %q has %d columns, not 3", name, lines.Text(), len(columns))
		}
		pairs = append(pairs, pair{columns[0], columns[1], columns[2]})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return pairs
}

// missing says what db lacks of the pairs.
func missing(db *DB, pairs []pair) []string {
	byID := map[string]*Advisory{}
	for _, a := range db.All() {
		byID[a.ID] = a
	}
	var lack []string
	for _, p := range pairs {
		a := byID[p.cve]
		switch {
		case a == nil:
			lack = append(lack, p.cve+" has no file")
		case !slices.ContainsFunc(a.Affected, func(e Affected) bool { return e.Product == p.product }):
			lack = append(lack, p.cve+" says nothing of "+p.product)
		case p.added != "" && (a.Exploitation.KEV == nil || a.Exploitation.KEV.Added != p.added):
			lack = append(lack, p.cve+" is not marked as added to the catalogue on "+p.added)
		}
	}
	return lack
}

func TestEveryExploitedGatewayWeaknessIsThere(t *testing.T) {
	db, err := Builtin(builtinOrders)
	if err != nil {
		t.Fatal(err)
	}
	pairs := readPairs(t, "testdata/kev-in-scope.tsv")
	if len(pairs) < 182 {
		t.Errorf("the list has %d pairs; it only ever grows", len(pairs))
	}
	for _, lack := range missing(db, pairs) {
		t.Error(lack)
	}
}

func TestEveryPairOfTheReviewIsThere(t *testing.T) {
	db, err := Builtin(builtinOrders)
	if err != nil {
		t.Fatal(err)
	}
	pairs := readPairs(t, "testdata/pairs.tsv")
	if len(pairs) < 308 {
		t.Errorf("the list has %d pairs; it only ever grows", len(pairs))
	}
	for _, lack := range missing(db, pairs) {
		t.Error(lack)
	}
}

func TestMissingSaysWhatIsMissing(t *testing.T) {
	db, err := Builtin(builtinOrders)
	if err != nil {
		t.Fatal(err)
	}
	got := missing(db, []pair{
		{"CVE-1999-0001", "fortinet-fortios", ""},
		{"CVE-2024-21762", "cisco-asa", ""},
		{"CVE-2024-21762", "fortinet-fortios", "2024-02-10"},
		{"CVE-2024-21762", "fortinet-fortios", "2024-02-09"},
	})
	want := []string{
		"CVE-1999-0001 has no file", "CVE-2024-21762 says nothing of cisco-asa",
		"CVE-2024-21762 is not marked as added to the catalogue on 2024-02-10",
	}
	if !slices.Equal(got, want) {
		t.Errorf("missing says %q, want %q", got, want)
	}
}
