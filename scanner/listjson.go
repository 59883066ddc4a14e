package scanner

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"postern/scanner/finding"
)

// httpxLine is what is read of one line that "httpx -json" writes.
type httpxLine struct {
	URL   string         `json:"url"`
	Input string         `json:"input"`
	Host  string         `json:"host"` // often the address that was found behind the name
	Port  scalar         `json:"port"`
	TLS   map[string]any `json:"tls"`
}

// scalar is a string that older versions write as a number.
type scalar string

func (s *scalar) UnmarshalJSON(data []byte) error {
	var text string
	if len(data) > 0 && data[0] == '"' {
		err := json.Unmarshal(data, &text)
		*s = scalar(text)
		return err
	}
	var number json.Number
	err := json.Unmarshal(data, &number)
	*s = scalar(number.String())
	return err
}

func parseJSONLines(lines []line, m *mistakes, opts ListOptions) []entry {
	var entries []entry
	for _, l := range lines {
		if strings.TrimSpace(l.raw) == "" {
			continue
		}
		e, err := parseJSONLine(l, opts)
		if err != nil {
			m.add(l.number, 0, "", err)
			continue
		}
		entries = append(entries, e)
	}
	return entries
}

func parseJSONLine(l line, opts ListOptions) (entry, error) {
	var found httpxLine
	if err := json.Unmarshal([]byte(l.raw), &found); err != nil {
		return entry{}, fmt.Errorf("no JSON line as httpx -json writes it: %w", err)
	}
	text := found.URL
	if text == "" {
		text = found.Input
		if text == "" {
			text = found.Host
		}
		if found.Port != "" && text != "" && !strings.Contains(text, ":") {
			text += ":" + string(found.Port)
		}
	}
	if text == "" {
		return entry{}, errors.New("has none of url, input and host")
	}
	e, err := parseEntry(text, opts.largest())
	if err != nil {
		return entry{}, fmt.Errorf("%q: %w", cut(text), err)
	}
	e.input = finding.Input{Text: text, Line: l.number}
	columns(&e.input, 1)
	if i := strings.Index(l.raw, text); i >= 0 {
		columns(&e.input, utf8.RuneCountInString(l.raw[:i])+1)
	} else {
		e.input.EndColumn = utf8.RuneCountInString(l.raw) + 1 // escaped: the whole line
	}
	found.describe(&e.input)
	return e, nil
}

// describe keeps what may help to tell whose the endpoint is.
func (f httpxLine) describe(in *finding.Input) {
	keep := func(key, value string) {
		if value = strings.ToValidUTF8(value, "\ufffd"); value != "" && value != in.Text && len(value) <= maxMeta {
			describe(in, key, value)
		}
	}
	keep("input", f.Input)
	keep("host", f.Host)
	for key, value := range f.TLS {
		switch value := value.(type) {
		case string:
			keep("tls_"+key, value)
		case bool, float64:
			keep("tls_"+key, fmt.Sprint(value))
		}
	}
}

const maxMeta = 300 // bytes of one value
