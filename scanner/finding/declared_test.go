package finding

import (
	"slices"
	"strings"
	"testing"
	"time"

	"postern/fingerprints"
	"postern/scanner/version"
)

// declare states a version of acme-gate, or none, and models.
func declare(t *testing.T, text string, models ...string) *Declaration {
	t.Helper()
	d := &Declaration{Product: lived(t, gateBranches), Models: models, Place: "assets.txt:3"}
	if text != "" {
		v, err := version.Dotted.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		d.Version = v
	}
	return d
}

// told is what a product says of its version and models, and the findings of a kind.
func told(p Product) string {
	parts := []string{p.Version.Text}
	if p.Version.Declared != "" {
		parts = append(parts, "declared "+p.Version.Declared)
	}
	if p.Version.UsesDeclared {
		parts = append(parts, "used")
	}
	parts = append(parts, p.Models...)
	for _, r := range p.Because {
		parts = append(parts, r.Rule+" in "+r.Request+" says "+r.Says)
	}
	for _, f := range p.Findings {
		if f.Kind == Contradiction {
			parts = append(parts, f.Advisory+": "+f.Reason)
		}
	}
	return strings.Join(parts, "; ")
}

func TestDeclaredVersion(t *testing.T) {
	db := load(t, advisory("CVE-2024-0001", unlistedUnaffected()))
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		d      *Declaration
		set    string
		read   bool
		models []string
		want   string
	}{
		{"nothing is declared", nil, "*", false, nil, "unknown"},
		{"no version is declared", declare(t, ""), "*", false, nil, "unknown"},
		{"not read", declare(t, "7.2.4"), "*", false, nil, "7.2.4; declared 7.2.4; used; declared in assets.txt:3 says 7.2.4"},
		{"read and the same", declare(t, "7.2.4"), "7.2.4", true, nil, "7.2.4"},
		{"narrowed", declare(t, "7.2.4"), "7.2.4 || 7.2.5", true, nil, "7.2.4; declared 7.2.4; used; declared in assets.txt:3 says 7.2.4"},
		{"in a range", declare(t, "7.2.4"), ">=7.2.0", true, nil, "7.2.4; declared 7.2.4; used; declared in assets.txt:3 says 7.2.4"},
		{"excluded", declare(t, "7.2.4"), "7.2.6 || 7.2.7", true, nil, "7.2.6 or 7.2.7; declared 7.2.4; POSTERN-DECLARED: assets.txt:3 declares 7.2.4, and the endpoint shows 7.2.6 or 7.2.7"},
		{"rules contradict", declare(t, "7.2.4"), "none", true, nil, "contradictory"},
		{"the model is not seen", declare(t, "", "G1"), "7.2.4", true, nil, "7.2.4; G1; declared in assets.txt:3 says "},
		{"the model is seen", declare(t, "", "G1"), "7.2.4", true, []string{"G1"}, "7.2.4; G1"},
		{"one of two models", declare(t, "", "G1"), "7.2.4", true, []string{"G1", "G2"}, "7.2.4; G1; declared in assets.txt:3 says "},
		{"another model", declare(t, "", "G1"), "7.2.4", true, []string{"G2"}, "7.2.4; G2; POSTERN-DECLARED: assets.txt:3 declares the model G1, and the endpoint shows G2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := fingerprints.Identification{Product: "acme-gate", Confidence: fingerprints.Definitive, Versions: set(t, version.Dotted, tt.set), Read: tt.read, Models: tt.models}
			product := tt.d.Judge(lived(t, gateBranches), id, db, day)
			if got := told(product); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if product.Confidence != fingerprints.Definitive {
				t.Errorf("confidence %s", product.Confidence)
			}
		})
	}
}

