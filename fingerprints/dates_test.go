package fingerprints

import (
	"testing"
	"time"
)

// releases is a table that does not list every version.
const releases = `# source: TEST
version	day
1.0.0	2020-01-01
1.0.1	2020-03-01
1.0.4	2020-09-01
1.2.3	2020-06-01
2.0.0	2021-01-01
`

func datesCatalog(t *testing.T, dates, lines string) *rows {
	t.Helper()
	c := one(t, `
requests: []
tables: [{id: t, file: tables/t.tsv, key: day, value: version, dates: `+dates+`}]
rules:
  - {id: a, on: [root], match: {title: a}, source: TEST, version: {from: title, as: unix, table: t}}
`, "acme-gate/tables/t.tsv", lines)
	return c.products[0].tables["t"].read()
}

func day(t *testing.T, text string) int {
	t.Helper()
	d, err := parseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCandidates reads dates against tables on both sides of every bound.
func TestCandidates(t *testing.T) {
	const none, fill = "{early_days: 2, late_days: 10, gaps: none}", "{early_days: 2, late_days: 10, gaps: fill}"
	tests := []struct{ name, dates, read, want string }{
		// The row may be 2 days before the date read, and 10 days after it.
		{"row on the day", none, "2020-03-01", "1.0.1"},
		{"row 2 days before", none, "2020-03-03", "1.0.1"},
		{"row 3 days before", none, "2020-03-04", "none"},
		{"row 10 days after", none, "2020-02-20", "1.0.1"},
		{"row 11 days after", none, "2020-02-19", "none"},
		// Neighbours without a number between them leave no gap; 1.0.2 and 1.0.3 do.
		{"between 1.0.0 and 1.0.1", fill, "2020-02-01", "<1.2.3 >=1.2"},
		{"last day before the gap", fill, "2020-02-20", "1.0.1 || <1.2.3 >=1.2"},
		{"first day of the gap", fill, "2020-02-21", "1.0.1 || >1.0.1 <1.0.4 || >=1.2 <1.2.3"},
		{"in the gap", fill, "2020-05-01", ">1.0.1 <1.0.4 || >=1.2 <1.2.3"},
		{"last day of the gap", fill, "2020-09-02", ">1.0.1 <1.0.4 || 1.0.4 || >1.0.4 <1.1 || >1.2.3 <1.3"},
		{"after the gap", fill, "2020-09-03", "1.0.4 || >1.0.4 <1.1 || >1.2.3 <1.3"},
		// Branch 1.2 begins unlisted: below 1.2.3 until its day, above it from then on.
		{"above the branch's only row, not yet", fill, "2020-05-22", ">1.0.1 <1.0.4 || >=1.2 <1.2.3 || 1.2.3"},
		{"above the branch's only row", fill, "2020-05-23", ">1.0.1 <1.0.4 || >=1.2 <1.2.3 || 1.2.3 || >1.2.3 <1.3"},
		{"below the branch's only row, still", fill, "2020-06-02", ">1.0.1 <1.0.4 || >=1.2 <1.2.3 || 1.2.3 || >1.2.3 <1.3"},
		{"below the branch's only row, no more", fill, "2020-06-03", ">1.0.1 <1.0.4 || 1.2.3 || >1.2.3 <1.3"},
		// Branch 2.0 is listed from its beginning: nothing comes before that day.
		{"before a branch began", fill, "2020-12-01", ">1.0.4 <1.1 || >1.2.3 <1.3"},
		{"a branch begins", fill, "2020-12-22", ">1.0.4 <1.1 || >1.2.3 <1.3 || 2.0.0"},
		{"a branch goes on", fill, "2021-02-01", ">1.0.4 <1.1 || >1.2.3 <1.3 || >2.0.0 <2.1"},
		{"before everything", fill, "2019-06-01", ">=1.2 <1.2.3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := datesCatalog(t, tt.dates, releases).candidates(day(t, tt.read))
			if want := parseSet(t, "dotted", tt.want); !got.Equal(want) {
				t.Errorf("%s is %s, want %s", tt.read, got, want)
			}
		})
	}
}

