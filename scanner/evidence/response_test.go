package evidence

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestParseResponse(t *testing.T) {
	tests := []struct {
		name, text string
		want       Response
	}{
		{"crlf", "HTTP/1.1 200 OK\r\nServer: a\r\n\r\nx\r\ny",
			Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Server": {"a"}}, Body: []byte("x\r\ny")}},
		{"lf", "HTTP/1.0 404 Not Found\nserver:  a b \n\nbody\n",
			Response{Status: 404, Proto: "HTTP/1.0", Header: http.Header{"Server": {"a b"}}, Body: []byte("body\n")}},
		{"no reason", "HTTP/2 302\nLocation: /x?y=1:2\n\n",
			Response{Status: 302, Proto: "HTTP/2", Header: http.Header{"Location": {"/x?y=1:2"}}}},
		{"ends after the header", "HTTP/1.1 204 No Content\nA: 1",
			Response{Status: 204, Proto: "HTTP/1.1", Header: http.Header{"A": {"1"}}}},
		{"status line alone", "HTTP/1.1 200 OK",
			Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{}}},
		{"repeated and odd names", "HTTP/1.1 200 OK\nSet-Cookie: a=1\nCteonnt-Length: 5\nset-cookie: b=2\n\n",
			Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Set-Cookie": {"a=1", "b=2"}, "Cteonnt-Length": {"5"}}}},
		{"folded", "HTTP/1.1 200 OK\nA: 1\n\t2\n\nb",
			Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"A": {"1 2"}}, Body: []byte("b")}},
		{"length and chunks are not obeyed", "HTTP/1.1 200 OK\nContent-Length: 9000\nTransfer-Encoding: chunked\n\nshort",
			Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Content-Length": {"9000"}, "Transfer-Encoding": {"chunked"}}, Body: []byte("short")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseResponse([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if !sameResponse(*got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", *got, tt.want)
			}
		})
	}
}

func sameResponse(a, b Response) bool {
	return a.Status == b.Status && a.Proto == b.Proto && bytes.Equal(a.Body, b.Body) && a.Truncated == b.Truncated &&
		maps.EqualFunc(a.Header, b.Header, slices.Equal)
}

func TestParseResponseRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "", "line 1: "},
		{"no status line", "Server: a\n\n", `line 1: "Server: a" is no status line`},
		{"ssh banner", "SSH-2.0-OpenSSH_9.6\n", "is no status line"},
		{"no code", "HTTP/1.1\n", "no status code"},
		{"long code", "HTTP/1.1 2000 OK\n", "no status code"},
		{"low code", "HTTP/1.1 099 OK\n", "no status code"},
		{"signed code", "HTTP/1.1 +20 OK\n", "no status code"},
		{"no colon", "HTTP/1.1 200 OK\nA: 1\n<html>\n", `line 3: "<html>" is no header field`},
		{"no name", "HTTP/1.1 200 OK\n: 1\n", "is no name"},
		{"space in the name", "HTTP/1.1 200 OK\nA b: 1\n", `line 2: "A b" is no name`},
		{"control byte", "HTTP/1.1 200 OK\nA: \x1b[2J\n", "line 2: value holds the control byte 0x1b"},
		{"folded first line", "HTTP/1.1 200 OK\n A: 1\n", "line 2: begins with a space"},
		{"endless header", "HTTP/1.1 200 OK\n" + strings.Repeat("A: 1\n", 20000), "header is longer than"},
		{"huge", strings.Repeat("A", maxRecording+1), "at most"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp, err := ParseResponse([]byte(tt.text))
			if err == nil {
				t.Fatalf("accepted as %+v", resp)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not say %q", err, tt.want)
			}
		})
	}
}

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nServer: a\r\n\r\nx"))
	f.Add([]byte("HTTP/1.0 404\nA: 1\n b\n\n\n\n"))
	f.Add([]byte("HTTP/1.1 200 OK\n: \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		resp, err := ParseResponse(data)
		if err != nil {
			if resp != nil {
				t.Fatal("a response beside an error")
			}
			return
		}
		if resp.Status < 100 || resp.Status > 999 {
			t.Errorf("status %d", resp.Status)
		}
		if !bytes.HasSuffix(data, resp.Body) {
			t.Error("the body is not the end of the recording")
		}
		for name, values := range resp.Header {
			if !validName(name) || http.CanonicalHeaderKey(name) != name {
				t.Errorf("field name %q", name)
			}
			for _, v := range values {
				if validValue(v) != nil || strings.Trim(v, " \t") != v {
					t.Errorf("field value %q", v)
				}
			}
		}
	})
}