// A declared version is judged like a seen one.
func TestDeclaredVersionIsJudged(t *testing.T) {
	db := load(t, advisory("CVE-2024-0001", unlistedUnaffected()))
	id := fingerprints.Identification{Product: "acme-gate", Versions: version.All(version.Dotted)}
	p := declare(t, "7.2.4").Judge(lived(t, gateBranches), id, db, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	var got []string
	for _, f := range p.Findings {
		got = append(got, f.Advisory+" "+string(f.Verdict))
	}
	if want := []string{"CVE-2024-0001 affected", "POSTERN-EOL affected"}; !slices.Equal(got, want) || p.Version.State != Exact {
		t.Errorf("%q in state %s, want %q", got, p.Version.State, want)
	}
}

func TestDeclaredProductIsAdded(t *testing.T) {
	db := load(t, advisory("CVE-2024-0001", unlistedUnaffected()))
	gate := Product{ID: "acme-gate", Name: "Acme Gate", Vendor: "Acme"}
	sister := Product{ID: "acme-door", Name: "Acme Door", Vendor: "Acme"}
	other := Product{ID: "blue-tunnel", Name: "Blue Tunnel", Vendor: "Blue"}
	at := func(o Outcome, products ...Product) Result { return Result{Outcome: o, Products: products} }
	tests := []struct {
		name    string
		results []Result
		want    []string // products of each result, with what is found of a kind
	}{
		{"unreachable", []Result{at(Unreachable)}, []string{"unreachable: acme-gate declared"}},
		{"unidentified", []Result{at(Unidentified)}, []string{"unidentified: acme-gate declared"}},
		{"interrupted", []Result{at(Interrupted)}, []string{"interrupted:"}},
		{"recognised", []Result{at(Unidentified), at(Identified, gate)}, []string{"unidentified:", "identified: acme-gate"}},
		{"the sister is recognised", []Result{at(Unidentified), at(Identified, sister)}, []string{"unidentified:", "identified: acme-door acme-gate declared"}},
		{"another vendor's is recognised", []Result{at(Identified, other), at(Unidentified)}, []string{"identified: blue-tunnel (assets.txt:3 declares Acme Gate 7.2.4, and the endpoint shows Blue Tunnel)", "unidentified:"}},
		{"several ports and none is it", []Result{at(Unreachable), at(Unidentified)}, []string{"unreachable: acme-gate declared", "unidentified:"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			declare(t, "7.2.4").AddTo(tt.results, db, time.Time{})
			var got []string
			for _, r := range tt.results {
				line := string(r.Outcome) + ":"
				for _, p := range r.Products {
					if line += " " + p.ID; p.Confidence == Declared {
						line += " declared"
						if told(p) != "7.2.4; declared 7.2.4; used; declared in assets.txt:3 says 7.2.4" || len(p.Findings) != 1 {
							t.Errorf("declared product says %s, with %d findings", told(p), len(p.Findings))
						}
					}
					for _, f := range p.Findings {
						if f.Kind == Contradiction {
							line += " (" + f.Reason + ")"
						}
					}
				}
				got = append(got, line)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	var nobody *Declaration
	nobody.AddTo([]Result{at(Unreachable)}, db, time.Time{})
}

// Where only the product is declared, every advisory about it stays open.
func TestDeclaredWithoutVersion(t *testing.T) {
	results := []Result{{Outcome: Unreachable}}
	declare(t, "").AddTo(results, load(t, advisory("CVE-2024-0001", unlistedUnaffected())), time.Time{})
	p := results[0].Products[0]
	if p.Version.State != Unknown || len(p.Findings) != 1 || p.Findings[0].Verdict != Possible || len(p.Because) != 1 || p.Because[0].Shows != "product=acme-gate" {
		t.Errorf("product %+v", p)
	}
}

func TestManyVendorsNamesSome(t *testing.T) {
	f := ManyVendors([]string{"J", "I", "H", "G", "F", "E", "D", "C", "B", "A"}, 7)
	want := "it shows the marks of products of 7 vendors, and so is taken for none of them: A, B, C, D, E, F, G, H and 2 more"
	if f.Reason != want || f.Kind != Contradiction || f.Verdict == Affected {
		t.Errorf("finding %+v, want the reason %s", f, want)
	}
}
