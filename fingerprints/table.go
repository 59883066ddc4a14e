package fingerprints

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"postern/scanner/version"
)

// table is a Table, compiled.
type table struct {
	Table
	// read gives the rows; those of a table that was checked before are read when a device
	// shows a value for it.
	read func() *rows
	used bool // by a rule, or by a table that names it in Also
}

// rows is what the file of a table says.
type rows struct {
	Table
	values map[string][]version.Version // of a table without dates: key in lower case to versions
	models map[string]string            // of a table of models: key in lower case to model
	dated  []datedRow                   // of a table of dates, in rising order of versions
	gaps   []gap                        // what such a table does not list
	also   *rows
	others []datedRow // of also, for versions that are not in dated
	newest int        // day of the newest row, also's included
}

// datedRow is one version and the day, counted from 1970 in UTC, of its row.
type datedRow struct {
	day     int
	version version.Version
}

const (
	precisionExact  = "exact"
	precisionPrefix = "prefix"
)

// set is what a version stated with some precision stands for.
func set(v version.Version, precision string) version.Set {
	if precision == precisionPrefix {
		return version.Prefix(v)
	}
	return version.Exactly(v)
}

// find is every version of a key, or false when the table does not know the key.
func (t *rows) find(key string) (version.Set, bool) {
	var all version.Set
	versions := t.values[strings.ToLower(strings.TrimSpace(key))]
	for _, v := range versions {
		all = all.Union(set(v, t.Precision))
	}
	return all, len(versions) > 0
}

var tableFile = regexp.MustCompile(`^tables/[a-z0-9-]+\.tsv$`)

func (c *compiler) compileTables() {
	c.tables = map[string]*table{}
	for i, def := range c.Tables {
		at := spot{"tables", i}
		if _, taken := c.tables[def.ID]; taken {
			c.fail(at, "", "table %s is listed twice", def.ID)
		}
		if !idShape.MatchString(def.ID) {
			c.fail(at, "", "table id %q is not lower-case letters, digits and single hyphens", def.ID)
		}
		c.tables[def.ID] = c.compileTable(def, at)
	}
	for i, def := range c.Tables {
		if def.Also == "" {
			continue
		}
		t, also := c.tables[def.ID], c.tables[def.Also]
		switch {
		case also == nil:
			c.fail(spot{"tables", i, "also"}, "", "table %s: also %q, which is no table of this product", def.ID, def.Also)
			continue
		case also.Also != "" || t.Dates == nil || also.Dates == nil:
			c.fail(spot{"tables", i, "also"}, "", "table %s: also %s needs two tables of dates, the second without an also of its own", def.ID, def.Also)
			continue
		}
		also.used = true
		alone := t.read
		t.read = sync.OnceValue(func() *rows { return alone().link(also.read()) })
		if !c.checked {
			t.read()
		}
	}
}

// link adds the rows of also for versions that t does not list.
func (t *rows) link(also *rows) *rows {
	t.also = also
	t.newest = max(t.newest, also.newest)
	listed := map[string]bool{}
	for _, row := range t.dated {
		listed[row.version.String()] = true
	}
	for _, row := range also.dated {
		if !listed[row.version.String()] {
			t.others = append(t.others, row)
		}
	}
	return t
}

func (c *compiler) compileTable(def Table, at spot) *table {
	if c.checked {
		return &table{Table: def, read: sync.OnceValue(func() *rows { return c.readRows(def, at) })}
	}
	c.checkTable(def, at)
	t := c.readRows(def, at)
	return &table{Table: def, read: func() *rows { return t }}
}

func (c *compiler) checkTable(def Table, at spot) {
	if def.Models && (def.Dates != nil || def.Precision != "") {
		c.fail(at.to("models"), "", "table %s: a table of models has neither dates nor precision", def.ID)
	}
	if def.Precision != "" && def.Precision != precisionExact && def.Precision != precisionPrefix {
		c.fail(at.to("precision"), "", "table %s: precision is %q; it is exact or prefix", def.ID, def.Precision)
	}
	if d := def.Dates; d != nil {
		if d.EarlyDays < 0 || d.LateDays < 0 {
			c.fail(at.to("dates"), "", "table %s: early_days and late_days count days and are not negative", def.ID)
		}
		if d.Gaps != gapsNone && d.Gaps != gapsFill {
			c.fail(at.to("dates"), "", "table %s: gaps is %q; it is none when every version is listed, fill when not", def.ID, d.Gaps)
		}
	}
}

