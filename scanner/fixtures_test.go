package scanner

import (
	"io"
	"log"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/finding"
	"postern/scanner/scannertest"
	"postern/scanner/version"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http logs what a server says unasked
	if os.Getenv(childEnv) != "" {
		os.Exit(runChild())
	}
	m.Run()
}

// acmeCatalog knows acme-gate by its login page.
func acmeCatalog(t testing.TB) *fingerprints.Catalog {
	t.Helper()
	c, err := fingerprints.Load(fstest.MapFS{"acme-gate/product.yaml": {Data: []byte(`id: acme-gate
name: Acme Gate
vendor: Acme
versions: dotted
leave_out: [nothing that changes anything]
requests: [{id: login, get: /login}]
rules:
  - id: login-page
    on: [root, login]
    identifies: definitive
    match: {status: [200], title: '^Acme Gate'}
    version: {from: title, pattern: 'Gate (?P<version>[0-9.]+)'}
    source: example
    examples: [{response: "HTTP/1.1 200 OK\n\n<title>Acme Gate 9.1.4</title>", version: "9.1.4"}]
    rejects: [{response: "HTTP/1.1 200 OK\n\n<title>Acme Door</title>"}]
`)}})
	require.NoError(t, err)
	return c
}

// acmeDB has one advisory about versions and one about port exposed.
func acmeDB(t testing.TB, exposed string) *advisories.DB {
	t.Helper()
	advisory := func(id, affected string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("id: " + id + `
title: "Acme Gate: overflow"
summary: A long request runs code.
published: "2024-02-08"
severity: critical
cvss: {v31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
cwe: ["CWE-787"]
references: [{type: advisory, url: "https://vendor.example/gate"}]
preauth: true
affected:
` + affected + `
remediation: Upgrade.
source: vendor
`)}
	}
	db, err := advisories.Load(fstest.MapFS{
		"acme/CVE-2024-0001.yaml": advisory("CVE-2024-0001", `
  - product: acme-gate
    branches: [{branch: "9.1", events: [{introduced: "0"}, {fixed: "9.1.5"}]}]
    unlisted_branches: unaffected
    holds: {affected: ["9.1.4"], not_affected: ["9.1.5", "9.2.0"]}`),
		"acme/POSTERN-ACME-CONSOLE.yaml": advisory("POSTERN-ACME-CONSOLE", "  - {product: acme-gate, exposed_port: "+exposed+"}"),
	}, func(product string) (version.Scheme, bool) { return version.Dotted, product == "acme-gate" })
	require.NoError(t, err)
	return db
}

const gatePage = "expect: unidentified\n-- GET / --\nHTTP/1.1 200 OK\n\n<title>Acme Gate 9.1.4</title>\n"
const plainPage = "expect: unidentified\n-- * --\nHTTP/1.1 200 OK\n\n<title>Welcome</title>\n"

// serve starts an appliance given as text and returns it with its port.
func serve(t testing.TB, text string) (*scannertest.Server, int) {
	t.Helper()
	a, err := scannertest.Parse("test.txtar", []byte(text))
	require.NoError(t, err)
	s, err := a.Start()
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s, int(netip.MustParseAddrPort(s.Address()).Port())
}

// closedPort is a port of 127.0.0.1 where nothing listens until the test ends.
func closedPort(t testing.TB) int {
	t.Helper()
	address, release, err := scannertest.ClosedPort()
	require.NoError(t, err)
	t.Cleanup(release)
	return int(address.Port())
}

// silentPort accepts connections and says nothing.
func silentPort(t testing.TB) int {
	t.Helper()
	return listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
}

// listen runs handle on every connection to a port, until the test ends.
func listen(t testing.TB, handle func(conn net.Conn)) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var mu sync.Mutex
	var open []net.Conn
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			serving.Go(func() { handle(conn); _ = conn.Close() })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, conn := range open {
			_ = conn.Close()
		}
		mu.Unlock()
		serving.Wait()
	})
	return l.Addr().(*net.TCPAddr).Port
}

// local is a target on loopback.
func local(port int) Target {
	return Target{Host: "127.0.0.1", Port: port, Input: finding.Input{Text: hostPort("127.0.0.1", port)}}
}

// collect scans targets to the end.
func collect(t testing.TB, s *Scanner, targets ...Target) []finding.Result {
	t.Helper()
	return slices.Collect(s.Scan(t.Context(), slices.Values(targets)))
}

// settled waits until no more than so many goroutines are left.
func settled(t testing.TB, most int) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > most {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, want %d\n%s", runtime.NumGoroutine(), most, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}
