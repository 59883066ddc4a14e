package scanner

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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

// lines reads a whole list and cuts it up. Lines that are too long are mistakes and left
// out.
func (m *mistakes) lines(r io.Reader) []line {
	data, err := io.ReadAll(io.LimitReader(r, maxList+1))
	if err != nil {
		m.add(bytes.Count(data, []byte("\n"))+1, 0, "", err)
		return nil
	}
	if len(data) > maxList {
		m.add(bytes.Count(data, []byte("\n"))+1, 0, "", fmt.Errorf("the list goes on after %d bytes; cut it into several", maxList))
		return nil
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		m.add(1, 0, "", errors.New("the list is UTF-16; save it as UTF-8"))
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var lines []line
	number := 0
	for raw := range strings.Lines(string(data)) {
		number++
		raw = strings.TrimRight(raw, "\r\n")
		if len(raw) > maxLine {
			m.add(number, 0, "", fmt.Errorf("line has %d bytes; at most %d are read", len(raw), maxLine))
			continue
		}
		lines = append(lines, cutLine(number, strings.ToValidUTF8(raw, "\ufffd")))
	}
	return lines
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
func firstLine(lines []line) (line, []string) {
	for _, l := range lines {
		if l.text != "" {
			return l, csvHeader(l.text)
		}
	}
	return line{}, nil
}

func parseLines(lines []line, m *mistakes, opts ListOptions) []entry {
	var entries []entry
	for _, l := range lines {
		if l.text == "" {
			continue
		}
		e, err := parseEntry(l.text, opts.largest())
		if err != nil {
			m.add(l.number, l.column, l.text, err)
			continue
		}
		e.input = finding.Input{Text: l.text, Line: l.number}
		columns(&e.input, l.column)
		for key, value := range words(l.note) {
			describe(&e.input, key, value)
		}
		if err := opts.declare(&e); err != nil {
			m.add(l.number, l.column, l.text, err)
			continue
		}
		entries = append(entries, e)
	}
	return entries
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
