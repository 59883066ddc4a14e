package probe

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

var update = flag.Bool("update", false, "rewrite docs/reach.md from real runs")

const reachFile = "../../../docs/reach.md"

const reachHead = `# What is reached

The same server, asked by Postern, by curl and by a plain Go client (net/http, no certificate checked). Each line is a
server that the test starts; OpenSSL is Debian's ` + "`openssl s_server`" + `, and what it cannot offer any more is a small Go server.
` + "`go test ./scanner/internal/probe -run TestReach -update`" + ` makes this page.

| server | made with | Postern | curl | Go |
|---|---|---|---|---|
`

// reachCase is one server.
type reachCase struct {
	name, with string
	scheme     string // "https" if empty: what is asked first
	start      func(t *testing.T) string
}

// goServer is a case that a small Go server makes.
func goServer(name string, change func(*tls.Config)) reachCase {
	return reachCase{name: name, with: "Go", start: func(t *testing.T) string {
		config := serverTLS(t, nil)
		if change != nil {
			change(config)
		}
		return listen(t, config, always(ok("x"))).addr.String()
	}}
}

// rawServer answers every request with these bytes, and closes.
func rawServer(name, text string) reachCase {
	return reachCase{name: name, with: "raw bytes", scheme: "http", start: func(t *testing.T) string { return sends(t, text) }}
}

// sends answers whatever comes first with these bytes, and closes.
func sends(t *testing.T, text string) string {
	return listen(t, nil, func(_ *device, conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, text)
	}).addr.String()
}

func reachCases() []reachCase {
	const head = "HTTP/1.1 200 OK\r\n"
	cases := []reachCase{
		goServer("RC4 only, TLS 1.2", func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA}
		}),
		goServer("expired, empty subject, no names", func(c *tls.Config) {}),
		goServer("no certificate without the right name (SNI)", func(c *tls.Config) {
			cert := c.Certificates[0]
			c.Certificates = nil
			c.GetCertificate = func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
				if h.ServerName != "gate.example" {
					return nil, errors.New("unrecognized name")
				}
				return &cert, nil
			}
		}),
		goServer("client certificate required, TLS 1.3", func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }),
		{name: "plain HTTP where TLS is expected", with: "Go", start: func(t *testing.T) string {
			return sends(t, ok("x"))
		}},
		rawServer("HTTP/0.9", "<html><title>Gate</title>"),
		rawServer("status line without a version", "HTTP 200 OK\r\nContent-Length: 1\r\n\r\nx"),
		rawServer("space in a field name", head+"Bad Name: 1\r\nContent-Length: 1\r\n\r\nx"),
		rawServer("NUL in a field", head+"A: \x00\r\nContent-Length: 1\r\n\r\nx"),
		rawServer("two lengths", head+"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
		rawServer("broken chunks", head+"Transfer-Encoding: chunked\r\n\r\nzz\r\nx"),
		rawServer("body shorter than its length", head+"Content-Length: 30\r\n\r\nx"),
		rawServer("SSH", "SSH-2.0-x\r\n"),
	}
	return cases
}

// TestReach compares three clients on the same servers, and keeps docs/reach.md true.
func TestReach(t *testing.T) {
	needProgram(t, "openssl", "openssl")
	curl, plain := needProgram(t, "curl", "curl"), buildPlain(t)
	var page strings.Builder
	page.WriteString(reachHead)
	row := func(t *testing.T, name, with, scheme, address string) {
		fmt.Fprintf(&page, "| %s | %s | %s | %s | %s |\n", name, with,
			postern(t, scheme, address), byCurl(curl, scheme+"://"+address), byGo(t, plain, scheme+"://"+address))
	}
	for _, test := range opensslCases() {
		if test.host == "" {
			t.Run(test.name, func(t *testing.T) { row(t, test.name, "OpenSSL", "https", startOpenSSL(t, test)) })
		}
	}
	for _, test := range reachCases() {
		scheme := test.scheme
		if scheme == "" {
			scheme = "https"
		}
		t.Run(test.name, func(t *testing.T) { row(t, test.name, test.with, scheme, test.start(t)) })
	}
	if *update {
		require.NoError(t, os.WriteFile(reachFile, []byte(page.String()), 0o644))
	}
	want, err := os.ReadFile(reachFile)
	require.NoError(t, err)
	require.Equal(t, string(want), page.String(), "run go test ./scanner/internal/probe -run TestReach -update and read the difference")
}

