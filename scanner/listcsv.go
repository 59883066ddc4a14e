package scanner

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"postern/scanner/finding"
)

// targetColumns are the names that the column of targets may have; if a list has
// several, the first in this order that is not empty counts.
func targetColumns() []string { return []string{"target", "url", "host", "hostname", "ip", "address"} }

// csvHeader returns the lower-case column names if the line is the header of a list: it
// has a separator and names a column of targets.
func csvHeader(text string) []string {
	separator := csvSeparator(text)
	if separator == 0 {
		return nil
	}
	header, err := csv.NewReader(strings.NewReader(strings.TrimSpace(text))).Read()
	if separator != ',' || err != nil {
		header = strings.Split(text, string(separator))
	}
	for i, name := range header {
		header[i] = strings.ToLower(strings.Trim(strings.TrimSpace(name), `"`))
	}
	known := false
	for _, name := range header {
		if strings.ContainsAny(name, ".:/@") {
			return nil // a target, not the name of a column
		}
		known = known || slices.Contains(targetColumns(), name)
	}
	if !known {
		return nil
	}
	return header
}

func csvSeparator(text string) rune {
	for _, separator := range ",;\t" {
		if strings.ContainsRune(text, separator) {
			return separator
		}
	}
	return 0
}

// csvTable reads the rows of one list.
type csvTable struct {
	lines  map[int]line // by number
	header []string
	m      *mistakes
	opts   ListOptions
}

func parseCSV(lines []line, first int, header []string, m *mistakes, opts ListOptions) []entry {
	t := &csvTable{lines: map[int]line{}, header: header, m: m, opts: opts}
	for i, name := range header {
		if name != "" && slices.Contains(header[:i], name) {
			m.add(first, 0, "", fmt.Errorf("two columns are called %q", cut(name)))
			return nil
		}
	}
	// Lines keep their numbers: those before the header and those too long are empty.
	var text strings.Builder
	next := 1
	for _, l := range lines {
		t.lines[l.number] = l
		text.WriteString(strings.Repeat("\n", l.number-next))
		if l.number >= first && !strings.HasPrefix(strings.TrimSpace(l.raw), "#") {
			text.WriteString(l.raw)
		}
		text.WriteString("\n")
		next = l.number + 1
	}
	r := csv.NewReader(strings.NewReader(text.String()))
	r.Comma = csvSeparator(t.lines[first].text)
	r.FieldsPerRecord = -1 // compared below, where the advice is
	return t.rows(r)
}

func (t *csvTable) rows(r *csv.Reader) []entry {
	var entries []entry
	for number := 0; ; number++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return entries
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			t.m.add(broken.StartLine, 0, "", broken.Err)
			continue
		}
		if err != nil {
			t.m.add(1, 0, "", err)
			return entries
		}
		if number == 0 || blank(record) {
			continue
		}
		line, _ := r.FieldPos(0)
		if len(record) != len(t.header) {
			t.m.add(line, 0, "", fmt.Errorf("%d fields under a header of %d; a field with a separator stands in double quotes", len(record), len(t.header)))
			continue
		}
		if e, ok := t.row(record, r.FieldPos); ok {
			entries = append(entries, e)
		}
	}
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" })
}

// row makes an entry of one record; position tells line and byte column of a field.
func (t *csvTable) row(record []string, position func(field int) (line, column int)) (entry, bool) {
	which := -1
	for _, name := range targetColumns() {
		if i := slices.Index(t.header, name); i >= 0 && strings.TrimSpace(record[i]) != "" {
			which = i
			break
		}
	}
	if which < 0 {
		number, _ := position(0)
		t.m.add(number, 0, "", errors.New("row names no target"))
		return entry{}, false
	}
	in := finding.Input{Text: strings.TrimSpace(record[which])}
	number, at := position(which)
	raw := t.lines[number].raw
	if at <= len(raw) && raw[at-1] == '"' {
		at++
	}
	before := raw[:min(at-1, len(raw))]
	in.Line = number
	space := len(record[which]) - len(strings.TrimLeft(record[which], " \t"))
	columns(&in, utf8.RuneCountInString(before)+space+1)

	e, err := parseEntry(in.Text, t.opts.largest())
	for i, name := range t.header {
		value := strings.TrimSpace(record[i])
		switch {
		case i == which || name == "" || value == "" || err != nil:
		case name == "port":
			err = t.port(&e, value)
		default:
			describe(&in, name, value)
		}
	}
	e.input = in
	if err == nil {
		err = t.opts.declare(&e)
	}
	if err != nil {
		t.m.add(in.Line, in.Column, in.Text, err)
		return entry{}, false
	}
	return e, true
}

// port takes the value of the port column.
func (t *csvTable) port(e *entry, value string) error {
	port, err := parsePort(value)
	if err != nil {
		return err
	}
	if e.port != 0 && e.port != port {
		return fmt.Errorf("names port %d, and the port column says %d", e.port, port)
	}
	e.port = port
	return nil
}