func (c *compiler) readRows(def Table, at spot) *rows {
	t := &rows{Table: def, values: map[string][]version.Version{}, models: map[string]string{}}
	if !tableFile.MatchString(def.File) {
		c.fail(at.to("file"), "", "table %s: file is %q; it is tables/NAME.tsv", def.ID, def.File)
		return t
	}
	data, err := readFile(c.files, c.folder+"/"+def.File)
	if err != nil {
		c.fail(at.to("file"), "", "table %s: %v", def.ID, err)
		return t
	}
	r := &tableReader{compiler: c, table: t, file: c.folder + "/" + def.File}
	r.read(strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), at)
	slices.SortStableFunc(t.dated, func(a, b datedRow) int { return a.version.Compare(b.version) })
	if d := def.Dates; d != nil && d.Gaps == gapsFill {
		t.gaps = findGaps(t.dated)
	}
	return t
}

// tableReader reads the rows of one table.
type tableReader struct {
	*compiler
	table            *rows
	file             string
	key, value, skip int // columns; skip is -1 for none
	columns          int
}

func (r *tableReader) failLine(line int, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: r.file, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (r *tableReader) read(lines []string, at spot) {
	if !strings.HasPrefix(lines[0], "#") || !strings.Contains(strings.ToLower(lines[0]), "source") {
		r.failLine(1, "the first line is no comment that states the source; write \"# source: …\"")
	}
	header, rows := false, 0
	for i, line := range lines {
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "\t")
		if !header {
			header = true
			if !r.readColumns(cells, at) {
				return
			}
			continue
		}
		rows++
		r.readRow(i+1, cells)
	}
	if rows == 0 {
		r.failLine(0, "holds no row")
	}
}

// readColumns finds the columns that the table needs.
func (r *tableReader) readColumns(names []string, at spot) bool {
	ok := true
	find := func(key, name string) int {
		i := slices.Index(names, name)
		if i < 0 {
			ok = false
			r.fail(at.to(key), "", "table %s: %s has no column %q", r.table.ID, r.table.File, name)
		}
		return i
	}
	r.columns = len(names)
	r.key, r.value, r.skip = find("key", r.table.Key), find("value", r.table.Value), -1
	if s := r.table.SkipIf; s != nil {
		r.skip = find("skip_if", s.Column)
		if s.Contains == "" {
			r.fail(at.to("skip_if"), "", "table %s: skip_if contains nothing, so every row would be left out", r.table.ID)
		}
	}
	return ok
}

func (r *tableReader) readRow(line int, cells []string) {
	if len(cells) > r.columns || len(cells) <= max(r.key, r.value, r.skip) {
		r.failLine(line, "has %d columns, not %d", len(cells), r.columns)
		return
	}
	if r.skip >= 0 && strings.Contains(cells[r.skip], r.table.SkipIf.Contains) {
		return
	}
	key := strings.ToLower(strings.TrimSpace(cells[r.key]))
	if key == "" {
		return
	}
	if r.table.Models {
		r.readModel(line, key, cells[r.value])
		return
	}
	v, err := r.Versions.Parse(strings.TrimSpace(cells[r.value]))
	if err != nil {
		r.failLine(line, "%v", err)
		return
	}
	if r.table.Dates != nil {
		r.readDate(line, strings.TrimSpace(cells[r.key]), v)
		return
	}
	for _, other := range r.table.values[key] {
		if other.Compare(v) == 0 {
			r.failLine(line, "%s with %s is listed twice", key, v)
		} else if r.table.Precision != precisionPrefix {
			r.failLine(line, "%s is %s here and %s further up", key, v, other)
		}
	}
	r.table.values[key] = append(r.table.values[key], v)
}

func (r *tableReader) readDate(line int, text string, v version.Version) {
	day, err := parseDay(text)
	if err != nil {
		r.failLine(line, "%v", err)
		return
	}
	if r.table.Dates.Gaps == gapsFill {
		if _, _, ok := branchOf(v); !ok {
			r.failLine(line, "gaps cannot be filled round %s, which is not numbers between dots", v)
			return
		}
	}
	for _, other := range r.table.dated {
		if other.version.String() == v.String() {
			r.failLine(line, "%s is of %s here and of %s further up", v, dayText(day), dayText(other.day))
		}
	}
	r.table.dated = append(r.table.dated, datedRow{day, v})
	r.table.newest = max(r.table.newest, day)
}
