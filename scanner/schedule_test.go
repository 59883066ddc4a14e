package scanner

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// taken are the hosts that a schedule gives to so many workers, of which the first gives
// its target back whenever all are busy.
func taken(t *testing.T, perNet, workers int, hosts ...string) (order []string, most int) {
	t.Helper()
	s := newSchedule(perNet)
	for _, host := range hosts {
		s.add(&job{target: Target{Host: host, Port: 443}})
	}
	var busy []*job
	for len(order) < len(hosts) {
		s.mu.Lock()
		idle := len(s.ready) > 0 && len(busy) < workers
		s.mu.Unlock()
		if !idle {
			require.NotEmpty(t, busy, "nobody works, and %d hosts wait", len(hosts)-len(order))
			s.done(busy[0])
			busy = busy[1:]
			continue
		}
		j, ok := s.take()
		require.True(t, ok)
		order, busy = append(order, j.target.Host), append(busy, j)
		most = max(most, len(busy))
	}
	for _, j := range busy {
		s.done(j)
	}
	require.Empty(t, s.queues, "networks without targets are forgotten")
	s.close()
	_, ok := s.take()
	require.False(t, ok)
	return order, most
}

func numbered(format string, n int) []string {
	var hosts []string
	for i := range n {
		hosts = append(hosts, fmt.Sprintf(format, i))
	}
	return hosts
}

func TestScheduleOfNamesAndLoopbackIsTheList(t *testing.T) {
	for _, hosts := range [][]string{numbered("vpn%d.example.org", 50), numbered("127.0.0.%d", 50), numbered("198.51.%d.1", 50)} {
		order, most := taken(t, 2, 8, hosts...)
		require.Equal(t, hosts, order)
		require.Equal(t, 8, most)
	}
}

func TestScheduleNeverAsksMoreOfANetwork(t *testing.T) {
	tests := []struct {
		name         string
		perNet, most int
		hosts        []string
	}{
		{"one /24", 3, 3, numbered("192.0.2.%d", 100)},
		{"two /24", 3, 6, slices.Concat(numbered("192.0.2.%d", 100), numbered("198.51.100.%d", 100))},
		{"one /48", 3, 3, numbered("2001:db8:1::%x", 100)},
		{"no limit", -1, 16, numbered("192.0.2.%d", 100)},
	}
	for _, tt := range tests {
		order, most := taken(t, tt.perNet, 16, tt.hosts...)
		require.Equal(t, tt.most, most, tt.name)
		require.ElementsMatch(t, tt.hosts, order, tt.name)
	}
}

// Neighbours are not asked together: neither one network before the next, nor one address
// after the other, as long as there are others.
func TestScheduleSpreads(t *testing.T) {
	order, _ := taken(t, 8, 16, slices.Concat(numbered("192.0.2.%d", 250), numbered("198.51.100.%d", 250))...)
	last := map[netip.Prefix]netip.Addr{}
	for i, host := range order[:400] {
		addr := netip.MustParseAddr(host)
		net, _ := addr.Prefix(24)
		if i > 0 {
			before, _ := netip.MustParseAddr(order[i-1]).Prefix(24)
			require.NotEqual(t, before, net, "the networks take turns")
		}
		if previous, ok := last[net]; ok {
			distance := int(addr.As4()[3]) - int(previous.As4()[3])
			require.Greater(t, max(distance, -distance), 8, "%s comes after %s", addr, previous)
		}
		last[net] = addr
	}
}

// A pinned name is in the network of its address, wherever the name may be.
func TestNetworkOfATarget(t *testing.T) {
	tests := []struct {
		target Target
		want   string
	}{
		{Target{Host: "192.0.2.7"}, "192.0.2.0/24"},
		{Target{Host: "vpn.example.org", Address: "192.0.2.7"}, "192.0.2.0/24"},
		{Target{Host: "192.0.2.7", Address: "198.51.100.1:8443"}, "198.51.100.0/24"},
		{Target{Host: "vpn.example.org", Address: "2001:db8:1:2::3"}, "2001:db8:1::/48"},
		{Target{Host: "vpn.example.org", Address: "[2001:db8:1:2::3]:443"}, "2001:db8:1::/48"},
		{Target{Host: "vpn.example.org"}, ""},
		{Target{Host: "vpn.example.org", Address: "gate.example.org"}, ""},
		{Target{Host: "127.0.0.1"}, ""},
		{Target{Host: "vpn.example.org", Address: "127.0.0.1:8443"}, ""},
	}
	for _, tt := range tests {
		net, ok := network(tt.target)
		require.Equal(t, tt.want != "", ok, "%+v", tt.target)
		if ok {
			require.Equal(t, tt.want, net.String())
		}
	}
}
