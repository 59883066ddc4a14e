package probe

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGapIsKeptAndStretched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(100*time.Millisecond, 0)
		steps := map[time.Duration]bool{}
		var last time.Time
		for i := range 50 {
			require.NoError(t, p.wait(t.Context(), "192.0.2.1"))
			if step := time.Since(last); i > 0 {
				require.GreaterOrEqual(t, step, 100*time.Millisecond)
				require.LessOrEqual(t, step, 150*time.Millisecond)
				steps[step] = true
			}
			last = time.Now()
		}
		require.Greater(t, len(steps), 10, "the gap is the same each time")
	})
}

func TestGapIsPerHost(t *testing.T) {
	tests := []struct {
		name  string
		gap   time.Duration
		hosts [2]string
		waits bool
	}{
		{"the same host", time.Second, [2]string{"192.0.2.1", "192.0.2.1"}, true},
		{"the same name behind a proxy", time.Second, [2]string{"vpn.example.org", "vpn.example.org"}, true},
		{"two hosts", time.Second, [2]string{"192.0.2.1", "192.0.2.2"}, false},
		{"loopback", time.Second, [2]string{"127.0.0.1", "127.0.0.1"}, false},
		{"IPv6 loopback", time.Second, [2]string{"::1", "::1"}, false},
		{"no gap", 0, [2]string{"192.0.2.1", "192.0.2.1"}, false},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(tt.gap, 0)
			start := time.Now()
			for _, host := range tt.hosts {
				require.NoError(t, p.wait(t.Context(), host))
			}
			require.Equal(t, tt.waits, time.Since(start) > 0, tt.name)
		})
	}
}

// Several sessions with one host share its gap, and none is skipped.
func TestGapHoldsForSessionsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(100*time.Millisecond, 0)
		var waiting sync.WaitGroup
		start := time.Now()
		for range 10 {
			waiting.Go(func() { _ = p.wait(t.Context(), "192.0.2.1") })
		}
		waiting.Wait()
		require.GreaterOrEqual(t, time.Since(start), 900*time.Millisecond)
	})
}

func TestWaitEndsWithTheScan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(time.Hour, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.NoError(t, p.wait(ctx, "192.0.2.1"))
		require.ErrorIs(t, p.wait(ctx, "192.0.2.1"), context.Canceled)
		leave, err := p.enter(t.Context(), netip.MustParseAddr("192.0.2.1"), nil)
		require.NoError(t, err)
		_, err = p.enter(ctx, netip.MustParseAddr("192.0.2.2"), nil)
		require.ErrorIs(t, err, context.Canceled)
		leave()
		leave() // twice is once
		require.Empty(t, p.nets, "networks that nobody uses are forgotten")
	})
}

func TestHostsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPacer(time.Millisecond, 0)
		for i := range 100_000 {
			require.NoError(t, p.wait(t.Context(), fmt.Sprint("host-", i)))
			if i%500 == 0 {
				time.Sleep(time.Second)
			}
		}
		require.Less(t, len(p.next), 3000)
	})
}

func TestHostsOfOneNetworkAtOnce(t *testing.T) {
	tests := []struct {
		name  string
		addrs func(i int) string
		most  int // at once
	}{
		{"one /24", func(i int) string { return fmt.Sprintf("192.0.2.%d", i) }, 3},
		{"two /24", func(i int) string { return fmt.Sprintf("192.0.%d.1", i%2) }, 6},
		{"one /48", func(i int) string { return fmt.Sprintf("2001:db8:1:%x::1", i) }, 3},
		{"two /48", func(i int) string { return fmt.Sprintf("2001:db8:%x::1", i%2) }, 6},
		{"mapped is IPv4", func(i int) string { return fmt.Sprintf("::ffff:192.0.2.%d", i) }, 3},
		{"loopback", func(i int) string { return fmt.Sprintf("127.0.0.%d", i) }, 40},
	}
	for _, tt := range tests {
		synctest.Test(t, func(t *testing.T) {
			p := newPacer(0, 3)
			var mu sync.Mutex
			now, most, busy := 0, 0, 0
			var asking sync.WaitGroup
			for i := range 40 {
				asking.Go(func() {
					leave, err := p.enter(t.Context(), netip.MustParseAddr(tt.addrs(i)), func(netip.Prefix) {
						mu.Lock()
						defer mu.Unlock()
						busy++
					})
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					now++
					most = max(most, now)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					now--
					mu.Unlock()
					leave()
				})
			}
			asking.Wait()
			require.Equal(t, tt.most, most, tt.name)
			require.Equal(t, 40-tt.most, busy, "%s: who waits is told", tt.name)
		})
	}
}
