package finding

import (
	"fmt"
	"testing"

	"postern/fingerprints"
	"postern/scanner/version"
)

// FuzzMatch compares the verdict on a set of candidates with the verdicts on each of
// them: affected only when all are, ruled out only when all are.
func FuzzMatch(f *testing.F) {
	f.Add([]byte{1, 2})
	f.Add([]byte{7, 8, 9, 40, 41, 60})
	f.Add([]byte{28, 28, 20})
	db := load(f, advisory("CVE-2024-0001", unlistedUnaffected()), advisory("CVE-2024-0002", invisible))
	f.Fuzz(func(t *testing.T, data []byte) {
		var may version.Set
		alone := map[string]map[Verdict]bool{}
		for _, b := range data[:min(len(data), 12)] {
			v, err := version.Dotted.Parse(fmt.Sprintf("%d.%d.%d", 5+b%4, b/4%9, b/36*2))
			if err != nil {
				t.Fatal(err)
			}
			may = may.Union(version.Exactly(v))
			for _, f := range Match(fingerprints.Product{ID: "acme-gate"}, nil, version.Exactly(v), db) {
				if alone[f.Advisory] == nil {
					alone[f.Advisory] = map[Verdict]bool{}
				}
				alone[f.Advisory][f.Verdict] = true
			}
		}
		findings := Match(fingerprints.Product{ID: "acme-gate"}, nil, may, db)
		if len(findings) != 2 {
			t.Fatalf("%d findings, want one an advisory", len(findings))
		}
		for _, f := range findings {
			want := Possible
			if seen := alone[f.Advisory]; len(seen) == 1 && !seen[Possible] {
				want = Affected
				if seen[NotAffected] {
					want = NotAffected
				}
			}
			if f.Verdict != want || f.Reason == "" {
				t.Errorf("%s: %s is %s (%s), want %s, since alone they are %v", f.Advisory, may, f.Verdict, f.Reason, want, alone[f.Advisory])
			}
			if f.Verdict == NotAffected && f.Fixed != "" {
				t.Errorf("%s: %s is not affected, and told to upgrade to %s", f.Advisory, may, f.Fixed)
			}
		}
	})
}
