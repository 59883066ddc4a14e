package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// hostile is everything that a device could hope to have printed: terminal escapes,
// controls of both sets, broken UTF-8, reordering, invisible characters, commands of
// continuous-integration logs, markup of every kind.
const hostile = "\x1b]0;title\x07\x1b[2J\x9b\xff\u009b\u0085\x7f\x00\r\n::error::x\n##[command]##vso[task.setvariable]" +
	"\u202e\u2066\u200f\u200b\ufeff\u2028\u3164\ufe0f\U000e0041\u00a0\u05d0 <script>alert('1')</script> [a](https://evil.example) `x` {0} | =cmd \" ' . End"

// poison sets every string that it can reach to hostile text.
func poison(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		poison(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		poison(v.Index(0))
		poison(v.Index(1))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(hostile), reflect.ValueOf(hostile))
	}
}

// poisoned is a report in which every text is hostile, with every outcome, verdict and
// state of a version.
func poisoned() (finding.Header, []finding.Result) {
	var h finding.Header
	poison(reflect.ValueOf(&h).Elem())
	h.Format = finding.Format
	h.Started = h.Started.UTC()
	var all []finding.Result
	add := func(outcome finding.Outcome, state finding.VersionState, verdict finding.Verdict) {
		var r finding.Result
		poison(reflect.ValueOf(&r).Elem())
		r.Outcome = outcome
		for i := range r.Products {
			r.Products[i].Version.State = state
			for j := range r.Products[i].Findings {
				r.Products[i].Findings[j].Verdict = verdict
				r.Products[i].Findings[j].Advisory += fmt.Sprint(j)
			}
		}
		all = append(all, r)
	}
	for _, state := range []finding.VersionState{finding.Exact, finding.Candidates, finding.InRange, finding.Unknown, finding.Contradictory, hostile} {
		for _, verdict := range []finding.Verdict{finding.Affected, finding.Possible, finding.NotAffected, hostile} {
			add(finding.Identified, state, verdict)
		}
	}
	for _, outcome := range []finding.Outcome{finding.Unidentified, finding.Unreachable, finding.Interrupted, hostile} {
		add(outcome, finding.Exact, finding.Affected)
	}
	return h, all
}

func write(t *testing.T, format string, opts Options, h finding.Header, s finding.Summary, results ...finding.Result) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(format, &out, h, opts)
	require.NoError(t, err)
	for _, r := range results {
		require.NoError(t, w.Write(r))
	}
	require.NoError(t, w.Close(s))
	return out.Bytes()
}

func TestHostileTextActsNowhere(t *testing.T) {
	h, results := poisoned()
	for _, format := range Formats() {
		for _, width := range []int{0, 41, 200} {
			out := string(write(t, format, Options{Width: width}, h, finding.Summary{}, results...))
			require.True(t, utf8.ValidString(out), format)
			for i, r := range out {
				if r != '\n' && (hidden(r) || r == utf8.RuneError) {
					t.Fatalf("%s: %U at byte %d, after %q", format, r, i, out[max(0, i-60):i])
				}
			}
			for line := range strings.Lines(out) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "::") || strings.Contains(line, "##") {
					t.Fatalf("%s: a log would take this for a command: %q", format, line)
				}
			}
			if format == "json" || format == "sarif" {
				require.True(t, json.Valid([]byte(out)), format)
				require.NotContains(t, out, "<")
			}
		}
	}
}

// TestHostileTextIsGoneFromSARIF looks at the strings that a viewer would show, after
// decoding.
func TestHostileTextIsGoneFromSARIF(t *testing.T) {
	h, results := poisoned()
	log := decode(t, write(t, "sarif", Options{MarkAccepted: true}, h, finding.Summary{}, results...))
	require.NotEmpty(t, list(log, "runs", 0, "results"))
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				walk(path+"/"+key, inner)
			}
		case []any:
			for _, inner := range v {
				walk(path, inner)
			}
		case string:
			ours := strings.HasSuffix(path, "/markdown") || strings.HasSuffix(path, "Uri") || strings.HasSuffix(path, "$schema")
			for _, r := range v {
				if (hidden(r) || rightToLeft(r)) && (r != '\n' || !ours) {
					t.Fatalf("%s: %U in %q", path, r, v)
				}
			}
			for _, markup := range []string{"](", "<script", "`", "{0"} {
				if !ours && strings.Contains(v, markup) || strings.HasSuffix(path, "/markdown") && strings.Contains(v, markup) {
					t.Fatalf("%s: %q in %q", path, markup, v)
				}
			}
		}
	}
	walk("", log)
}

// TestJSONKeepsDeviceText is the other side: what is data stays data.
func TestJSONKeepsDeviceText(t *testing.T) {
	h, results := poisoned()
	want := strings.ToValidUTF8(strings.Replace(hostile, "\x9b\xff", "\ufffd\ufffd", 1), "")
	_, _, err := Read(bytes.NewReader(write(t, "json", Options{}, h, finding.Summary{}, results...)), func(r finding.Result) error {
		require.Equal(t, want, r.Products[0].Because[0].Shows)
		require.Equal(t, want, r.Input.Meta[want])
		return nil
	})
	require.NoError(t, err)
}

