package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// sarifSchema is the schema of OASIS, from the npm package @microsoft/sarif-multitool.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile("testdata/sarif-2.1.0.json")
	require.NoError(t, err)
	return s
}

func decode(t *testing.T, b []byte) map[string]any {
	t.Helper()
	var log map[string]any
	require.NoError(t, json.Unmarshal(b, &log))
	return log
}

// acceptable fails the test if the schema or a consumer refuses a file.
func acceptable(t *testing.T, b []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	require.NoError(t, sarifSchema(t).Validate(v))
	log := decode(t, b)
	for _, c := range consumerChecks() {
		for _, fault := range c.refuses(log) {
			t.Errorf("%s: %s", c.name, fault)
		}
	}
}

func TestSARIFIsAcceptable(t *testing.T) { acceptable(t, convert(t, "sarif", Options{})) }

// change sets a value in a decoded file, or removes it when the value is absent.
type change struct {
	check string // the beginning of its name
	path  []any
	value any
}

type absent struct{}

func (c change) apply(t *testing.T, log map[string]any) {
	t.Helper()
	last := len(c.path) - 1
	switch parent := at(log, c.path[:last]...).(type) {
	case map[string]any:
		if c.value == (absent{}) {
			delete(parent, c.path[last].(string))
		} else {
			parent[c.path[last].(string)] = c.value
		}
	case []any:
		parent[c.path[last].(int)] = c.value
	default:
		t.Fatalf("%v leads nowhere", c.path)
	}
}

func run(path ...any) []any    { return append([]any{"runs", 0}, path...) }
func driver(path ...any) []any { return append(run("tool", "driver"), path...) }
func rule0(path ...any) []any  { return append(driver("rules", 0), path...) }
func result(path ...any) []any { return append(run("results", 0), path...) }
func notice(path ...any) []any {
	return append(run("invocations", 0, "toolExecutionNotifications", 0), path...)
}
func region(path ...any) []any {
	return append(result("locations", 0, "physicalLocation", "region"), path...)
}
func artifact(path ...any) []any {
	return append(result("locations", 0, "physicalLocation", "artifactLocation"), path...)
}

// brokenRuns breaks every check of what is not a result at least once.
func brokenRuns() []change {
	many := make([]any, 25_001)
	for i := range many {
		many[i] = map[string]any{}
	}
	return []change{
		{"a schema", []any{"$schema"}, "https://json.schemastore.org/sarif-2.0.0.json"},
		{"a schema", []any{"version"}, absent{}},
		{"other than one run", []any{"runs"}, []any{}},
		{"a run without results", run("results"), absent{}},
		{"a run without automationDetails", run("automationDetails"), absent{}},
		{"a run without automationDetails", run("automationDetails", "id"), "postern"},
		{"an end before", run("invocations", 0, "endTimeUtc"), "2020-01-01T00:00:00Z"},
		{"an invocation that", run("invocations", 0, "executionSuccessful"), absent{}},
		{"arguments", run("invocations", 0, "arguments"), []any{"-proxy", "http://user:secret@proxy.example"}},
		{"more than 25,000", run("results"), many},
		{"base addresses", run("originalUriBaseIds"), map[string]any{}},
		{"an asset list", run("artifacts", 0, "location", "uri"), "/etc/gateways.txt"},
		{"an asset list", run("artifacts", 0, "location", "uri"), "https://example.org/gateways.txt"},
		{"a null or a -1", run("invocations", 0, "exitCode"), nil},
		{"a null or a -1", result("locations", 0, "id"), -1.0},
		{"a notification whose", notice("descriptor", "index"), 3.0},
		{"a notification whose", notice("descriptor", "id"), absent{}},
		{"a notification without", notice("message", "text"), "no end"},
		{"a notification in", notice("locations", 0, "physicalLocation", "artifactLocation", "uri"), "a:443"},
		{"a precision", rule0("properties", "precision"), "sure"},
		{"extensions", run("tool", "extensions"), []any{}},
		{"a driver without name", driver("rules"), absent{}},
		{"a driver without name", driver("name"), ""},
		{"a driver without full", driver("fullName"), absent{}},
		{"a tool name", driver("name"), "The Postern Gateway Scanner"},
		{"a version that", driver("version"), "v1.0"},
		{"a version that", driver("version"), absent{}},
		{"a rule without id", rule0("fullDescription"), absent{}},
		{"a rule without id", rule0("help", "text"), ""},
		{"a rule whose name is missing", rule0("name"), absent{}},
		{"a rule whose name is missing", rule0("name"), "not pascal"},
		{"a rule whose name is its id", rule0("name"), "CVE-2024-21762"},
		{"a rule text", rule0("help", "markdown"), strings.Repeat("x", 1025)},
		{"a security-severity", rule0("properties", "security-severity"), 9.8},
		{"a security-severity", rule0("properties", "security-severity"), "critical"},
		{"a security-severity", rule0("properties", "tags"), []any{"kev"}},
		{"more than 20 tags", rule0("properties", "tags"), many[:21]},
		{"a weakness", rule0("properties", "tags", 1), "CWE-787"},
		{"a help address", rule0("helpUri"), "help.html"},
		{"a relationships", rule0("relationships"), []any{}},
		{"two rules", driver("rules", 1, "id"), "CVE-2024-21762"},
		{"a rule that did not fire", rule0("id"), "CVE-1999-0001"},
		{"a host in a rule", rule0("shortDescription", "text"), "vpn1.example.org:443 is affected."},
	}
}

