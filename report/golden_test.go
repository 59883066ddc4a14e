package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// example is the report that every format is tested with: each outcome, each verdict,
// and a device that sends what must never be acted on.
const example = "testdata/results.json"

// convert reads saved JSON and writes it in another format.
func convert(t *testing.T, format string, opts Options) []byte {
	t.Helper()
	f, err := os.Open(example)
	require.NoError(t, err)
	defer f.Close()
	reader, err := NewReader(f)
	require.NoError(t, err)
	var out bytes.Buffer
	w, err := New(format, &out, reader.Header(), opts)
	require.NoError(t, err)
	summary, err := reader.Each(w.Write)
	require.NoError(t, err)
	require.NoError(t, w.Close(summary))
	return out.Bytes()
}

// TestGolden also shows that what was read and written again is the same, byte by byte:
// the golden file of the json format is its own source.
func TestGolden(t *testing.T) {
	files := map[string]string{"csv": "results.csv", "cyclonedx": "cyclonedx.json", "defectdojo": "defectdojo.json", "html": "results.html", "junit": "junit.xml", "markdown": "results.md", "json": "results.json", "jsonl": "results.jsonl", "sarif": "results.sarif", "text": "results.txt"}
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			got := convert(t, format, Options{})
			name := filepath.Join("testdata", files[format])
			if *update {
				require.NoError(t, os.WriteFile(name, got, 0o644))
			}
			want, err := os.ReadFile(name)
			require.NoError(t, err)
			if !bytes.Equal(want, got) {
				t.Errorf("%s differs; run go test ./report -update and read the difference.\ngot:\n%s", name, got)
			}
			require.Equal(t, got, convert(t, format, Options{}), "a second time")
		})
	}
}

func TestColorChangesNothingElse(t *testing.T) {
	plain, colored := convert(t, "text", Options{}), convert(t, "text", Options{Color: true})
	require.NotContains(t, string(plain), "\x1b")
	require.Contains(t, string(colored), "\x1b[1;31m")
	stripped := colored
	for _, s := range []style{bold, faint, alarm, warning} {
		stripped = bytes.ReplaceAll(stripped, []byte("\x1b["+string(s)+"m"), nil)
	}
	stripped = bytes.ReplaceAll(stripped, []byte("\x1b[0m"), nil)
	require.Equal(t, string(plain), string(stripped))
}

func TestTextFitsItsColumns(t *testing.T) {
	for _, tt := range []struct{ width, want int }{{0, 80}, {80, 80}, {120, 120}, {60, 60}, {40, 40}, {7, 40}} {
		longest := 0
		for line := range strings.Lines(string(convert(t, "text", Options{Width: tt.width}))) {
			line = strings.TrimSuffix(line, "\n")
			longest = max(longest, columns(line))
			require.Equal(t, strings.TrimRight(line, " "), line, "ends in spaces")
		}
		if longest > tt.want || longest < tt.want-10 {
			t.Errorf("width %d: longest line has %d columns, want at most %d and nearly so", tt.width, longest, tt.want)
		}
	}
}

func TestNewRefusesUnknownFormats(t *testing.T) {
	_, err := New("xml", &bytes.Buffer{}, finding.Header{}, Options{})
	require.EqualError(t, err, `unknown format "xml"; formats are csv, cyclonedx, defectdojo, html, json, jsonl, junit, markdown, sarif, text`)
}

// TestJSONFitsItsSchema holds what is written against what is promised.
func TestJSONFitsItsSchema(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(finding.Schema))
	require.NoError(t, err)
	require.NoError(t, compiler.AddResource("results.json", doc))
	whole, err := compiler.Compile("results.json")
	require.NoError(t, err)
	line, err := compiler.Compile("results.json#/$defs/result")
	require.NoError(t, err)

	fits := func(schema *jsonschema.Schema, b []byte) {
		t.Helper()
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		require.NoError(t, err)
		require.NoError(t, schema.Validate(v))
	}
	fits(whole, convert(t, "json", Options{}))
	fits(whole, write(t, "json", Options{}, finding.Header{Format: 1, Tool: "postern", Version: "1.0.0"}, finding.Summary{}))
	for b := range bytes.Lines(convert(t, "jsonl", Options{})) {
		fits(line, b)
	}
}
