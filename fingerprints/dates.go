package fingerprints

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"postern/scanner/version"
)

const (
	gapsNone = "none"
	gapsFill = "fill"
)

// The kinds of value that As names.
const (
	asText     = "text"
	asUnix     = "unix"
	asUnixHex  = "unixhex"
	asUsecHex  = "usechex"
	asHTTPDate = "httpdate"
	asStamp    = "stamp"
)

// firstDay is before the first device that could show a date, 2000-01-01; a date
// before it comes from a clock that was never set.
const firstDay = 10957

// graceDays is how long after the newest row a date is still believed. Dates are
// compared with the table and not with a clock, so that the same evidence always
// means the same.
const graceDays = 400

// dayOf counts days from 1970 in UTC.
func dayOf(t time.Time) int { return int(t.Unix() / (24 * 60 * 60)) }

func dayText(day int) string {
	return time.Unix(int64(day)*24*60*60, 0).UTC().Format(time.DateOnly)
}

// parseDay reads the date of a row.
func parseDay(text string) (int, error) {
	for _, layout := range []string{time.DateOnly, time.RFC3339, time.DateTime, "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return dayOf(t), nil
		}
	}
	if t, err := http.ParseTime(text); err == nil {
		return dayOf(t), nil
	}
	if seconds, err := strconv.ParseUint(text, 10, 33); err == nil {
		return dayOf(time.Unix(int64(seconds), 0)), nil
	}
	return 0, fmt.Errorf("%q is no date such as 2024-02-08", text)
}

// decodeDay reads a date as a device shows it.
func decodeDay(as, text string) (int, error) {
	text = strings.TrimSpace(text)
	switch as {
	case asUnix, asUnixHex, asUsecHex:
		base, unit := 16, int64(1)
		if as == asUnix {
			base = 10
		}
		if as == asUsecHex {
			unit = 1_000_000
		}
		n, err := strconv.ParseInt(text, base, 63)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%q is no %s time", text, as)
		}
		return dayOf(time.Unix(n/unit, 0)), nil
	case asHTTPDate:
		t, err := http.ParseTime(text)
		if err != nil {
			return 0, fmt.Errorf("%q is no HTTP date", text)
		}
		return dayOf(t), nil
	case asStamp:
		t, err := time.Parse("060102150405", text)
		if err != nil {
			return 0, fmt.Errorf("%q is no time of the form YYMMDDhhmmss", text)
		}
		return dayOf(t), nil
	}
	return 0, errors.New("no kind of date: " + as)
}

// window is the days in which a row's date must lie.
type window struct{ from, to int }

func (d *Dates) window(read int) window { return window{read - d.EarlyDays, read + d.LateDays} }

func (w window) holds(day int) bool { return w.from <= day && day <= w.to }

// plausible reports whether a date can be the date of a version at all.
func (t *rows) plausible(day int) bool { return day >= firstDay && day <= t.newest+graceDays }

// candidates is every version that a date which a device shows may stand for; empty
// when no version is known near it.
func (t *rows) candidates(read int) version.Set {
	all := t.near(read, t.dated)
	w := t.Dates.window(read)
	for _, g := range t.gaps {
		if w.from < g.until && w.to > g.since {
			all = all.Union(g.versions)
		}
	}
	if t.also != nil {
		all = all.Union(t.also.near(read, t.others))
	}
	return all
}

// near is the versions of the rows whose date lies in the window.
func (t *rows) near(read int, rows []datedRow) version.Set {
	var all version.Set
	w := t.Dates.window(read)
	for _, row := range rows {
		if w.holds(row.day) {
			all = all.Union(set(row.version, t.Precision))
		}
	}
	return all
}

// gap is versions that a table does not list and that were released between two days.
type gap struct {
	versions     version.Set
	since, until int
}

// findGaps lists the versions of every branch that lie between two listed neighbours,
// below the oldest listed one and above the newest. A branch is all numbers but the
// last. The rows are sorted by version.
func findGaps(rows []datedRow) []gap {
	var gaps []gap
	for i, row := range rows {
		branch, number, ok := branchOf(row.version)
		if !ok {
			continue // the reader of the table has said so
		}
		within := version.Prefix(branch)
		if before, _, _ := neighbour(rows, i-1); before.Compare(branch) != 0 && number > 0 {
			gaps = append(gaps, gap{below(within, row.version), math.MinInt, row.day})
		}
		next, nextNumber, nextDay := neighbour(rows, i+1)
		switch {
		case next.Compare(branch) != 0:
			gaps = append(gaps, gap{above(within, row.version), row.day, math.MaxInt})
		case nextNumber-number > 1:
			between := below(above(within, row.version), rows[i+1].version)
			gaps = append(gaps, gap{between, min(row.day, nextDay), max(row.day, nextDay)})
		}
	}
	return gaps
}

// neighbour is the branch, last number and day of a row; nothing when there is none.
func neighbour(rows []datedRow, i int) (branch version.Version, number, day int) {
	if i < 0 || i >= len(rows) {
		return version.Version{}, 0, 0
	}
	branch, number, _ = branchOf(rows[i].version)
	return branch, number, rows[i].day
}

// above is what of a set comes after v; below is what comes before it.
func above(s version.Set, v version.Version) version.Set {
	return cutOff(s, version.Bounds{After: v})
}

func below(s version.Set, v version.Version) version.Set {
	return cutOff(s, version.Bounds{Before: v})
}

func cutOff(s version.Set, b version.Bounds) version.Set {
	side, err := version.Range(s.Scheme(), b)
	if err != nil { // nothing lies beyond the bound
		return version.Set{}
	}
	return s.Intersect(side)
}

var dottedNumbers = regexp.MustCompile(`^(\d+(?:\.\d+)*)\.(\d{1,9})$`)

// branchOf parts a version of numbers between dots into its branch and its last
// number.
func branchOf(v version.Version) (branch version.Version, number int, ok bool) {
	m := dottedNumbers.FindStringSubmatch(v.String())
	if m == nil {
		return version.Version{}, 0, false
	}
	branch, err := v.Scheme().Parse(m[1])
	if err != nil {
		return version.Version{}, 0, false
	}
	number, err = strconv.Atoi(m[2])
	return branch, number, err == nil
}