// brokenResults does so for results and their places.
func brokenResults() []change {
	return []change{
		{"a result without its rule", result("ruleId"), absent{}},
		{"a rule index", result("ruleIndex"), 1.0},
		{"a rule index", result("ruleIndex"), 99.0},
		{"a rule object", result("rule"), map[string]any{}},
		{"a message without text", result("message", "text"), ""},
		{"a message by id", result("message", "id"), "default"},
		{"a message that does not end", result("message", "text"), "'vpn1.example.org:443' runs x"},
		{"a message that does not name", result("message", "text"), "vpn1.example.org:443 runs x."},
		{"a first sentence", result("message", "text"), "'vpn1.example.org:443' is bad. It runs x, see CVE-2024-21762."},
		{"a link", result("message", "text"), "See [this](https://example.org)."},
		{"a kind", result("kind"), "open"},
		{"a level", result("level"), "none"},
		{"a negative rank", result("rank"), -1.0},
		{"suppressions on", result("suppressions"), []any{}},
		{"suppressions on", run("results", 1, "suppressions"), []any{}},
		{"a baseline state", result("baselineState"), "new"},
		{"a baseline state", run("results", 1, "baselineState"), "absent"},
		{"a result whose asset list", artifact("uri"), "assets/other.txt"},
		{"related locations", result("relatedLocations"), []any{}},
		{"no primaryLocationLineHash", result("partialFingerprints"), absent{}},
		{"a fingerprint name", result("partialFingerprints", "postern/asset"), "x"},
		{"two results", run("results", 1, "partialFingerprints", "primaryLocationLineHash"), "same"},
		{"tags that repeat", result("properties", "tags"), []any{"a", "a"}},
		{"no location", result("locations"), []any{}},
		{"no location", result("locations"), absent{}},
		{"a location without file", result("locations", 0, "physicalLocation"), absent{}},
		{"a location without file", artifact("uri"), absent{}},
		{"a file with scheme", artifact("uri"), "https://vpn1.example.org/"},
		{"a file with scheme", artifact("uri"), "/etc/gateways.txt"},
		{"a file with scheme", artifact("uri"), "file:///etc/gateways.txt"},
		{"a colon", artifact("uri"), "localhost:8000"},
		{"a path that is no URI", artifact("uri"), "asset list.txt"},
		{"a path that is no URI", artifact("uri"), "../gateways.txt"},
		{"a path below", artifact("uriBaseId"), "ROOT"},
		{"a region without start", region("startLine"), absent{}},
		{"a region without start", region("endColumn"), absent{}},
		{"a region that ends", region("endLine"), 1.0},
		{"a byte", region("byteOffset"), -1.0},
		{"an id of a location", result("locations", 0, "id"), -1.0},
	}
}

// TestConsumerChecksRefuse shows that each check sees what it is named for, and that the
// list of broken files leaves none out.
func TestConsumerChecksRefuse(t *testing.T) {
	good := convert(t, "sarif", Options{})
	tried := map[string]bool{}
	for _, c := range slices.Concat(brokenRuns(), brokenResults()) {
		log := decode(t, good)
		if c.check == "two results" { // the same in both
			change{path: result("partialFingerprints", "primaryLocationLineHash"), value: c.value}.apply(t, log)
		}
		c.apply(t, log)
		found := false
		for _, check := range consumerChecks() {
			if strings.HasPrefix(check.name, c.check) {
				found = true
				tried[check.name] = true
				if len(check.refuses(log)) == 0 {
					t.Errorf("%q accepts %v = %v", check.name, c.path, c.value)
				}
			}
		}
		require.True(t, found, "no check begins with %q", c.check)
	}
	for _, check := range consumerChecks() {
		require.True(t, tried[check.name], "%q is broken by no file", check.name)
	}
}
