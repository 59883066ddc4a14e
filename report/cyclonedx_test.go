package report

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// cycloneJSONSchema is the schema that the library carries.
func cycloneJSONSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for name, file := range map[string]string{"bom-1.6.schema.json": "", "spdx.schema.json": "", "jsf-0.82.schema.json": "jsf-0.82.schemax.json"} {
		f, err := os.Open(filepath.Join(strings.TrimSpace(string(dir)), "schema", cmp.Or(file, name)))
		require.NoError(t, err)
		defer f.Close()
		doc, err := jsonschema.UnmarshalJSON(f)
		require.NoError(t, err)
		require.NoError(t, c.AddResource("http://cyclonedx.org/schema/"+name, doc))
	}
	s, err := c.Compile(cycloneSchema)
	require.NoError(t, err)
	return s
}

// inventory reads a file as the library does, and holds it against the schema and against
// what no schema says: every reference leads somewhere, and to one thing.
func inventory(t *testing.T, schema *jsonschema.Schema, b []byte) *cyclonedx.BOM {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	require.NoError(t, err)
	require.NoError(t, schema.Validate(v))
	bom := new(cyclonedx.BOM)
	require.NoError(t, cyclonedx.NewBOMDecoder(bytes.NewReader(b), cyclonedx.BOMFileFormatJSON).Decode(bom))
	refs := map[string]bool{bom.Metadata.Component.BOMRef: true}
	define := func(ref string) {
		require.NotEmpty(t, ref)
		require.False(t, refs[ref], "%s twice", ref)
		refs[ref] = true
	}
	for _, c := range *bom.Components {
		define(c.BOMRef)
		require.True(t, c.CPE == "" || c.Version != "", "a CPE of no single version says more than is known")
	}
	for _, s := range orNone(bom.Services) {
		define(s.BOMRef)
	}
	for _, v := range orNone(bom.Vulnerabilities) {
		require.NotEmpty(t, v.Analysis.State)
		require.NotEmpty(t, *v.Affects)
		for _, a := range *v.Affects {
			require.True(t, refs[a.Ref], a.Ref)
		}
	}
	return bom
}

func orNone[T any](list *[]T) []T {
	if list == nil {
		return nil
	}
	return *list
}

// statementsOf is a file in one line a statement: state, advisory, gateways.
func statementsOf(bom *cyclonedx.BOM) []string {
	var all []string
	for _, v := range orNone(bom.Vulnerabilities) {
		var refs []string
		for _, a := range *v.Affects {
			refs = append(refs, a.Ref)
		}
		state := string(v.Analysis.State)
		if j := v.Analysis.Justification; j != "" {
			state += "/" + string(j)
		}
		for _, r := range orNone(v.Analysis.Response) {
			state += "/" + string(r)
		}
		all = append(all, state+" "+v.ID+": "+strings.Join(refs, ", "))
	}
	return all
}

func TestCycloneDXOfTheExample(t *testing.T) {
	bom := inventory(t, cycloneJSONSchema(t), convert(t, "cyclonedx", Options{}))
	require.Regexp(t, "^exploitable/update CVE-2024-21762: vpn1.example.org:443/fortinet-fortios", statementsOf(bom)[0])
	require.Equal(t, cyclonedx.CompositionAggregateIncomplete, (*bom.Compositions)[0].Aggregate, "some did not answer")
	first := (*bom.Vulnerabilities)[0]
	require.Equal(t, cyclonedx.Source{Name: "NVD", URL: "https://nvd.nist.gov/vuln/detail/" + first.ID}, *first.Source)
	require.Equal(t, cyclonedx.ScoringMethodCVSSv31, (*first.Ratings)[0].Method)
}

