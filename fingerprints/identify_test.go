package fingerprints

import (
	"reflect"
	"slices"
	"testing"

	"postern/scanner/evidence"
)

// graded is a product with rules of every grade, each on a header of its own.
const graded = `
requests:
  - {id: login, get: /login}
rules:
  - {id: sure, on: [any], identifies: definitive, match: {header: {X-Sure: ''}}, source: TEST}
  - {id: s1, on: [any], identifies: strong, group: g, match: {header: {X-S1: ''}}, source: TEST}
  - {id: s2, on: [any], identifies: strong, group: g, match: {header: {X-S2: ''}}, source: TEST}
  - {id: s3, on: [any], identifies: strong, match: {header: {X-S3: ''}}, source: TEST}
  - {id: w1, on: [any], identifies: weak, match: {header: {X-W1: ''}}, source: TEST}
  - {id: w2, on: [login], identifies: weak, match: {header: {X-W2: ''}}, source: TEST}
  - {id: s4, on: [any], identifies: strong, needs: [w1], match: {header: {X-S4: ''}}, source: TEST}
  - {id: v1, on: [any], match: {}, needs: [w1], source: TEST, version: {from: 'header:X-V1'}}
  - {id: v2, on: [any], match: {header: {X-V2: ''}}, source: TEST, version: {from: 'header:X-V2', precision: prefix}}
`

func TestGrades(t *testing.T) {
	tests := []struct{ name, headers, want string }{
		{"nothing", "", ""},
		{"one definitive", "X-Sure: 1\n", "acme-gate definitive *"},
		{"one strong", "X-S1: 1\n", ""},
		{"two strong of one group", "X-S1: 1\nX-S2: 1\n", ""},
		{"two strong of two groups", "X-S1: 1\nX-S3: 1\n", "acme-gate strong *"},
		{"three strong, the groups apart", "X-S1: 1\nX-S2: 1\nX-S3: 1\n", "acme-gate strong *"},
		{"weak ones", "X-W1: 1\nX-W2: 1\n", ""},
		{"strong and weak", "X-S1: 1\nX-W1: 1\n", ""},
		{"definitive before strong", "X-Sure: 1\nX-S1: 1\nX-S3: 1\n", "acme-gate definitive *"},
		{"what a rule needs is missing", "X-S1: 1\nX-S4: 1\n", ""},
		{"what a rule needs is there", "X-S1: 1\nX-S4: 1\nX-W1: 1\n", "acme-gate strong *"},
		{"a version alone", "X-V2: 9\n", ""},
		{"a version", "X-Sure: 1\nX-V2: 9.1\n", "acme-gate definitive 9.1.*"},
		{"a version without what it needs", "X-Sure: 1\nX-V1: 9.1\n", "acme-gate definitive *"},
		{"a version with what it needs", "X-Sure: 1\nX-V1: 9.1\nX-W1: 1\n", "acme-gate definitive 9.1"},
		{"two that agree", "X-Sure: 1\nX-V1: 9.1.4\nX-W1: 1\nX-V2: 9.1\n", "acme-gate definitive 9.1.4"},
		{"two that contradict", "X-Sure: 1\nX-V1: 9.2\nX-W1: 1\nX-V2: 9.1\n", "acme-gate definitive none"},
	}
	c := one(t, graded)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := c.Identify(seenOf(answer(t, "GET /", "HTTP/1.1 200 OK\n"+tt.headers+"\n")))
			if names(got) != named(t, tt.want) {
				t.Errorf("got %q, want %q", names(got), tt.want)
			}
		})
	}
}

// TestGradesAcrossAnswers: signals may stand on different answers.
func TestGradesAcrossAnswers(t *testing.T) {
	c := one(t, graded)
	got := c.Identify(seenOf(
		answer(t, "GET /", "HTTP/1.1 404 Not Found\nX-S1: 1\n\n"),
		answer(t, "GET /login", "HTTP/1.1 404 Not Found\nX-S3: 1\n\n"),
	))
	if names(got) != "acme-gate strong *" {
		t.Errorf("got %q", names(got))
	}
}

