package scanner

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
	"postern/scanner/scannertest"
)

// resolver is a name server that knows some names.
func resolver(t *testing.T, names map[string][]netip.Addr) netip.AddrPort {
	t.Helper()
	server, err := scannertest.StartNameServer(names)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return netip.MustParseAddrPort(server.Address())
}

func addrs(list ...string) []netip.Addr {
	var out []netip.Addr
	for _, text := range list {
		out = append(out, netip.MustParseAddr(text))
	}
	return out
}

func exclusions(t *testing.T, lines ...string) *Exclusions {
	t.Helper()
	x, err := ParseExclusions("", strings.NewReader(strings.Join(lines, "\n")))
	require.NoError(t, err)
	return x
}

func TestEveryAddressOfAName(t *testing.T) {
	_, gate := serve(t, gatePage)
	opts := Options{AllAddresses: true, Rate: -1, Ports: []int{gate}, Resolver: resolver(t, map[string][]netip.Addr{
		"vpn.example.org": addrs("127.0.0.1", "127.0.0.8", "127.0.0.1", "127.0.0.9"),
		"one.example.org": addrs("127.0.0.1"),
	}), Deny: exclusions(t, "127.0.0.9")}
	s := New(acmeCatalog(t), acmeDB(t, "1"), opts)
	port := strconv.Itoa(gate)
	want := map[string]string{
		"vpn.example.org:" + port + "@127.0.0.1": "identified ",
		"vpn.example.org:" + port + "@127.0.0.8": "unreachable refused",
		"vpn.example.org:" + port + "@127.0.0.9": "unreachable excluded",
		"vpn.example.org@127.0.0.8":              "unreachable refused",
		"vpn.example.org@127.0.0.9":              "unreachable excluded",
		"one.example.org:" + port + "@127.0.0.1": "identified ",
		"gone.example.org:" + port:               "unreachable dns",
		"127.0.0.1:" + port:                      "identified ",
		"pin.example.org:" + port:                "identified ",
	}
	got := map[string]string{}
	for _, r := range collect(t, s,
		Target{Host: "vpn.example.org", Port: gate}, Target{Host: "vpn.example.org"}, Target{Host: "one.example.org", Port: gate},
		Target{Host: "gone.example.org", Port: gate}, Target{Host: "127.0.0.1", Port: gate},
		Target{Host: "pin.example.org", Port: gate, Address: "127.0.0.1"}) {
		got[r.Target] = string(r.Outcome) + " " + r.Reason
		_, err := ParseArgs([]string{r.Target}, ListOptions{})
		require.NoError(t, err, "%s can be scanned again", r.Target)
	}
	require.Equal(t, want, got)
}

