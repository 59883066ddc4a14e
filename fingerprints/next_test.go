package fingerprints

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"postern/scanner/evidence"
)

// ask plays a host that answers by key, and everything else with a 404, until Next
// has no more questions. It returns what was asked, redirects with "<" and their
// origin, the decoy as "decoy".
func ask(t *testing.T, c *Catalog, host map[string]string) ([]string, evidence.Seen) {
	t.Helper()
	seen := seenOf()
	var asked []string
	for {
		q, more := c.Next(seen)
		if !more {
			return asked, seen
		}
		if err := q.Validate(); err != nil {
			t.Fatal(err)
		}
		if seen.Find(q.Key()) != nil {
			t.Fatalf("%s is asked twice", q.Key())
		}
		if len(asked) >= maxRequests {
			t.Fatalf("more than %d questions: %q", maxRequests, asked)
		}
		response, there := host[q.Key()]
		if !there {
			response = host["*"]
		}
		if response == "" && !there {
			response = "HTTP/1.1 404 Not Found\n\n"
		}
		var x evidence.Exchange
		if kind, failed := strings.CutPrefix(response, "!"); failed {
			x.Failure = &evidence.Failure{Kind: evidence.FailureKind(kind)}
		} else {
			x = answer(t, q.Key(), response)
		}
		x.Request = q
		seen.Exchanges = append(seen.Exchanges, x)
		name := strings.ReplaceAll(strings.TrimPrefix(q.Key(), "GET "), decoyPath, "decoy")
		if q.Via != "" {
			name += "<" + strings.TrimPrefix(q.Via, "GET ")
		}
		asked = append(asked, name)
	}
}

const ordinary = "HTTP/1.1 200 OK\nServer: nginx\n\n<html><title>Welcome</title><p>An ordinary page with enough text to say what it is.</p>"

// twoGates is a catalog of two products with hints, guesses and versions.
func twoGates(t *testing.T) *Catalog {
	return mustLoad(t, files("acme-gate/product.yaml", yamlProduct("acme-gate", `
requests:
  - {id: portal, get: /portal, guess: 1}
  - {id: icon, get: /favicon.ico, bytes: 1000}
  - {id: help, get: /help}
  - {id: about, get: /about, bytes: 50}
rules:
  - {id: hint, on: [any], identifies: weak, match: {header: {Server: '^Acme'}}, source: TEST}
  - {id: page, on: [portal], identifies: definitive, match: {status: [200], title: '^Acme'}, source: TEST}
  - {id: front, on: [root], identifies: definitive, match: {title: '^Acme Gate$'}, source: TEST}
  - {id: icon, on: [icon], identifies: strong, match: {favicon_mmh3: [5]}, source: TEST}
  - {id: branch, on: [help], match: {status: [200]}, source: TEST, version: {from: body, pattern: 'branch (?P<version>[0-9.]+)', precision: prefix}}
  - {id: exact, on: [about], match: {status: [200]}, needs: [branch], source: TEST, version: {from: body, pattern: 'version (?P<version>[0-9.]+)'}}
`), "blue-tunnel/product.yaml", yamlProduct("blue-tunnel", `
requests:
  - {id: b1, get: /b1, guess: 2}
  - {id: icon, get: /favicon.ico, bytes: 4000}
  - {id: b2, get: /b2, guess: 1}
  - {id: b3, get: /b3}
  - {id: b4, get: /b4, guess: 2}
  - {id: b5, get: /b5}
rules:
  - {id: hint, on: [root], identifies: strong, match: {cookie: {blue: ''}}, source: TEST}
  - {id: pages, on: [b1, icon, b2, b3, b4, b5], identifies: definitive, match: {body: [Blue Tunnel]}, source: TEST}
`)))
}

