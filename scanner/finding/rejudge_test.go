package finding

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"postern/fingerprints"
	"postern/scanner/version"
)

// catalog knows acme-gate by its login page.
func catalog(t *testing.T) *fingerprints.Catalog {
	t.Helper()
	c, err := fingerprints.Load(fstest.MapFS{"acme-gate/product.yaml": {Data: []byte(`id: acme-gate
name: Acme Gate
vendor: Acme
versions: dotted
leave_out: [nothing that changes anything]
requests: [{id: login, get: /login}]
rules:
  - id: login-page
    on: [login]
    identifies: definitive
    match: {status: [200], title: '^Acme Gate$'}
    source: example
    examples: [{response: "HTTP/1.1 200 OK\n\n<title>Acme Gate</title>"}]
    rejects: [{response: "HTTP/1.1 200 OK\n\n<title>Acme Door</title>"}]
`)}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRejudge(t *testing.T) {
	before := load(t, advisory("CVE-2024-0009", invisible))
	now := load(t, advisory("CVE-2024-0001", unlistedUnaffected()), advisory("POSTERN-ACME-CONSOLE", console))
	stored := func(set string, state VersionState, findings ...Finding) Result {
		return Result{Products: []Product{{ID: "acme-gate", Version: Version{State: state, Set: set}, Findings: findings,
			Because: []Reason{{Rule: "banner", Says: "7.2.6"}, {Rule: "login"}, {Rule: "help-date", Says: "7.4.1"}}}}}
	}
	old := Match(fingerprints.Product{ID: "acme-gate"}, nil, set(t, version.Dotted, "6.3.1"), before)[0]
	port := Finding{Advisory: "POSTERN-ACME-CONSOLE", Verdict: Affected, Reason: portAnswers(4430)}
	tests := []struct {
		name        string
		r           Result
		want        []string
		notAffected []string
	}{
		{"affected now", stored("7.2.6", Exact, old), []string{"CVE-2024-0001 affected: 7.2.6 is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7"}, nil},
		{"clean now", stored("7.2.7", Exact, old), nil, []string{"CVE-2024-0001"}},
		{"not read", stored("*", Unknown), []string{"CVE-2024-0001 possible: the version could not be read"}, nil},
		{"contradiction", stored("none", Contradictory), []string{"CVE-2024-0001 possible: the evidence contradicts itself: banner says 7.2.6, help-date says 7.4.1"}, nil},
		{"a port that answered", stored("7.2.7", Exact, port), []string{"POSTERN-ACME-CONSOLE affected: port 4430 answers"}, []string{"CVE-2024-0001"}},
	}
	c := catalog(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			findings := slices.Clone(tt.r.Products[0].Findings)
			got, err := Rejudge(tt.r, c, now, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, f := range got.Products[0].Findings {
				lines = append(lines, f.Advisory+" "+string(f.Verdict)+": "+f.Reason)
			}
			if !slices.Equal(lines, tt.want) || !slices.Equal(got.Products[0].NotAffected, tt.notAffected) {
				t.Errorf("findings %q and not affected %q, want %q and %q", lines, got.Products[0].NotAffected, tt.want, tt.notAffected)
			}
			if len(tt.r.Products[0].Findings) != len(findings) {
				t.Error("the stored result was changed")
			}
		})
	}

	unknown := stored("7.2.6", Exact, old)
	unknown.Products[0].ID = "acme-door"
	if got, err := Rejudge(unknown, c, now, time.Time{}); err != nil || len(got.Products[0].Findings) != 1 || got.Products[0].Findings[0].Advisory != old.Advisory {
		t.Errorf("a product that nobody knows any more: %v, %v; want its findings as they were", got.Products, err)
	}
	if _, err := Rejudge(stored("seven", Exact), c, now, time.Time{}); err == nil {
		t.Error("a set that cannot be read: no error")
	}
	if got, err := Rejudge(Result{Outcome: Unreachable}, c, now, time.Time{}); err != nil || got.Products != nil {
		t.Errorf("no products: %v, %v", got.Products, err)
	}
}
