package fingerprints

import (
	"slices"
	"strings"
	"testing"

	"postern/scanner/version"
)

// modelGate is gate with two models, for lifecycles that tell them apart.
var modelGate = strings.Replace(gate, "leave_out:", "models: [{name: G1}, {name: G2}]\nleave_out:", 1)

const gateLifecycle = `source: TEST:dates, 2026-01-01
note: End of support.
branches:
  - {branch: "7", ends: "2025-01-31"}
  - {branch: "7.2", ends: "2027-01-31", source: TEST:other}
  - {branch: "6.4", ends: "2024-01-31"}
  - {branch: "6.4", ends: "2026-12-31", models: [G2]}
`

func TestLifecycleDividesVersions(t *testing.T) {
	catalog := mustLoad(t, files("acme-gate/product.yaml", modelGate, "acme-gate/lifecycle.yaml", gateLifecycle))
	if problems := catalog.Check(); len(problems) > 0 {
		t.Fatal(problems)
	}
	p, _ := catalog.Product("acme-gate")
	l := p.Lifecycle
	if l == nil || len(l.Branches) != 4 || l.Note != "End of support." {
		t.Fatalf("lifecycle %+v", l)
	}
	decides := func(branches []LifecycleBranch, text string) string {
		v, err := version.Dotted.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var ends []string
		for _, b := range branches {
			if b.Versions.Contains(v) {
				ends = append(ends, b.Ends)
			}
		}
		return strings.Join(ends, " and ")
	}
	for _, tt := range []struct{ model, version, want string }{
		{"", "7.0.1", "2025-01-31"},
		{"", "7.2.9", "2027-01-31"}, // the longer branch decides alone
		{"", "7.20", "2025-01-31"},
		{"", "6.4.1", "2024-01-31"},
		{"G1", "6.4.1", "2024-01-31"},
		{"G2", "6.4.1", "2026-12-31"}, // what is stated for the model decides
		{"G2", "7.2.1", "2027-01-31"},
		{"G2", "6.2.1", ""},
	} {
		if got := decides(l.Of(tt.model), tt.version); got != tt.want {
			t.Errorf("%s of model %q ends %q, want %q", tt.version, tt.model, got, tt.want)
		}
	}
	if got := l.NamedModels(); !slices.Equal(got, []string{"G2"}) {
		t.Errorf("models %v", got)
	}
	if l.SourceOf(l.Branches[1]) != "TEST:other" || l.SourceOf(l.Branches[0]) != l.Source {
		t.Error("a branch's own source goes before that of the file")
	}
}

func TestNoLifecycle(t *testing.T) {
	p, _ := mustLoad(t, files("acme-gate/product.yaml", gate)).Product("acme-gate")
	if p.Lifecycle != nil {
		t.Errorf("lifecycle %+v", p.Lifecycle)
	}
}

// TestLifecycleRefuses breaks one thing at a time and expects the exact problem.
func TestLifecycleRefuses(t *testing.T) {
	for _, tt := range []struct{ name, from, to, want string }{
		{"unknown key", "note: End", "nota: End", `acme-gate/lifecycle.yaml:2: unknown key "nota" in a lifecycle`},
		{"unknown key of a branch", `ends: "2025-01-31"`, `end: "2025-01-31"`, `acme-gate/lifecycle.yaml:4: unknown key "end" in a lifecycle branch`},
		{"no source", "source: TEST:dates, 2026-01-01", "source: ' '", "acme-gate/lifecycle.yaml:1: source is empty; say where the dates are from, and of which day"},
		{"day that does not exist", "2025-01-31", "2025-02-30", `acme-gate/lifecycle.yaml:4: branch 7: ends is "2025-02-30", which is no date; write "2025-09-30"`},
		{"no day", `, ends: "2025-01-31"`, "", `acme-gate/lifecycle.yaml:4: branch 7: ends is "", which is no date; write "2025-09-30"`},
		{"no version", `"7.2"`, `"seven"`, "acme-gate/lifecycle.yaml:5: branch: " + parseError(t, "seven") + `; the branch of every version is "all"`},
		{"twice", `"7.2"`, `"7"`, "acme-gate/lifecycle.yaml:5: branch 7 is listed twice; 7 is the same"},
		{"unknown model", "[G2]", "[G3]", `acme-gate/lifecycle.yaml:7: branch 6.4: "G3" is none of the models of the product`},
		{"models that overlap", "  - {branch: \"6.4\", ends: \"2024-01-31\"}", "  - {branch: \"6.4\", ends: \"2024-01-31\", models: [G1, G2]}", "acme-gate/lifecycle.yaml:7: branches 6.4 and 6.4 share some of their models; list the same models or other ones"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expectLifecycleProblem(t, replaceOnce(t, gateLifecycle, tt.from, tt.to), tt.want)
		})
	}
	expectLifecycleProblem(t, "source: TEST\nbranches: []\n", "acme-gate/lifecycle.yaml:2: branches is empty; list at least one, or remove the file")
	expectLifecycleProblem(t, "", "acme-gate/lifecycle.yaml: is empty")
}