func TestBecause(t *testing.T) {
	c := one(t, graded)
	ids := c.Identify(seenOf(
		answer(t, "GET /", "HTTP/1.1 200 OK\nX-W1: 1\nX-V1: 9.2\nX-V2: oops\nX-Sure: yes\n\n"),
		answer(t, "GET /login", "HTTP/1.1 200 OK\nX-V2: 9.1\nX-S1: a\n\n"),
	))
	if len(ids) != 1 {
		t.Fatalf("got %s", names(ids))
	}
	var got []string
	for _, r := range ids[0].Because {
		says := ""
		if r.Says.Scheme() != "" {
			says = r.Says.String()
		}
		got = append(got, r.Rule+"|"+string(r.Identifies)+"|"+r.Request+"|"+r.Shows+"|"+says+"|"+r.Source)
	}
	want := []string{
		"sure|definitive|GET /|X-Sure: yes||TEST",
		"s1|strong|GET /login|X-S1: a||TEST",
		"w1|weak|GET /|X-W1: 1||TEST",
		"v1||GET /|X-V1: 9.2|9.2|TEST",
		"v2||GET /|X-V2: oops||TEST",
		"v2||GET /login|X-V2: 9.1|" + parseSet(t, "dotted", "9.1.*").String() + "|TEST",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
	if !ids[0].Versions.IsEmpty() || !ids[0].Read || !slices.Equal(ids[0].Raw, []string{"oops"}) {
		t.Errorf("versions %s, read %v, raw %q", ids[0].Versions, ids[0].Read, ids[0].Raw)
	}
}

// TestIdentifySeveral puts the surest product first, then goes by id.
func TestIdentifySeveral(t *testing.T) {
	c := mustLoad(t, files("a-gate/product.yaml", yamlProduct("a-gate", graded), "b-gate/product.yaml", yamlProduct("b-gate", graded),
		"c-gate/product.yaml", yamlProduct("c-gate", replaceOnce(t, graded, "id: sure, on: [any], identifies: definitive", "id: sure, on: [any], identifies: strong"))))
	seen := seenOf(answer(t, "GET /", "HTTP/1.1 200 OK\nX-Sure: 1\nX-S1: 1\n\n"))
	if got := names(c.Identify(seen)); got != "a-gate definitive *, b-gate definitive *, c-gate strong *" {
		t.Errorf("got %s", got)
	}
}

// paths is a product whose signals depend on the path that is asked.
const paths = `
requests:
  - {id: portal, get: /portal}
  - {id: help, get: /help}
rules:
  - {id: page, on: [portal], identifies: definitive, match: {status: [200], body: [Acme]}, source: TEST}
  - {id: server, on: [portal], identifies: strong, group: a, match: {header: {Server: Acme}}, source: TEST}
  - {id: cookie, on: [portal], identifies: strong, group: b, match: {cookie: {acme: ''}}, source: TEST}
  - {id: front, on: [root], identifies: strong, group: c, match: {body: [gate]}, source: TEST}
  - {id: refused, on: [portal], identifies: strong, group: d, match: {status: [403], body: [Acme]}, source: TEST}
  - {id: version, on: [help], match: {status: [200]}, source: TEST, version: {from: body, pattern: 'v=(?P<version>[0-9.]+)'}}
  - {id: there, on: [help], match: {status: [200]}, source: TEST, version: {means: [{from: "9"}]}}
`

// TestDecoy: a page at a path proves nothing if the server has such a page at every
// path, or if nobody has asked.
func TestDecoy(t *testing.T) {
	const (
		portal  = "HTTP/1.1 200 OK\n\nAcme gate"
		headers = "HTTP/1.1 200 OK\nServer: Acme\nSet-Cookie: acme=1\n\nwelcome"
		missing = "HTTP/1.1 404 Not Found\n\nAcme gate"
		refused = "HTTP/1.1 403 Forbidden\n\nAcme"
		help    = "HTTP/1.1 200 OK\n\nv=9.1"
	)
	get := func(key, response string, via ...string) evidence.Exchange { return answer(t, key, response, via...) }
	decoy := "GET " + decoyPath
	tests := []struct {
		name      string
		exchanges []evidence.Exchange
		want      string
	}{
		{"not asked", []evidence.Exchange{get("GET /portal", portal)}, ""},
		{"not there", []evidence.Exchange{get("GET /portal", portal), get(decoy, missing)}, "acme-gate definitive *"},
		{"everywhere", []evidence.Exchange{get("GET /portal", portal), get(decoy, portal)}, ""},
		{"another page there", []evidence.Exchange{get("GET /portal", portal), get(decoy, ok("welcome"))}, "acme-gate definitive *"},
		{"the decoy failed", []evidence.Exchange{get("GET /portal", portal), get(decoy, "")}, "acme-gate definitive *"},
		{"headers need none", []evidence.Exchange{get("GET /portal", headers)}, "acme-gate strong *"},
		{"headers, also everywhere", []evidence.Exchange{get("GET /portal", headers), get(decoy, headers)}, "acme-gate strong *"},
		{"a refusal needs none", []evidence.Exchange{get("GET /", ok("gate")), get("GET /portal", refused)}, "acme-gate strong *"},
		{"the root leads there", []evidence.Exchange{get("GET /", "HTTP/1.1 302 Found\nLocation: /portal\n\n"), get("GET /portal", portal, "GET /")}, "acme-gate definitive *"},
		{"a value needs none", []evidence.Exchange{get("GET /portal", headers), get("GET /help", help)}, "acme-gate strong 9.1"},
		{"that it is there needs one", []evidence.Exchange{get("GET /portal", headers), get("GET /help", ok("x"))}, "acme-gate strong *"},
		{"it is there and not everywhere", []evidence.Exchange{get("GET /portal", headers), get("GET /help", ok("x")), get(decoy, missing)}, "acme-gate strong >=9"},
		{"it is everywhere", []evidence.Exchange{get("GET /portal", headers), get("GET /help", ok("x")), get(decoy, ok("x"))}, "acme-gate strong *"},
		{"the decoy itself proves nothing", []evidence.Exchange{get(decoy, portal)}, ""},
	}
	c := one(t, paths)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := names(c.Identify(seenOf(tt.exchanges...))); got != named(t, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestDoubtIsInherited: a rule counts no further than what it needs.
func TestDoubtIsInherited(t *testing.T) {
	c := one(t, `
requests:
  - {id: portal, get: /portal}
rules:
  - {id: page, on: [portal], identifies: weak, match: {body: [Acme]}, source: TEST}
  - {id: server, on: [root], identifies: definitive, needs: [page], match: {header: {Server: Acme}}, source: TEST}
`)
	front, portal := answer(t, "GET /", "HTTP/1.1 200 OK\nServer: Acme\n\n"), answer(t, "GET /portal", ok("Acme"))
	if got := names(c.Identify(seenOf(front, portal))); got != "" {
		t.Errorf("without a decoy: %q", got)
	}
	if got := names(c.Identify(seenOf(front, portal, answer(t, "GET "+decoyPath, "HTTP/1.1 404 Not Found\n\n")))); got != "acme-gate definitive *" {
		t.Errorf("with a decoy: %q", got)
	}
}

// TestPromotedReading: a rule that identifies and reads gives its version without a
// decoy once the product is proved otherwise.
func TestPromotedReading(t *testing.T) {
	c := one(t, `
requests:
  - {id: portal, get: /portal}
rules:
  - {id: front, on: [root], identifies: definitive, match: {body: [gate]}, source: TEST}
  - {id: both, on: [portal], identifies: definitive, match: {status: [200], body: [Acme]}, source: TEST, version: {from: body, pattern: 'v=(?P<version>[0-9.]+)'}}
`)
	portal := answer(t, "GET /portal", ok("Acme v=9.1"))
	if got := names(c.Identify(seenOf(portal))); got != "" {
		t.Errorf("alone: %q", got)
	}
	if got := names(c.Identify(seenOf(answer(t, "GET /", ok("gate")), portal))); got != "acme-gate definitive 9.1" {
		t.Errorf("with the front page: %q", got)
	}
	if got := names(c.Identify(seenOf(answer(t, "GET /", ok("gate")), answer(t, "GET /portal", ok("Acme"))))); got != "acme-gate definitive *" {
		t.Errorf("without a value: %q", got)
	}
}

// TestRedirectsCount: what a redirect leads to counts as the answer to every request
// before it.
func TestRedirectsCount(t *testing.T) {
	c := one(t, `
requests: []
rules:
  - {id: front, on: [root], identifies: definitive, match: {body: [gate]}, source: TEST}
`)
	moved := "HTTP/1.1 302 Found\nLocation: /a\n\n"
	chain := []evidence.Exchange{answer(t, "GET /", moved), answer(t, "GET /a", moved, "GET /"), answer(t, "GET /b", moved, "GET /a"), answer(t, "GET /c", ok("gate"), "GET /b")}
	if got := names(c.Identify(seenOf(chain...))); got != "acme-gate definitive *" {
		t.Errorf("chain: %q", got)
	}
	if got := names(c.Identify(seenOf(answer(t, "GET /", moved), answer(t, "GET /c", ok("gate"))))); got != "" {
		t.Errorf("no chain: %q", got)
	}
	loop := seenOf(answer(t, "GET /a", ok("gate"), "GET /b"), answer(t, "GET /b", moved, "GET /a"))
	if got := names(c.Identify(loop)); got != "" {
		t.Errorf("loop: %q", got)
	}
}

func TestIdentifyIsDeterministic(t *testing.T) {
	c := one(t, graded)
	seen := seenOf(answer(t, "GET /", "HTTP/1.1 200 OK\nX-W1: 1\nX-V1: 9.2\nX-V2: oops\nX-Sure: yes\nX-S1: 1\n\n"))
	first := c.Identify(seen)
	for range 20 {
		if got := c.Identify(seen); !reflect.DeepEqual(got, first) {
			t.Fatalf("got %+v, then %+v", first, got)
		}
	}
}
