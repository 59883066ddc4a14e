package report

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
	"postern/testdata"
)

// fill sets every string that it can reach to text.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), text)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(text), reflect.ValueOf(text))
	}
}

// TestCorpusActsInNoFormat shows each text of the corpus in every field of every format.
func TestCorpusActsInNoFormat(t *testing.T) {
	texts, err := testdata.HostileTexts()
	require.NoError(t, err)
	require.Greater(t, len(texts), 30)
	for i, text := range texts {
		if len(text) > 10_000 && testing.Short() {
			continue
		}
		var results []finding.Result
		for _, outcome := range []finding.Outcome{finding.Identified, finding.Unidentified, finding.Unreachable} {
			var r finding.Result
			fill(reflect.ValueOf(&r).Elem(), text)
			r.Outcome = outcome
			for j := range r.Products {
				r.Products[j].Version.State = finding.Exact
				for k := range r.Products[j].Findings {
					r.Products[j].Findings[k].Verdict, r.Products[j].Findings[k].Kind = finding.Affected, finding.Vulnerability
				}
			}
			results = append(results, r)
		}
		var h finding.Header
		fill(reflect.ValueOf(&h).Elem(), text)
		h.Format, h.Started = finding.Format, time.Time{}
		for _, format := range Formats() {
			out := string(write(t, format, Options{}, h, finding.Summary{}, results...))
			requireInert(t, format, i, out)
			requireWhole(t, format, out)
		}
	}
}

// requireInert wants text that no terminal and no log acts on.
func requireInert(t *testing.T, format string, number int, out string) {
	t.Helper()
	require.True(t, utf8.ValidString(out), "%s, text %d", format, number)
	for i, r := range out {
		if r != '\n' && (hidden(r) || r == utf8.RuneError) {
			t.Fatalf("%s, text %d: %U after %q", format, number, r, out[max(0, i-60):i])
		}
	}
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "::") || strings.Contains(line, "##") && !strings.HasPrefix(line, "## ") && !strings.HasPrefix(line, "### ") {
			t.Fatalf("%s, text %d: a log would take this for a command: %.200q", format, number, line)
		}
	}
}

var escaped = regexp.MustCompile(`\\[[:punct:]]`)

// requireWhole wants a document that its parser reads to the end.
func requireWhole(t *testing.T, format, out string) {
	t.Helper()
	switch format {
	case "json", "sarif", "defectdojo", "cyclonedx":
		require.True(t, json.Valid([]byte(out)), format)
	case "jsonl":
		for line := range strings.Lines(out) {
			require.True(t, json.Valid([]byte(line)), format)
		}
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
		require.NoError(t, err)
		for _, row := range rows {
			for _, cell := range row {
				require.NotContains(t, "=+-@|%\t\r", strings.TrimLeft(cell+"x", " ")[:1], "%.100q", cell)
			}
		}
	case "junit":
		decoder := xml.NewDecoder(strings.NewReader(out))
		for {
			_, err := decoder.Token()
			if err == io.EOF {
				return
			}
			require.NoError(t, err)
		}
	case "html":
		for _, tag := range []string{"<script>alert", "<img src=x", "<svg/onload", "</textarea", "<!ENTITY"} {
			require.NotContains(t, out, tag)
		}
	case "markdown":
		out = escaped.ReplaceAllString(out, "") // what a backslash stands before formats nothing
		for _, tag := range []string{"<script", "<img", "<svg", "](https://evil", "<https://evil"} {
			require.NotContains(t, out, tag)
		}
	}
}
