package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"postern/scanner/finding"
)

// validators hold a file against the schema of its format or, where there is none, against
// what its readers refuse. Schemas are compiled once.
func validators(t *testing.T) map[string]func(*testing.T, []byte) {
	t.Helper()
	whole, line := resultSchemas(t)
	cyclone, sarif := cycloneJSONSchema(t), sarifSchema(t)
	return map[string]func(*testing.T, []byte){
		"csv":        validCSV,
		"cyclonedx":  func(t *testing.T, b []byte) { inventory(t, cyclone, b) },
		"defectdojo": validDojo,
		"html":       validHTML,
		"json":       func(t *testing.T, b []byte) { fitsSchema(t, whole, b) },
		"jsonl": func(t *testing.T, b []byte) {
			for one := range bytes.Lines(b) {
				fitsSchema(t, line, one)
			}
		},
		"junit":    validJUnit,
		"markdown": validMarkdown,
		"sarif": func(t *testing.T, b []byte) {
			fitsSchema(t, sarif, b)
			require.Less(t, packedSize(t, b), maxSARIFPacked, "GitHub takes no more")
			log := decode(t, b)
			for _, c := range consumerChecks() {
				require.Empty(t, c.refuses(log), c.name)
			}
		},
		"text": validText,
	}
}

// resultSchemas are those of a whole report, and of one result.
func resultSchemas(t *testing.T) (whole, line *jsonschema.Schema) {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(finding.Schema))
	require.NoError(t, err)
	require.NoError(t, c.AddResource("results.json", doc))
	whole, err = c.Compile("results.json")
	require.NoError(t, err)
	line, err = c.Compile("results.json#/$defs/result")
	require.NoError(t, err)
	return whole, line
}

func fitsSchema(t *testing.T, schema *jsonschema.Schema, b []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(v))
}

// validCSV: as many cells in every row, and none that a spreadsheet takes for a formula.
func validCSV(t *testing.T, b []byte) {
	reader := csv.NewReader(bytes.NewReader(b))
	reader.ReuseRecord = true
	for {
		row, err := reader.Read()
		if err == io.EOF {
			return
		}
		require.NoError(t, err)
		for _, cell := range row {
			if first := strings.TrimLeft(cell, " \t\r\n"); first != "" && strings.Contains("=+-@|%", first[:1]) {
				t.Fatalf("a formula: %.100q", cell)
			}
		}
	}
}

// dojoKeys are those that DefectDojo's importer takes, from dojo/tools/generic/json_parser.py
// of its repository at 03609eb; it refuses a file with any other.
var dojoKeys = strings.Fields(`title severity description endpoints files tags vulnerability_ids cwes date cwe cve epss_score
	epss_percentile cvssv3 cvssv3_score cvssv4 cvssv4_score mitigation impact steps_to_reproduce severity_justification references active
	verified false_p out_of_scope risk_accepted under_review is_mitigated thread_id mitigated numerical_severity param payload line
	file_path component_name component_version static_finding dynamic_finding scanner_confidence unique_id_from_tool vuln_id_from_tool
	sast_source_object sast_sink_object sast_source_line sast_source_file_path nb_occurences publish_date service
	planned_remediation_date planned_remediation_version effort_for_fixing kev_date known_exploited ransomware_used fix_available fix_version`)

func validDojo(t *testing.T, b []byte) {
	var file struct {
		Findings []map[string]any `json:"findings"`
	}
	require.NoError(t, json.Unmarshal(b, &file))
	require.NotNil(t, file.Findings)
	day := regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
	for _, f := range file.Findings {
		for key, value := range f {
			if !slices.Contains(dojoKeys, key) || value == nil {
				t.Fatalf("DefectDojo refuses %s = %v", key, value)
			}
			if strings.HasSuffix(key, "date") && !day.MatchString(value.(string)) {
				t.Fatalf("%s is no day: %v", key, value)
			}
		}
		for _, key := range []string{"title", "severity", "description"} {
			require.NotEmpty(t, f[key], key)
		}
		require.Contains(t, []any{"Critical", "High", "Medium", "Low", "Info"}, f["severity"])
		require.LessOrEqual(t, utf8.RuneCountInString(f["title"].(string)), 511, "the title's column")
		for _, e := range list(f, "endpoints") {
			require.NotEmpty(t, text(e, "host"))
		}
	}
}

