package finding

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// advisory is the beginning and end of a file; what it affects goes between.
func advisory(id, affected string) string {
	return "id: " + id + `
title: "Acme Gate: overflow"
summary: A long request runs code.
published: "2024-02-08"
severity: critical
cvss: {v31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
cwe: ["CWE-787"]
references:
  - {type: article, url: "https://news.example/gate"}
  - {type: advisory, url: "https://vendor.example/gate"}
requires: SSL VPN enabled
preauth: true
affected:
` + affected + `
remediation: Upgrade.
source: vendor
`
}

const ranges = `
  - product: acme-gate
    branches:
      - branch: "7.2"
        events: [{introduced: "7.2.1"}, {fixed: "7.2.7"}]
      - branch: "7.0"
        events: [{introduced: "0"}, {last_affected: "7.0.13"}]
        fix: "7.2.7"
        note: No release of this branch has the fix.
      - branch: "6.8"
        events: [{introduced: "6.8.2"}, {fixed: "6.8.3"}, {introduced: "6.8.5"}, {fixed: "6.8.6"}]
      - {branch: "6.4", status: affected, fix: none}
      - {branch: "6.2", status: unknown, note: its maker is gone}
      - {branch: "7.4", status: unaffected}
    unlisted_branches: UNLISTED
    holds:
      affected: ["7.2.1", "7.2.6", "7.0.0", "7.0.13", "6.8.2", "6.8.5", "6.4.99"]
      not_affected: ["7.2.0", "7.2.7", "7.0.14", "6.8.3", "6.8.6", "7.4.0"UNAFFECTED]
      possible: ["6.2.16"POSSIBLE]`

const invisible = `
  - product: acme-gate
    branches:
      - {branch: "6.3", status: affected}
      - branch: "6.5"
        events: [{introduced: "0"}, {fixed: "6.5.4"}]
    patch_visible: false
    patch_note: the patch does not change the version
    unlisted_branches: unknown
    unlisted_note: no source names a safe version
    holds:
      not_affected: ["6.5.4"]
      possible: ["6.3.1", "6.5.3", "7.6.8"]`

func orders(product string) (version.Scheme, bool) {
	scheme, ok := map[string]version.Scheme{"acme-gate": version.Dotted, "acme-wall": version.Gaia}[product]
	return scheme, ok
}

