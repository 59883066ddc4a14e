package scannertest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func start(t *testing.T, text string) *Server {
	t.Helper()
	a, err := Parse("acme.txtar", []byte(text))
	require.NoError(t, err)
	s, err := a.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// send writes raw bytes on a plain connection and reads until the server closes it.
func send(t *testing.T, s *Server, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.Address())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}

func TestServerSendsWhatWasRecorded(t *testing.T) {
	s := start(t, `expect: unidentified
tls: none
-- GET /odd --
HTTP/1.0 200 Okay then
X-b: 2
Cteonnt-Length: 9
x-A:1
Set-Cookie: a=1
Set-Cookie: b=2

body
-- GET /length --
HTTP/1.1 200 OK
content-length: 9999
Server: a

12345

-- GET /chunks --
HTTP/1.1 200 OK
Transfer-Encoding: chunked

0123456789abcdef

-- HEAD /head --
HTTP/1.1 200 OK
Content-Length: 4711
-- GET /move --
HTTP/1.1 301 Moved
Location: {{origin}}/x
-- GET /same --
HTTP/1.1 304 Not Modified
ETag: "1"
`)
	tests := []struct{ request, want string }{
		{"GET /odd", "HTTP/1.0 200 Okay then\r\nX-b: 2\r\nCteonnt-Length: 9\r\nx-A:1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 5\r\n\r\nbody\n"},
		{"GET /length", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nServer: a\r\n\r\n12345"},
		{"HEAD /length", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nServer: a\r\n\r\n"},
		{"GET /chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n"},
		{"HEAD /head", "HTTP/1.1 200 OK\r\nContent-Length: 4711\r\n\r\n"},
		{"GET /move", "HTTP/1.1 301 Moved\r\nLocation: http://gate:81/x\r\nContent-Length: 0\r\n\r\n"},
		{"GET /same", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"},
		{"GET /none", "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nnot found\n"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, send(t, s, tt.request+" HTTP/1.1\r\nHost: gate:81\r\n\r\n"), tt.request)
	}
	require.Equal(t, []string{"GET /odd", "GET /length", "HEAD /length", "GET /chunks", "HEAD /head", "GET /move", "GET /same", "GET /none"}, s.Requests())
	require.Equal(t, len(tests), s.Connections())
}

func TestServerKeepsTheConnection(t *testing.T) {
	s := start(t, `expect: unidentified
tls: none
-- GET /close --
HTTP/1.1 200 OK
Connection: close
-- * --
HTTP/1.1 200 OK

x
`)
	const get = " HTTP/1.1\r\nHost: a\r\n\r\n"
	answer := send(t, s, "GET /1?x=y"+get+"GET /2"+get+"GET /close"+get+"GET /never"+get)
	require.Equal(t, 3, strings.Count(answer, "HTTP/1.1 200 OK"))
	require.Equal(t, []string{"GET /1?x=y", "GET /2", "GET /close"}, s.Requests())
	require.Equal(t, 1, s.Connections())
}

func TestServerKeepsForbiddenMethods(t *testing.T) {
	s := start(t, "expect: unidentified\ntls: none\n-- GET / --\nHTTP/1.1 200 OK\n")
	send(t, s, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
	require.Equal(t, []string{"POST /"}, s.Requests(), "a test that forbids POST must be able to see one")
}

func TestServerBoundsARequest(t *testing.T) {
	s := start(t, "expect: unidentified\ntls: none\n-- GET / --\nHTTP/1.1 200 OK\n")
	conn, err := net.Dial("tcp", s.Address())
	require.NoError(t, err)
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\n"+strings.Repeat("A: b\r\n", maxRequest/6+1))
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
	_, err = conn.Read(make([]byte, 1))
	require.Error(t, err, "an endless request is cut off")
	require.Empty(t, s.Requests())
}

func TestServerShowsTheCertificate(t *testing.T) {
	const answer = "\n-- GET / --\nHTTP/1.1 200 OK\n"
	tests := []struct {
		name, tls, subject, issuer string
		hosts                      []string
	}{
		{"default", "", "CN=acme", "CN=acme", []string{"acme"}},
		{"demo name", "demo: vpn.example.com owner=x", "CN=vpn.example.com", "CN=vpn.example.com", []string{"vpn.example.com"}},
		{"issued", `tls: subject=CN=FG100E,OU=Forti\, Gate,O=Fortinet issuer=CN=support,O=Fortinet san=a.example,b.example`,
			`CN=FG100E,OU=Forti\, Gate,O=Fortinet`, "CN=support,O=Fortinet", []string{"a.example", "b.example"}},
		{"bytes in hex", `tls: subject=CN=a\C3\A4\2Cb`, `CN=aä\,b`, `CN=aä\,b`, nil},
		{"self-signed", "tls: subject=CN=a", "CN=a", "CN=a", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := start(t, "expect: unidentified\n"+tt.tls+answer)
			cert := handshake(t, s)
			require.Equal(t, tt.subject, cert.Subject.ToRDNSequence().String())
			require.Equal(t, tt.issuer, cert.Issuer.ToRDNSequence().String())
			require.Equal(t, tt.hosts, cert.DNSNames)
		})
	}
}

func handshake(t *testing.T, s *Server) *x509.Certificate {
	t.Helper()
	conn, err := tls.Dial("tcp", s.Address(), &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	return conn.ConnectionState().PeerCertificates[0]
}

func TestServerAnswersTheOtherProtocol(t *testing.T) {
	const answer = "\n-- GET / --\nHTTP/1.1 200 OK\n"
	plain, secure := start(t, "expect: unidentified\ntls: none"+answer), start(t, "expect: unidentified"+answer)
	_, err := tls.Dial("tcp", plain.Address(), &tls.Config{InsecureSkipVerify: true})
	var record tls.RecordHeaderError
	require.ErrorAs(t, err, &record)
	require.Equal(t, "HTTP/", string(record.RecordHeader[:]))
	require.Contains(t, send(t, secure, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "400 Bad Request")
	require.Empty(t, plain.Requests())
	require.Empty(t, secure.Requests())
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		s := start(t, "expect: unidentified\n-- GET / --\nHTTP/1.1 200 OK\n")
		conn, err := net.Dial("tcp", s.Address()) // stays in the handshake
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, s.Close())
		require.NoError(t, s.Close(), "closing twice is harmless")
	}
	// A goroutine that was waited for may take a moment to be gone.
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 5*time.Second, 5*time.Millisecond)
}

func TestClosedPortStaysClosed(t *testing.T) {
	address, release, err := ClosedPort()
	require.NoError(t, err)
	defer release()
	_, err = net.Dial("tcp", address.String())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	_, err = net.Listen("tcp", address.String())
	require.ErrorIs(t, err, syscall.EADDRINUSE)
}