// postern is what a scan says of the endpoint.
func postern(t *testing.T, scheme, address string) string {
	if scheme == "https" {
		scheme = "" // as for a target that does not say
	}
	l := limits()
	l.Timeout, l.DialTimeout, l.MaxBody = 10*time.Second, 5*time.Second, 4096
	s := New(l).Open(Endpoint{Scheme: scheme, Host: "gate.example", Port: 443, Address: address})
	defer s.Close()
	x := s.Do(t.Context(), get("/"))
	said := "answers"
	if x.Failure != nil {
		said = string(x.Failure.Kind)
		if seen := s.TLS(); seen != nil && seen.SHA256 != "" {
			said += ", certificate seen"
		}
	} else if s.Scheme() == "http" && scheme == "" {
		said += " in plain HTTP"
	}
	var needed []string
	if seen := s.TLS(); seen != nil {
		needed = seen.Needed
	}
	if x.Response != nil {
		for _, m := range x.Response.Malformed {
			needed = append(needed, "malformed "+string(m))
		}
	}
	if len(needed) > 0 {
		said += "; needs " + strings.Join(needed, ", ")
	}
	return said
}

// byCurl is how curl ends, by the names of its manual.
func byCurl(curl, url string) string {
	out, err := exec.Command(curl, "-sk", "-m", "10", "-o", os.DevNull, "-w", "%{http_code}", url).Output()
	var exit *exec.ExitError
	if err == nil {
		return "answers " + string(out)
	}
	if !errors.As(err, &exit) {
		return err.Error()
	}
	names := map[int]string{
		1: "unsupported protocol", 8: "weird server reply", 18: "partial file", 28: "timeout", 35: "TLS connect error",
		52: "empty reply", 56: "receive error", 58: "client certificate", 59: "cipher",
	}
	if name, ok := names[exit.ExitCode()]; ok {
		return name
	}
	return fmt.Sprintf("exit status %d", exit.ExitCode())
}

// buildPlain builds the plain Go client. It is a program of a module of its own: the godebug
// lines of go.mod hold for this test too, and zcrypto sets GODEBUG in every program that has it.
func buildPlain(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("testdata/plain/main.go")
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), source, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module plain\n\ngo 1.26\n"), 0o600))
	run(t, dir, needProgram(t, "go", "golang-go"), "build", "-o", "plain", ".")
	return filepath.Join(dir, "plain")
}

// byGo is what net/http makes of it with nothing but the certificate check switched off.
func byGo(t *testing.T, plain, url string) string {
	t.Helper()
	cmd := exec.Command(plain, url)
	for _, one := range os.Environ() {
		if !strings.HasPrefix(one, "GODEBUG=") {
			cmd.Env = append(cmd.Env, one)
		}
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.TrimSpace(string(out))
}

// A certificate that crypto/x509 cannot parse still tells its names.
func TestCertificateThatCannotBeParsed(t *testing.T) {
	config := serverTLS(t, &x509.Certificate{Subject: pkix.Name{CommonName: "gate", Organization: []string{"Acme"}}})
	der := config.Certificates[0].Certificate[0]
	for i := range der[:len(der)-8] { // a curve that nobody knows, behind the names
		if string(der[i:i+8]) == "\x2a\x86\x48\xce\x3d\x03\x01\x07" {
			der[i+7] = 0x7f
		}
	}
	_, err := x509.ParseCertificate(der)
	require.Error(t, err)
	seen := &evidence.TLS{}
	describeLeaf(seen, der)
	require.Equal(t, "CN=gate,O=Acme", seen.Subject)
	require.Equal(t, []string{"bad-certificate"}, seen.Needed)
	require.False(t, seen.NotAfter.IsZero())
	require.Len(t, seen.SHA256, 64)
}
