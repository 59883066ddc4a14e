package fingerprints

import (
	"strings"
	"testing"
	"testing/fstest"
)

// swap changes one place of gate.
func swap(t *testing.T, from, to string) string {
	t.Helper()
	return replaceOnce(t, gate, from, to)
}

func TestLoadAccepts(t *testing.T) {
	catalog := mustLoad(t, files("acme-gate/product.yaml", gate))
	if problems := catalog.Check(); len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
	if p, ok := catalog.Product("acme-gate"); !ok || p.Name != "Acme Gate" || len(p.Rules) != 1 {
		t.Errorf("Product: %+v, %v", p, ok)
	}
	if _, ok := catalog.Product("acme"); ok {
		t.Error("Product knows what is not there")
	}
	if order, ok := catalog.Order("acme-gate"); !ok || order != "dotted" {
		t.Errorf("Order = %q, %v", order, ok)
	}
	if _, ok := catalog.Order("acme"); ok {
		t.Error("Order knows what is not there")
	}
	if list := catalog.Products(); len(list) != 1 || list[0].ID != "acme-gate" {
		t.Errorf("Products: %v", list)
	}
}

// TestLoadRefuses breaks one thing at a time and expects the exact problem.
func TestLoadRefuses(t *testing.T) {
	tests := []struct{ name, from, to, want string }{
		{"unknown key", "vendor: Acme", "vendor: Acme\nmaker: Acme", `acme-gate/product.yaml:4: unknown key "maker" in a product`},
		{"unknown key of a match", "{title: '^Acme Gate$'}", "{titel: x}", `acme-gate/product.yaml:12: unknown key "titel" in a match`},
		{"no YAML", "id: acme-gate", "id: [", `acme-gate/product.yaml:2: did not find expected ',' or ']'`},
		{"wrong kind", "rules:", "ports: https\nrules:", "acme-gate/product.yaml:8: cannot unmarshal !!str `https` into []int"},
		{"key twice", "vendor: Acme", "vendor: Acme\nvendor: Acme", `acme-gate/product.yaml:4: mapping key "vendor" already defined at line 3`},
		{"two documents", "id: acme-gate", "id: acme-gate\n---\nid: b", `acme-gate/product.yaml:2: holds a second document; write one product a file`},
		{"id and folder", "id: acme-gate", "id: acme", `acme-gate/product.yaml:1: id is "acme" but the folder is "acme-gate"`},
		{"scheme", "dotted", "semver", `acme-gate/product.yaml:4: unknown version scheme "semver"`},
		{"request id", "{id: login,", "{id: Log in,", `acme-gate/product.yaml:7: request id "Log in" is not lower-case letters, digits and single hyphens
acme-gate/product.yaml:10: rule login-page: on "login", which is no request of this product`},
		{"request id taken", "{id: login,", "{id: any,", `acme-gate/product.yaml:7: request id "any" is taken by Postern itself; GET / is always there as "root"
acme-gate/product.yaml:10: rule login-page: on "login", which is no request of this product`},
		{"request twice", "get: /login}", "get: /login}\n  - {id: login, get: /b}", `acme-gate/product.yaml:8: request login is listed twice`},
		{"same question", "get: /login}", "get: /login}\n  - {id: b, get: /login}", `acme-gate/product.yaml:8: request b asks GET /login, as login does; use that id`},
		{"root again", "get: /login}", "get: /}", `acme-gate/product.yaml:7: request login asks GET /, as root does; use that id
acme-gate/product.yaml:10: rule login-page: on "login" twice`},
		{"get and head", "get: /login}", "get: /login, head: /login}", `acme-gate/product.yaml:7: request login: needs either get or head`},
		{"no path", "get: /login}", "bytes: 1}", `acme-gate/product.yaml:7: request login: needs either get or head`},
		{"traversal", "get: /login}", "get: /a/../b}", `acme-gate/product.yaml:7: request login: path "/a/../b" climbs the tree`},
		{"guess", "get: /login}", "get: /login, guess: -1}", `acme-gate/product.yaml:7: request login: guess is -1; 1 is asked first, 0 is never guessed`},
		{"rule id", "id: login-page", "id: login_page", `acme-gate/product.yaml:9: rule id "login_page" is not lower-case letters, digits and single hyphens`},
		{"grade", "definitive", "certain", `acme-gate/product.yaml:11: rule login-page: identifies is "certain"; it is definitive, strong or weak`},
		{"on nothing", "on: [root, login]", "on: [front]", `acme-gate/product.yaml:10: rule login-page: on "front", which is no request of this product`},
		{"on twice", "on: [root, login]", "on: [login, login]", `acme-gate/product.yaml:10: rule login-page: on "login" twice`},
		{"on empty", "on: [root, login]", "on: []", `acme-gate/product.yaml:9: rule login-page: on is empty; name the requests whose answers it reads, "any" or "tls"`},
		{"any and more", "on: [root, login]", "on: [any, login]", `acme-gate/product.yaml:10: rule login-page: on "any" reads every answer; name nothing beside it`},
		{"needs nothing", "definitive", "definitive\n    needs: [front]", `acme-gate/product.yaml:12: rule login-page: needs "front", which is no rule of this product`},
		{"needs itself", "definitive", "definitive\n    needs: [login-page]", `acme-gate/product.yaml:12: rule login-page: needs login-page, which needs it in turn`},
		{"pattern", "'^Acme Gate$'", "'Acme (Gate'", "acme-gate/product.yaml:12: rule login-page: title: pattern \"Acme (Gate\" does not compile: error parsing regexp: missing closing ): `Acme (Gate`"},
		{"open start", "'^Acme Gate$'", "'.*Acme'", `acme-gate/product.yaml:12: rule login-page: title: pattern ".*Acme" begins with .*, which only costs time; patterns are not anchored`},
		{"status", "{title: '^Acme Gate$'}", "{status: [20]}", `acme-gate/product.yaml:12: rule login-page: status 20 is not between 100 and 599`},
		{"empty literal", "{title: '^Acme Gate$'}", "{body: [' ']}", `acme-gate/product.yaml:12: rule login-page: body holds an empty literal`},
		{"digest", "{title: '^Acme Gate$'}", "{body_md5: [abc]}", `acme-gate/product.yaml:12: rule login-page: body_md5 "abc" is not 32 hex digits`},
		{"cookie", "{title: '^Acme Gate$'}", "{cookie: {'*': x}}", `acme-gate/product.yaml:12: rule login-page: cookie "*" has no name`},
		{"unless", "    source:", "    unless: {title: '('}\n    source:", "acme-gate/product.yaml:13: rule login-page: title: pattern \"(\" does not compile: error parsing regexp: missing closing ): `(`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expectProblem(t, files("acme-gate/product.yaml", swap(t, tt.from, tt.to)), tt.want)
		})
	}
}

