package advisories

import (
	"strings"
	"testing"
	"testing/fstest"

	"postern/scanner/version"
)

// ofModels is an advisory with ranges of two models and none of the others.
var ofModels = gate[:strings.Index(gate, "affected:\n")] + `affected:
  - product: acme-gate
    models: [G1]
    branches:
      - branch: all
        events: [{introduced: "0"}, {fixed: "1.2"}]
    unlisted_branches: unaffected
    holds: {affected: ["1.1"], not_affected: ["1.2"]}
  - product: acme-gate
    models: [G2]
    branches:
      - branch: all
        events: [{introduced: "0"}, {fixed: "2.2"}]
    unlisted_branches: unaffected
    holds: {affected: ["2.1"], not_affected: ["2.2"]}
  - product: acme-gate
    unlisted_branches: unaffected
    unlisted_note: the vendor names the models
    holds: {not_affected: ["1.0"]}
` + gate[strings.Index(gate, "exploitation:"):]

func modelOrders(product string) (version.Scheme, bool) {
	id, model, named := strings.Cut(product, "/")
	return version.Dotted, id == "acme-gate" && (!named || model == "G1" || model == "G2" || model == "G3")
}

func TestEntryOfModel(t *testing.T) {
	db, err := Load(fstest.MapFS{gateFile: {Data: []byte(ofModels)}}, modelOrders)
	if err != nil {
		t.Fatal(err)
	}
	list := db.For("acme-gate")
	if len(list) != 1 || !list[0].TellsModels("acme-gate") || list[0].TellsModels("acme-wall") {
		t.Fatalf("%d advisories of acme-gate, want one that tells models", len(list))
	}
	for model, want := range map[string]int{"G1": 0, "G2": 1, "G3": 2, "": 2} {
		if got := list[0].Entry("acme-gate", model); got != &list[0].Affected[want] {
			t.Errorf("model %q is decided by %v, want entry %d", model, got, want+1)
		}
	}
	if list[0].Entry("acme-wall", "G1") != nil {
		t.Error("another product has an entry")
	}
}

func TestCleanFixesOfModel(t *testing.T) {
	db, err := Load(fstest.MapFS{gateFile: {Data: []byte(ofModels)}}, modelOrders)
	if err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]string{"G1": "1.2", "G2": "2.2", "G3": "", "": ""} {
		got := ""
		for _, r := range db.CleanFixes("acme-gate", model) {
			got += r.Text
		}
		if got != want {
			t.Errorf("clean fixes of model %q are %q, want %q", model, got, want)
		}
	}
}

func TestLoadRefusesModels(t *testing.T) {
	rest := ofModels[strings.Index(ofModels, "  - product: acme-gate\n    unlisted"):strings.Index(ofModels, "exploitation:")]
	tests := []struct{ name, old, new, want string }{
		{"unknown model", "[G2]", "[G9]", `"G9" is none of the models of acme-gate; its product.yaml lists them`},
		{"in two entries", "[G2]", "[G1]", "model G1 of acme-gate is in another entry already"},
		{"twice in one", "[G2]", "[G2, G2]", "model G2 of acme-gate is in another entry already"},
		{"no other models", rest, "", "no entry of acme-gate is about its other models; add one without models"},
		{"other models twice", rest, rest + rest, "product acme-gate is there twice"},
		{"a slip in one entry", `fixed: "2.2"`, `fixed: "2.3"`, "holds.not_affected: 2.2 comes out as affected"},
		{"nothing affected of named models", "        events: [{introduced: \"0\"}, {fixed: \"1.2\"}]\n    unlisted_branches: unaffected\n    holds: {affected: [\"1.1\"], not_affected", "        status: unaffected\n    unlisted_branches: unaffected\n    holds: {not_affected", "no version of acme-gate is affected"},
		{"a port", rest, strings.Replace(rest, "product: acme-gate", "product: acme-gate", 1) + "  - {product: acme-gate, models: [G3], exposed_port: 4430}\n", "a port is about every model; remove models"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(ofModels, tt.old) {
				t.Fatal("nothing to replace")
			}
			_, err := Load(fstest.MapFS{gateFile: {Data: []byte(strings.Replace(ofModels, tt.old, tt.new, 1))}}, modelOrders)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v\nwant %s", err, tt.want)
			}
		})
	}
}
