package scanner

import (
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// A network that swallows every packet takes no longer than its deadlines and the targets at
// once allow.
func TestDeadNetwork(t *testing.T) { inOwnNetwork(t, inDeadNetwork) }

func inDeadNetwork(t *testing.T) {
	port := swallow(t)
	count, parallel, timeout := 1000, 128, 400*time.Millisecond
	if os.Getenv("POSTERN_FULL") != "" {
		count, parallel = 20000, 512
	}
	targets := func(yield func(Target) bool) {
		addr := netip.MustParseAddr("127.20.0.1")
		for range count {
			if !yield(Target{Host: addr.String(), Port: port}) {
				return
			}
			addr = addr.Next()
		}
	}
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Parallel: parallel, Timeout: timeout, DialTimeout: timeout, Rate: -1})
	started, reasons := time.Now(), map[string]int{}
	for r := range s.Scan(t.Context(), targets) {
		require.Equal(t, finding.Unreachable, r.Outcome)
		reasons[r.Reason]++
	}
	took := time.Since(started)
	require.Equal(t, map[string]int{"timeout": count}, reasons)
	allowed := timeout * time.Duration(count) / time.Duration(parallel) * 11 / 10
	require.Less(t, took, allowed, "%d silent targets", count)
}

// swallow takes a port on every address of this network whose packets get no answer: the
// queue of those who wait to be accepted is full, and nobody accepts.
func swallow(t *testing.T) (port int) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Port: 443}))
	require.NoError(t, syscall.Listen(fd, 0))
	for range 20 {
		conn, err := net.DialTimeout("tcp", "127.0.0.1:443", 200*time.Millisecond)
		if err != nil {
			return 443
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	t.Fatal("the queue does not get full")
	return 0
}
