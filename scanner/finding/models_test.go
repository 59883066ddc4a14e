package finding

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

const modelGate = `id: acme-gate
name: Acme Gate
vendor: Acme
versions: dotted
models:
  - {name: G1, versions: [{prefix: "1"}], source: TEST}
  - {name: G2, versions: [{prefix: "2"}, {prefix: "3"}], source: TEST}
  - {name: G3, versions: [{prefix: "3"}], source: TEST}
  - {name: G4, versions: [{prefix: "1"}, {prefix: "4"}], source: TEST}
no_signals: Its pages are those of the server.
`

const modelRanges = `
  - product: acme-gate
    models: [G1]
    branches:
      - branch: all
        events: [{introduced: "0"}, {fixed: "1.5"}]
    unlisted_branches: unaffected
    holds: {affected: ["1.4"], not_affected: ["1.5"]}
  - product: acme-gate
    models: [G2]
    branches:
      - branch: all
        events: [{introduced: "0"}, {fixed: "3.2"}]
    unlisted_branches: unaffected
    holds: {affected: ["2.1"], not_affected: ["3.2"]}
  - product: acme-gate
    models: [G3]
    branches:
      - branch: all
        events: [{introduced: "3.1"}, {fixed: "3.4"}]
    unlisted_branches: unaffected
    holds: {affected: ["3.1", "3.3"], not_affected: ["3.0", "3.4"]}
  - product: acme-gate
    branches: [{branch: "4", status: unknown}]
    unlisted_branches: unaffected
    holds: {not_affected: ["1.0"], possible: ["4.1"]}`

func modelled(t *testing.T, affected string) (fingerprints.Product, *advisories.DB) {
	t.Helper()
	c, err := fingerprints.Load(fstest.MapFS{"acme-gate/product.yaml": {Data: []byte(modelGate)}})
	if err != nil {
		t.Fatal(err)
	}
	db, err := advisories.Load(fstest.MapFS{"acme/CVE-2024-0001.yaml": {Data: []byte(advisory("CVE-2024-0001", affected))}}, c.Order)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := c.Product("acme-gate")
	return p, db
}

func TestMatchModels(t *testing.T) {
	p, db := modelled(t, modelRanges)
	tests := []struct{ name, models, may, want string }{
		{"one model has the version, affected", "", "2.1", "affected|2.1 is in the affected range <3.2; fixed in 3.2: the model is G2|3.2"},
		{"one model has the version, fixed", "", "3.5", "not_affected|no model that the device may be is affected: G2 (3.5 is after the fix 3.2); G3 (3.5 is after the fix 3.4)|"},
		{"two models, both affected", "", "3.1", "affected|every model that the device may be is affected: G2 (3.1 is in the affected range <3.2; fixed in 3.2); G3 (3.1 is in the affected range >=3.1 <3.4; fixed in 3.4)|"},
		{"two models, one affected", "", "3.3", "possible|affected if the model is G3, and fixed in 3.4; the model is not known|3.4"},
		{"and it is that model", "G3", "3.3", "affected|3.3 is in the affected range >=3.1 <3.4; fixed in 3.4: the model is G3|3.4"},
		{"and it is the other", "G2", "3.3", "not_affected|3.3 is after the fix 3.2: the model is G2|"},
		{"one of a named and another model", "", "1.4", "possible|affected if the model is G1, and fixed in 1.5; the model is not known|1.5"},
		{"another model", "G4", "1.4", "not_affected|1.4 is in no affected branch|"},
		{"a model of which nothing is known", "", "4.1", "possible|4.1 is in branch 4: no source says whether that is affected|"},
		{"candidates of two models, all affected", "", "2.1 || 3.1", "affected|every model that the device may be is affected: G2 (every candidate version is in the affected range <3.2; fixed in 3.2); G3 (3.1 is in the affected range >=3.1 <3.4; fixed in 3.4)|"},
		{"each model with its own versions", "", "2.1 || 3.5", "possible|possibly affected if the model is G2 (1 of 2 candidate versions is in the affected range <3.2; fixed in 3.2); the model is not known|3.2"},
		{"different fixes", "", "1.4 || 2.1", "possible|affected if the model is G1 (fixed in 1.5), or G2 (fixed in 3.2); the model is not known|"},
		{"no model has the version", "", "9.1", "not_affected|no model that the device may be is affected: G1 (9.1 is after the fix 1.5); G2 (9.1 is after the fix 3.2); G3 (9.1 is after the fix 3.4); another model (9.1 is in no affected branch)|"},
		{"a model that does not have the version", "G1", "0.9", "affected|0.9 is in the affected range <1.5; fixed in 1.5: the model is G1|1.5"},
		{"nothing is known", "", "*", "possible|possibly affected if the model is G1, G2, G3 or another one; the version could not be read|"},
		{"the model alone is known", "G3", "*", "possible|the version could not be read|"},
		{"a contradiction", "", "none", "possible|the evidence contradicts itself: no version fits everything that was seen|"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var models []string
			if tt.models != "" {
				models = strings.Split(tt.models, ",")
			}
			list := Match(p, models, set(t, version.Dotted, tt.may), db)
			if len(list) != 1 {
				t.Fatalf("%d findings, want one for all entries", len(list))
			}
			if got := string(list[0].Verdict) + "|" + list[0].Reason + "|" + list[0].Fixed; got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

// A model of which every release is affected needs no version.
func TestMatchModelWithoutVersion(t *testing.T) {
	p, db := modelled(t, `
  - product: acme-gate
    models: [G1, G2]
    branches: [{branch: all, status: affected, fix: none}]
    unlisted_branches: unaffected
    holds: {affected: ["1.0"]}
  - product: acme-gate
    unlisted_branches: unaffected
    holds: {not_affected: ["1.0"]}`)
	for models, want := range map[string]Verdict{"G1": Affected, "G2,G1": Affected, "G3": NotAffected, "G1,G3": Possible, "": Possible} {
		var known []string
		if models != "" {
			known = strings.Split(models, ",")
		}
		if f := Match(p, known, version.All(version.Dotted), db)[0]; f.Verdict != want || f.Reason == "" {
			t.Errorf("%s is %s, want %s: %s", models, f.Verdict, want, f.Reason)
		}
	}
}

// A product without models never turns entries of models into a clean verdict.
func TestMatchEntriesWithoutModels(t *testing.T) {
	_, db := modelled(t, modelRanges)
	f := Match(fingerprints.Product{ID: "acme-gate"}, nil, set(t, version.Dotted, "1.4"), db)[0]
	if f.Verdict != Possible {
		t.Errorf("%s: %s", f.Verdict, f.Reason)
	}
}

func TestUpgradeStaysOnTheModel(t *testing.T) {
	p, db := modelled(t, modelRanges)
	for _, tt := range []struct{ models, may, want string }{
		{"G1", "1.4", "1.5"}, {"G2", "2.1", "3.2"}, {"", "2.1", "3.2"}, {"", "3.1", ""}, {"G3", "3.1", "3.4"},
	} {
		id := fingerprints.Identification{Product: p.ID, Versions: set(t, version.Dotted, tt.may), Read: true}
		if tt.models != "" {
			id.Models = []string{tt.models}
		}
		findings, _ := Judge(p, id, db)
		if got := upgrade(p, findings, id, db, time.Time{}); got != tt.want {
			t.Errorf("%s %s: upgrade to %q, want %q", tt.models, tt.may, got, tt.want)
		}
	}
}