func TestVisible(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"", 0, ""},
		{"FortiOS 7.2.4", 0, "FortiOS 7.2.4"},
		{"深信服 é", 0, "深信服 é"},
		{"\x1b[31m", 0, `\x1b[31m`},
		{"a\r\n\tb", 0, `a\r\n\tb`},
		{"\u009b2J", 0, `\x9b2J`},
		{"\xff\xfe", 0, `\xff\xfe`},
		{"a\u202eb\u2066c", 0, `a\u202eb\u2066c`},
		{"a\u200bb\ufeff\u00ad\u3164", 0, `a\u200bb\ufeff\xad\u3164`},
		{"\U000e0041", 0, `\U000e0041`},
		{"\u05d0\u0627", 0, `\u05d0\u0627`},
		{"a\u00a0b\u2028", 0, `a\xa0b\u2028`},
		{"::error::x", 0, `:\x3aerror:\x3ax`},
		{":::", 0, `:\x3a\x3a`},
		{"##vso[x]", 0, `#\x23vso[x]`},
		{"a:b #1", 0, "a:b #1"},
		{"2001:db8::1", 0, "2001:db8::1"},
		{"[2001:db8::1]:443", 0, "[2001:db8::1]:443"},
		{"2001:db8::/32", 0, "2001:db8::/32"},
		{"::1", 0, `:\x3a1`},
		{"fe80::1%::error::", 0, `fe80:\x3a1%:\x3aerror:\x3a`},
		{"abcdef", 3, "abc..."},
		{"abc", 3, "abc"},
		{"ab\x1b", 3, "ab..."},
		{"深信服", 2, "深信..."},
	}
	for _, tt := range tests {
		if got := visible(tt.in, tt.limit); got != tt.want {
			t.Errorf("visible(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func TestQuotedCannotBeEnded(t *testing.T) {
	for in, want := range map[string]string{
		"M7.6":           `"M7.6"`,
		`ETag: "1"`:      `'ETag: "1"'`,
		"it's":           `"it's"`,
		`"it's" (rule x`: `"\"it's\" (rule x"`,
	} {
		require.Equal(t, want, quoted(in, 0))
	}
}

func TestMarkdownFormatsNothing(t *testing.T) {
	require.Equal(t, `\*\*a\*\* \[b\]\(c\) \<d\> \`+"`e\\`"+` \\x1b`, markdown("**a** [b](c) <d> `e` \x1b", 0))
	require.Equal(t, "a b", markdown("a\n\n\u2029 b", 0))
}

func TestLinkTakesOnlyWebAddresses(t *testing.T) {
	require.Equal(t, "https://fortiguard.com/psirt/FG-IR-24-015", link("https://fortiguard.com/psirt/FG-IR-24-015"))
	require.Equal(t, "https://a.example/%60x%60", link("https://a.example/`x`"))
	for _, bad := range []string{"", "javascript:alert(1)", "https://a.example/)[x](https://evil.example", "https://user:secret@a.example/",
		"/relative", "https:///nohost", "ftp://a.example/", "https://a.example/\x1b", "https://a.example/'"} {
		require.Empty(t, link(bad), bad)
	}
}

func FuzzNeutralise(f *testing.F) {
	f.Add(hostile, 10)
	f.Add("[2001:db8::1]:443", 0)
	f.Add(" ::", 3)
	f.Add(": :: :::#### \\x", 3)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		for name, got := range map[string]string{"visible": visible(s, limit), "plain": plain(s, limit), "prose": prose(s, limit), "markdown": markdown(s, limit), "quoted": quoted(s, limit)} {
			for _, r := range got {
				if hidden(r) || rightToLeft(r) {
					t.Errorf("%s(%q, %d) = %q holds %U", name, s, limit, got, r)
				}
			}
			if strings.Contains(got, "##") || strings.Contains(got, "::") && !isAddress(strings.NewReplacer(`"`, "", `\`, "").Replace(got)) {
				t.Errorf("%s(%q, %d) = %q holds the opening of a command", name, s, limit, got)
			}
		}
		if limit > 0 && utf8.RuneCountInString(visible(s, limit)) > limit+3 && !isAddress(s) {
			t.Errorf("visible(%q, %d) is longer", s, limit)
		}
		encoded, err := json.Marshal(s)
		require.NoError(t, err)
		var back, want string
		require.NoError(t, json.Unmarshal(escapeJSON(encoded), &back))
		require.NoError(t, json.Unmarshal(encoded, &want))
		require.Equal(t, want, back)
		require.NotContains(t, string(escapeJSON(encoded)), "##")
		require.Equal(t, -1, strings.IndexFunc(string(escapeJSON(encoded)), func(r rune) bool { return hidden(r) || r == unicode.ReplacementChar }))
	})
}
