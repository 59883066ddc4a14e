package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

var beyond = netip.MustParseAddrPort("192.0.2.1:443")

// cutLine is a line that has been used, and is cut while gone is set.
func cutLine(gone *atomic.Bool, said *[]string) *line {
	l := newLine(10*time.Minute, func(text string) { *said = append(*said, text) })
	l.noRoute = func(netip.AddrPort) bool { return gone.Load() }
	l.reached(beyond)
	return l
}

func TestLostNetworkIsTold(t *testing.T) {
	fails := func(stage stage, err error) error { return &stageError{stage: stage, err: err} }
	tests := []struct {
		name string
		err  error
		lost bool // when there is no route
	}{
		{"no route", fails(dialing, syscall.ENETUNREACH), true},
		{"timeout", fails(dialing, errConnect), true},
		{"no name server", fails(lookingUp, &net.DNSError{Err: "no answer", IsTimeout: true}), true},
		{"cut", fails(waiting, syscall.ECONNRESET), true},
		{"refused", fails(dialing, syscall.ECONNREFUSED), false},
		{"no HTTP", fails(waiting, errors.New("malformed")), false},
		{"the scan was stopped", context.Canceled, false},
	}
	for _, tt := range tests {
		var gone atomic.Bool
		var said []string
		l := cutLine(&gone, &said)
		require.False(t, l.lost(tt.err), "%s, with a route", tt.name)
		gone.Store(true)
		require.Equal(t, tt.lost, l.lost(tt.err), tt.name)
	}
}

// Who never reached anybody beyond loopback cannot tell a lost network from a wrong list.
func TestNetworkThatWasNeverThereIsNotLost(t *testing.T) {
	l := newLine(time.Minute, nil)
	l.noRoute = func(netip.AddrPort) bool { return true }
	l.reached(netip.AddrPort{})
	l.reached(netip.MustParseAddrPort("127.0.0.1:443"))
	require.False(t, l.lost(&stageError{err: syscall.ENETUNREACH}))
}

func TestScanWaitsForTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gone atomic.Bool
		var said []string
		l := cutLine(&gone, &said)
		gone.Store(true)
		time.AfterFunc(90*time.Second+time.Millisecond, func() { gone.Store(false) })
		start := time.Now()
		var waiting sync.WaitGroup
		for range 20 {
			waiting.Go(func() {
				if err := l.wait(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		waiting.Wait()
		require.Equal(t, 91*time.Second, time.Since(start))
		require.Equal(t, []string{
			"this machine has lost its network; the scan waits for it up to 10m0s",
			"the network is back; the scan goes on",
		}, said, "said once, whoever waits")
	})
}

func TestScanDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gone atomic.Bool
		var said []string
		l := cutLine(&gone, &said)
		gone.Store(true)
		start := time.Now()
		require.ErrorIs(t, l.wait(t.Context()), context.Canceled)
		require.Equal(t, 10*time.Minute, time.Since(start))
		require.Equal(t, "the network did not come back; the scan ends incomplete", said[1])
	})
}

func TestWaitForTheNetworkEndsWithTheScan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gone atomic.Bool
		var said []string
		l := cutLine(&gone, &said)
		gone.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		var waiting sync.WaitGroup
		for range 3 {
			waiting.Go(func() {
				if err := l.wait(ctx); !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		waiting.Wait()
	})
}

// What failed while the network was gone is asked again, and says nothing of the target.
func TestRequestSurvivesALostNetwork(t *testing.T) {
	var gone atomic.Bool
	var cut atomic.Bool
	d := listen(t, nil, func(d *device, conn net.Conn) {
		if cut.CompareAndSwap(false, true) {
			gone.Store(true)
			time.AfterFunc(300*time.Millisecond, func() { gone.Store(false) })
			return // an answer that never comes
		}
		always(ok("x"))(d, conn)
	})
	s := open(t, d, limits(), Endpoint{Scheme: "http"})
	s.p.line.patience, s.p.line.noRoute = time.Minute, func(netip.AddrPort) bool { return gone.Load() }
	s.p.line.reached(beyond)
	x := s.Do(t.Context(), get("/"))
	require.Nil(t, x.Failure)
	require.Greater(t, s.left, limits().Timeout-200*time.Millisecond, "the wait is not the endpoint's time")
}

func TestRequestIsInterruptedWhenTheNetworkStaysAway(t *testing.T) {
	d := listen(t, nil, func(_ *device, conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) })
	s := open(t, d, limits(), Endpoint{Scheme: "http"})
	var gone atomic.Bool
	s.p.line.patience, s.p.line.noRoute = time.Millisecond, func(netip.AddrPort) bool { return gone.Load() }
	s.p.line.reached(beyond)
	gone.Store(true)
	x := s.Do(t.Context(), get("/"))
	require.NotNil(t, x.Failure)
	require.Equal(t, evidence.Canceled, x.Failure.Kind, "not unreachable")
}

func TestNoRouteOnThisMachine(t *testing.T) {
	require.False(t, noRoute(netip.MustParseAddrPort("127.0.0.1:9")))
}
