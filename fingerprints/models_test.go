package fingerprints

import (
	"slices"
	"strings"
	"testing"

	"postern/scanner/evidence"
	"postern/scanner/version"
)

const gateOfModels = `id: acme-gate
name: Acme Gate
vendor: Acme
versions: dotted
models:
  - {name: G1, versions: [{prefix: "1"}], source: TEST}
  - {name: G2 Plus, shown: 'g2[a-z]*', versions: [{prefix: "2"}, {from: "3.5"}], source: TEST}
  - {name: G3, versions: [{prefix: "2"}], written: '[0-9]+\.0[0-9]', source: TEST}
  - {name: other}
leave_out: ["/reset: restarts it"]
no_version: no page shows it
rules:
  - id: title
    on: [root]
    identifies: definitive
    match: {title: '^Acme '}
    model: {from: title, pattern: '^Acme (?P<model>.+)$'}
    source: TEST
    examples:
      - model: G2 Plus
        response: |
          HTTP/1.1 200 OK

          <title>Acme G2x</title>
      - note: one that the product does not list
        response: |
          HTTP/1.1 200 OK

          <title>Acme G9</title>
    rejects:
      - response: |
          HTTP/1.1 200 OK

          <title>Bolt</title>
  - id: fan
    on: [root]
    needs: [title]
    match: {header: {X-Fan: '^on$'}}
    model: {means: [G1, G2 Plus]}
    source: TEST
    examples:
      - model: G1,G2 Plus
        response: |
          HTTP/1.1 200 OK
          X-Fan: on
`

func modelProduct(t *testing.T) (*Catalog, Product) {
	t.Helper()
	c := mustLoad(t, files("acme-gate/product.yaml", gateOfModels))
	if problems := c.Check(); len(problems) > 0 {
		t.Fatal(joinProblems(problems))
	}
	p, _ := c.Product("acme-gate")
	return c, p
}

func TestFindModel(t *testing.T) {
	_, p := modelProduct(t)
	for text, want := range map[string]string{
		"G1": "G1", " g1 ": "G1", "g2plus": "G2 Plus", "G2ABC": "G2 Plus", "acme g2": "", "G11": "", "": "",
	} {
		if got, ok := p.FindModel(text); got != want || ok != (want != "") {
			t.Errorf("FindModel(%q) = %q, %t; want %q", text, got, ok, want)
		}
	}
}

func TestModelsFor(t *testing.T) {
	_, p := modelProduct(t)
	tests := []struct{ known, may, want string }{
		{"", "1.5", "G1, other"},
		{"", "2.1", "G2 Plus, G3, other"},
		{"", "3.5", "G2 Plus, other"},
		{"", "1.5 || 3.6", "G1, G2 Plus, other"},
		{"G1", "1.5", "G1"},
		{"G1,G3", "2.1", "G3"},
		{"G1", "9.9", "G1"}, // the lines are not complete then
		{"", "*", "G1, G2 Plus, G3, other"},
		{"", "none", "G1, G2 Plus, G3, other"},
	}
	for _, tt := range tests {
		may, err := version.ParseSet(version.Dotted, tt.may)
		if err != nil {
			t.Fatal(err)
		}
		var known, names []string
		if tt.known != "" {
			known = strings.Split(tt.known, ",")
		}
		for _, m := range p.ModelsFor(known, may) {
			names = append(names, m.Name)
		}
		if got := strings.Join(names, ", "); got != tt.want {
			t.Errorf("ModelsFor(%q, %s) = %s, want %s", tt.known, tt.may, got, tt.want)
		}
	}
	if m := p.ModelsFor([]string{"G1"}, version.All(version.Dotted)); len(m) != 1 || m[0].Runs.IsAll() {
		t.Errorf("G1 runs %v, want its line alone", m)
	}
}

func TestModelsWriting(t *testing.T) {
	_, p := modelProduct(t)
	if got := p.ModelsWriting("2.03"); got != nil {
		t.Errorf("2.03 rules out all but %v, want none", got)
	}
	if got := p.ModelsWriting("2.3"); !slices.Equal(got, []string{"G1", "G2 Plus", "other"}) {
		t.Errorf("2.3 leaves %v, want all but G3", got)
	}
}

func TestIdentifyTellsModels(t *testing.T) {
	c, _ := modelProduct(t)
	tests := []struct{ name, title, fan, models, raw string }{
		{"one rule", "Acme G1", "", "G1", ""},
		{"two rules", "Acme G2b", "on", "G2 Plus", ""},
		{"unknown", "Acme G9", "", "", "model G9"},
		{"unknown, and another rule tells", "Acme G9", "on", "G1, G2 Plus", "model G9"},
		{"contradictory", "Acme G3", "on", "", "models that exclude each other"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := evidence.ParseResponse([]byte("HTTP/1.1 200 OK\r\nX-Fan: " + tt.fan + "\r\n\r\n<title>" + tt.title + "</title>"))
			if err != nil {
				t.Fatal(err)
			}
			seen := evidence.Seen{Scheme: "https", Host: "vpn.example.com", Port: 443, Exchanges: []evidence.Exchange{
				{Request: evidence.Request{Method: evidence.GET, Path: "/"}, Response: r},
			}}
			ids := c.Identify(seen)
			if len(ids) != 1 {
				t.Fatalf("%d identifications", len(ids))
			}
			if got := strings.Join(ids[0].Models, ", "); got != tt.models || strings.Join(ids[0].Raw, ", ") != tt.raw {
				t.Errorf("models %q, raw %q; want %q, %q", got, ids[0].Raw, tt.models, tt.raw)
			}
		})
	}
}

