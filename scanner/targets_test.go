package scanner

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseEntry(t *testing.T) {
	tests := []struct {
		text                  string
		host, prefix, address string
		port                  int
		scheme                string
	}{
		{text: "vpn.example.com", host: "vpn.example.com"},
		{text: "VPN.Example.COM.", host: "vpn.example.com"},
		{text: "vpn_1.example.com:8443", host: "vpn_1.example.com", port: 8443},
		{text: "localhost", host: "localhost"},
		{text: "xn--bcher-kva.example", host: "xn--bcher-kva.example"},
		{text: "1.example", host: "1.example"},
		{text: "https://vpn.example.com", host: "vpn.example.com", port: 443, scheme: "https"},
		{text: "HTTPS://vpn.example.com:10443/remote/login?lang=en", host: "vpn.example.com", port: 10443, scheme: "https"},
		{text: "http://vpn.example.com#x", host: "vpn.example.com", port: 80, scheme: "http"},
		{text: "https://[2001:db8::1]:8443/", prefix: "2001:db8::1/128", port: 8443, scheme: "https"},
		{text: "https://192.0.2.1:/", prefix: "192.0.2.1/32", port: 443, scheme: "https"},
		{text: "192.0.2.1", prefix: "192.0.2.1/32"},
		{text: "192.0.2.1:4430", prefix: "192.0.2.1/32", port: 4430},
		{text: "2001:DB8::1", prefix: "2001:db8::1/128"},
		{text: "2001:db8::5:1", prefix: "2001:db8::5:1/128"},
		{text: "2001:db8:0:0:0:0:1:8443", prefix: "2001:db8::1:8443/128"},
		{text: "[2001:db8::1]", prefix: "2001:db8::1/128"},
		{text: "[2001:db8::1:443]", prefix: "2001:db8::1:443/128"},
		{text: "[2001:db8::1]:443", prefix: "2001:db8::1/128", port: 443},
		{text: "::ffff:192.0.2.1", prefix: "192.0.2.1/32"},
		{text: "192.0.2.0/24", prefix: "192.0.2.0/24"},
		{text: "192.0.2.77/24:8443", prefix: "192.0.2.0/24", port: 8443},
		{text: "192.0.2.1/32", prefix: "192.0.2.1/32"},
		{text: "10.0.0.0/16", prefix: "10.0.0.0/16"},
		{text: "2001:db8::/120", prefix: "2001:db8::/120"},
		{text: "2001:db8::/120:8443", prefix: "2001:db8::/120", port: 8443},
		{text: "[2001:db8::/120]:8443", prefix: "2001:db8::/120", port: 8443},
		{text: "vpn.example.com@192.0.2.1", host: "vpn.example.com", address: "192.0.2.1"},
		{text: "vpn.example.com:443@192.0.2.1:8443", host: "vpn.example.com", port: 443, address: "192.0.2.1:8443"},
		{text: "vpn.example.com@[2001:db8::1]:8443", host: "vpn.example.com", port: 8443, address: "[2001:db8::1]:8443"},
		{text: "192.0.2.9:443@lb.example.com", host: "192.0.2.9", port: 443, address: "lb.example.com"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			e, err := parseEntry(tt.text, smallRange)
			require.NoError(t, err)
			prefix := ""
			if e.host == "" {
				prefix = e.prefix.String()
			}
			require.Equal(t, []any{tt.host, tt.prefix, tt.address, tt.port, tt.scheme}, []any{e.host, prefix, e.address, e.port, e.scheme})
		})
	}
}

func TestParseEntryRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"a b", "holds a space"},
		{"a\x00b", "control byte"},
		{"a.example,b.example", "holds a comma"},
		{"ftp://a.example", `scheme "ftp" is neither https nor http`},
		{"https://", "has no host"},
		{"https://:443", "has no host"},
		{"https://user:secret@a.example/", "holds a user name"},
		{"a.example/path", "write https:// in front"},
		{"a.example:443/path", "write https:// in front"},
		{"192.0.2.0/33", "is no address range"},
		{"192.0.2.0/", "is no address range"},
		{"192.0.2.0/24:", `port "" is not a number`},
		{"192.0.2.0/24:0", `port "0" is not a number`},
		{"10.0.0.0/15", "has 131072 addresses; more than 65536 need -allow-large"},
		{"2001:db8::/64", "has 2^64 addresses"},
		{"[2001:db8::/120", "no ] for its ["},
		{"[2001:db8::/120]8443", "goes on after the ]"},
		{"0.0.0.0/8", "stands for this machine"},
		{"0.0.0.0", "stands for this machine"},
		{"[::]:443", "stands for this machine"},
		{"224.0.0.1", "not the address of a single host"},
		{"255.255.255.255", "not the address of a single host"},
		{"a.example:0", `port "0"`},
		{"a.example:65536", `port "65536"`},
		{"a.example:https", `port "https"`},
		{"a.example:+443", `port "+443"`},
		{"a.example:", `port ""`},
		{"2001:db8::1:443", "write [2001:db8::1]:443 or [2001:db8::1:443]"},
		{"::1:8065", "write [::1]:8065 or [::1:8065]"},
		{"2001:db8::1:10443", "write [2001:db8::1]:10443"},
		{"2001:db8:0:0:0:0:0:1:443", "write [2001:db8:0:0:0:0:0:1]:443"},
		{"1:2:3", "is no IPv6 address"},
		{"[192.0.2.1]:443", "brackets around what is no IPv6 address"},
		{"[::1]443", "goes on after the ]"},
		{"[::1", "no ] for its ["},
		{"fe80::1%eth0", "has a zone"},
		{"bücher.example", "write the name in its xn-- form"},
		{"*.example.com", "is a pattern"},
		{"192.0.2.256", "is no IPv4 address"},
		{"192.0.2.1-20", "is no IPv4 address; for several, write a range"},
		{"192.0.2.01", "is no IPv4 address"},
		{"a.example.1", "ends in a number"},
		{"a..example", "empty part"},
		{".", "has no host"},
		{"-a.example", "hyphen"},
		{"a-.example", "hyphen"},
		{"a!.example", `name holds '!'`},
		{strings.Repeat("a", 64) + ".example", "at most 63"},
		{strings.Repeat("a.", 130) + "example", "at most 253"},
		{"@192.0.2.1", "before the @"},
		{"a.example@", "after the @"},
		{"a.example@b@c", "is not of the form"},
		{"a.example@192.0.2.0/24", "is not of the form"},
		{"user:secret@a.example", `before the @ of name[:port]@address[:port]: port "secret"`},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			e, err := parseEntry(tt.text, smallRange)
			require.ErrorContains(t, err, tt.want, "entry %+v", e)
			require.Less(t, len(err.Error()), 300)
		})
	}
}

func TestParseEntryLargeRanges(t *testing.T) {
	_, err := parseEntry("10.0.0.0/8", largeRange)
	require.NoError(t, err)
	_, err = parseEntry("2001:db8::/64", largeRange)
	require.ErrorContains(t, err, "more than any scan can ask")
	_, err = parseEntry("2001:db8::/32", anyRange)
	require.NoError(t, err)
}

// What is accepted must name one endpoint, and name it again when it is written out.
func FuzzParseEntry(f *testing.F) {
	for _, text := range []string{"a.example:443", "https://u@[::1]:8/x", "10.0.0.0/24:8443", "a@[::1]:9", "::1:8065"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := parseEntry(text, smallRange)
		if err != nil {
			return
		}
		if (e.host == "") != e.prefix.IsValid() || e.port < 0 || e.port > 65535 {
			t.Fatalf("%q becomes %+v", text, e)
		}
		if e.host == "" {
			return
		}
		again, err := parseEntry(hostPort(e.host, max(e.port, 1)), smallRange)
		if err != nil || again.host != e.host && again.prefix.Addr().String() != e.host {
			t.Errorf("%q is read as host %q, which is read as %+v, %v", text, e.host, again, err)
		}
	})
}
