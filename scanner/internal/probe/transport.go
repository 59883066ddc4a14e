package probe

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// newTransport makes the client for one endpoint: HTTP/1.1 alone, one connection, no
// compression, no redirect, no cookie.
func (s *Session) newTransport() (*http.Transport, error) {
	proxy, err := s.proxy()
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		DialContext:            s.dialer(proxy),
		TLSClientConfig:        s.tlsConfig(),
		TLSHandshakeTimeout:    s.dial,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{}, // no HTTP/2
		DisableCompression:     true,
		MaxIdleConnsPerHost:    1,
		MaxResponseHeaderBytes: s.p.limits.MaxHeader,
		WriteBufferSize:        1 << 10, // a request has 300 bytes
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			return proxyError("proxy answers " + resp.Status)
		},
	}
	if proxy != nil {
		plain := *proxy
		if plain.Scheme == "https" {
			plain.Scheme = "http" // the dialer has done the TLS
		}
		t.Proxy = http.ProxyURL(&plain)
	}
	return t, nil
}

// proxy chooses the proxy for the present scheme; nil is none.
func (s *Session) proxy() (*url.URL, error) {
	if s.p.limits.Proxy == nil {
		return nil, nil
	}
	proxy, err := s.p.limits.Proxy(&url.URL{Scheme: s.scheme, Host: s.address(), Path: "/"})
	if err != nil {
		return nil, proxyError("no proxy can be chosen: " + err.Error())
	}
	if proxy != nil && s.scheme == "http" && s.endpoint.Address != "" && (proxy.Scheme == "http" || proxy.Scheme == "https") {
		return nil, proxyError("an HTTP proxy finds the address of a plain HTTP target itself")
	}
	return proxy, nil
}

func (s *Session) viaProxy() bool {
	proxy, err := s.proxy()
	return err == nil && proxy != nil && proxy.Scheme != "socks5" && proxy.Scheme != "socks5h"
}

// proxyTrouble reports whether a plain HTTP answer may well be the proxy's own.
func proxyTrouble(status int) bool {
	switch status {
	case http.StatusProxyAuthRequired, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// dialer connects to the endpoint or its proxy. The TLS to a proxy is made here, where
// its certificate is verified: it may get a password, and a target never does.
func (s *Session) dialer(proxy *url.URL) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: s.dialTime(), KeepAlive: -1, Resolver: s.p.resolver}
	if proxy != nil {
		d.ControlContext = refuse(s.p.limits.Deny)
		if proxy.Scheme != "https" {
			return d.DialContext
		}
		secure := &tls.Dialer{NetDialer: d, Config: &tls.Config{ServerName: proxy.Hostname(), MinVersion: tls.VersionTLS12}}
		port := proxy.Port()
		if port == "" {
			port = "443"
		}
		address := net.JoinHostPort(proxy.Hostname(), port)
		return func(ctx context.Context, network, _ string) (net.Conn, error) {
			return secure.DialContext(ctx, network, address)
		}
	}
	d.ControlContext = refuse(s.endpoint.Refuse)
	to := net.JoinHostPort(s.addrs[0].String(), strconv.Itoa(int(s.connectPort())))
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, to)
	}
}

// refuse stops a connection to an address before its first packet.
func refuse(refused func(netip.AddrPort) bool) func(context.Context, string, string, syscall.RawConn) error {
	if refused == nil {
		return nil
	}
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || refused(at) {
			return errExcluded
		}
		return nil
	}
}

// tlsConfig accepts what the oldest gateways speak, and keeps what they show.
func (s *Session) tlsConfig() *tls.Config {
	var suites []uint16
	for _, suite := range tls.CipherSuites() {
		suites = append(suites, suite.ID)
	}
	for _, suite := range tls.InsecureCipherSuites() {
		suites = append(suites, suite.ID)
	}
	return &tls.Config{
		ServerName:         s.endpoint.Host, // sent for names only
		InsecureSkipVerify: true,            // see the package comment
		MinVersion:         tls.VersionTLS10,
		CipherSuites:       suites,
		// Without the post-quantum exchange, whose hello does not fit one packet: some
		// old devices cut the connection when it comes in two.
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384, tls.CurveP521},
		Renegotiation:    tls.RenegotiateOnceAsClient, // some ask for a client certificate this way

		GetClientCertificate: s.p.limits.ClientCert.offer,
		VerifyConnection: func(state tls.ConnectionState) error {
			seen := describe(state)
			s.mu.Lock()
			s.tls = seen
			s.mu.Unlock()
			return s.p.limits.checkChain(state.PeerCertificates)
		},
	}
}

// stage is how far a request had come.
type stage int32

const (
	dialing stage = iota
	lookingUp
	handshaking
	waiting
)

// connectWatch follows a request until it has a connection, and stops it when that takes
// too long.
type connectWatch struct {
	start  time.Time
	timer  *time.Timer
	at     atomic.Int32
	reused atomic.Bool

	mu     sync.Mutex
	took   time.Duration // 0 until there is a connection
	remote netip.AddrPort
	used   int // connections: net/http repeats a request by itself when an idle one was cut
}

func watchConnect(ctx context.Context, limit time.Duration) (context.Context, *connectWatch) {
	ctx, stop := context.WithCancelCause(ctx)
	w := &connectWatch{start: time.Now()}
	w.timer = time.AfterFunc(limit, func() { stop(errConnect) })
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { w.at.Store(int32(lookingUp)) },
		DNSDone:           func(httptrace.DNSDoneInfo) { w.at.Store(int32(dialing)) },
		TLSHandshakeStart: func() { w.at.Store(int32(handshaking)) },
		GotConn: func(info httptrace.GotConnInfo) {
			w.timer.Stop()
			w.reused.Store(info.Reused)
			w.at.Store(int32(waiting))
			w.mu.Lock()
			w.used++
			w.took = time.Since(w.start)
			w.remote, _ = netip.ParseAddrPort(info.Conn.RemoteAddr().String())
			w.mu.Unlock()
		},
	}), w
}

// connected says that the connection is there, for a client that net/http does not trace.
func (w *connectWatch) connected(conn net.Conn, reused bool) {
	w.timer.Stop()
	w.reused.Store(reused)
	w.at.Store(int32(waiting))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.used++
	w.took = time.Since(w.start)
	w.remote, _ = netip.ParseAddrPort(conn.RemoteAddr().String())
}

// connecting is how long the connection took, and ends the watch.
func (w *connectWatch) connecting() time.Duration {
	w.timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.took == 0 {
		return time.Since(w.start)
	}
	return w.took
}

// repeats is how often the request was made before the last time.
func (w *connectWatch) repeats() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(0, w.used-1)
}

// remoteAddr is the other end of the connection, zero without one.
func (w *connectWatch) remoteAddr() netip.AddrPort {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.remote
}

func (w *connectWatch) stage() stage { return stage(w.at.Load()) }