// TestCycloneDXStatesWhatIsTrue is the table of what a finding becomes.
func TestCycloneDXStatesWhatIsTrue(t *testing.T) {
	schema := cycloneJSONSchema(t)
	accepted := func(word string) *finding.Acceptance {
		return &finding.Acceptance{Reason: "the portal is off", Owner: "netops", Expires: "2027-01-31", Justification: word}
	}
	fix := func(f finding.Finding, version string, a *finding.Acceptance) finding.Finding {
		f.Fixed, f.Accepted = version, a
		return f
	}
	one := advisory("CVE-2024-0001", finding.Affected, "high", 7)
	excludes := gateway("a:443", finding.Exact)
	excludes.Products[0].NotAffected = []string{"CVE-2024-0001", "CVE-2024-0002"}
	gone := finding.Summary{Complete: true, Gone: []finding.Change{
		{Status: finding.IsFixed, Target: "a:443", Product: "acme-gate", Advisory: "CVE-2024-0001", Title: "Bad", Severity: "high", Reason: "9.1 is after the fix"},
		{Status: finding.IsFixed, Target: "z:443", Product: "acme-gate", Advisory: "CVE-2024-0001"},
	}}
	done := finding.Summary{Complete: true}
	gate := "a:443/acme-gate"
	for _, tt := range []struct {
		name string
		s    finding.Summary
		in   finding.Result
		want []string
	}{
		{"affected", done, gateway("a:443", finding.Exact, one), []string{"exploitable CVE-2024-0001: " + gate}},
		{"affected, with a fix", done, gateway("a:443", finding.Exact, fix(one, "9.2", nil)), []string{"exploitable/update CVE-2024-0001: " + gate}},
		{"no fix exists", done, gateway("a:443", finding.Exact, fix(one, "none", nil)), []string{"exploitable CVE-2024-0001: " + gate}},
		{"possible", done, gateway("a:443", finding.Candidates, advisory("CVE-2024-0001", finding.Possible, "high", 7)), []string{"in_triage CVE-2024-0001: " + gate}},
		{"version not read", done, gateway("a:443", finding.Unknown, advisory("CVE-2024-0001", finding.Possible, "high", 7)), []string{"in_triage CVE-2024-0001: " + gate}},
		{"ruled out", done, excludes, []string{"not_affected CVE-2024-0001: " + gate, "not_affected CVE-2024-0002: " + gate}},
		{"fixed since the baseline", gone, excludes, []string{"resolved CVE-2024-0001: " + gate, "not_affected CVE-2024-0002: " + gate}},
		{"not judged again", done, carried("a:443", one), []string{"exploitable CVE-2024-0001: " + gate}},
		{"a risk accepted", done, gateway("a:443", finding.Exact, fix(one, "9.2", accepted(""))), []string{"exploitable/will_not_fix CVE-2024-0001: " + gate}},
		{"a risk that is none", done, gateway("a:443", finding.Exact, fix(one, "9.2", accepted("vulnerable_code_not_in_execute_path"))), []string{"not_affected/code_not_reachable CVE-2024-0001: " + gate}},
		{"mitigated", done, gateway("a:443", finding.Exact, fix(one, "", accepted("inline_mitigations_already_exist"))), []string{"not_affected/protected_by_mitigating_control CVE-2024-0001: " + gate}},
		{"a word with several meanings", done, gateway("a:443", finding.Exact, fix(one, "", accepted("vulnerable_code_cannot_be_controlled_by_adversary"))), []string{"not_affected CVE-2024-0001: " + gate}},
		{"end of life is no vulnerability", done, gateway("a:443", finding.Exact, finding.Finding{Advisory: "POSTERN-EOL", Kind: finding.EndOfLife, Verdict: finding.Affected}), nil},
		{"unreachable", done, finding.Result{Target: "a:443", Outcome: finding.Unreachable}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bom := inventory(t, schema, write(t, "cyclonedx", Options{}, finding.Header{}, tt.s, tt.in))
			require.Equal(t, tt.want, statementsOf(bom))
			for _, v := range orNone(bom.Vulnerabilities) {
				if strings.Contains(tt.name, "risk") {
					require.Contains(t, v.Analysis.Detail, "Accepted by netops until 2027-01-31: the portal is off")
				}
				if tt.name == "not judged again" {
					require.Contains(t, v.Analysis.Detail, "Last seen on 2026-11-20 and not judged again since.")
				}
			}
			aggregate := (*bom.Compositions)[0].Aggregate
			require.Equal(t, tt.in.Outcome == finding.Unreachable, aggregate == cyclonedx.CompositionAggregateIncomplete)
		})
	}
}

