package probe

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

func TestSchemeIsFoundOut(t *testing.T) {
	const plainAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain"
	secure := serverTLS(t, nil)
	// both speaks TLS or plain HTTP, whichever a connection begins with.
	both := func(plain string) func(d *device, conn net.Conn) {
		return func(d *device, conn net.Conn) {
			first := make([]byte, 1)
			if _, err := conn.Read(first); err != nil {
				return
			}
			rewound := &rewound{Conn: conn, first: first}
			if first[0] == 22 {
				always(ok("secure"))(d, tls.Server(rewound, secure))
			} else {
				always(plain)(d, rewound)
			}
		}
	}
	raw := func(text string) func(d *device, conn net.Conn) {
		return func(d *device, conn net.Conn) {
			first := make([]byte, 1)
			if _, err := conn.Read(first); err != nil {
				return
			}
			if first[0] == 22 {
				_, _ = conn.Read(make([]byte, 4096))
				_, _ = conn.Write([]byte(text))
				return
			}
			always(plainAnswer)(d, &rewound{conn, first})
		}
	}
	tests := []struct {
		name, scheme string
		device       *device
		wantScheme   string
		wantBody     string
		abandoned    int
		kind         evidence.FailureKind
	}{
		{name: "TLS", device: listen(t, secure, always(ok("secure"))), wantScheme: "https", wantBody: "secure"},
		{name: "plain answer to TLS", device: listen(t, nil, raw("HTTP/1.1 400 Bad Request\r\n\r\n")), wantScheme: "http", wantBody: "plain"},
		{name: "bare page to TLS", device: listen(t, nil, raw("<!DOCTYPE html><html>")), wantScheme: "http", wantBody: "plain"},
		{name: "other answer to TLS", device: listen(t, nil, raw("220 mail ESMTP\r\n")), wantScheme: "https", kind: evidence.NotHTTP},
		{name: "https stays https", scheme: "https", device: listen(t, nil, raw("HTTP/1.1 400 Bad Request\r\n\r\n")), wantScheme: "https", kind: evidence.NotHTTP},
		{name: "plain at once", scheme: "http", device: listen(t, nil, both(plainAnswer)), wantScheme: "http", wantBody: "plain"},
		{name: "a 400 of its own", scheme: "http", device: listen(t, nil, both("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno")), wantScheme: "http", wantBody: "no"},
		{name: "wants TLS", scheme: "http", device: listen(t, nil, both("HTTP/1.1 400 Bad Request\r\nContent-Length: 60\r\n\r\n<h1>The plain HTTP request was sent to HTTPS port</h1>      ")), wantScheme: "https", wantBody: "secure", abandoned: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t, tt.device, limits(), Endpoint{Scheme: tt.scheme})
			x := s.Do(t.Context(), get("/"))
			require.Equal(t, tt.wantScheme, s.Scheme())
			require.Len(t, s.Abandoned(), tt.abandoned)
			if tt.kind != "" {
				require.Equal(t, tt.kind, x.Failure.Kind)
				return
			}
			require.Nil(t, x.Failure)
			require.Equal(t, tt.wantBody, string(x.Response.Body))
			require.Equal(t, tt.wantScheme == "https", s.TLS() != nil)
		})
	}
}

func TestSchemeOfARedirectToItself(t *testing.T) {
	secure := serverTLS(t, nil)
	for _, tt := range []struct {
		name, location string // {port} is the port of the device
		want           string
	}{
		{"same host and port", "https://127.0.0.1:{port}/x", "https"},
		{"other port", "https://127.0.0.1/x", "http"},
		{"other host", "https://other.example:{port}/", "http"},
		{"plain", "http://127.0.0.1:{port}/x", "http"},
		{"relative", "/x", "http"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := listen(t, nil, func(d *device, conn net.Conn) {
				first := make([]byte, 1)
				if _, err := conn.Read(first); err != nil {
					return
				}
				if first[0] == 22 {
					always(ok("secure"))(d, tls.Server(&rewound{conn, first}, secure))
					return
				}
				location := strings.ReplaceAll(tt.location, "{port}", portOf(d))
				always("HTTP/1.1 301 Moved\r\nLocation: "+location+"\r\nContent-Length: 0\r\n\r\n")(d, &rewound{conn, first})
			})
			s := open(t, d, limits(), Endpoint{Scheme: "http"})
			x := s.Do(t.Context(), get("/"))
			require.Nil(t, x.Failure)
			require.Equal(t, tt.want, s.Scheme())
		})
	}
}

func portOf(d *device) string {
	_, port, _ := net.SplitHostPort(d.addr.String())
	return port
}

// rewound gives back the first byte that was read from a connection.
type rewound struct {
	net.Conn
	first []byte
}

func (r *rewound) Read(p []byte) (int, error) {
	if len(r.first) > 0 {
		n := copy(p, r.first)
		r.first = r.first[n:]
		return n, nil
	}
	return r.Conn.Read(p)
}