func TestLoadRefusesModels(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"no name", "{name: other}", "{shown: x}", `model "" needs a name, without commas and slashes`},
		{"comma", "{name: other}", `{name: "a, b"}`, `model "a, b" needs a name, without commas and slashes`},
		{"twice", "{name: other}", "{name: g 1}", "model g 1 is listed twice"},
		{"no source", `versions: [{prefix: "1"}], source: TEST`, `versions: [{prefix: "1"}]`, "model G1 says which versions it has; say in source who tells"},
		{"bad version", `[{prefix: "1"}]`, `[{prefix: "x"}]`, `model G1: "x" is no dotted version`},
		{"bad pattern", "shown: 'g2[a-z]*'", "shown: '('", "shown: error parsing regexp"},
		{"bad written", `written: '[0-9]+\.0[0-9]'`, `written: '('`, "written: error parsing regexp"},
		{"no such model", "means: [G1, G2 Plus]", "means: [G1, G7]", `"G7" is none of the models of the product`},
		{"no group", "'^Acme (?P<model>.+)$'", "'^Acme .+$'", "pattern needs the group (?P<model>…)"},
		{"no place", "from: title, pattern", "from: face, pattern", `from is "face"`},
		{"neither", "{means: [G1, G2 Plus]}", "{}", "model needs from and pattern or table, or means alone"},
		{"both", "{from: title, ", "{means: [G1], from: title, ", "model has both from and means; keep one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(gateOfModels, tt.old) {
				t.Fatal("nothing to replace")
			}
			_, err := Load(files("acme-gate/product.yaml", strings.Replace(gateOfModels, tt.old, tt.new, 1)))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func TestCheckFindsModels(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"not stated", "- model: G2 Plus\n        response", "- response", "states no model; the rule reads G2 Plus"},
		{"another", "- model: G2 Plus", "- model: G1", `reads the model "G2 Plus", not G1 as stated`},
		{"none read", "- model: G1,G2 Plus", "- model: G1", `reads the model "G1,G2 Plus", not G1 as stated`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(gateOfModels, tt.old, tt.new, 1)
			err := joinProblems(mustLoad(t, files("acme-gate/product.yaml", text)).Check())
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("problems %v, want %s", err, tt.want)
			}
		})
	}
}

func TestOrderKnowsModels(t *testing.T) {
	c, _ := modelProduct(t)
	for name, want := range map[string]bool{"acme-gate": true, "acme-gate/G2 Plus": true, "acme-gate/G7": false, "acme/G1": false, "acme-gate/": false} {
		if _, ok := c.Order(name); ok != want {
			t.Errorf("Order(%q) is known: %t", name, ok)
		}
	}
}

// A picture tells the model: it is asked for once the product is proved, though the
// version is known, and not any more once a model is told.
func TestNextAsksForTheModel(t *testing.T) {
	text := strings.Replace(gateOfModels, "requests:\n", "", 1)
	text = strings.Replace(text, "no_version: no page shows it\n", "", 1)
	text = strings.Replace(text, "rules:\n", `requests:
  - {id: picture, get: /login.png}
tables:
  - {id: pictures, file: tables/pictures.tsv, key: md5, value: model, models: true}
rules:
  - id: version
    on: [root]
    needs: [title]
    match: {header: {X-Version: .}}
    version: {from: "header:X-Version"}
    source: TEST
    examples:
      - version: "1.5"
        response: |
          HTTP/1.1 200 OK
          X-Version: 1.5
  - id: picture
    on: [picture]
    match: {status: [200]}
    model: {from: body_md5, table: pictures}
    source: TEST
    examples:
      - {model: G1, body_md5: 0123456789abcdef0123456789abcdef}
`, 1)
	tree := files("acme-gate/product.yaml", text, "acme-gate/tables/pictures.tsv", "# source: TEST\nmd5\tmodel\n0123456789ABCDEF0123456789abcdef\tg1\n")
	c := mustLoad(t, tree)
	if problems := c.Check(); len(problems) > 0 {
		t.Fatal(joinProblems(problems))
	}
	for title, want := range map[string]bool{"Acme G9": true, "Acme G1": false} {
		r, err := evidence.ParseResponse([]byte("HTTP/1.1 200 OK\r\nX-Version: 1.5\r\n\r\n<title>" + title + "</title>"))
		if err != nil {
			t.Fatal(err)
		}
		seen := evidence.Seen{Scheme: "https", Host: "vpn.example.com", Port: 443, Exchanges: []evidence.Exchange{
			{Request: evidence.Request{Method: evidence.GET, Path: "/"}, Response: r},
		}}
		next, ok := c.Next(seen)
		if got := ok && next.Path == "/login.png"; got != want {
			t.Errorf("%s: the picture is asked for: %t, next %v", title, got, next)
		}
	}
	for old, bad := range map[string]string{
		"\tg1\n":             "\tg7\n",
		"value: model, mod":  "value: model, precision: prefix, mod",
		"table: pictures":    "table: faces",
		"header:X-Version\"": "header:X-Version\", table: pictures",
	} {
		broken := files("acme-gate/product.yaml", strings.Replace(text, old, bad, 1),
			"acme-gate/tables/pictures.tsv", strings.Replace("# source: TEST\nmd5\tmodel\n0123456789abcdef0123456789abcdef\tg1\n", old, bad, 1))
		if _, err := Load(broken); err == nil {
			t.Errorf("with %q it still loads", bad)
		}
	}
}
