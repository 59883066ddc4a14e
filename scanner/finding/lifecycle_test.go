package finding

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"postern/fingerprints"
	"postern/scanner/version"
)

const gateProduct = `id: acme-gate
name: Acme Gate
vendor: Acme
versions: dotted
models: [{name: G1}, {name: G2}]
no_signals: Its pages are those of the server.
`

// lived is the product acme-gate with a lifecycle.
func lived(t *testing.T, branches string) fingerprints.Product {
	t.Helper()
	c, err := fingerprints.Load(fstest.MapFS{
		"acme-gate/product.yaml":   {Data: []byte(gateProduct)},
		"acme-gate/lifecycle.yaml": {Data: []byte("source: TEST\nbranches:\n" + branches)},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := c.Product("acme-gate")
	return p
}

const gateBranches = `  - {branch: "6.4", ends: "2024-09-30"}
  - {branch: "7.0", ends: "2025-09-30"}
  - {branch: "7.2", ends: "2026-09-30"}
  - {branch: "7.4", ends: "2027-11-11"}
`

func TestLifeEnded(t *testing.T) {
	p := lived(t, gateBranches)
	whole := lived(t, "  - {branch: all, ends: \"2020-01-31\"}\n")
	models := lived(t, gateBranches+"  - {branch: \"6.4\", ends: \"2030-01-01\", models: [G2]}\n")
	tests := []struct {
		name   string
		p      fingerprints.Product
		set    string
		read   bool
		models []string
		day    string
		want   string // verdict, reason, fixed
	}{
		{"ended", p, "7.0.12", true, nil, "2025-10-01", "affected|branch 7.0 gets no security fixes since 2025-09-30|7.2"},
		{"on the last day", p, "7.0.12", true, nil, "2025-09-30", ""},
		{"long ago", p, "7.0.12", true, nil, "2030-01-01", "affected|branch 7.0 gets no security fixes since 2025-09-30|"},
		{"the nearest that goes on", p, "6.4.1", true, nil, "2026-11-22", "affected|branch 6.4 gets no security fixes since 2024-09-30|7.4"},
		{"supported", p, "7.4.1", true, nil, "2026-11-22", ""},
		{"in no branch", p, "5.0.1", true, nil, "2026-11-22", ""},
		{"all of them", p, "6.4.1 || 7.0.1", true, nil, "2026-11-22", "affected|every candidate version is in a branch that gets no security fixes: branch 6.4 since 2024-09-30, branch 7.0 since 2025-09-30|7.4"},
		{"some of them", p, "7.2.1 || 7.4.1", true, nil, "2026-11-22", "possible|some of the candidate versions are in a branch that gets no security fixes: branch 7.2 since 2026-09-30|7.4"},
		{"a range over all", p, ">=6.4", true, nil, "2025-10-01", "possible|some of the candidate versions are in a branch that gets no security fixes: branch 6.4 since 2024-09-30, branch 7.0 since 2025-09-30|7.2"},
		{"a whole branch", p, ">=7.0 <7.1", true, nil, "2026-11-22", "affected|branch 7.0 gets no security fixes since 2025-09-30|7.4"},
		{"a hole between branches", p, ">=7.0 <7.2", true, nil, "2026-11-22", "possible|some of the candidate versions are in a branch that gets no security fixes: branch 7.0 since 2025-09-30|7.4"},
		{"not read", p, "*", false, nil, "2026-11-22", ""},
		{"read and nothing learnt", p, "*", true, nil, "2026-11-22", ""},
		{"contradictory", p, "none", true, nil, "2026-11-22", ""},
		{"the product, not read", whole, "*", false, nil, "2026-11-22", "affected|the product gets no security fixes since 2020-01-31|"},
		{"the product, read", whole, "9.9", true, nil, "2026-11-22", "affected|the product gets no security fixes since 2020-01-31|"},
		{"no day", p, "6.4.1", true, nil, "", ""},
		{"no lifecycle", fingerprints.Product{ID: "acme-gate"}, "6.4.1", true, nil, "2026-11-22", ""},
		{"this model goes on", models, "6.4.1", true, []string{"G2"}, "2026-11-22", ""},
		{"this model has ended", models, "6.4.1", true, []string{"G1"}, "2026-11-22", "affected|branch 6.4 gets no security fixes since 2024-09-30|7.4"},
		{"the model is not known", models, "6.4.1", true, nil, "2026-11-22", "possible|some of the candidate versions are in a branch that gets no security fixes: branch 6.4 since 2024-09-30|7.4"},
		{"this model has ended in the end", models, "6.4.1", true, []string{"G2"}, "2030-01-02", "affected|branch 6.4 on G2 gets no security fixes since 2030-01-01|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var day time.Time
			if tt.day != "" {
				day, _ = time.Parse(time.DateOnly, tt.day)
			}
			id := fingerprints.Identification{Product: "acme-gate", Versions: set(t, version.Dotted, tt.set), Read: tt.read, Models: tt.models}
			got := ""
			for _, f := range LifeEnded(tt.p, id, day) {
				got += string(f.Verdict) + "|" + f.Reason + "|" + f.Fixed
				if f.Advisory != "POSTERN-EOL" || f.Kind != EndOfLife || f.Severity != "high" || f.Score != 0 || f.KEV != nil {
					t.Errorf("finding %+v", f)
				}
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// The day is that of UTC, whatever zone the clock is in.
func TestLifeEndsAtMidnightUTC(t *testing.T) {
	id := fingerprints.Identification{Product: "acme-gate", Versions: set(t, version.Dotted, "7.0.1"), Read: true}
	last := time.Date(2025, 10, 1, 1, 0, 0, 0, time.FixedZone("east", 3*3600)) // 22:00 of the day before
	if got := LifeEnded(lived(t, gateBranches), id, last); got != nil {
		t.Errorf("on the last day: %+v", got)
	}
}

func TestLongListOfBranchesIsCut(t *testing.T) {
	p := lived(t, `  - {branch: "1", ends: "2001-01-01"}
  - {branch: "2", ends: "2002-01-01"}
  - {branch: "3", ends: "2003-01-01"}
  - {branch: "4", ends: "2004-01-01"}
  - {branch: "5", ends: "2005-01-01"}
  - {branch: "6", ends: "2006-01-01"}
`)
	id := fingerprints.Identification{Product: "acme-gate", Versions: set(t, version.Dotted, ">=1 <7"), Read: true}
	f := LifeEnded(p, id, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if len(f) != 1 || !strings.HasSuffix(f[0].Reason, "branch 4 since 2004-01-01, 2 more") {
		t.Errorf("%+v", f)
	}
}

// What is said of a release is no weakness: it comes last, decides no upgrade, and the
// summary counts it apart.
func TestLifeEndedIsNoWeakness(t *testing.T) {
	p := lived(t, gateBranches)
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	id := fingerprints.Identification{Product: "acme-gate", Versions: set(t, version.Dotted, "7.2.7"), Read: true}
	product := NewProduct(p, id, load(t, advisory("CVE-2024-0001", unlistedUnaffected())), day)
	if len(product.Findings) != 1 || product.Findings[0].Kind != EndOfLife || product.Upgrade != "" {
		t.Fatalf("product %+v", product)
	}
	product.AddExposed([]int{4430}, load(t, advisory("POSTERN-ACME-CONSOLE", console)))
	if n := len(product.Findings); n != 2 || product.Findings[n-1].Kind != EndOfLife {
		t.Errorf("findings %+v, want the end of life last", product.Findings)
	}
	product.Findings = product.Findings[1:]
	var s Summary
	s.Add(Result{Outcome: Identified, Products: []Product{product}, Findings: []Finding{{Kind: LegacyTLS, Verdict: Affected}}})
	s.Add(Result{Outcome: Unidentified, Findings: []Finding{{Kind: Contradiction, Verdict: Possible}}})
	s.Add(Result{Outcome: Identified, Products: []Product{{Findings: []Finding{{Kind: EndOfLife, Verdict: Possible}}}}})
	if want := (Summary{Results: 3, Identified: 2, Unidentified: 1, EndOfLife: 1, LegacyTLS: 1}); !reflect.DeepEqual(s, want) {
		t.Errorf("summary %+v, want %+v", s, want)
	}
}

// A stored result is judged by the day of the judging; what was seen stays.
func TestRejudgeLife(t *testing.T) {
	c, err := fingerprints.Load(fstest.MapFS{
		"acme-gate/product.yaml":   {Data: []byte(gateProduct)},
		"acme-gate/lifecycle.yaml": {Data: []byte("source: TEST\nbranches:\n" + gateBranches)},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := Finding{Advisory: "POSTERN-DECLARED", Kind: Contradiction, Verdict: Possible}
	about := Finding{Advisory: "POSTERN-LEGACY-TLS", Kind: LegacyTLS, Verdict: Affected}
	stored := Result{Findings: []Finding{about}, Products: []Product{{ID: "acme-gate", Version: Version{State: Exact, Set: "7.2.9"},
		Findings: []Finding{{Advisory: "POSTERN-EOL", Kind: EndOfLife, Reason: "of another day"}, seen}}}}
	for day, want := range map[string]string{"2026-09-30": "POSTERN-DECLARED", "2026-10-01": "POSTERN-EOL POSTERN-DECLARED"} {
		at, _ := time.Parse(time.DateOnly, day)
		r, err := Rejudge(stored, c, load(t, advisory("CVE-2024-0001", unlistedUnaffected())), at)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, f := range r.Products[0].Findings {
			ids = append(ids, f.Advisory)
		}
		if got := strings.Join(ids, " "); got != want || len(r.Findings) != 1 {
			t.Errorf("%s: %s, and %d of the endpoint; want %s and 1", day, got, len(r.Findings), want)
		}
	}
}
