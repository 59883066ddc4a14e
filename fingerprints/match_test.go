package fingerprints

import (
	"fmt"
	"testing"
)

// TestMatch puts each condition to an answer that it matches and to one that it does
// not, and looks at the text that it shows.
func TestMatch(t *testing.T) {
	const (
		form = "HTTP/1.1 200 OK\nServer: AcmeHTTPD\nX-Two: one\nX-Two: two\nSet-Cookie: SID_ab12=; path=/\nSet-Cookie: tg=x; secure\n\n" +
			"<html><title>Acme &amp; Gate</title><form action=\"/Login/Check\">build 7</form>"
		moved = "HTTP/1.1 302 Found\nLocation: /login?a=1\n\n"
	)
	tests := []struct {
		name, match, on string
		want            bool
		shows           string
	}{
		{"status", "{status: [404, 200]}", form, true, "status 200"},
		{"other status", "{status: [404]}", form, false, ""},
		{"header", "{header: {server: '^Acme'}}", form, true, "Server: AcmeHTTPD"},
		{"header is case-sensitive", "{header: {Server: '^acme'}}", form, false, ""},
		{"header folds case when asked", "{header: {Server: '(?i)^acme'}}", form, true, "Server: AcmeHTTPD"},
		{"any value of a header", "{header: {X-Two: '^two$'}}", form, true, "X-Two: two"},
		{"a header that is there", "{header: {X-Two: ''}}", form, true, "X-Two: one"},
		{"a header that is not", "{header: {X-Three: ''}}", form, false, ""},
		{"both headers", "{header: {Server: Acme, X-Two: three}}", form, false, ""},
		{"cookie", "{cookie: {tg: '^x$'}}", form, true, "Set-Cookie: tg=x"},
		{"cookie by another name", "{cookie: {t: ''}}", form, false, ""},
		{"cookie names have case", "{cookie: {TG: ''}}", form, false, ""},
		{"cookie by the beginning of its name", "{cookie: {'SID_*': '^$'}}", form, true, "Set-Cookie: SID_ab12="},
		{"cookie value", "{cookie: {'SID_*': '.'}}", form, false, ""},
		{"location", "{location: '^/login\\?'}", moved, true, "Location: /login?a=1"},
		{"no location", "{location: ''}", form, true, "status 200"}, // an empty pattern is no condition
		{"title", "{title: '^Acme & Gate$'}", form, true, "title Acme & Gate"},
		{"no title", "{title: 'Acme'}", moved, false, ""},
		{"literal without case", "{body: ['/login/CHECK', 'BUILD']}", form, true, `te</title><form action="/Login/Check">build 7</form>`},
		{"one literal missing", "{body: ['/login/CHECK', 'version']}", form, false, ""},
		{"body pattern", "{body_pattern: 'build \\d'}", form, true, `m action="/Login/Check">build 7</form>`},
		{"body pattern has case", "{body_pattern: 'BUILD \\d'}", form, false, ""},
		{"body pattern without case", "{body_pattern: '(?i)BUILD \\d'}", form, true, `m action="/Login/Check">build 7</form>`},
		{"all of them", "{status: [200], header: {Server: Acme}, title: Acme}", form, true, "Server: AcmeHTTPD; title Acme & Gate"},
		{"all but one", "{status: [200], header: {Server: Acme}, title: Blue}", form, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, `
requests: []
rules:
  - {id: a, on: [root], identifies: definitive, match: `+tt.match+`, source: TEST}
`)
			ids := c.Identify(seenOf(answer(t, "GET /", tt.on)))
			if got := len(ids) > 0; got != tt.want {
				t.Fatalf("matches: %v, want %v", got, tt.want)
			}
			if tt.want && ids[0].Because[0].Shows != tt.shows {
				t.Errorf("shows %q, want %q", ids[0].Because[0].Shows, tt.shows)
			}
		})
	}
}

func TestMatchUnless(t *testing.T) {
	c := one(t, `
requests: []
rules:
  - {id: a, on: [root], identifies: definitive, match: {title: Acme}, unless: {status: [403], body: [blocked]}, source: TEST}
`)
	tests := []struct {
		response string
		want     bool
	}{
		{"HTTP/1.1 200 OK\n\n<title>Acme</title>", true},
		{"HTTP/1.1 403 No\n\n<title>Acme</title>", true}, // both conditions of unless must hold
		{"HTTP/1.1 403 No\n\n<title>Acme</title>Blocked", false},
	}
	for _, tt := range tests {
		if got := len(c.Identify(seenOf(answer(t, "GET /", tt.response)))) > 0; got != tt.want {
			t.Errorf("%q: %v, want %v", tt.response, got, tt.want)
		}
	}
}

// TestRequiredLiterals: one of the literals must stand, in lower case, in everything
// that the pattern matches.
func TestRequiredLiterals(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{`CSCO_WebVPN`, "[[csco_webvpn]]"},
		{`(?i)Acme`, "[[acme]]"},
		{`(?i)Ask`, "[[ask]]"},
		{`a+bcd\d`, "[[bcd] [a]]"},
		{`(?P<version>\d+)\.panos`, "[[.panos]]"},
		{`(abc)?d`, "[[d]]"},
		{`(abc){2}`, "[[abc]]"},
		{`(abc){0,2}`, "[]"},
		{`abc|abd`, "[[abc abd]]"},
		{`x|yz`, "[[x yz]]"},
		{`<(?:link|form) .*portal`, "[[<link  <form ] [portal]]"},
		{`[a-z]+(?:One|Two)`, "[[one two]]"},
		{`a(?:b|c)[de]f?g`, "[[abd abe acd ace] [g]]"},
		{`swl_(?:login|header)\.\d|\d+-sv`, "[[swl_login. swl_header. -sv]]"},
		{`(?:One|[0-9])x?`, "[]"},
		{`[0-9]+`, "[]"},
		{`é`, "[]"},
		{`ab(?:cé|d)`, "[[abc abd]]"},
		{``, "[]"},
	}
	for _, tt := range tests {
		p, err := compilePattern(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(p.literals); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.pattern, got, tt.want)
		}
	}
}

func TestPatternRefusesOpenStart(t *testing.T) {
	for _, text := range []string{`.*a`, `.+a`, `(?s).*a`, `(.*)a`, `(?:.*?)a`, `a|.*b`} {
		if _, err := compilePattern(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
	for _, text := range []string{`^.*a`, `a.*`, `[^"]*a`, `.a`, `(?:a.*)`} {
		if _, err := compilePattern(text); err != nil {
			t.Error(err)
		}
	}
}
