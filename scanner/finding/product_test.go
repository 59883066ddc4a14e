package finding

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"postern/fingerprints"
	"postern/scanner/evidence"
	"postern/scanner/version"
)

func TestNewProductVersion(t *testing.T) {
	tests := []struct {
		name string
		set  string
		read bool
		want Version
		cpe  string
	}{
		{"one version", "7.2.4", true, Version{State: Exact, Text: "7.2.4", Set: "7.2.4", Candidates: []string{"7.2.4"}}, "7.2.4"},
		{"two versions", "7.2.4 || 7.2.5", true, Version{State: Candidates, Text: "7.2.4 or 7.2.5", Set: "7.2.4 || 7.2.5", Candidates: []string{"7.2.4", "7.2.5"}}, "*"},
		{"a range", ">=7.2.4", true, Version{State: InRange, Text: "7.2.4 or later", Set: ">=7.2.4"}, "*"},
		{"not read", "*", false, Version{State: Unknown, Text: "unknown", Set: "*"}, "*"},
		{"read and nothing learnt", "*", true, Version{State: Unknown, Text: "unknown", Set: "*"}, "*"},
		{"contradiction", "none", true, Version{State: Contradictory, Text: "contradictory", Set: "none"}, "*"},
	}
	db := load(t, advisory("CVE-2024-0001", unlistedUnaffected()))
	p := fingerprints.Product{ID: "acme-gate", Name: "Acme Gate", Vendor: "Acme", CPE: []string{"acme:gate", "a:acme:gate_portal"}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := fingerprints.Identification{Product: "acme-gate", Confidence: fingerprints.Definitive, Versions: set(t, version.Dotted, tt.set), Read: tt.read, Raw: []string{"x"}}
			got := NewProduct(p, id, db, time.Time{})
			v := got.Version
			if v.State != tt.want.State || v.Text != tt.want.Text || v.Set != tt.want.Set || !slices.Equal(v.Candidates, tt.want.Candidates) || !slices.Equal(v.Raw, id.Raw) {
				t.Errorf("version %+v, want %+v", v, tt.want)
			}
			want := []string{"cpe:2.3:o:acme:gate:" + tt.cpe + ":*:*:*:*:*:*:*", "cpe:2.3:a:acme:gate_portal:" + tt.cpe + ":*:*:*:*:*:*:*"}
			if !slices.Equal(got.CPE, want) {
				t.Errorf("cpe %q, want %q", got.CPE, want)
			}
			if len(got.Findings)+len(got.NotAffected) != 1 {
				t.Errorf("%d findings and %d not affected; want one of them", len(got.Findings), len(got.NotAffected))
			}
		})
	}
}

func TestNewProductReasons(t *testing.T) {
	id := fingerprints.Identification{Product: "acme-gate", Versions: set(t, version.Dotted, "7.2.4"), Read: true, Because: []fingerprints.Reason{
		{Rule: "login", Identifies: fingerprints.Strong, Request: "GET /", Shows: "<title>", Source: "S"},
		{Rule: "banner", Request: "GET /", Shows: "7.2.4", Says: set(t, version.Dotted, "7.2.4"), Source: "S"},
	}}
	got := NewProduct(fingerprints.Product{ID: "acme-gate"}, id, load(t, advisory("CVE-2024-0001", unlistedUnaffected())), time.Time{}).Because
	want := []Reason{
		{Rule: "login", Identifies: fingerprints.Strong, Request: "GET /", Shows: "<title>", Source: "S"},
		{Rule: "banner", Request: "GET /", Shows: "7.2.4", Says: "7.2.4", Source: "S"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("because %+v, want %+v", got, want)
	}
}

func TestCPEValueEscapes(t *testing.T) {
	for text, want := range map[string]string{
		"7.2.4": "7.2.4", "10.2.9-h1": "10.2.9-h1", "22.7R2.4": "22.7r2.4", "9.16(4)57": `9.16\(4\)57`, "17.5.4 MR-4": "17.5.4_mr-4", "a:b*": `a\:b\*`,
	} {
		if got := cpeValue(text); got != want {
			t.Errorf("cpeValue(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestSummaryCounts(t *testing.T) {
	with := func(findings ...Finding) Result {
		return Result{Outcome: Identified, Products: []Product{{}, {Findings: findings}}, Asked: []Asked{{}, {}}}
	}
	known := &KEV{Added: "2024-02-09"}
	s := Summary{Targets: 9}
	for _, r := range []Result{
		with(Finding{Verdict: Possible}, Finding{Verdict: Affected}),             // both: affected once
		with(Finding{Verdict: Affected, KEV: known}, Finding{Verdict: Affected}), // KEV
		with(Finding{Verdict: Possible, KEV: known}),                             // possible KEV is no KEV
		with(),
		{Outcome: Unidentified, Asked: []Asked{{}}},
		{Outcome: Unreachable, Reason: string(evidence.Refused)},
		{Outcome: Interrupted},
		{}, // an outcome that nobody knows is no answer
	} {
		s.Add(r)
	}
	ended := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s.Finish(ended)
	want := Summary{
		Targets: 9, Results: 8, Identified: 4, Unidentified: 1, Unreachable: 2, Interrupted: 1,
		Affected: 2, PossiblyAffected: 1, KEV: 1, Requests: 9, Coverage: 5.0 / 9, Ended: ended,
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("summary\n%+v, want\n%+v", s, want)
	}
}

func TestCoverage(t *testing.T) {
	tests := []struct {
		name string
		s    Summary
		want float64
	}{
		{"nothing was scanned", Summary{}, 0},
		{"everything answered", Summary{Targets: 2, Results: 2, Identified: 1, Unidentified: 1}, 1},
		{"several endpoints a target", Summary{Targets: 1, Results: 4, Identified: 1, Unreachable: 3}, 0.25},
		{"stopped before the end", Summary{Targets: 10, Results: 1, Identified: 1}, 0.1},
	}
	for _, tt := range tests {
		if tt.s.Finish(time.Time{}); tt.s.Coverage != tt.want {
			t.Errorf("%s: coverage %v, want %v", tt.name, tt.s.Coverage, tt.want)
		}
	}
}