func load(t testing.TB, files ...string) *advisories.DB {
	t.Helper()
	tree := fstest.MapFS{}
	for _, text := range files {
		id, _, _ := strings.Cut(strings.TrimPrefix(text, "id: "), "\n")
		tree["acme/"+id+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	db, err := advisories.Load(tree, orders)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func set(t testing.TB, scheme version.Scheme, text string) version.Set {
	t.Helper()
	s, err := version.ParseSet(scheme, text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func unlistedUnaffected() string {
	return strings.NewReplacer("UNLISTED", "unaffected", "UNAFFECTED", `, "5.0"`, "POSSIBLE", "").Replace(ranges)
}

func TestMatch(t *testing.T) {
	tests := []struct {
		name    string
		may     string
		verdict Verdict
		reason  string
		fixed   string
	}{
		{"before the first affected", "7.2.0", NotAffected, "7.2 is before 7.2.1, the first affected version of branch 7.2", ""},
		{"introduced", "7.2.1", Affected, "7.2.1 is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7", "7.2.7"},
		{"just before the fix", "7.2.6", Affected, "7.2.6 is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7", "7.2.7"},
		{"the fix", "7.2.7", NotAffected, "7.2.7 is the first fixed version of branch 7.2", ""},
		{"after the fix", "7.2.9", NotAffected, "7.2.9 is after the fix 7.2.7", ""},
		{"the fix and later", "7.2.7 || 7.2.8", NotAffected, "every candidate version is at or after the fix 7.2.7", ""},
		{"last affected", "7.0.13", Affected, "7.0.13 is in the affected range <=7.0.13 of branch 7.0; fixed in 7.2.7. No release of this branch has the fix", "7.2.7"},
		{"after the last affected", "7.0.14", NotAffected, "7.0.14 is after 7.0.13, the last affected version of branch 7.0", ""},
		{"between two ranges", "6.8.4", NotAffected, "6.8.4 is after the fix 6.8.3", ""},
		{"fix of one of two ranges", "6.8.6", NotAffected, "6.8.6 is the fix of the range >=6.8.5 <6.8.6", ""},
		{"the gaps round a range", "6.8.3 || 6.8.6", NotAffected, "every candidate version is in no affected range of branch 6.8", ""},
		{"one candidate in a branch that is affected", "6.4.2 || 99.1", Possible, "1 of 2 candidate versions is in branch 6.4, of which every version is affected", ""},
		{"branch that is affected", "6.4.2", Affected, "6.4.2 is in branch 6.4, of which every version is affected", ""},
		{"branch that is not", "7.4.2", NotAffected, "7.4.2 is in branch 7.4, which is not affected", ""},
		{"no branch", "5.0.1", NotAffected, "5.0.1 is in no affected branch", ""},
		{"branch that nobody knows", "6.2.1", Possible, "6.2.1 is in branch 6.2: its maker is gone", ""},
		{"in no branch and in one that nobody knows", "5.0.1 || 6.2.1", Possible, "some of the candidate versions are in branch 6.2: its maker is gone", ""},

		{"all of several", "7.2.4 || 7.2.5", Affected, "every candidate version is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7", "7.2.7"},
		{"all of several in two branches", "7.0.4 || 7.2.5", Affected, "every candidate version is in an affected range; fixed in 7.2.7", "7.2.7"},
		{"some of several", "7.2.6 || 7.2.7 || 7.2.8", Possible, "1 of 3 candidate versions is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7", "7.2.7"},
		{"some of several in two ranges", "6.8.2 || 6.8.5 || 6.8.6", Possible, "2 of 3 candidate versions are in affected ranges; fixed in 6.8.6", "6.8.6"},
		{"a hit counts, whatever is unknown beside it", "7.2.6 || 6.2.1", Possible, "1 of 2 candidate versions is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7", "7.2.7"},
		{"none of several", "7.2.9 || 7.4.1", NotAffected, "no candidate version is in an affected range", ""},
		{"a range inside", ">=7.2.2 <7.2.5", Affected, "every candidate version (7.2.2 up to before 7.2.5) is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7", "7.2.7"},
		{"a range that ends at the fix", ">=7.2.1 <7.2.7", Affected, "every candidate version (7.2.1 up to before 7.2.7) is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7", "7.2.7"},
		{"a range that ends after it", ">=7.2.1 <=7.2.7", Possible, "part of the range that the version is in (7.2.1 up to before 7.2.7.1) is in the affected range >=7.2.1 <7.2.7 of branch 7.2; fixed in 7.2.7", "7.2.7"},
		{"a range that begins at the fix", ">=7.2.7 <7.3", NotAffected, "every candidate version (7.2.7 up to before 7.3) is at or after the fix 7.2.7", ""},
		{"a range over branches", ">=7.0.10", Possible, "part of the range that the version is in (7.0.10 or later) is in affected ranges; fixed in 7.2.7", "7.2.7"},
		{"a range over both ranges of a branch", ">=6.8.2 <6.9", Possible, "part of the range that the version is in (6.8.2 up to before 6.9) is in affected ranges; fixed in 6.8.6", "6.8.6"},
		{"a range from a branch without a fix", ">=6.4 <6.8.3", Possible, "part of the range that the version is in (6.4 up to before 6.8.3) is in affected ranges; fixed in 6.8.3", "6.8.3"},
		{"a range outside", ">=7.4", NotAffected, "no candidate version (7.4 or later) is in an affected range", ""},

		{"not read", "*", Possible, "the version could not be read", ""},
		{"contradiction", "none", Possible, "the evidence contradicts itself: no version fits everything that was seen", ""},
	}
	db := load(t, advisory("CVE-2024-0001", unlistedUnaffected()))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { matches(t, db, set(t, version.Dotted, tt.may), tt.verdict, tt.reason, tt.fixed) })
	}
	t.Run("the zero set", func(t *testing.T) {
		matches(t, db, version.Set{}, Possible, "the evidence contradicts itself: no version fits everything that was seen", "")
	})
	t.Run("another order", func(t *testing.T) {
		matches(t, db, set(t, version.PANOS, "7.4.2"), Possible, "the version is not in the order that the advisory is written in", "")
	})
}

func matches(t *testing.T, db *advisories.DB, may version.Set, verdict Verdict, reason, fixed string) {
	t.Helper()
	got := Match(fingerprints.Product{ID: "acme-gate"}, nil, may, db)
	if len(got) != 1 {
		t.Fatalf("%d findings, want 1", len(got))
	}
	if f := got[0]; f.Verdict != verdict || f.Reason != reason || f.Fixed != fixed {
		t.Errorf("%s\n got %s: %s (fixed %q)\nwant %s: %s (fixed %q)", may, f.Verdict, f.Reason, f.Fixed, verdict, reason, fixed)
	}
}

func TestUnplaced(t *testing.T) {
	db := load(t, advisory("CVE-2024-0001", unlistedUnaffected()))
	for may, want := range map[string]bool{"5.0": true, "99.1": true, "7.2.9": false, "7.4.2": false, ">=5.0 <7.3": false, "5.0 || 6.2.1": false} {
		if got := Unplaced("acme-gate", set(t, version.Dotted, may), db); got != want {
			t.Errorf("Unplaced(%s) = %v", may, got)
		}
	}
	if Unplaced("other-gate", set(t, version.Dotted, "5.0"), db) {
		t.Error("of a product without advisories nothing can be said")
	}
}

func TestMatchUnlistedBranches(t *testing.T) {
	affected := strings.NewReplacer("UNLISTED", "affected", "UNAFFECTED", "", "POSSIBLE", "", `"6.4.99"]`, `"6.4.99", "5.0"]`).Replace(ranges)
	unknown := strings.NewReplacer("UNLISTED", "unknown\n    unlisted_note: older ones were never looked at", "UNAFFECTED", "", "POSSIBLE", `, "5.0"`).Replace(ranges)
	five := set(t, version.Dotted, "5.0")
	matches(t, load(t, advisory("CVE-2024-0001", affected)), five, Affected, "5.0 is in no listed branch, and such versions are affected", "")
	matches(t, load(t, advisory("CVE-2024-0001", unknown)), five, Possible, "5.0 is in no listed branch: older ones were never looked at", "")
	matches(t, load(t, advisory("CVE-2024-0001", unlistedUnaffected())), five, NotAffected, "5.0 is in no affected branch", "")
}

func TestMatchPatchThatCannotBeSeen(t *testing.T) {
	tests := []struct {
		name, may string
		verdict   Verdict
		reason    string
		fixed     string
	}{
		{"attacked branch", "6.3.1", Possible, "6.3.1 is in branch 6.3, of which every version is affected: the patch does not change the version", ""},
		{"range", "6.5.3", Possible, "6.5.3 is in the affected range <6.5.4 of branch 6.5; fixed in 6.5.4: the patch does not change the version", "6.5.4"},
		{"partly", "6.5.3 || 6.5.4", Possible, "1 of 2 candidate versions is in the affected range <6.5.4 of branch 6.5; fixed in 6.5.4: the patch does not change the version", "6.5.4"},
		{"after it", "6.5.4", NotAffected, "6.5.4 is the first fixed version of branch 6.5", ""},
		{"any other, more weakly", "7.6.8", Possible, "7.6.8 is in no listed branch: no source names a safe version", ""},
		{"not read", "*", Possible, "the version could not be read", ""},
	}
	db := load(t, advisory("CVE-2024-0001", invisible))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { matches(t, db, set(t, version.Dotted, tt.may), tt.verdict, tt.reason, tt.fixed) })
	}
}

// A version that leaves the build out is both before and after a fix in a build.
func TestMatchBuildsThatAreNotShown(t *testing.T) {
	db := load(t, advisory("CVE-2024-0001", `
  - product: acme-wall
    branches:
      - branch: "R81.20"
        events: [{introduced: "0"}, {fixed: "R81.20 JHF 26"}]
    unlisted_branches: unaffected
    holds:
      affected: ["R81.20 JHF 25"]
      not_affected: ["R81.20 JHF 26", "R82"]
      possible: ["R81.20"]`))
	f := Match(fingerprints.Product{ID: "acme-wall"}, nil, set(t, version.Gaia, "R81.20"), db)[0]
	if f.Verdict != Possible || !strings.Contains(f.Reason, "R81.20 does not tell the build, and only some builds are in the affected range") {
		t.Errorf("got %s: %s", f.Verdict, f.Reason)
	}
}

func TestMatchEveryVersionIsAffectedAlsoWhenItCannotBeRead(t *testing.T) {
	db := load(t, advisory("CVE-2024-0001", `
  - product: acme-gate
    branches: [{branch: all, status: affected, fix: none, note: It is no longer made.}]
    unlisted_branches: unaffected
    holds: {affected: ["1.0"]}`))
	matches(t, db, version.All(version.Dotted), Affected, "every version is affected. It is no longer made", "")
}

func TestFindingsComeWorstFirst(t *testing.T) {
	entry := func(id, from string, more string) string {
		text := advisory(id, strings.ReplaceAll(`
  - product: acme-gate
    branches: [{branch: "FROM", status: affected}]
    unlisted_branches: unaffected
    holds: {affected: ["FROM.1"], not_affected: ["1.0"]}`, "FROM", from))
		return text + more
	}
	kev := "exploitation: {kev: {added: \"2024-02-09\", ransomware: false}}\n"
	low := strings.NewReplacer("severity: critical", "severity: medium", "C:H/I:H/A:H", "C:L/I:N/A:N")
	db := load(t,
		entry("CVE-2024-0001", "7.4", ""), // not affected
		low.Replace(entry("CVE-2024-0002", "7.2", "")),
		entry("CVE-2024-0003", "7.2", ""),
		low.Replace(entry("CVE-2024-0004", "7.2", kev)),
		entry("CVE-2024-0005", "7.2.1", kev), // possible
		entry("CVE-2024-0006", "7.2", ""),
	)
	var got []string
	for _, f := range Match(fingerprints.Product{ID: "acme-gate"}, nil, set(t, version.Dotted, ">=7.2.0 <7.3"), db) {
		got = append(got, strings.TrimPrefix(f.Advisory, "CVE-2024-000")+" "+string(f.Verdict))
	}
	want := []string{"4 affected", "3 affected", "6 affected", "2 affected", "5 possible", "1 not_affected"}
	if !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestFindingSaysWhatIsKnown(t *testing.T) {
	text := advisory("CVE-2024-0001", invisible) + `exploitation:
  kev: {added: "2024-02-09", due: "2024-02-16", ransomware: true}
  in_the_wild: true
  campaigns:
    - {name: Night of April, claimed_by: Firm A, disputed_by: Firm B, note: Over 200 devices., source: "https://news.example/"}
    - {name: Day, claimed_by: Firm C, source: "https://news.example/"}
`
	f := Match(fingerprints.Product{ID: "acme-gate"}, nil, set(t, version.Dotted, "6.3.1"), load(t, text))[0]
	want := []string{
		"in CISA's catalogue of known exploited vulnerabilities since 2024-02-09, used in ransomware campaigns",
		"campaign: Night of April, claimed by Firm A, disputed by Firm B. Over 200 devices",
		"campaign: Day, claimed by Firm C",
	}
	if !slices.Equal(f.Exploitation, want) {
		t.Errorf("exploitation\n%q, want\n%q", f.Exploitation, want)
	}
	if f.KEV == nil || *f.KEV != (KEV{"2024-02-09", "2024-02-16", true}) || f.Score != 9.8 || f.AppliesIf != "SSL VPN enabled" ||
		!f.Preauth || f.URL != "https://vendor.example/gate" || f.Severity != "critical" || f.CWE[0] != "CWE-787" || f.Remediation != "Upgrade." {
		t.Errorf("finding = %+v", f)
	}
	wild := advisory("CVE-2024-0001", invisible) + "exploitation: {in_the_wild: true}\n"
	if f := Match(fingerprints.Product{ID: "acme-gate"}, nil, set(t, version.Dotted, "6.3.1"), load(t, wild))[0]; !slices.Equal(f.Exploitation, []string{"exploited in the wild"}) || f.KEV != nil {
		t.Errorf("exploitation = %q, KEV %v", f.Exploitation, f.KEV)
	}
}

const console = `
  - {product: acme-gate, exposed_port: 4430}`

func TestExposedPortIsAFindingOfItsOwn(t *testing.T) {
	db := load(t, advisory("POSTERN-ACME-CONSOLE", console), advisory("CVE-2024-0001", invisible))
	if got := Exposed("acme-gate", []int{443, 4430}, db); len(got) != 1 || got[0].Verdict != Affected ||
		got[0].Reason != "port 4430 answers" || got[0].Advisory != "POSTERN-ACME-CONSOLE" {
		t.Errorf("with the port: %+v", got)
	}
	if got := Exposed("acme-gate", []int{443}, db); len(got) != 0 {
		t.Errorf("without the port: %+v", got)
	}
	if got := Exposed("acme-wall", []int{4430}, db); len(got) != 0 {
		t.Errorf("another product: %+v", got)
	}
	if got := Match(fingerprints.Product{ID: "acme-gate"}, nil, set(t, version.Dotted, "1.0"), db); len(got) != 1 {
		t.Errorf("Match has %d findings; a port is not judged by version", len(got))
	}
}

func TestJudgeSplits(t *testing.T) {
	db := load(t, advisory("CVE-2024-0001", unlistedUnaffected()), advisory("CVE-2024-0002", invisible))
	id := fingerprints.Identification{Product: "acme-gate", Versions: set(t, version.Dotted, "7.2.7"), Read: true}
	findings, notAffected := Judge(fingerprints.Product{ID: id.Product}, id, db)
	if len(findings) != 1 || findings[0].Advisory != "CVE-2024-0002" || !slices.Equal(notAffected, []string{"CVE-2024-0001"}) {
		t.Errorf("findings %v, not affected %v", findings, notAffected)
	}
}

func TestJudgeNamesTheRulesThatContradict(t *testing.T) {
	id := fingerprints.Identification{Product: "acme-gate", Versions: set(t, version.Dotted, "none"), Read: true, Because: []fingerprints.Reason{
		{Rule: "login-page", Identifies: fingerprints.Definitive},
		{Rule: "banner", Says: set(t, version.Dotted, "7.2.6")},
		{Rule: "help-date", Says: set(t, version.Dotted, "7.4.1 || 7.4.2")},
	}}
	findings, notAffected := Judge(fingerprints.Product{ID: id.Product}, id, load(t, advisory("CVE-2024-0001", unlistedUnaffected())))
	if len(notAffected) != 0 || len(findings) != 1 || findings[0].Verdict != Possible {
		t.Fatalf("findings %v, not affected %v", findings, notAffected)
	}
	if want := "the evidence contradicts itself: banner says 7.2.6, help-date says 7.4.1 or 7.4.2"; findings[0].Reason != want {
		t.Errorf("reason %q, want %q", findings[0].Reason, want)
	}
}

// What is remembered for a device is given out as a copy: who changes a finding changes
// no other device's.
func TestJudgeGivesCopies(t *testing.T) {
	catalog, err := fingerprints.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	db, err := advisories.Builtin(catalog.Order)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := catalog.Product("fortinet-fortios")
	v, err := p.Versions.Parse("7.2.6")
	if err != nil {
		t.Fatal(err)
	}
	id := fingerprints.Identification{Product: p.ID, Versions: version.Exactly(v), Read: true}
	first, ruledOut := Judge(p, id, db)
	want, wantOut := first[0].Advisory, ruledOut[0]
	first[0].Advisory, ruledOut[0] = "changed", "changed"
	if again, out := Judge(p, id, db); again[0].Advisory != want || out[0] != wantOut {
		t.Errorf("the second device gets %s and %s, want %s and %s", again[0].Advisory, out[0], want, wantOut)
	}
}