func expectLifecycleProblem(t *testing.T, text, want string) {
	t.Helper()
	expectProblem(t, files("acme-gate/product.yaml", modelGate, "acme-gate/lifecycle.yaml", text), want)
}

func TestLifecycleWithoutProduct(t *testing.T) {
	expectProblem(t, files("acme-gate/product.yaml", gate, "acme/lifecycle.yaml", gateLifecycle), "acme/lifecycle.yaml: no product.yaml stands beside it")
}

// A whole product may have ended, and a branch may go on for longer.
func TestLifecycleOfEveryVersion(t *testing.T) {
	p, _ := mustLoad(t, files("acme-gate/product.yaml", gate, "acme-gate/lifecycle.yaml", `source: TEST
branches:
  - {branch: all, ends: "2020-01-01"}
  - {branch: "7", ends: "2030-01-01"}
`)).Product("acme-gate")
	seven := parseSet(t, version.Dotted, ">=7 <8")
	if got := p.Lifecycle.Branches[0].Versions; !got.Equal(version.All(version.Dotted).Minus(seven)) {
		t.Errorf("all decides %s", got)
	}
}

// TestStatements: a product says what it cannot tell, and only that.
func TestStatements(t *testing.T) {
	const silent = "id: acme-gate\nname: Acme Gate\nvendor: Acme\nversions: dotted\nno_signals: Every page is the server's own.\n"
	if problems := mustLoad(t, files("acme-gate/product.yaml", silent)).Check(); len(problems) > 0 {
		t.Errorf("without signals: %v", problems)
	}
	reading := replaceOnce(t, gate, "    source:", "    version: {from: title, pattern: '(?P<version>[0-9.]+)'}\n    source:")
	reading = replaceOnce(t, reading, "      - response: |\n          HTTP/1.1 200 OK\n          Server", "      - version: \"*\"\n        response: |\n          HTTP/1.1 200 OK\n          Server")
	for _, tt := range []struct{ name, text, want string }{
		{"requests", silent + "requests:\n  - {id: a, get: /a}\n", `acme-gate/product.yaml:7: request a is read by no rule
acme-gate/product.yaml:6: no_signals says that nothing identifies the product; remove its requests, or no_signals`},
		{"both", silent + "no_version: It has none.\n", "acme-gate/product.yaml:6: no_signals says it already; remove no_version"},
		{"blank", strings.Replace(silent, "Every page is the server's own.", "' '", 1), "acme-gate/product.yaml:5: no_signals is blank; say why"},
		{"neither", replaceOnce(t, gate, "no_version: The page states none.\n", ""), "acme-gate/product.yaml:8: no rule reads a version; add one, or say in no_version why no answer tells it"},
		{"version is read", reading, "acme-gate/product.yaml:27: no_version says that no rule reads a version, and one does; remove no_version"},
		{"rules", silent + gate[strings.Index(gate, "requests:"):strings.Index(gate, "no_version:")],
			"acme-gate/product.yaml:6: no_signals says that nothing identifies the product; remove its requests, or no_signals\nacme-gate/product.yaml:8: no_signals says that nothing identifies the product; remove its rules, or no_signals"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			expectProblem(t, files("acme-gate/product.yaml", tt.text), tt.want)
		})
	}
}
