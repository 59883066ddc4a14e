package finding

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"postern/fingerprints"
	"postern/scanner/evidence"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("results.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("results.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// fullReport sets every field.
func fullReport() Report {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	result := Result{
		Target: "vpn.example.org:443", URL: "https://vpn.example.org/", Outcome: Identified, Reason: "refused", Detail: "no", Seconds: 1.5,
		Input:    Input{Text: "vpn.example.org", File: "list.txt", Line: 1, Column: 1, EndColumn: 16, Owner: "netops", Tags: []string{"prod"}, Meta: map[string]string{"site": "paris"}},
		TLS:      &evidence.TLS{Version: "TLS 1.2", Cipher: "x", Subject: "CN=x", Issuer: "CN=x", SAN: []string{"x"}, NotBefore: now, NotAfter: now, SHA256: "00", Needed: []string{"tls1.0"}, Escalated: "x"},
		Asked:    []Asked{{Request: "GET /", Status: 200, Bytes: 4, Failure: "reset", Malformed: []evidence.Malformation{evidence.BadHeader}}},
		Findings: []Finding{{Advisory: "POSTERN-LEGACY-TLS", Kind: LegacyTLS, Verdict: Affected, Reason: "why", Title: "T", Severity: "low"}},
		Products: []Product{{
			ID: "acme-gate", Name: "Acme Gate", Vendor: "Acme", Confidence: fingerprints.Definitive,
			Version: Version{State: Candidates, Text: "1 or 2", Set: "1 || 2", Candidates: []string{"1", "2"}, Raw: []string{"<x>"}, Declared: "1", UsesDeclared: true},
			Models:  []string{"G1"},
			CPE:     []string{"cpe:2.3:o:acme:gate:*:*:*:*:*:*:*:*"},
			Because: []Reason{{Rule: "login", Identifies: fingerprints.Strong, Request: "GET /", Shows: "\x1b<script>", Says: "1", Source: "S"}},
			Findings: []Finding{{
				Advisory: "CVE-2024-0001", Verdict: Affected, Reason: "why", Fixed: "3", Title: "T", Severity: "high", Score: 9.8,
				Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", KEV: &KEV{"2024-02-09", "2024-02-16", true}, AppliesIf: "x", Preauth: true, EPSS: 0.94, EPSSPercentile: 0.99,
				Exploitation: []string{"x"}, Remediation: "x", URL: "https://vendor.example/", CWE: []string{"CWE-787"},
			}},
			NotAffected: []string{"CVE-2024-0002"},
		}},
	}
	return Report{
		Header: Header{Format: Format, Tool: "postern", Version: "1.0", Started: now, Inputs: []string{"list.txt"},
			Rules: Rules{Digest: "sha256:" + strings.Repeat("0", 64), Date: "2024-02-09", Products: 1, Advisories: 2}},
		Results: []Result{result, {Target: "x:443", Outcome: Unreachable}},
		Summary: Summary{Targets: 2, Results: 2, Identified: 1, Unreachable: 1, Coverage: 0.5, Complete: true, Ended: now},
	}
}

func validate(t *testing.T, s *jsonschema.Schema, value any) error {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(doc)
}

func TestReportsFitTheSchema(t *testing.T) {
	s, least := schema(t), fullReport()
	least.Results, least.Inputs, least.Rules.Digest, least.Rules.Date = []Result{}, nil, "", ""
	for name, report := range map[string]Report{"every field": fullReport(), "no result": least} {
		if err := validate(t, s, report); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every field of a full report is taken away, renamed and given another type, one at a
// time; the schema must notice each, unless the field may be absent.
func TestSchemaNoticesEveryChange(t *testing.T) {
	s := schema(t)
	data, err := json.Marshal(fullReport())
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	fields := 0
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch value := value.(type) {
		case []any:
			if len(value) > 0 {
				walk(path, value[0])
			}
		case map[string]any:
			if path == "results/input/meta" {
				return // any key
			}
			for _, key := range slices.Sorted(maps.Keys(value)) {
				old, where := value[key], strings.TrimPrefix(path+"/"+key, "/")
				fields++
				value[key] = -1 // fits nowhere: every number counts up from 0
				refusedBySchema(t, s, doc, where+" of another type")
				delete(value, key)
				value[key+"_"] = old
				refusedBySchema(t, s, doc, where+" renamed")
				delete(value, key+"_")
				value[key] = old
				walk(where, old)
			}
		}
	}
	walk("", doc)
	if fields < 80 {
		t.Errorf("only %d fields were changed", fields)
	}
	if err := validate(t, s, doc); err != nil {
		t.Errorf("the report was not put together again: %v", err)
	}
}

func refusedBySchema(t *testing.T, s *jsonschema.Schema, doc any, what string) {
	t.Helper()
	if validate(t, s, doc) == nil {
		t.Errorf("%s: the schema says nothing", what)
	}
}

func TestSchemaRefusesValues(t *testing.T) {
	s := schema(t)
	for name, change := range map[string]func(*Report){
		"format of another contract": func(r *Report) { r.Format = 2 },
		"verdict nobody knows":       func(r *Report) { r.Results[0].Products[0].Findings[0].Verdict = "clean" },
		"outcome nobody knows":       func(r *Report) { r.Results[0].Outcome = "clean" },
		"state nobody knows":         func(r *Report) { r.Results[0].Products[0].Version.State = "guess" },
		"kind nobody knows":          func(r *Report) { r.Results[0].Findings[0].Kind = "other" },
		"verdict without reason":     func(r *Report) { r.Results[0].Products[0].Findings[0].Reason = "" },
		"probability beyond one":     func(r *Report) { r.Results[0].Products[0].Findings[0].EPSS = 1.1 },
		"score beyond ten":           func(r *Report) { r.Results[0].Products[0].Findings[0].Score = 11 },
		"coverage beyond one":        func(r *Report) { r.Summary.Coverage = 1.1 },
		"no list of results":         func(r *Report) { r.Results = nil },
		"KEV without a day":          func(r *Report) { r.Results[0].Products[0].Findings[0].KEV.Added = "" },
	} {
		report := fullReport()
		change(&report)
		if validate(t, s, report) == nil {
			t.Errorf("%s: the schema says nothing", name)
		}
	}
}

// A field that Go always writes is required, and every field is in the schema.
func TestSchemaHasTheFieldsOfTheTypes(t *testing.T) {
	type object struct {
		Properties map[string]any `json:"properties"`
		Required   []string       `json:"required"`
	}
	var doc struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(Schema, &doc); err != nil {
		t.Fatal(err)
	}
	types := map[string]any{
		"rules": Rules{}, "result": Result{}, "input": Input{}, "asked": Asked{}, "tls": evidence.TLS{}, "product": Product{},
		"version": Version{}, "reason": Reason{}, "finding": Finding{}, "kev": KEV{}, "summary": Summary{},
		"earlier": Earlier{}, "acceptance": Acceptance{}, "idle_acceptance": IdleAcceptance{}, "baseline": Baseline{},
		"shard": Shard{}, "change_counts": ChangeCounts{}, "change": Change{},
	}
	for name, value := range types {
		hasFields(t, name, reflect.TypeOf(value), doc.Defs[name].Properties, doc.Defs[name].Required)
	}
	hasFields(t, "report", reflect.TypeOf(Report{}), doc.Properties, doc.Required)
}

func hasFields(t *testing.T, name string, typ reflect.Type, properties map[string]any, required []string) {
	t.Helper()
	var always, all []string
	for _, field := range reflect.VisibleFields(typ) {
		if field.Anonymous {
			continue
		}
		key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		all = append(all, key)
		if options == "" {
			always = append(always, key)
		}
	}
	slices.Sort(all)
	slices.Sort(always)
	if got := slices.Sorted(maps.Keys(properties)); !slices.Equal(got, all) {
		t.Errorf("%s: the schema has %v, the type %v", name, got, all)
	}
	if got := slices.Sorted(slices.Values(required)); !slices.Equal(got, always) {
		t.Errorf("%s: the schema requires %v, Go always writes %v", name, got, always)
	}
}