func TestNext(t *testing.T) {
	const gate, portal = "HTTP/1.1 200 OK\nServer: Acme\n\n<title>Acme Gate</title>", "HTTP/1.1 200 OK\n\n<title>Acme portal</title>"
	tests := []struct {
		name  string
		host  map[string]string
		asked string
		ends  string
	}{
		{"an ordinary server", map[string]string{"GET /": ordinary}, "/", ""},
		{"nothing listens", map[string]string{"GET /": "!refused"}, "/", ""},
		{"time runs out", map[string]string{"GET /": "!timeout"}, "/", ""},
		{"no HTTP", map[string]string{"GET /": "!not_http"}, "/", ""},
		{"the front page is cut off", map[string]string{"GET /": "!reset"}, "/ /portal /b2 /b1", ""},
		{"everything is cut off", map[string]string{"*": "!reset"}, "/ /portal", ""},
		{"time runs out later", map[string]string{"*": "!timeout", "GET /": "HTTP/1.1 403 No\n\n"}, "/ /portal", ""},
		{"not found", nil, "/ /portal /b2 /b1", ""},
		{"not found, with a realm", map[string]string{"GET /": "HTTP/1.1 401 No\nWWW-Authenticate: Basic realm=\"x\"\n\n"}, "/", ""},
		{"an empty page", map[string]string{"GET /": ok("<html></html>")}, "/ /portal /b2 /b1", ""},
		{"a short page with a title", map[string]string{"GET /": ok("<title>x</title>")}, "/", ""},
		{"a page of 63 bytes", map[string]string{"GET /": ok(strings.Repeat("a ", 63))}, "/ /portal /b2 /b1", ""},
		{"a page of 64 bytes", map[string]string{"GET /": ok(strings.Repeat("a ", 64))}, "/", ""},
		{"a redirect to elsewhere", map[string]string{"GET /": "HTTP/1.1 302 Found\nLocation: https://sso.example.net/\n\n"}, "/", ""},
		{"a redirect to another port", map[string]string{"GET /": "HTTP/1.1 302 Found\nLocation: https://vpn.example.com:8443/\n\n"}, "/ /portal /b2 /b1", ""},
		{"a redirect to an ordinary page", map[string]string{"GET /": "HTTP/1.1 302 Found\nLocation: /en/\n\n", "GET /en/": ordinary}, "/ /en/</", ""},
		{"redirects without end", map[string]string{"*": "HTTP/1.1 302 Found\nLocation: /a\n\n", "GET /a": "HTTP/1.1 302 Found\nLocation: b\n\n",
			"GET /b": "HTTP/1.1 302 Found\nLocation: ./c\n\n", "GET /c": "HTTP/1.1 302 Found\nLocation: /d\n\n"}, "/ /a</ /b</a /c</b /portal /b2 /b1", ""},
		{"a redirect in a circle", map[string]string{"GET /": "HTTP/1.1 302 Found\nLocation: /\n\n"}, "/ /portal /b2 /b1", ""},
		{"a guess that hits: the others may show a trap", map[string]string{"GET /portal": portal}, "/ /portal decoy /help /b2 /b1", "acme-gate definitive *"},
		{"a page for everything", map[string]string{"*": portal, "GET /": "HTTP/1.1 403 No\n\n"}, "/ /portal decoy /b2 /b1", ""},
		{"a decoy that redirects", map[string]string{"GET /portal": portal, "GET " + decoyPath: "HTTP/1.1 302 Found\nLocation: /home\n\n"}, "/ /portal decoy /help /b2 /b1", "acme-gate definitive *"},
		{"a decoy that redirects with the same page", map[string]string{"GET /b2": ok("Blue Tunnel"), "GET " + decoyPath: "HTTP/1.1 302 Found\nLocation: /home\n\nBlue Tunnel"}, "/ /portal /b2 decoy /b1", ""},
		{"a weak hint", map[string]string{"GET /": "HTTP/1.1 200 OK\nServer: Acme\n\n"}, "/ /portal /favicon.ico", ""},
		{"a strong hint", map[string]string{"GET /": "HTTP/1.1 200 OK\nSet-Cookie: blue=1\n\n"}, "/ /b1 /favicon.ico /b2 /b3", ""},
		{"the better hint first", map[string]string{"GET /": "HTTP/1.1 200 OK\nServer: Acme\nSet-Cookie: blue=1\n\n"}, "/ /b1 /favicon.ico /b2 /b3 /portal", ""},
		{"a hint that proves true", map[string]string{"GET /": "HTTP/1.1 200 OK\nServer: Acme\n\n", "GET /portal": portal}, "/ /portal decoy /help", "acme-gate definitive *"},
		{"proved at once", map[string]string{"GET /": gate}, "/ /help", "acme-gate definitive *"},
		{"proved, the version stays a branch", map[string]string{"GET /": gate, "GET /help": ok("branch 9.1")}, "/ /help /about", "acme-gate definitive 9.1.*"},
		{"proved, with its version", map[string]string{"GET /": gate, "GET /help": ok("branch 9.1"), "GET /about": ok("version 9.1.4")}, "/ /help /about", "acme-gate definitive 9.1.4"},
		{"once proved, other hints are not followed", map[string]string{"GET /": "HTTP/1.1 200 OK\nSet-Cookie: blue=1\n\n<title>Acme Gate</title>"}, "/ /help", "acme-gate definitive *"},
		{"the root leads to a page that is asked anyway", map[string]string{"GET /": "HTTP/1.1 302 Found\nLocation: /portal\nServer: Acme\n\n", "GET /portal": portal}, "/ /portal</ /help", "acme-gate definitive *"},
		{"a redirect that can tell nothing new", map[string]string{"GET /": "HTTP/1.1 302 Found\nLocation: /x\n\n<title>Acme Gate</title>"}, "/ /help", "acme-gate definitive *"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := twoGates(t)
			asked, seen := ask(t, c, tt.host)
			if got := strings.Join(asked, " "); got != tt.asked {
				t.Errorf("asked %s, want %s", got, tt.asked)
			}
			if got := names(c.Identify(seen)); got != named(t, tt.ends) {
				t.Errorf("ends with %q, want %q", got, tt.ends)
			}
		})
	}
}

