package probe

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

func TestOneDeadlineForAll(t *testing.T) {
	d := listen(t, nil, answer(func(r *http.Request) string {
		if r.URL.Path == "/slow" {
			time.Sleep(150 * time.Millisecond)
		}
		return ok("x")
	}))
	l := limits()
	l.Timeout = 400 * time.Millisecond
	s := open(t, d, l, Endpoint{Scheme: "http"})
	start := time.Now()
	answered := 0
	for !s.Expired() {
		if x := s.Do(t.Context(), get("/slow")); x.Failure == nil {
			answered++
		} else {
			require.Equal(t, evidence.Timeout, x.Failure.Kind)
		}
	}
	require.Less(t, time.Since(start), 3*time.Second)
	require.LessOrEqual(t, answered, 2)
	x := s.Do(t.Context(), get("/"))
	require.Equal(t, evidence.Timeout, x.Failure.Kind, "nothing is asked when the time is used up")
}

func TestWaitingForTheRateIsNotTheEndpointsTime(t *testing.T) {
	d := listen(t, nil, always(ok("x")))
	l := limits()
	l.Timeout, l.Rate = 250*time.Millisecond, 8
	p := New(l)
	s := p.Open(Endpoint{Scheme: "http", Host: "127.0.0.1", Port: int(d.addr.Port())})
	defer s.Close()
	start := time.Now()
	for range 5 {
		require.Nil(t, s.Do(t.Context(), get("/")).Failure)
	}
	require.GreaterOrEqual(t, time.Since(start), 400*time.Millisecond, "5 requests at 8 a second")
	requests, _ := d.seen()
	require.Len(t, requests, 5)
}

func TestCanceledScan(t *testing.T) {
	d := listen(t, nil, silent)
	for name, scheme := range map[string]string{"waiting for an answer": "http", "in the handshake": "https"} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			s := open(t, d, limits(), Endpoint{Scheme: scheme})
			time.AfterFunc(50*time.Millisecond, cancel)
			start := time.Now()
			x := s.Do(ctx, get("/"))
			require.Less(t, time.Since(start), 900*time.Millisecond)
			require.Equal(t, evidence.Canceled, x.Failure.Kind)
			require.Equal(t, evidence.Canceled, s.Do(ctx, get("/")).Failure.Kind, "nothing is asked afterwards")
		})
	}
}

func TestNothingIsLeftRunning(t *testing.T) {
	d := listen(t, serverTLS(t, nil), answer(func(r *http.Request) string {
		if r.URL.Path == "/endless" {
			return "HTTP/1.1 200 OK\r\n\r\n" + strings.Repeat("x", 1<<20)
		}
		return ok("x")
	}))
	tarpit := listen(t, nil, silent)
	p := New(limits())
	ask := func(d *device, path string, timeout time.Duration) {
		s := p.Open(Endpoint{Host: "127.0.0.1", Port: int(d.addr.Port()), DialTimeout: timeout})
		defer s.Close()
		s.Do(t.Context(), get(path))
	}
	ask(d, "/", time.Second)
	settled(t, runtime.NumGoroutine()+50)
	before := runtime.NumGoroutine()
	for range 20 {
		ask(d, "/", time.Second)
		ask(d, "/endless", time.Second)
		ask(tarpit, "/", 10*time.Millisecond)
	}
	settled(t, before+8) // the servers may still be noticing
}

// settled waits until no more than so many goroutines are left.
func settled(t *testing.T, most int) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Second)
	for runtime.NumGoroutine() > most {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, want %d\n%s", runtime.NumGoroutine(), most, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(10 * time.Millisecond)
	}
}
