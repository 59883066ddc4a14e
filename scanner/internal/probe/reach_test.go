package probe

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite docs/reach.md from real runs")

const reachFile = "../../../docs/reach.md"

const reachHead = `# What is reached

The same server, asked for gate.example by Postern, by curl and by a plain Go client (net/http, no certificate checked by
either). Each line is a server that the test starts. OpenSSL (` + "`s_server`" + `), GnuTLS (` + "`gnutls-serv`" + `), NSS (` + "`selfserv`" + `), stunnel, Apache
and nginx are Debian's; "Go" is a small server with crypto/tls, and "raw bytes" one that writes what no package offers any more.
` + "`go test ./scanner/internal/probe -run TestReach -update`" + ` makes this page.

What Postern "needs" is evidence in its result, and so is the certificate of a handshake that fails. In the package scanner
are tests of whole gateways, as Debian has them: ocserv, OpenVPN with a port shared, SoftEther and strongSwan.

| server | made with | Postern | curl | Go |
|---|---|---|---|---|
`

// reachCase is one server.
type reachCase struct {
	name, with string
	scheme     string // "https" if empty: what is asked first
	start      func(t *testing.T) string
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
	var cases []reachCase
	for _, test := range opensslCases() {
		cases = append(cases, reachCase{test.name, "OpenSSL", "", func(t *testing.T) string { return startOpenSSL(t, test) }})
	}
	for _, test := range append(others(), handmade()...) {
		cases = append(cases, reachCase{test.name, test.with, test.scheme, test.start})
	}
	return append(cases, []reachCase{
		{name: "plain HTTP where TLS is expected", with: "raw bytes", start: func(t *testing.T) string {
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
	}...)
}

// TestReach compares three clients on the same servers, and keeps docs/reach.md true.
func TestReach(t *testing.T) {
	curl, plain := needProgram(t, "curl", "curl"), buildPlain(t)
	var page strings.Builder
	page.WriteString(reachHead)
	lacking := map[string]bool{} // servers that this machine does not have
	for _, test := range reachCases() {
		lacking[test.name] = true
		t.Run(test.name, func(t *testing.T) {
			scheme := cmp.Or(test.scheme, "https")
			address := test.start(t)
			fmt.Fprintf(&page, "| %s | %s | %s | %s | %s |\n", test.name, test.with,
				postern(t, scheme, address), byCurl(curl, scheme, address), byGo(t, plain, scheme, address))
			delete(lacking, test.name)
		})
	}
	if *update {
		require.Empty(t, lacking, "the page is made with all servers")
		require.NoError(t, os.WriteFile(reachFile, []byte(page.String()), 0o644))
	}
	written, err := os.ReadFile(reachFile)
	require.NoError(t, err)
	var want strings.Builder
	for line := range strings.Lines(string(written)) {
		if name, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | "); !lacking[name] {
			want.WriteString(line)
		}
	}
	require.Equal(t, want.String(), page.String(), "run go test ./scanner/internal/probe -run TestReach -update and read the difference")
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
	if x.Response != nil && x.Response.Status != 200 {
		said += " " + strconv.Itoa(x.Response.Status)
	}
	if x.Failure != nil {
		said = string(x.Failure.Kind) + " (" + x.Failure.Detail + ")"
		if seen := s.TLS(); seen != nil && seen.SHA256 != "" {
			said += ", certificate seen"
		}
	} else if s.Scheme() == "http" && scheme == "" {
		said += " in plain HTTP"
	} else if s.Scheme() == "https" && scheme == "http" {
		said += " in TLS"
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
func byCurl(curl, scheme, address string) string {
	out, err := exec.Command(curl, "-sk", "-m", "10", "--noproxy", "*", "--connect-to", "::"+address, "-o", os.DevNull,
		"-w", "%{http_code}", scheme+"://gate.example/").Output()
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
func byGo(t *testing.T, plain, scheme, address string) string {
	t.Helper()
	cmd := exec.Command(plain, scheme+"://gate.example/", address)
	for _, one := range os.Environ() {
		if !strings.HasPrefix(one, "GODEBUG=") {
			cmd.Env = append(cmd.Env, one)
		}
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.TrimSpace(string(out))
}
