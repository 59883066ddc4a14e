package probe

import (
	"net/netip"
	"net/url"
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
