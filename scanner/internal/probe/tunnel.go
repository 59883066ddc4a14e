package probe

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"golang.org/x/net/proxy"
)

// tunnel opens a plain connection to the endpoint, through the proxy if there is one, for
// the client that net/http does not connect for.
func (s *Session) tunnel(ctx context.Context) (net.Conn, error) {
	through, err := s.proxy()
	if err != nil {
		return nil, err
	}
	dial := s.dialer(through)
	switch {
	case through == nil:
		return dial(ctx, "tcp", s.address())
	case through.Scheme == "socks5" || through.Scheme == "socks5h":
		return s.socks(ctx, through, dial)
	}
	return s.connectThrough(ctx, through, dial)
}

// maxProxyHeader is how much a proxy may answer where no limit is set.
const maxProxyHeader = 64 << 10

// dialFunc is a dialer for golang.org/x/net/proxy.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

func (d dialFunc) Dial(network, address string) (net.Conn, error) {
	return d(context.Background(), network, address)
}

func (d dialFunc) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}

func (s *Session) socks(ctx context.Context, through *url.URL, dial dialFunc) (net.Conn, error) {
	var auth *proxy.Auth
	if through.User != nil {
		password, _ := through.User.Password()
		auth = &proxy.Auth{User: through.User.Username(), Password: password}
	}
	dialer, err := proxy.SOCKS5("tcp", proxyAddress(through), auth, dial)
	if err != nil {
		return nil, proxyError("proxy: " + err.Error())
	}
	conn, err := dialer.(proxy.ContextDialer).DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, proxyError("proxy: " + words(err))
	}
	return conn, nil
}

// proxyAddress is where a proxy listens.
func proxyAddress(through *url.URL) string {
	port := through.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[through.Scheme]
	}
	if port == "" {
		port = "1080"
	}
	return net.JoinHostPort(through.Hostname(), port)
}

// connectThrough asks an HTTP proxy for a connection.
func (s *Session) connectThrough(ctx context.Context, through *url.URL, dial dialFunc) (net.Conn, error) {
	conn, err := dial(ctx, "tcp", proxyAddress(through))
	if err != nil {
		return nil, proxyError("proxy: " + words(err))
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends what is being waited for
	defer stop()
	request := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: s.address()}, Host: s.address(), Header: http.Header{"User-Agent": {s.p.limits.UserAgent}}}
	if through.User != nil {
		password, _ := through.User.Password()
		request.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(through.User.Username()+":"+password)))
	}
	if err := request.Write(conn); err != nil {
		_ = conn.Close() // it failed
		return nil, proxyError("proxy: " + words(err))
	}
	// The endpoint says nothing before it was asked, so what is read ahead is the proxy's.
	limit := s.p.limits.MaxHeader
	if limit <= 0 {
		limit = maxProxyHeader
	}
	resp, err := http.ReadResponse(bufio.NewReaderSize(io.LimitReader(conn, limit), 512), request)
	switch {
	case err != nil:
		_ = conn.Close() // it failed
		return nil, proxyError("proxy: " + words(err))
	case resp.StatusCode != http.StatusOK:
		_ = conn.Close() // it refused
		return nil, proxyError(fmt.Sprintf("proxy answers %s", clean(resp.Status)))
	}
	return conn, nil
}
