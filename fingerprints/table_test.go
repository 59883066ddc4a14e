package fingerprints

import (
	"testing"
)

// TestTableRefuses wants the exact problem for every table that is wrong.
func TestTableRefuses(t *testing.T) {
	const right = "# source: TEST\nhash\tversion\naa\t9.1\n"
	const file = "acme-gate/tables/t.tsv"
	tests := []struct{ name, table, rows, want string }{
		{"no source", "", "# hashes\nhash\tversion\naa\t9.1\n", file + `:1: the first line is no comment that states the source; write "# source: …"`},
		{"no comment", "", "hash\tversion\naa\t9.1\n", file + `:1: the first line is no comment that states the source; write "# source: …"`},
		{"no rows", "", "# source: TEST\nhash\tversion\n", file + `: holds no row`},
		{"no column", "key: md5, value: version", right, `acme-gate/product.yaml:8: table t: tables/t.tsv has no column "md5"`},
		{"no column to skip by", "key: hash, value: version, skip_if: {column: note, contains: x}", right, `acme-gate/product.yaml:8: table t: tables/t.tsv has no column "note"`},
		{"skips everything", "key: hash, value: version, skip_if: {column: hash}", right, `acme-gate/product.yaml:8: table t: skip_if contains nothing, so every row would be left out`},
		{"no version", "", "# source: TEST\nhash\tversion\naa\tnine\n", file + ":3: " + parseError(t, "nine")},
		{"too few cells", "", "# source: TEST\nhash\tversion\naa\n", file + `:3: has 1 columns, not 2`},
		{"too many cells", "", "# source: TEST\nhash\tversion\naa\t9.1\tx\n", file + `:3: has 3 columns, not 2`},
		{"row twice", "", "# source: TEST\nhash\tversion\naa\t9.1\nAA\t9.1\n", file + `:4: aa with 9.1 is listed twice`},
		{"contradiction", "", "# source: TEST\nhash\tversion\naa\t9.1\nAA\t9.2\n", file + `:4: aa is 9.2 here and 9.1 further up`},
		{"no date", "key: hash, value: version, dates: {gaps: none}", right, file + `:3: "aa" is no date such as 2024-02-08`},
		{"two dates", "key: hash, value: version, dates: {gaps: none}", "# source: TEST\nhash\tversion\n2024-01-01\t9.1\n2024-01-02\t9.1\n", file + `:4: 9.1 is of 2024-01-02 here and of 2024-01-01 further up`},
		{"gaps of letters", "key: hash, value: version, dates: {gaps: fill}", "# source: TEST\nhash\tversion\n2024-01-01\t9\n", file + `:3: gaps cannot be filled round 9, which is not numbers between dots`},
		{"gaps", "key: hash, value: version, dates: {gaps: some}", right, `acme-gate/product.yaml:8: table t: gaps is "some"; it is none when every version is listed, fill when not
acme-gate/tables/t.tsv:3: "aa" is no date such as 2024-02-08`},
		{"days", "key: hash, value: version, dates: {gaps: none, early_days: -1}", "# source: TEST\nhash\tversion\n2024-01-01\t9\n", `acme-gate/product.yaml:8: table t: early_days and late_days count days and are not negative`},
		{"precision", "key: hash, value: version, precision: about", right, `acme-gate/product.yaml:8: table t: precision is "about"; it is exact or prefix`},
		{"also nothing", "key: hash, value: version, also: u", right, `acme-gate/product.yaml:8: table t: also "u", which is no table of this product`},
		{"also without dates", "key: hash, value: version, also: t", right, `acme-gate/product.yaml:8: table t: also t needs two tables of dates, the second without an also of its own`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.table == "" {
				tt.table = "key: hash, value: version"
			}
			_, problems := load(files("acme-gate/product.yaml", yamlProduct("acme-gate", `
requests: []
tables:
  - {id: t, file: tables/t.tsv, `+tt.table+`}
rules:
  - {id: a, on: [root], match: {title: a}, source: TEST}
`), file, tt.rows), nil)
			if got := joinProblems(problems); got == nil || withoutColumns(got) != tt.want {
				t.Errorf("problems:\n%v\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestTableFileName(t *testing.T) {
	for _, name := range []string{"t.tsv", "tables/../t.tsv", "tables/T.tsv", "../other/tables/t.tsv", "tables/t.csv"} {
		_, problems := load(files("acme-gate/product.yaml", yamlProduct("acme-gate", `
requests: []
tables:
  - {id: t, file: `+name+`, key: a, value: b}
rules: []
`)), nil)
		want := `acme-gate/product.yaml:8: table t: file is "` + name + `"; it is tables/NAME.tsv`
		if got := joinProblems(problems); got == nil || withoutColumns(got) != want {
			t.Errorf("problems: %v, want %s", got, want)
		}
	}
}

// TestTableOfPrefixes joins the versions of one key.
func TestTableOfPrefixes(t *testing.T) {
	c := one(t, `
requests: []
tables: [{id: t, file: tables/t.tsv, key: hash, value: version, precision: prefix}]
rules:
  - {id: a, on: [root], match: {title: a}, source: TEST, version: {from: title, table: t}}
`, "acme-gate/tables/t.tsv", "# source: TEST\r\nhash\tversion\r\naa\t9.1\r\n\r\n# more\r\nAA\t8\r\n")
	got, known := c.products[0].tables["t"].read().find(" Aa ")
	if want := parseSet(t, "dotted", "8.* || 9.1.*"); !known || !got.Equal(want) {
		t.Errorf("find = %s, %v; want %s", got, known, want)
	}
	if got, known := c.products[0].tables["t"].read().find("ab"); known {
		t.Errorf("find = %s", got)
	}
}
