package scanner

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The limits hold where they matter: at the hosts. 48 of them in three networks, each with
// two ports, see how many are asked at once, and how soon again.
func TestLimitsAtTheHosts(t *testing.T) { inOwnNetwork(t, limitsAtTheHosts) }

// hosts keeps what they see of a scan.
type hosts struct {
	mu    sync.Mutex
	open  map[netip.Prefix]map[netip.Addr]int // connections
	most  int                                 // hosts of one network at once
	asked map[netip.Addr][]time.Time
	order []netip.Addr
}

func (h *hosts) connected(conn net.Conn, state http.ConnState) {
	at := netip.MustParseAddrPort(conn.LocalAddr().String()).Addr()
	of, _ := at.Prefix(24)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[of] == nil {
		h.open[of] = map[netip.Addr]int{}
	}
	switch state {
	case http.StateNew:
		h.open[of][at]++
		h.most = max(h.most, len(h.open[of]))
	case http.StateClosed:
		if h.open[of][at]--; h.open[of][at] == 0 {
			delete(h.open[of], at)
		}
	}
}

func (h *hosts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := netip.MustParseAddrPort(r.Context().Value(http.LocalAddrContextKey).(net.Addr).String()).Addr()
	h.mu.Lock()
	h.asked[at] = append(h.asked[at], time.Now())
	h.order = append(h.order, at)
	h.mu.Unlock()
	time.Sleep(5 * time.Millisecond)
	if r.URL.Path == "/" {
		w.Header().Set("Location", "/login")
		w.WriteHeader(http.StatusFound)
	}
}

func limitsAtTheHosts(t *testing.T) {
	ip(t, "route", "add", "local", "198.51.0.0/16", "dev", "lo")
	seen := &hosts{open: map[netip.Prefix]map[netip.Addr]int{}, asked: map[netip.Addr][]time.Time{}}
	var ports []int
	for range 2 {
		listener, err := net.Listen("tcp", "0.0.0.0:0")
		require.NoError(t, err)
		server := &http.Server{Handler: seen, ConnState: seen.connected}
		go func() { _ = server.Serve(listener) }() // ends with Close
		t.Cleanup(func() { _ = server.Close() })
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	list, err := ParseList("-", strings.NewReader("198.51.1.0/28\n198.51.2.0/28\n198.51.3.0/28\n"), ListOptions{})
	require.NoError(t, err)
	const gap = 40 * time.Millisecond
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Ports: ports, Gap: gap, PerNet: 3, Rate: -1})
	var results []string
	for r := range s.Scan(t.Context(), list.All()) {
		results = append(results, r.Target)
	}
	var want []string
	for target := range list.All() {
		for _, port := range ports {
			want = append(want, fmt.Sprintf("%s:%d", target.Host, port))
		}
	}
	require.Equal(t, want, results, "in the order of the list")
	require.GreaterOrEqual(t, seen.most, 3)
	require.LessOrEqual(t, seen.most, 8, "3 hosts of one network at once, and a busy server is late to see one leave; without a limit it would be 16")
	require.Len(t, seen.asked, 48)
	gaps, short := 0, 0
	for addr, times := range seen.asked {
		require.GreaterOrEqual(t, len(times), 4, addr)
		for i, at := range times[1:] {
			gaps++
			if at.Sub(times[i]) < gap-10*time.Millisecond {
				short++ // a busy server was slow to see the first of two
			}
		}
	}
	require.LessOrEqual(t, short, gaps/10, "requests came sooner than the gap allows")
	first := map[netip.Prefix]bool{}
	for _, addr := range slices.Compact(slices.Clone(seen.order))[:9] {
		of, _ := addr.Prefix(24)
		first[of] = true
	}
	require.Len(t, first, 3, "the networks take turns")
}
