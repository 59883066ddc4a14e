package probe

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
	"postern/scanner/scannertest"
)

func TestProxyWithPassword(t *testing.T) {
	d := listen(t, serverTLS(t, nil), always(ok("target")))
	for _, scheme := range []string{"http", "socks5", "socks5h"} {
		kind := map[string]string{"http": "connect"}[scheme]
		if kind == "" {
			kind = "socks5"
		}
		proxy, err := scannertest.StartProxy("scan", "p@ss")
		require.NoError(t, err)
		ask := func(user *url.Userinfo, e Endpoint, change func(*Limits)) evidence.Exchange {
			l := limits()
			l.Resolver = netip.MustParseAddrPort("127.0.0.1:1") // nobody: a name is the proxy's to find
			l.Proxy = func(*url.URL) (*url.URL, error) {
				return &url.URL{Scheme: scheme, Host: proxy.Address(), User: user}, nil
			}
			if change != nil {
				change(&l)
			}
			e.Host = "vpn.example.org"
			return open(t, d, l, e).Do(t.Context(), get("/"))
		}
		right := url.UserPassword("scan", "p@ss")
		x := ask(right, Endpoint{}, nil)
		require.Nil(t, x.Failure, scheme)
		require.Equal(t, "target", string(x.Response.Body))
		require.Equal(t, []string{kind + " vpn.example.org:" + portOf(d)}, proxy.Tunnels(), "the name goes to the proxy")
		require.Nil(t, ask(right, Endpoint{Address: "127.0.0.1"}, nil).Failure)
		require.Equal(t, kind+" 127.0.0.1:"+portOf(d), proxy.Tunnels()[1], "and so does the address, if there is one")

		for _, user := range []*url.Userinfo{nil, url.UserPassword("scan", "wrong")} {
			x := ask(user, Endpoint{}, nil)
			require.NotNil(t, x.Failure, scheme)
			require.Equal(t, evidence.ProxyFailed, x.Failure.Kind)
			require.NotContains(t, x.Failure.Detail, "p@ss")
		}
		everything := func(netip.AddrPort) bool { return true }
		x = ask(right, Endpoint{}, func(l *Limits) { l.Deny = everything })
		require.NotNil(t, x.Failure)
		x = ask(right, Endpoint{NeedsAddress: true}, nil)
		require.Equal(t, evidence.Excluded, x.Failure.Kind, "an address that cannot be checked is not asked")
		x = ask(right, Endpoint{NeedsAddress: true, Address: "127.0.0.1", Refuse: everything}, nil)
		require.Equal(t, evidence.Excluded, x.Failure.Kind)
		require.Len(t, proxy.Tunnels(), 2)
		require.NoError(t, proxy.Close())
	}
}

// A proxy that floods is cut off at the limit of a header.
func TestProxyThatFloods(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	written := make(chan int, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		total := 0
		for err == nil {
			var n int
			n, err = conn.Write([]byte("X-Flood: " + strings.Repeat("a", 1000) + "\r\n"))
			total += n
		}
		written <- total
	}()
	l := limits()
	l.MaxHeader = 16 << 10
	s := open(t, listen(t, serverTLS(t, nil), always(ok("target"))), l, Endpoint{})
	through := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	_, err = s.connectThrough(t.Context(), through, func(ctx context.Context, network, address string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	})
	require.ErrorContains(t, err, "proxy")
	require.Less(t, <-written, 16<<20, "what the system takes ahead, and no more")
}