// TestNextAsksForTheLargestBody: one question for all who ask it.
func TestNextAsksForTheLargestBody(t *testing.T) {
	c := twoGates(t)
	_, seen := ask(t, c, map[string]string{"GET /": "HTTP/1.1 200 OK\nServer: Acme\n\n"})
	if x := seen.Find("GET /favicon.ico"); x == nil || x.Request.MaxBytes != 4000 {
		t.Errorf("asked %+v", x)
	}
	if x := seen.Find("GET /portal"); x == nil || x.Request.MaxBytes != 0 {
		t.Errorf("asked %+v", x)
	}
}

// TestNextVersionQuestions: at most five questions for a version, and none after one
// candidate is left.
func TestNextVersionQuestions(t *testing.T) {
	c := one(t, `
requests:
  - {id: a, get: /a}
  - {id: b, get: /b}
  - {id: c, get: /c}
  - {id: d, get: /d}
  - {id: e, get: /e}
  - {id: f, get: /f}
  - {id: g, get: /g}
rules:
  - {id: front, on: [root], identifies: definitive, match: {title: Acme}, source: TEST}
  - {id: branch, on: [a], match: {status: [200]}, source: TEST, version: {from: body, pattern: '(?P<version>[0-9.]+)', precision: prefix}}
  - {id: exact, on: [b, c, d, e, f], match: {status: [200]}, source: TEST, version: {from: body, pattern: '(?P<version>[0-9.]+)'}}
  - {id: later, on: [g], match: {status: [200]}, source: TEST, version: {from: body, pattern: '(?P<version>[0-9.]+)'}}
`)
	tests := []struct {
		host  map[string]string
		asked string
	}{
		{map[string]string{}, "/ /a /b /c /d /e"},
		{map[string]string{"GET /a": ok("9")}, "/ /a /b /c /d /e"},
		{map[string]string{"GET /b": ok("9.1")}, "/ /a /b"},
		{map[string]string{"GET /a": ok("9"), "GET /c": ok("9.1")}, "/ /a /b /c"},
		{map[string]string{"GET /a": ok("8"), "GET /b": ok("9.1")}, "/ /a /b"}, // a contradiction is not asked away
	}
	for _, tt := range tests {
		tt.host["GET /"] = ok("<title>Acme</title>")
		if asked, _ := ask(t, c, tt.host); strings.Join(asked, " ") != tt.asked {
			t.Errorf("asked %q, want %s", asked, tt.asked)
		}
	}
}

// TestNextDecoyForMeans: that a page is there narrows only when the decoy is not.
func TestNextDecoyForMeans(t *testing.T) {
	c := one(t, `
requests:
  - {id: new, get: /new}
rules:
  - {id: front, on: [root], identifies: definitive, match: {title: Acme}, source: TEST}
  - {id: since, on: [new], match: {status: [200]}, source: TEST, version: {means: [{from: "9"}]}}
  - {id: before, on: [new], match: {status: [404]}, source: TEST, version: {means: [{before: "9"}]}}
`)
	front := ok("<title>Acme</title>")
	tests := []struct {
		host        map[string]string
		asked, ends string
	}{
		{map[string]string{"GET /": front, "GET /new": ok("")}, "/ /new decoy", "acme-gate definitive >=9"},
		{map[string]string{"GET /": front, "*": ok("")}, "/ /new decoy", "acme-gate definitive *"},
		{map[string]string{"GET /": front}, "/ /new", "acme-gate definitive <9"},
	}
	for _, tt := range tests {
		asked, seen := ask(t, c, tt.host)
		if strings.Join(asked, " ") != tt.asked || names(c.Identify(seen)) != named(t, tt.ends) {
			t.Errorf("asked %q and found %q, want %s and %s", asked, names(c.Identify(seen)), tt.asked, tt.ends)
		}
	}
}

