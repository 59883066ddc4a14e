package probe

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// device is a server that does what a test wants on every connection.
type device struct {
	addr netip.AddrPort

	mu       sync.Mutex
	requests []*http.Request
	conns    int
}

// listen serves each connection with handle, in TLS if config is set, and closes it
// afterwards.
func listen(t *testing.T, config *tls.Config, handle func(d *device, conn net.Conn)) *device {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	d := &device{addr: netip.MustParseAddrPort(l.Addr().String())}
	var serving sync.WaitGroup
	var open []net.Conn // guarded by d.mu
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			d.mu.Lock()
			d.conns++
			open = append(open, conn)
			d.mu.Unlock()
			serving.Go(func() {
				if config != nil {
					conn = tls.Server(conn, config)
				}
				handle(d, conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		d.mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		d.mu.Unlock()
		serving.Wait()
	})
	return d
}

// answer serves every request of a connection with one text, or with what it makes of
// the request; it closes the connection when the text is empty.
func answer(text func(r *http.Request) string) func(d *device, conn net.Conn) {
	return func(d *device, conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			d.mu.Lock()
			d.requests = append(d.requests, r)
			d.mu.Unlock()
			out := text(r)
			if _, err := conn.Write([]byte(out)); err != nil || out == "" {
				return
			}
		}
	}
}

func always(text string) func(d *device, conn net.Conn) {
	return answer(func(*http.Request) string { return text })
}

func (d *device) seen() (requests []*http.Request, conns int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]*http.Request(nil), d.requests...), d.conns
}

// serverTLS makes a certificate after a template, which may be nil.
func serverTLS(t testing.TB, template *x509.Certificate) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	if template == nil {
		template = &x509.Certificate{}
	}
	template.SerialNumber = big.NewInt(1)
	template.NotBefore = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC) // expired: that must not matter
	template.NotAfter = time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS10}
}

func limits() Limits {
	return Limits{Timeout: 5 * time.Second, DialTimeout: 3 * time.Second, MaxBody: 1000, MaxHeader: 4096, UserAgent: "Postern/test"}
}

// open starts a session with a device.
func open(t *testing.T, d *device, l Limits, e Endpoint) *Session {
	t.Helper()
	if e.Host == "" {
		e.Host = d.addr.Addr().String()
	}
	if e.Port == 0 {
		e.Port = int(d.addr.Port())
	}
	s := New(l).Open(e)
	t.Cleanup(s.Close)
	return s
}

func get(path string) evidence.Request {
	return evidence.Request{Method: evidence.GET, Path: path}
}

func ok(body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + "Content-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}
