//go:build unix

package probe

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A machine that is out of descriptors says nothing about a target.
func TestRequestWaitsForADescriptor(t *testing.T) {
	d := listen(t, nil, always(ok("x")))
	l := limits()
	said := make(chan string, 10)
	l.Notice = func(text string) { said <- text }
	s := open(t, d, l, Endpoint{Scheme: "http"})

	require.Nil(t, open(t, d, limits(), Endpoint{Scheme: "http"}).Do(t.Context(), get("/")).Failure)
	time.Sleep(20 * time.Millisecond) // the server waits for the next connection again

	var before syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before))
	none := before
	none.Cur = 3 // those that are open stay so
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none))
	restore := func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before) }
	t.Cleanup(restore)
	time.AfterFunc(250*time.Millisecond, restore)
	start := time.Now()
	x := s.Do(t.Context(), get("/"))
	require.GreaterOrEqual(t, time.Since(start), 250*time.Millisecond)
	require.Nil(t, x.Failure)
	require.Empty(t, s.Abandoned(), "nothing was asked before")
	require.Contains(t, <-said, "too many open files")
	require.Greater(t, s.left, limits().Timeout-200*time.Millisecond)
}