// TestNextWithoutDecoy: without a decoy path nothing is asked, and nothing counts,
// that would need one.
func TestNextWithoutDecoy(t *testing.T) {
	c := twoGates(t)
	seen := seenOf(answer(t, "GET /", "HTTP/1.1 403 No\n\n"), answer(t, "GET /portal", ok("<title>Acme</title>")))
	for _, decoy := range []string{"", "relative", "/../up"} {
		seen.Decoy = decoy
		if q, more := c.Next(seen); more && !slices.Contains([]string{"/favicon.ico", "/b2"}, q.Path) {
			t.Errorf("decoy %q: asked %s", decoy, q.Key())
		}
		if got := c.Identify(seen); len(got) > 0 {
			t.Errorf("decoy %q: identified %s", decoy, names(got))
		}
	}
}

func TestFollow(t *testing.T) {
	tests := []struct{ scheme, host, location, want string }{
		{"https", "vpn.example.com", "/login", "/login"},
		{"https", "vpn.example.com", "login?a=1#top", "/dir/login?a=1"},
		{"https", "vpn.example.com", "?a=1", "/dir/page?a=1"},
		{"https", "vpn.example.com", "../x", "/x"},
		{"https", "vpn.example.com", "https://VPN.example.com/login", "/login"},
		{"https", "vpn.example.com", "https://vpn.example.com.:443/login", "/login"},
		{"https", "vpn.example.com", "https://vpn.example.com", "/"},
		{"https", "vpn.example.com", "//vpn.example.com/login", "/login"},
		{"https", "2001:db8::1", "https://[2001:db8::1]/login", "/login"},
		{"https", "vpn.example.com", "/+CSCOE+/logon.html", "/+CSCOE+/logon.html"},
		{"https", "vpn.example.com", "http://vpn.example.com/login", ""},
		{"https", "vpn.example.com", "https://vpn.example.com:8443/login", ""},
		{"https", "vpn.example.com", "https://www.example.com/login", ""},
		{"https", "vpn.example.com", "//www.example.com/login", ""},
		{"https", "vpn.example.com", "https://user@vpn.example.com/login", ""},
		{"https", "vpn.example.com", "https://vpn.example.com@evil.example/login", ""},
		{"https", "vpn.example.com", "javascript:alert(1)", ""},
		{"https", "vpn.example.com", "/a%2e%2e/b", ""},
		{"https", "vpn.example.com", "/a;id=1", ""},
		{"https", "vpn.example.com", "/" + strings.Repeat("a", 300), ""},
		{"https", "vpn.example.com", "https://[::1", ""},
		{"http", "vpn.example.com", "https://vpn.example.com/login", ""},
	}
	for _, tt := range tests {
		seen := seenOf(answer(t, "GET /dir/page", "HTTP/1.1 302 Found\nLocation: "+tt.location+"\n\n"))
		seen.Scheme, seen.Host = tt.scheme, tt.host
		v := newView(&seen)
		q, ok := v.follow(v.answers[0])
		got := ""
		if ok {
			got = q.Target()
		}
		if got != tt.want {
			t.Errorf("%s from %s://%s: %q, want %q", tt.location, tt.scheme, tt.host, got, tt.want)
		}
		if ok && q.Via != "GET /dir/page" {
			t.Errorf("%s: via %q", tt.location, q.Via)
		}
	}
}

// A gateway that is asked by its address sends visitors to its own name, so that only a
// redirect from a name to another tells that this is no gateway.
func TestNextAfterRedirectFromAddress(t *testing.T) {
	c := twoGates(t)
	for host, guesses := range map[string]bool{"192.0.2.7": true, "2001:db8::7": true, "vpn.example.com": false} {
		seen := evidence.Seen{Scheme: "https", Host: host, Port: 443, Decoy: decoyPath, Exchanges: []evidence.Exchange{{
			Request:  evidence.Request{Method: evidence.GET, Path: "/"},
			Response: &evidence.Response{Status: 302, Header: http.Header{"Location": {"https://ra.example.com/"}}},
		}}}
		if _, more := c.Next(seen); more != guesses {
			t.Errorf("asked by %s: more questions %t, want %t", host, more, guesses)
		}
	}
}