// validHTML: a page that asks nobody for anything and runs nothing but its own script.
func validHTML(t *testing.T, b []byte) {
	z := html.NewTokenizer(bytes.NewReader(b))
	z.SetMaxBuf(8 << 20)
	policy, scripts, open := "", 0, map[string]int{}
	for {
		switch z.Next() {
		case html.ErrorToken:
			require.ErrorIs(t, z.Err(), io.EOF)
			require.Contains(t, policy, "default-src 'none'")
			require.LessOrEqual(t, scripts, 2)
			for _, tag := range []string{"html", "body", "main", "table", "section", "script", "style", "svg"} {
				require.Zero(t, open[tag], "%s is not closed, or closed twice", tag)
			}
			return
		case html.StartTagToken:
			token := z.Token()
			open[token.Data]++
			scripts += 1 - rank(token.Data == "script")
			policy += inertTag(t, token)
		case html.SelfClosingTagToken:
			policy += inertTag(t, z.Token())
		case html.EndTagToken:
			open[z.Token().Data]--
		}
	}
}

// inertTag wants a tag that does nothing, and returns the policy that it states, if any.
func inertTag(t *testing.T, token html.Token) (policy string) {
	t.Helper()
	require.NotContains(t, []string{"iframe", "object", "embed", "form", "base", "frame", "link"}, token.Data)
	stated := false
	for _, a := range token.Attr {
		require.False(t, strings.HasPrefix(a.Key, "on"), "%s of %s", a.Key, token.Data)
		switch a.Key {
		case "src", "srcset", "action", "formaction", "poster", "data", "ping", "background":
			t.Fatalf("%s asks for %s", token.Data, a.Val)
		case "href", "xlink:href":
			if !strings.HasPrefix(a.Val, "#") && link(a.Val) == "" {
				t.Fatalf("a link to %.100q", a.Val)
			}
		case "http-equiv":
			stated = strings.EqualFold(a.Val, "Content-Security-Policy")
			require.NotEqual(t, "refresh", strings.ToLower(a.Val))
		case "content":
			policy = a.Val
		}
	}
	if !stated {
		return ""
	}
	return policy
}

// validJUnit: the elements and attributes that its readers agree on, and counts that are true.
func validJUnit(t *testing.T, b []byte) {
	required := map[string][]string{"testsuite": {"name", "tests", "failures", "skipped"}, "testcase": {"name", "classname"}, "failure": {"message"}, "error": {"message"}, "skipped": {"message"}}
	parents := map[string]string{"testsuites": "", "testsuite": "testsuites", "testcase": "testsuite", "failure": "testcase", "skipped": "testcase", "error": "testcase",
		"system-out": "testcase", "properties": "testsuite", "property": "properties"}
	decoder := xml.NewDecoder(bytes.NewReader(b))
	path := []string{""}
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			parent, known := parents[name]
			require.True(t, known && (parent == path[len(path)-1] || name == "properties"), "%s in %s", name, path[len(path)-1])
			for _, want := range required[name] {
				require.True(t, slices.ContainsFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == want }), "%s without %s", name, want)
			}
			path = append(path, name)
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.Directive:
			t.Fatalf("a directive: %s", e)
		}
	}
	var suites junitSuites
	require.NoError(t, xml.Unmarshal(b, &suites))
	failed, broken, skipped := 0, 0, 0
	for _, c := range suites.Suite.Cases {
		failed += 1 - rank(c.Failure != nil)
		broken += 1 - rank(c.Error != nil)
		skipped += 1 - rank(c.Skipped != nil)
		require.False(t, c.Failure != nil && c.Skipped != nil, c.Name)
	}
	require.Equal(t, []int{len(suites.Suite.Cases), failed, broken, skipped},
		[]int{suites.Suite.Tests, suites.Suite.Failures, suites.Suite.Errors, suites.Suite.Skipped})
}

// validMarkdown: within its budget, and every row of a table has the cells of its head.
func validMarkdown(t *testing.T, b []byte) {
	require.LessOrEqual(t, len(b), maxMarkdown)
	head := 0
	for line := range strings.Lines(string(b)) {
		bars := strings.Count(line, "|") - strings.Count(line, `\|`)
		switch {
		case !strings.HasPrefix(line, "|"):
			head = 0
		case head == 0:
			head = bars
		default:
			require.Equal(t, head, bars, "%.200s", line)
		}
	}
}

func validText(t *testing.T, b []byte) {
	require.NotContains(t, string(b), "\x1b")
	for line := range strings.Lines(string(b)) {
		require.LessOrEqual(t, columns(strings.TrimSuffix(line, "\n")), 80, line)
	}
}
