package scanner

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"postern/scanner/finding"
)

// line is one line of a list.
type line struct {
	number int    // from 1
	raw    string // without the line end
	text   string // the entry in it, without space and comment
	column int    // where the entry begins, from 1, in characters
	note   string // what follows the #
}

const maxLine = 64 << 10 // bytes

// text reads a whole list, once and without a copy.
func (m *mistakes) text(r io.Reader) string {
	var b strings.Builder
	if file, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			b.Grow(int(min(info.Size(), maxList) + 1))
		}
	}
	_, err := io.Copy(&b, io.LimitReader(r, maxList+1))
	text := b.String()
	switch line := strings.Count(text, "\n") + 1; {
	case err != nil:
		m.add(line, 0, "", err)
	case len(text) > maxList:
		m.add(line, 0, "", fmt.Errorf("the list goes on after %d bytes; cut it into several", maxList))
	case strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff"):
		m.add(1, 0, "", errors.New("the list is UTF-16; save it as UTF-8"))
	default:
		return strings.TrimPrefix(text, "\xef\xbb\xbf")
	}
	return ""
}

// cutLines cuts a list up. Lines that are too long are left out, and told.
func cutLines(text string, tooLong func(number, length int)) iter.Seq[line] {
	return func(yield func(line) bool) {
		number := 0
		for raw := range strings.Lines(text) {
			number++
			raw = strings.TrimRight(raw, "\r\n")
			if len(raw) > maxLine {
				if tooLong != nil {
					tooLong(number, len(raw))
				}
				continue
			}
			if !yield(cutLine(number, strings.ToValidUTF8(raw, "\ufffd"))) {
				return
			}
		}
	}
}

func (m *mistakes) tooLong(number, length int) {
	m.add(number, 0, "", fmt.Errorf("line has %d bytes; at most %d are read", length, maxLine))
}

// cutLine separates the entry from its comment: a # at the beginning or after a space.
func cutLine(number int, raw string) line {
	l := line{number: number, raw: raw}
	entry := raw
	for i, c := range raw {
		if c != '#' {
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(raw[:i]); i == 0 || unicode.IsSpace(before) {
			entry, l.note = raw[:i], raw[i+1:]
			break
		}
	}
	l.text = strings.TrimSpace(entry)
	l.column = utf8.RuneCountInString(entry) - utf8.RuneCountInString(strings.TrimLeftFunc(entry, unicode.IsSpace)) + 1
	return l
}

// firstLine finds the first line with an entry, and its fields if they are a CSV header.
func firstLine(lines iter.Seq[line]) (line, []string) {
	for l := range lines {
		if l.text != "" {
			return l, csvHeader(l.text)
		}
	}
	return line{}, nil
}

// checkLines reads every line once, notes what is wrong and passes the others on.
func checkLines(text string, m *mistakes, opts ListOptions, take func(*entry)) {
	for l := range cutLines(text, m.tooLong) {
		if l.text == "" {
			continue
		}
		e, err := parseLine(l, opts.largest())
		if err == nil {
			err = opts.declare(&e)
		}
		if err != nil {
			m.add(l.number, l.column, l.text, err)
			continue
		}
		take(&e)
	}
}

// parseLine reads the entry of a line and what its comment says of it.
func parseLine(l line, largest int) (entry, error) {
	e, err := parseEntry(l.text, largest)
	if err != nil {
		return entry{}, err
	}
	e.input = finding.Input{Text: l.text, Line: l.number}
	columns(&e.input, l.column)
	for key, value := range words(l.note) {
		describe(&e.input, key, value)
	}
	return e, nil
}

// words yields the key=value words of a comment; a value with spaces stands in double
// quotes. Other words are remarks.
func words(note string) iter.Seq2[string, string] {
	return func(yield func(key, value string) bool) {
		for note = strings.TrimSpace(note); note != ""; note = strings.TrimSpace(note) {
			end := strings.IndexFunc(note, func(r rune) bool { return unicode.IsSpace(r) || r == '=' })
			if end < 0 {
				return
			}
			key, assigned := note[:end], note[end] == '='
			note = note[end:]
			if !assigned {
				continue
			}
			value, rest, quoted := strings.Cut(strings.TrimPrefix(note, `="`), `"`)
			if !quoted || !strings.HasPrefix(note, `="`) {
				note = note[1:]
				if end = strings.IndexFunc(note, unicode.IsSpace); end < 0 {
					end = len(note)
				}
				value, rest = note[:end], note[end:]
			}
			note = rest
			if key != "" && value != "" && !yield(key, value) {
				return
			}
		}
	}
}

// describe records one piece of metadata: owner, tag and tags have a place of their own.
func describe(in *finding.Input, key, value string) {
	switch strings.ToLower(key) {
	case "owner":
		in.Owner = value
	case "tag", "tags":
		in.Tags = append(in.Tags, strings.FieldsFunc(value, func(r rune) bool {
			return r == ';' || r == ',' || r == '|' || unicode.IsSpace(r)
		})...)
	default:
		if in.Meta == nil {
			in.Meta = map[string]string{}
		}
		if before := in.Meta[key]; before != "" && before != value {
			value = before + "," + value // what is stated twice must not be forgotten; a product or version so is refused
		}
		in.Meta[key] = value
	}
}