func TestDenialWinsOverEverything(t *testing.T) {
	server, gate := serve(t, gatePage)
	port := strconv.Itoa(gate)
	proxy, err := scannertest.StartProxy("", "")
	require.NoError(t, err)
	defer proxy.Close()
	through := func(*url.URL) (*url.URL, error) {
		return &url.URL{Scheme: "socks5", Host: proxy.Address()}, nil
	}
	names := resolver(t, map[string][]netip.Addr{
		"vpn.example.org": addrs("127.0.0.1"), "mapped.example.org": addrs("::ffff:127.0.0.1"),
		"nat64.example.org": addrs("64:ff9b::7f00:1"), "six.example.org": addrs("2002:7f00:1::"),
	})
	tests := []struct {
		name   string
		target Target
		proxy  func(*url.URL) (*url.URL, error)
		deny   string
	}{
		{"address", Target{Host: "127.0.0.1", Port: gate}, nil, "127.0.0.0/8"},
		{"address and port", Target{Host: "127.0.0.1", Port: gate}, nil, "127.0.0.1:" + port},
		{"without a port", Target{Host: "127.0.0.1"}, nil, "127.0.0.1"},
		{"every port", Target{Host: "127.0.0.1"}, nil, "127.0.0.1:" + port},
		{"pinned", Target{Host: "vpn.example.org", Port: 443, Address: "127.0.0.1:" + port}, nil, "127.0.0.1"},
		{"pinned to a mapped address", Target{Host: "vpn.example.org", Port: gate, Address: "::ffff:127.0.0.1"}, nil, "127.0.0.1"},
		{"the name", Target{Host: "vpn.example.org", Port: gate, Address: "127.0.0.1"}, nil, "vpn.example.org"},
		{"looked up", Target{Host: "vpn.example.org", Port: gate}, nil, "127.0.0.1"},
		{"looked up, mapped", Target{Host: "mapped.example.org", Port: gate}, nil, "127.0.0.1"},
		{"looked up, translated", Target{Host: "nat64.example.org", Port: gate}, nil, "127.0.0.1"},
		{"looked up, 6to4", Target{Host: "six.example.org", Port: gate}, nil, "127.0.0.1"},
		{"translated", Target{Host: "64:ff9b:1::7f00:1", Port: gate}, nil, "127.0.0.1"},
		{"through a proxy", Target{Host: "127.0.0.1", Port: gate}, through, "127.0.0.1/32:" + port},
		{"a name through a proxy", Target{Host: "vpn.example.org", Port: gate}, through, "127.0.0.1/32:" + port},
		{"the proxy itself", Target{Host: "127.0.0.1", Port: gate}, through, proxy.Address()},
	}
	for _, tt := range tests {
		opts := Options{Deny: exclusions(t, tt.deny), Resolver: names, Proxy: tt.proxy, Ports: []int{gate}, Rate: -1}
		r := collect(t, New(acmeCatalog(t), acmeDB(t, "1"), opts), tt.target)
		require.Len(t, r, 1, tt.name)
		require.Equal(t, finding.Unreachable, r[0].Outcome, tt.name)
		require.Contains(t, []string{"excluded", "proxy"}, r[0].Reason, "%s: %s", tt.name, r[0].Detail)
		seen := New(acmeCatalog(t), acmeDB(t, "1"), opts).Record(t.Context(), withPort(tt.target, gate), nil)
		require.NotNil(t, seen.Exchanges[0].Failure, tt.name)
	}
	require.Zero(t, server.Connections())
	require.Empty(t, proxy.Tunnels())

	opts := Options{Deny: exclusions(t, "10.0.0.0/8", "127.0.0.1:1"), Resolver: names, Ports: []int{gate}, Rate: -1}
	r := collect(t, New(acmeCatalog(t), acmeDB(t, "1"), opts), Target{Host: "vpn.example.org"})
	require.Equal(t, finding.Identified, r[0].Outcome, "what is not denied is asked")
}

func withPort(t Target, port int) Target {
	t.Port = port
	return t
}

func TestIntent(t *testing.T) {
	opts := Options{Ports: []int{443, 8443}, Deny: exclusions(t, "192.0.2.1", "192.0.2.2:8443", "vpn.example.com")}
	tests := []struct {
		target Target
		want   Intent
	}{
		{Target{Host: "vpn.example.org"}, Intent{"vpn.example.org", "vpn.example.org", true, []int{443, 8443}, false}},
		{Target{Host: "vpn.example.org", Port: 444}, Intent{"vpn.example.org:444", "vpn.example.org", true, []int{444}, false}},
		{Target{Host: "vpn.example.org", Port: 443, Address: "192.0.2.9:8443"}, Intent{"vpn.example.org:443", "192.0.2.9", false, []int{8443}, false}},
		{Target{Host: "192.0.2.1"}, Intent{"192.0.2.1", "192.0.2.1", false, []int{}, true}},
		{Target{Host: "192.0.2.2"}, Intent{"192.0.2.2", "192.0.2.2", false, []int{443}, false}},
		{Target{Host: "vpn.example.com", Port: 443}, Intent{"vpn.example.com:443", "vpn.example.com", true, []int{443}, true}},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, opts.Intent(tt.target))
	}
}

func TestExplain(t *testing.T) {
	_, gate := serve(t, gatePage)
	var told []string
	opts := Options{Parallel: 1, Explain: func(endpoint, why string) { told = append(told, endpoint+": "+why) }}
	collect(t, New(acmeCatalog(t), acmeDB(t, "1"), opts), local(gate), local(closedPort(t)))
	text := strings.Join(told, "\n")
	at := hostPort("127.0.0.1", gate) + ": "
	require.Contains(t, text, at+"asks GET /: the front page comes first\n")
	require.Contains(t, text, at+"GET /: answers 200 with 31 bytes\n")
	require.Contains(t, text, at+"asks no more: no other question would tell more\n")
	require.Contains(t, text, at+"identified as acme-gate (")
	require.Contains(t, text, "GET /: refused: connection refused\n")
	require.Contains(t, text, "asks no more: it does not answer")
}