// TestCycloneDXHasOneEntryForOneStatement: gateways of which the same is said share it.
func TestCycloneDXHasOneEntryForOneStatement(t *testing.T) {
	one, maybe := advisory("CVE-2024-0001", finding.Affected, "high", 7), advisory("CVE-2024-0001", finding.Possible, "high", 7)
	again := gateway("a:443", finding.Exact, one)
	bom := inventory(t, cycloneJSONSchema(t), write(t, "cyclonedx", Options{}, finding.Header{}, finding.Summary{Complete: true},
		gateway("b:443", finding.Candidates, maybe), again, gateway("c:443", finding.Exact, one), again))
	require.Equal(t, []string{"exploitable CVE-2024-0001: a:443/acme-gate, c:443/acme-gate", "in_triage CVE-2024-0001: b:443/acme-gate"}, statementsOf(bom))
	require.Len(t, *bom.Components, 3)
}

func TestCycloneDXKeepsWhatIsNotedOfAnEndpoint(t *testing.T) {
	tls := finding.Finding{Advisory: "POSTERN-LEGACY-TLS", Kind: finding.LegacyTLS, Verdict: finding.Affected, Reason: "only TLS 1.0"}
	plain, known := finding.Result{Target: "a:443", URL: "https://a/", Outcome: finding.Unidentified, Findings: []finding.Finding{tls}}, gateway("b:443", finding.Exact)
	known.Findings = plain.Findings
	bom := inventory(t, cycloneJSONSchema(t), write(t, "cyclonedx", Options{}, finding.Header{}, finding.Summary{Complete: true}, plain, known))
	want := cyclonedx.Property{Name: "postern:finding", Value: "POSTERN-LEGACY-TLS: only TLS 1.0"}
	require.Len(t, *bom.Services, 1)
	require.Equal(t, []string{"https://a/"}, *(*bom.Services)[0].Endpoints)
	require.Contains(t, *(*bom.Services)[0].Properties, want)
	require.Contains(t, *(*bom.Components)[0].Properties, want)
}

// TestCycloneDXSerialNumber: one report has one, another report another.
func TestCycloneDXSerialNumber(t *testing.T) {
	h := finding.Header{Started: time.Date(2026, 11, 22, 21, 0, 3, 0, time.UTC)}
	a, err := serialNumber(h, finding.Summary{})
	require.NoError(t, err)
	require.Regexp(t, `^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a)
	again, _ := serialNumber(h, finding.Summary{})
	require.Equal(t, a, again)
	h.Rules.Digest = "sha256:1"
	other, _ := serialNumber(h, finding.Summary{})
	require.NotEqual(t, a, other)
}

func TestIsCPE(t *testing.T) {
	require.True(t, isCPE("cpe:2.3:o:fortinet:fortios:7.2.4:*:*:*:*:*:*:*"))
	require.True(t, isCPE(`cpe:2.3:a:x:y:1\:2:*:*:*:*:*:*:*`))
	for _, bad := range []string{"", "cpe:/o:fortinet:fortios", "cpe:2.3:x:a:b:c:*:*:*:*:*:*:*", "cpe:2.3:o:a:b:c", "cpe:2.3:o:a b:c:1:*:*:*:*:*:*:*", "cpe:2.3:o:<b>:c:1:*:*:*:*:*:*:*"} {
		require.False(t, isCPE(bad), bad)
	}
}
