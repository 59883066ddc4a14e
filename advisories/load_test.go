package advisories

import (
	"strings"
	"testing"
	"testing/fstest"

	"postern/scanner/version"
)

// gate is a whole advisory; the tests of the loader break one line of it at a time.
const gate = `id: CVE-2024-0001
aliases: ["AG-24-001"]
title: "Acme Gate: overflow in the login page"
summary: A request that is too long runs code.
published: "2024-02-08"
modified: "2024-02-10"
severity: critical
cvss:
  v31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
cwe: ["CWE-787"]
references:
  - {type: advisory, url: "https://vendor.example/AG-24-001"}
preauth: true
affected:
  - product: acme-gate
    branches:
      - branch: "7.2"
        events:
          - introduced: "7.2.1"
          - fixed: "7.2.7"
      - branch: "7.0"
        events:
          - introduced: "0"
          - last_affected: "7.0.13"
        fix: "7.0.14"
      - {branch: "6.4", status: affected, fix: none}
      - {branch: "7.4", status: unaffected}
    unlisted_branches: unknown
    unlisted_note: no source says anything about older ones
    holds:
      affected: ["7.2.1", "7.2.6", "7.0.0", "7.0.13", "6.4.99"]
      not_affected: ["7.2.0", "7.2.7", "7.0.14", "7.4.0"]
      possible: ["6.2.16"]
exploitation:
  kev: {added: "2024-02-09", due: "2024-02-16", ransomware: true}
  campaigns:
    - name: Night
      claimed_by: Someone
      source: "https://news.example/night"
remediation: Upgrade.
source: vendor
`

const gateFile = "acme/CVE-2024-0001.yaml"

func testOrders(product string) (version.Scheme, bool) {
	scheme, ok := map[string]version.Scheme{
		"acme-gate": version.Dotted, "acme-tunnel": version.PANOS, "acme-wall": version.Gaia,
	}[product]
	return scheme, ok
}

func loadOne(t *testing.T, text string) (*DB, error) {
	t.Helper()
	return Load(fstest.MapFS{gateFile: {Data: []byte(text)}}, testOrders)
}

func TestLoadReadsAWholeAdvisory(t *testing.T) {
	db, err := loadOne(t, gate)
	if err != nil {
		t.Fatal(err)
	}
	a, ok := db.Get("CVE-2024-0001")
	if !ok || len(db.All()) != 1 || len(db.For("acme-gate")) != 1 || len(db.For("acme-tunnel")) != 0 {
		t.Fatalf("Get, All, For = %v, %d, %d, %d", ok, len(db.All()), len(db.For("acme-gate")), len(db.For("acme-tunnel")))
	}
	if got, want := a.Affected[0].Ranges().Affected.String(), ">=6.4 <6.5 || >=7.0 <7.0.13.1 || >=7.2.1 <7.2.7"; got != want {
		t.Errorf("affected = %s, want %s", got, want)
	}
	if got, want := a.Affected[0].Ranges().Unknown.String(), "<6.4 || >=6.5 <7.0 || >=7.1 <7.2 || >=7.3 <7.4 || >=7.5"; got != want {
		t.Errorf("unknown = %s, want %s", got, want)
	}
	if db.Date() != "2024-02-10" {
		t.Errorf("date = %s, want that of modified", db.Date())
	}
	if a.CVSS.Score() != 9.8 {
		t.Errorf("score = %v, want 9.8", a.CVSS.Score())
	}
}

func TestLoadLeavesWithdrawnOnesUnmatched(t *testing.T) {
	db, err := loadOne(t, strings.Replace(gate, "severity: critical", "withdrawn: \"2024-03-01\"\nseverity: critical", 1))
	if err != nil {
		t.Fatal(err)
	}
	if len(db.For("acme-gate")) != 0 || len(db.All()) != 1 || db.Date() != "2024-03-01" {
		t.Errorf("For has %d, All %d, date %s; want 0, 1 and the day it was withdrawn", len(db.For("acme-gate")), len(db.All()), db.Date())
	}
}