// expectProblem loads and checks a tree and wants exactly these problems, one a line.
func expectProblem(t *testing.T, tree fstest.MapFS, want string) {
	t.Helper()
	catalog, problems := load(tree, nil)
	if len(problems) == 0 {
		problems = catalog.Check()
	}
	if got := joinProblems(problems); got == nil || withoutColumns(got) != want {
		t.Errorf("problems:\n%v\nwant\n%s", got, want)
	}
}

func TestLoadRefusesCircle(t *testing.T) {
	text := yamlProduct("acme-gate", `
requests: []
rules:
  - {id: a, on: [root], needs: [b], match: {title: a}}
  - {id: b, on: [root], needs: [c], match: {title: b}}
  - {id: c, on: [root], needs: [a], match: {title: c}}
`)
	expectProblem(t, files("acme-gate/product.yaml", text), "acme-gate/product.yaml:10: rule c: needs a, which needs it in turn")
}

func TestLoadNamesEveryProblem(t *testing.T) {
	_, err := Load(files(
		"a-gate/product.yaml", "id: b-gate\nversions: semver\n",
		"c-gate/product.yaml", "idd: c-gate\n",
		"d-gate/product.yaml", "",
	))
	want := `a-gate/product.yaml:1: id is "b-gate" but the folder is "a-gate"
a-gate/product.yaml:2: unknown version scheme "semver"
c-gate/product.yaml:1: unknown key "idd" in a product
d-gate/product.yaml: is empty`
	if err == nil || withoutColumns(err) != want {
		t.Errorf("error:\n%v\nwant\n%s", err, want)
	}
}

func TestLoadRefusesFolderName(t *testing.T) {
	for _, folder := range []string{"_gate", "acme.gate", "Acme", "acme--gate"} {
		_, err := Load(files(folder+"/product.yaml", strings.Replace(gate, "acme-gate", folder, 1)))
		want := folder + `/product.yaml:1: id "` + folder + `" is not lower-case letters, digits and single hyphens`
		if err == nil || withoutColumns(err) != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestLoadNothing(t *testing.T) {
	if _, err := Load(fstest.MapFS{}); err == nil || err.Error() != "no product: no folder holds a product.yaml" {
		t.Errorf("error %v", err)
	}
}
