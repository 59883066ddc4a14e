package probe

import (
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http logs what a server says unasked
	m.Run()
}

func TestDoSendsLittle(t *testing.T) {
	d := listen(t, serverTLS(t, nil), answer(func(r *http.Request) string {
		if r.Method == http.MethodHead {
			return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
		}
		return "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 2\r\n\r\nhi"
	}))
	s := open(t, d, limits(), Endpoint{})
	for _, req := range []evidence.Request{get("/a"), {Method: evidence.HEAD, Path: "/b", Query: "c=d&e"}, get("/+CSCOE+/x")} {
		require.Nil(t, s.Do(t.Context(), req).Failure)
	}
	requests, conns := d.seen()
	require.Len(t, requests, 3)
	require.Equal(t, 1, conns)
	require.Equal(t, "/b?c=d&e", requests[1].RequestURI)
	require.Equal(t, "/+CSCOE+/x", requests[2].RequestURI)
	for _, r := range requests {
		require.Equal(t, http.Header{"User-Agent": {"Postern/test"}, "Accept": {"*/*"}, "Accept-Encoding": {"identity"}}, r.Header)
		require.Equal(t, d.addr.String(), r.Host)
		require.EqualValues(t, 0, r.ContentLength)
	}
}

// A device that sends a body after HEAD spoils only its own connection.
func TestSpoiledConnectionIsReplaced(t *testing.T) {
	for _, pause := range []time.Duration{0, 20 * time.Millisecond} {
		d := listen(t, nil, answer(func(r *http.Request) string { return ok("<p>") }))
		s := open(t, d, limits(), Endpoint{Scheme: "http"})
		for range 5 {
			x := s.Do(t.Context(), evidence.Request{Method: evidence.HEAD, Path: "/"})
			require.Nil(t, x.Failure)
			require.Empty(t, x.Response.Body)
			time.Sleep(pause)
			x = s.Do(t.Context(), get("/"))
			require.Nil(t, x.Failure)
			require.Equal(t, "<p>", string(x.Response.Body))
		}
	}
}

func TestDoKeepsTheConnection(t *testing.T) {
	d := listen(t, serverTLS(t, nil), always(ok(strings.Repeat("x", 1500))))
	s := open(t, d, limits(), Endpoint{})
	for _, req := range []evidence.Request{get("/whole"), {Method: evidence.GET, Path: "/part", MaxBytes: 100}, get("/again")} {
		x := s.Do(t.Context(), req)
		require.Nil(t, x.Failure)
		require.True(t, x.Response.Truncated)
		want := 1000
		if req.MaxBytes > 0 {
			want = 100
		}
		require.Len(t, x.Response.Body, want)
	}
	requests, conns := d.seen()
	require.Len(t, requests, 3)
	require.Equal(t, 1, conns, "a short rest of a body is read, so that the connection can be used again")
}

func TestDoRefusesWhatIsNotPlain(t *testing.T) {
	d := listen(t, nil, always(ok("")))
	s := open(t, d, limits(), Endpoint{Scheme: "http"})
	for _, req := range []evidence.Request{{Method: "POST", Path: "/"}, get("/../x"), get("//other.example/")} {
		x := s.Do(t.Context(), req)
		require.Equal(t, evidence.Local, x.Failure.Kind)
		require.Contains(t, x.Failure.Detail, "not asked: ")
	}
	requests, conns := d.seen()
	require.Empty(t, requests)
	require.Zero(t, conns)
}

func TestResponseIsKeptAsSent(t *testing.T) {
	tests := []struct {
		name, sent string
		want       evidence.Response
	}{
		{"plain", "HTTP/1.1 200 OK\r\nServer: a\r\nContent-Length: 3\r\n\r\nabc",
			evidence.Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Server": {"a"}, "Content-Length": {"3"}}, Body: []byte("abc")}},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
			evidence.Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Transfer-Encoding": {"chunked"}}, Body: []byte("abc")}},
		{"until close", "HTTP/1.0 404 Nope\r\nX: y\r\n\r\nabc",
			evidence.Response{Status: 404, Proto: "HTTP/1.0", Header: http.Header{"X": {"y"}}, Body: []byte("abc")}},
		{"compressed though not asked for", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08",
			evidence.Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Content-Encoding": {"gzip"}, "Content-Length": {"3"}}, Body: []byte("\x1f\x8b\x08")}},
		{"redirect elsewhere", "HTTP/1.1 302 Found\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n",
			evidence.Response{Status: 302, Proto: "HTTP/1.1", Header: http.Header{"Location": {"https://other.example/"}, "Content-Length": {"0"}}}},
		{"broken off", "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\nabc",
			evidence.Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Content-Length": {"30"}}, Body: []byte("abc"), Truncated: true, Malformed: []evidence.Malformation{evidence.BadLength}}},
		{"chunks broken", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n",
			evidence.Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Transfer-Encoding": {"chunked"}}, Body: []byte("abczz\n"), Truncated: true, Malformed: []evidence.Malformation{evidence.BadChunking}}},
		{"interim answers first", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
			evidence.Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Content-Length": {"1"}}, Body: []byte("a")}},
		{"upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc",
			evidence.Response{Status: 101, Proto: "HTTP/1.1", Header: http.Header{"Upgrade": {"x"}, "Connection": {"upgrade"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := listen(t, nil, func(d *device, conn net.Conn) {
				once := false
				answer(func(*http.Request) string {
					if once {
						return ""
					}
					once = true
					if _, err := conn.Write([]byte(tt.sent)); err != nil {
						return ""
					}
					return ""
				})(d, conn)
			})
			x := open(t, d, limits(), Endpoint{Scheme: "http"}).Do(t.Context(), get("/"))
			require.Nil(t, x.Failure)
			require.Equal(t, tt.want, *x.Response)
		})
	}
}