// TestCandidatesUnordered: neighbours whose dates run backwards still bound their gap.
func TestCandidatesUnordered(t *testing.T) {
	table := datesCatalog(t, "{gaps: fill}", "# source: TEST\nversion\tday\n1.0.0\t2020-01-01\n1.0.4\t2020-03-01\n1.0.2\t2020-06-01\n")
	got := table.candidates(day(t, "2020-04-01"))
	if want := parseSet(t, "dotted", ">1.0.0 <1.0.2 || >1.0.2 <1.0.4 || >1.0.4 <1.1"); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestCandidatesFirstRow: only the release that ends in 0 is known to be a branch's
// first.
func TestCandidatesFirstRow(t *testing.T) {
	for row, want := range map[string]string{"1.0.0": "none", "1.0.1": ">=1.0 <1.0.1", "1.0.2": ">=1.0 <1.0.2"} {
		table := datesCatalog(t, "{gaps: fill}", "# source: TEST\nversion\tday\n"+row+"\t2020-03-01\n")
		if got, want := table.candidates(day(t, "2020-01-01")), parseSet(t, "dotted", want); !got.Equal(want) {
			t.Errorf("before %s: %s, want %s", row, got, want)
		}
	}
}

func TestCandidatesAlso(t *testing.T) {
	c := one(t, `
requests: []
tables:
  - {id: built, file: tables/b.tsv, key: day, value: version, also: out, skip_if: {column: note, contains: suspect}, dates: {early_days: 1, late_days: 1, gaps: none}}
  - {id: out, file: tables/p.tsv, key: out, value: version, precision: prefix, dates: {late_days: 14, gaps: none}}
rules:
  - {id: a, on: [root], match: {title: a}, source: TEST, version: {from: title, as: unix, table: built}}
`, "acme-gate/tables/b.tsv", "# source: TEST\nversion\tday\tnote\n1.1\t2020-01-01\t\n1.2\t2020-01-02\tsuspect\n",
		"acme-gate/tables/p.tsv", "# source: TEST\nversion\tout\n1.1\t2020-01-20 10:00:00\n1.2\t2020-01-21 10:00:00\n1.3\t2020-01-22 23:59:59\n")
	built := c.products[0].tables["built"]
	tests := []struct{ read, want string }{
		{"2020-01-01", "1.1"},
		{"2020-01-02", "1.1"},            // 1.2 has no trusted build day
		{"2020-01-07", "1.2.*"},          // 1.1 has one, so its publication does not count
		{"2020-01-08", "1.2.* || 1.3.*"}, // 14 days before 1.3 came out
		{"2020-01-22", "1.3.*"},
		{"2020-01-23", "none"},
	}
	for _, tt := range tests {
		if got, want := built.read().candidates(day(t, tt.read)), parseSet(t, "dotted", tt.want); !got.Equal(want) {
			t.Errorf("%s is %s, want %s", tt.read, got, want)
		}
	}
	if newest := day(t, "2020-01-22"); built.read().newest != newest {
		t.Errorf("newest row is of day %d, not %d", built.read().newest, newest)
	}
}

func TestDecodeDay(t *testing.T) {
	tests := []struct{ as, text, want string }{
		{asUnix, "1702717248", "2023-12-16"},
		{asUnixHex, "6011f49f", "2021-01-27"},
		{asUnixHex, "4F274122", "2012-01-31"},
		{asUsecHex, "5db411548c100", "2022-03-28"},
		{asHTTPDate, "Mon, 10 Jul 2023 17:41:17 GMT", "2023-07-10"},
		{asHTTPDate, " Monday, 10-Jul-23 17:41:17 GMT", "2023-07-10"},
		{asStamp, "220420024657", "2022-04-20"},
		{asUnix, "x", ""}, {asUnix, "-1", ""}, {asUnix, "99999999999999999999", ""}, {asUnixHex, "xyz", ""}, {asUnixHex, "", ""},
		{asHTTPDate, "2023-07-10", ""}, {asStamp, "229920024657", ""}, {asStamp, "2204200246570", ""}, {asText, "1", ""},
	}
	for _, tt := range tests {
		got, err := decodeDay(tt.as, tt.text)
		if (err == nil) != (tt.want != "") {
			t.Errorf("%s %q: %v", tt.as, tt.text, err)
		} else if err == nil && dayText(got) != tt.want {
			t.Errorf("%s %q is %s, want %s", tt.as, tt.text, dayText(got), tt.want)
		}
	}
}

func TestParseDay(t *testing.T) {
	for _, text := range []string{"2023-07-10", "2023-07-10T23:59:59Z", "2023-07-11T01:30:00+02:00", "2023-07-10 17:41:17", "2023-07-10 17:41:17+00:00", "Mon, 10 Jul 2023 17:41:17 GMT", "1689010877"} {
		if got := dayText(day(t, text)); got != "2023-07-10" {
			t.Errorf("%s is %s", text, got)
		}
	}
	for _, text := range []string{"", "10.07.2023", "2023-13-01", "2023-02-30", "July 10", "-5"} {
		if got, err := parseDay(text); err == nil {
			t.Errorf("%q is %s", text, dayText(got))
		}
	}
}

// TestImplausibleDates: dates that no version can have are no reading at all, while a
// date between releases is kept as not understood.
func TestImplausibleDates(t *testing.T) {
	read := datesCatalog(t, "{gaps: none}", releases)
	r := &reading{Reading: Reading{As: asUnix}, table: &table{Table: read.Table, read: func() *rows { return read }}, scheme: "dotted"}
	tests := []struct {
		read, raw string
		ok        bool
	}{
		{"1970-01-01", "", false},
		{"1999-12-31", "", false},
		{"2000-01-01", "date 2000-01-01: no release known near it", true},
		{"2020-02-01", "date 2020-02-01: no release known near it", true},
		{"2022-02-05", "date 2022-02-05: no release known near it", true}, // 400 days after the newest row
		{"2022-02-06", "", false},
	}
	for _, tt := range tests {
		at, err := time.Parse(time.DateOnly, tt.read)
		if err != nil {
			t.Fatal(err)
		}
		o, ok := r.understand(unixText(at))
		if ok != tt.ok || o.raw != tt.raw || o.narrows() {
			t.Errorf("%s: raw %q, %v; want %q, %v", tt.read, o.raw, ok, tt.raw, tt.ok)
		}
	}
	if o, ok := r.understand("yesterday"); !ok || o.raw != `"yesterday" is no unix time` {
		t.Errorf("yesterday: %+v, %v", o, ok)
	}
}
