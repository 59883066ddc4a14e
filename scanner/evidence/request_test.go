package evidence

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestRequestKeyAndTarget(t *testing.T) {
	tests := []struct {
		req         Request
		key, target string
	}{
		{Request{Method: GET, Path: "/"}, "GET /", "/"},
		{Request{Method: HEAD, Path: "/a b"}, "HEAD /a b", "/a b"},
		{Request{Method: GET, Path: "/a", Query: "b=1&c"}, "GET /a?b=1&c", "/a?b=1&c"},
	}
	for _, tt := range tests {
		if got := tt.req.Key(); got != tt.key {
			t.Errorf("Key() = %q, want %q", got, tt.key)
		}
		if got := tt.req.Target(); got != tt.target {
			t.Errorf("Target() = %q, want %q", got, tt.target)
		}
	}
}

func TestValidateAccepts(t *testing.T) {
	tests := []Request{
		{Method: GET, Path: "/"},
		{Method: HEAD, Path: "/remote/login", Query: "lang=en"},
		{Method: GET, Path: "/dana-na/auth/url_default/welcome.cgi"},
		{Method: GET, Path: "/+CSCOE+/logon.html"},
		{Method: GET, Path: "/por/login_auth.csp", Query: "apiversion=1"},
		{Method: GET, Path: "/~x/...well/a.b-c_d/"},
		{Method: GET, Path: "/login", Query: "next=%2Fremote%2Findex%20a"},
		{Method: GET, Path: "/" + strings.Repeat("a", maxTarget-1)},
		{Method: GET, Path: "/", MaxBytes: 1},
	}
	for _, req := range tests {
		if err := req.Validate(); err != nil {
			t.Errorf("%s: %v", req.Key(), err)
		}
	}
}

func TestValidateRefuses(t *testing.T) {
	tests := []struct {
		name string
		req  Request
		want string
	}{
		{"post", Request{Method: "POST", Path: "/"}, `method is "POST"; only GET and HEAD may be asked`},
		{"lower-case method", Request{Method: "get", Path: "/"}, `method is "get"`},
		{"no method", Request{Path: "/"}, "method"},
		{"relative", Request{Method: GET, Path: "remote"}, "does not begin with /"},
		{"empty", Request{Method: GET}, "does not begin with /"},
		{"absolute url", Request{Method: GET, Path: "http://other.example/"}, "does not begin with /"},
		{"another host", Request{Method: GET, Path: "//other.example/"}, "names another host"},
		{"climbs", Request{Method: GET, Path: "/a/../b"}, "climbs the tree"},
		{"climbs at the end", Request{Method: GET, Path: "/a/.."}, "climbs the tree"},
		{"stays", Request{Method: GET, Path: "/./b"}, "climbs the tree"},
		{"escaped", Request{Method: GET, Path: "/%2e%2e/b"}, "write it plainly"},
		{"parameters", Request{Method: GET, Path: "/..;/b"}, "write it plainly"},
		{"backslash", Request{Method: GET, Path: `/a\b`}, "no part of a plain path"},
		{"line break", Request{Method: GET, Path: "/a\r\nX: y"}, "no part of a plain path"},
		{"space", Request{Method: GET, Path: "/a HTTP/1.1"}, "no part of a plain path"},
		{"not ascii", Request{Method: GET, Path: "/ä"}, "no part of a plain path"},
		{"fragment", Request{Method: GET, Path: "/a#b"}, "no part of a plain path"},
		{"query in the path", Request{Method: GET, Path: "/a?b"}, "its own field"},
		{"fragment in the query", Request{Method: GET, Path: "/a", Query: "b#c"}, "no part of a plain path"},
		{"line break in the query", Request{Method: GET, Path: "/a", Query: "b\nc"}, "no part of a plain path"},
		{"climbing query", Request{Method: GET, Path: "/a", Query: "f=../x"}, `holds ".."`},
		{"escaped climbing query", Request{Method: GET, Path: "/a", Query: "f=%2E%2e/x"}, `holds "%2e"`},
		{"twice escaped query", Request{Method: GET, Path: "/a", Query: "f=%252e"}, `holds "%25"`},
		{"overlong query", Request{Method: GET, Path: "/a", Query: "f=%C0%AE"}, `holds "%c0"`},
		{"nul in the query", Request{Method: GET, Path: "/a", Query: "f=%00"}, `holds "%0"`},
		{"long", Request{Method: GET, Path: "/" + strings.Repeat("a", maxTarget)}, "at most 200"},
		{"long with query", Request{Method: GET, Path: "/a", Query: strings.Repeat("a", maxTarget-1)}, "at most 200"},
		{"negative limit", Request{Method: GET, Path: "/", MaxBytes: -1}, "negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.req.Validate()
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not say %q", err, tt.want)
			}
		})
	}
}

func TestFind(t *testing.T) {
	seen := Seen{Exchanges: []Exchange{
		{Request: Request{Method: GET, Path: "/a"}, Response: &Response{Status: 200}},
		{Request: Request{Method: GET, Path: "/a"}, Response: &Response{Status: 404}},
	}}
	if x := seen.Find("GET /a"); x == nil || x.Response.Status != 200 {
		t.Errorf("Find gives %+v, not the first answer", x)
	}
	if x := seen.Find("HEAD /a"); x != nil {
		t.Errorf("Find gives %+v for what was not asked", x)
	}
}

// What Validate accepts must reach the same host, as the same bytes, in one request line.
func FuzzValidate(f *testing.F) {
	f.Add("GET", "/a", "b=1")
	f.Add("HEAD", "/../a", "%2e")
	f.Add("POST", "//x", "")
	f.Fuzz(func(t *testing.T, method, path, query string) {
		req := Request{Method: method, Path: path, Query: query}
		if req.Validate() != nil {
			return
		}
		u, err := url.Parse("https://gateway.example" + req.Target())
		if err != nil {
			t.Fatalf("%q is no URL: %v", req.Target(), err)
		}
		if u.Host != "gateway.example" || u.RequestURI() != req.Target() {
			t.Errorf("%q becomes %q at %q", req.Target(), u.RequestURI(), u.Host)
		}
		if strings.Contains(u.Path, "/../") || strings.HasSuffix(u.Path, "/..") {
			t.Errorf("%q climbs", req.Target())
		}
		if _, err := http.NewRequest(method, u.String(), nil); err != nil {
			t.Errorf("%q makes no request: %v", req.Target(), err)
		}
	})
}
