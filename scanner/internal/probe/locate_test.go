package probe

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
	"postern/scanner/scannertest"
)

// nameServer starts a name server and limits that ask it alone.
func nameServer(t *testing.T, names map[string][]string) (*scannertest.NameServer, Limits) {
	t.Helper()
	known := map[string][]netip.Addr{}
	for name, addrs := range names {
		known[name] = []netip.Addr{}
		for _, addr := range addrs {
			known[name] = append(known[name], netip.MustParseAddr(addr))
		}
	}
	server, err := scannertest.StartNameServer(known)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	l := limits()
	l.Resolver = netip.MustParseAddrPort(server.Address())
	return server, l
}

func TestOnlyTheResolverIsAsked(t *testing.T) {
	names, l := nameServer(t, map[string][]string{"vpn.example.org": {"127.0.0.1"}})
	d := listen(t, nil, always(ok("x")))
	for _, over := range []string{"udp", "tcp"} {
		s := open(t, d, l, Endpoint{Scheme: "http", Host: "vpn.example.org"})
		require.Nil(t, s.Do(t.Context(), get("/")).Failure, over)
		require.Nil(t, s.Do(t.Context(), get("/login")).Failure, over)
		require.Equal(t, []netip.Addr{netip.MustParseAddr("127.0.0.1")}, s.Addresses())
		names.Truncate()
	}
	require.Equal(t, 6, names.Asked("vpn.example.org"), "A and AAAA once a session, and once more over TCP")
	require.Equal(t, 2, names.Asked("tcp"))
	x := open(t, d, l, Endpoint{Scheme: "http", Host: "gone.example.org"}).Do(t.Context(), get("/"))
	require.Equal(t, evidence.DNS, x.Failure.Kind)
	require.Equal(t, 2, names.Asked("gone.example.org"), "an answer is not asked for again")
}

func TestResolverThatFailsIsAskedAgain(t *testing.T) {
	names, l := nameServer(t, map[string][]string{"vpn.example.org": {"127.0.0.1"}})
	d := listen(t, nil, always(ok("x")))
	names.Fail(4) // all the tries of one look-up
	s := open(t, d, l, Endpoint{Scheme: "http", Host: "vpn.example.org"})
	require.Nil(t, s.Do(t.Context(), get("/")).Failure)
	require.Empty(t, s.Abandoned(), "the endpoint was not asked the first time")

	names.Fail(4)
	addrs, failure := New(l).Resolve(t.Context(), "vpn.example.org")
	require.Nil(t, failure)
	require.Len(t, addrs, 1)
	names.Fail(1000)
	_, failure = New(l).Resolve(t.Context(), "vpn.example.org")
	require.Equal(t, evidence.DNS, failure.Kind)
}

func TestManyNamesWithoutAnAnswerAreNoticed(t *testing.T) {
	names, l := nameServer(t, map[string][]string{"vpn.example.org": {"127.0.0.1"}})
	var said []string
	l.Notice = func(text string) { said = append(said, text) }
	p := New(l)
	for i := range 30 { // names that do not exist are answers
		_, _ = p.Lookup(t.Context(), fmt.Sprintf("gone-%d.example.org", i))
	}
	require.Empty(t, said)
	names.Fail(1 << 20)
	for i := range 30 {
		_, _ = p.Lookup(t.Context(), fmt.Sprintf("vpn-%d.example.org", i))
	}
	require.Equal(t, []string{"the resolver has not answered for 10 names in a row; what depends on it is reported as unreachable (dns)"}, said)
}

func TestLookup(t *testing.T) {
	many := []string{}
	for i := range 40 {
		many = append(many, fmt.Sprintf("127.0.1.%d", i))
	}
	_, l := nameServer(t, map[string][]string{"two.example.org": {"127.0.0.1", "127.0.0.2", "127.0.0.1"}, "many.example.org": many})
	p := New(l)
	addrs, err := p.Lookup(t.Context(), "two.example.org")
	require.NoError(t, err)
	require.ElementsMatch(t, []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}, addrs)
	addrs, err = p.Lookup(t.Context(), "many.example.org")
	require.NoError(t, err)
	require.Len(t, addrs, maxAddresses)
	addrs, err = p.Lookup(t.Context(), "::ffff:192.0.2.1")
	require.NoError(t, err)
	require.Equal(t, []netip.Addr{netip.MustParseAddr("192.0.2.1")}, addrs)
}

func TestNextAddressOfAName(t *testing.T) {
	_, l := nameServer(t, map[string][]string{"vpn.example.org": {"127.0.0.9", "127.0.0.1"}})
	d := listen(t, nil, always(ok("x"))) // on 127.0.0.1 alone
	var why []string
	s := open(t, d, l, Endpoint{Scheme: "http", Host: "vpn.example.org", Explain: func(text string) { why = append(why, text) },
		Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.9"), netip.MustParseAddr("127.0.0.1")}})
	require.Nil(t, s.Do(t.Context(), get("/")).Failure)
	require.Equal(t, []string{"tries 127.0.0.1: connection refused"}, why)
	require.Empty(t, s.Abandoned())
	require.Nil(t, s.Do(t.Context(), get("/login")).Failure)
	require.Len(t, why, 1, "it stays with the address that answers")
}

func TestRefusedAddressesAreLeftOut(t *testing.T) {
	_, l := nameServer(t, map[string][]string{"vpn.example.org": {"127.0.0.9", "127.0.0.1"}, "inside.example.org": {"127.0.0.9"}})
	d := listen(t, nil, always(ok("x")))
	refuse := func(at netip.AddrPort) bool { return at.Addr() == netip.MustParseAddr("127.0.0.9") }
	s := open(t, d, l, Endpoint{Scheme: "http", Host: "vpn.example.org", Refuse: refuse})
	require.Nil(t, s.Do(t.Context(), get("/")).Failure)
	require.Equal(t, []netip.Addr{netip.MustParseAddr("127.0.0.1")}, s.Addresses())
	x := open(t, d, l, Endpoint{Scheme: "http", Host: "inside.example.org", Refuse: refuse}).Do(t.Context(), get("/"))
	require.Equal(t, evidence.Excluded, x.Failure.Kind)
}
