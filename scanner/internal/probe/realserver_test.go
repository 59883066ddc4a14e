package probe

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lack skips a test that cannot run here, because a Debian package is missing or the machine
// has no "ipv6". With POSTERN_REQUIRE_SERVERS=1 it fails, unless POSTERN_WITHOUT names what
// is lacking.
func lack(t *testing.T, what, reason string) {
	t.Helper()
	if os.Getenv("POSTERN_REQUIRE_SERVERS") == "1" && !slices.Contains(strings.Fields(os.Getenv("POSTERN_WITHOUT")), what) {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// needProgram finds a program of a Debian package.
func needProgram(t *testing.T, program, pkg string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path
		}
	}
	lack(t, pkg, program+" is missing; the Debian package "+pkg+" has it")
	return ""
}

// freePort is a port that nobody listened on a moment ago. It is below those that the system
// gives to connections, of which there are many at once: some servers listen on every
// address.
func freePort(t *testing.T, host string) int {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil && strings.Contains(host, ":") {
		lack(t, "ipv6", "no address "+host+" on this machine: "+err.Error())
	}
	require.NoError(t, err)
	require.NoError(t, l.Close())
	for range 100 {
		port := 15000 + rand.IntN(15000)
		if l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port))); err == nil {
			require.NoError(t, l.Close())
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// start runs a server until the test ends, and waits until it listens.
func start(t *testing.T, host string, port int, dir, program string, args ...string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &said, &said
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, strconv.Itoa(port)), time.Second)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", program, said.String())
		default:
			require.True(t, time.Now().Before(deadline), "%s does not listen", program)
		}
	}
}

// run runs a command to its end.
func run(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
