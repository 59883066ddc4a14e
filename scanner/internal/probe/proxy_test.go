package probe

import (
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
	"postern/scanner/scannertest"
)

func TestAddressIsWhereToConnect(t *testing.T) {
	config := serverTLS(t, nil)
	names := make(chan string, 10)
	config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		names <- hello.ServerName
		return nil, nil
	}
	d := listen(t, config, always(ok("x")))
	tests := []struct {
		name     string
		end      Endpoint
		host     string
		wantName string
	}{
		{"name on the default port", Endpoint{Host: "vpn.example.com", Port: 443, Address: d.addr.String()}, "vpn.example.com", "vpn.example.com"},
		{"name on another port", Endpoint{Host: "vpn.example.com", Port: 8443, Address: d.addr.String()}, "vpn.example.com:8443", "vpn.example.com"},
		{"address without port", Endpoint{Host: "vpn.example.com", Port: int(d.addr.Port()), Address: "127.0.0.1"}, "vpn.example.com:" + portOf(d), "vpn.example.com"},
		{"IPv6 literal", Endpoint{Host: "2001:db8::1", Port: 443, Address: d.addr.String()}, "[2001:db8::1]", ""},
		{"IPv4 literal", Endpoint{Host: "127.0.0.1", Port: int(d.addr.Port())}, d.addr.String(), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := open(t, d, limits(), tt.end).Do(t.Context(), get("/"))
			require.Nil(t, x.Failure)
			requests, _ := d.seen()
			require.Equal(t, tt.host, requests[len(requests)-1].Host)
			require.Equal(t, tt.wantName, <-names)
		})
	}
}

func TestProxy(t *testing.T) {
	target := listen(t, serverTLS(t, nil), always(ok("target")))
	through := func(d *device, conn net.Conn) {
		buffer := make([]byte, 4096)
		n, _ := conn.Read(buffer)
		if !strings.HasPrefix(string(buffer[:n]), "CONNECT 127.0.0.1:"+portOf(target)+" HTTP/1.1\r\n") {
			return
		}
		out, err := net.Dial("tcp", target.addr.String())
		if err != nil {
			return
		}
		defer out.Close()
		_, _ = conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n"))
		go func() { _, _ = out.(*net.TCPConn).ReadFrom(conn) }()
		_, _ = conn.(*net.TCPConn).ReadFrom(out)
	}
	closed, release, err := scannertest.ClosedPort()
	require.NoError(t, err)
	t.Cleanup(release)
	at := func(d *device) string { return "http://" + d.addr.String() }
	tests := []struct {
		name, proxy, scheme string
		kind                evidence.FailureKind
		detail              string
	}{
		{"tunnel", at(listen(t, nil, through)), "", "", ""},
		{"refuses", at(listen(t, nil, always("HTTP/1.1 502 Bad\x1b Gateway\r\nContent-Length: 0\r\n\r\n"))), "", evidence.ProxyFailed, "proxy answers 502 Bad? Gateway"},
		{"refuses plain", at(listen(t, nil, always("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"))), "http", evidence.ProxyFailed, "proxy or endpoint answers 503 Busy"},
		{"is down", "http://" + closed.String(), "", evidence.ProxyFailed, "connection refused"},
		{"socks is down", "socks5://" + closed.String(), "", evidence.ProxyFailed, "connection refused"},
		{"unverified", "https://" + target.addr.String(), "", evidence.ProxyFailed, "certificate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := limits()
			l.Proxy = func(endpoint *url.URL) (*url.URL, error) {
				require.Equal(t, target.addr.String(), endpoint.Host)
				return url.Parse(tt.proxy)
			}
			s := open(t, target, l, Endpoint{Scheme: tt.scheme})
			x := s.Do(t.Context(), get("/"))
			if tt.kind == "" {
				require.Nil(t, x.Failure)
				require.Equal(t, "target", string(x.Response.Body))
				return
			}
			require.NotNil(t, x.Failure)
			require.Equal(t, tt.kind, x.Failure.Kind, x.Failure.Detail)
			require.Contains(t, x.Failure.Detail, tt.detail)
		})
	}
	l := limits()
	l.Proxy = func(*url.URL) (*url.URL, error) { return nil, errors.New("bad setting") }
	x := open(t, target, l, Endpoint{}).Do(t.Context(), get("/"))
	require.Equal(t, &evidence.Failure{Kind: evidence.ProxyFailed, Detail: "no proxy can be chosen: bad setting"}, x.Failure)
}
