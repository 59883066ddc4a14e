//go:build httpx

package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/projectdiscovery/httpx/common/httpx"
	"github.com/projectdiscovery/networkpolicy"

	"postern/scanner/evidence"
)

// HasHTTPX says that this program was built with the engine "httpx".
const HasHTTPX = true

// engineHTTPX is the client of the engine "httpx" for one address. It is made for each
// session anew: it remembers failures, and the name and address are part of its options.
type engineHTTPX struct {
	client *httpx.HTTPX // nil until it is made
	dir    string       // what it writes is there
}

// environment is held while TMPDIR is another one: the environment belongs to the process.
var environment sync.Mutex

// open makes the client. It keeps its files in a directory of its own, because in the one
// that it is given it removes whatever has the name of the program in it.
func (e *engineHTTPX) open(options *httpx.Options) error {
	environment.Lock()
	defer environment.Unlock()
	dir, err := os.MkdirTemp("", "second-engine-*")
	if err != nil {
		return err
	}
	before, had := os.LookupEnv("TMPDIR")
	if err := os.Setenv("TMPDIR", dir); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	client, err := httpx.New(options)
	if had {
		err = errors.Join(err, os.Setenv("TMPDIR", before))
	} else {
		err = errors.Join(err, os.Unsetenv("TMPDIR"))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	e.client, e.dir = client, dir
	return nil
}

// close gives the client up, with what it wrote.
func (e *engineHTTPX) close() {
	if e.client == nil {
		return
	}
	e.client.Dialer.Close()
	_ = os.RemoveAll(e.dir) // in the directory for temporary files, which others clean as well
	e.client, e.dir = nil, ""
}

// httpxOptions switch off all that goes beyond one exchange with one address. What no
// option switches off is in docs/engines.md.
func (s *Session) httpxOptions() (*httpx.Options, error) {
	to := s.addrs[0]
	policy, err := networkpolicy.New(networkpolicy.Options{AllowList: []string{netip.PrefixFrom(to, to.BitLen()).String()}})
	if err != nil {
		return nil, err
	}
	options := &httpx.Options{
		DefaultUserAgent:          s.p.limits.UserAgent,
		Timeout:                   s.p.limits.Timeout,
		RetryMax:                  0,
		CdnCheck:                  "false",
		TLSGrab:                   true,
		MaxResponseBodySizeToRead: s.p.limits.MaxBody + 1, // one more tells that there is more
		MaxResponseBodySizeToSave: s.p.limits.MaxBody + 1,
		Resolvers:                 []string{"127.0.0.1:9"}, // no names are looked up; should one be, nobody hears of it
		NetworkPolicy:             policy,
	}
	if net.ParseIP(s.endpoint.Host) == nil && !strings.Contains(s.endpoint.Host, ":") {
		options.SniName = s.endpoint.Host
	}
	return options, nil
}

// exchangeByEngine is [Session.exchange] with the engine "httpx".
func (s *Session) exchangeByEngine(ctx context.Context, req evidence.Request) (*evidence.Response, *connectWatch, error) {
	ctx, watch := watchConnect(ctx, s.dial)
	defer func() { s.connecting += watch.connecting() }()
	if proxy, err := s.proxy(); proxy != nil || err != nil {
		return nil, watch, proxyError("the engine httpx goes through no proxy")
	}
	if s.engine.client == nil {
		options, err := s.httpxOptions()
		if err == nil {
			err = s.engine.open(options)
		}
		if err != nil {
			return nil, watch, fmt.Errorf("%w: %w", errEngine, err)
		}
	}
	ctx, guard := s.guard(ctx)
	var answer *httpx.Response
	err := guarded(func() error {
		r, err := s.engine.client.NewRequestWithContext(ctx, req.Method, s.scheme+"://"+guard.to+"/")
		if err != nil {
			return err
		}
		r.Request = s.request(ctx, req) // its own reading of a URL may change the query
		r.Request.URL.Host = guard.to
		answer, err = s.engine.client.Do(r, httpx.UnsafeOptions{})
		return err
	})
	if err := guard.verdict(ctx, s, watch, answer, err); err != nil {
		return nil, watch, err
	}
	resp, err := s.fromHTTPX(answer, req)
	if err != nil {
		return nil, watch, &stageError{waiting, false, err}
	}
	return resp, watch, nil
}

// scopeGuard notices where the client connects to, because it can be led elsewhere.
type scopeGuard struct {
	to string // the only address that is allowed, "host:port"

	mu        sync.Mutex
	elsewhere string
	state     *tls.ConnectionState
}

// guard watches a request, and ends it as soon as it leaves the address.
func (s *Session) guard(ctx context.Context) (context.Context, *scopeGuard) {
	ctx, stop := context.WithCancelCause(ctx)
	to := netip.AddrPortFrom(s.addrs[0], s.connectPort())
	g := &scopeGuard{to: to.String()}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		ConnectStart: func(_, address string) {
			if at, err := netip.ParseAddrPort(address); err != nil || netip.AddrPortFrom(at.Addr().Unmap(), at.Port()) != to {
				g.mu.Lock()
				g.elsewhere = address
				g.mu.Unlock()
				stop(errElsewhere)
			}
		},
		GotConn: func(info httptrace.GotConnInfo) {
			if conn, ok := info.Conn.(*tls.Conn); ok {
				state := conn.ConnectionState()
				g.mu.Lock()
				g.state = &state
				g.mu.Unlock()
			}
		},
	}), g
}

// errElsewhere says that an answer is not the endpoint's, or not to what was asked.
var errElsewhere = errors.New("the engine httpx was led away from what it was to ask; its answer is thrown away")

// verdict is what is wrong with an exchange, or nil. It keeps what the handshake showed.
func (g *scopeGuard) verdict(ctx context.Context, s *Session, watch *connectWatch, answer *httpx.Response, err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state != nil {
		seen := describe(*g.state)
		if answer != nil && answer.TLSData != nil && answer.TLSData.CertificateResponse != nil {
			seen.SHA256 = answer.TLSData.FingerprintHash.SHA256
		}
		s.mu.Lock()
		s.tls = seen
		s.mu.Unlock()
		if chain := s.p.limits.checkChain(g.state.PeerCertificates); chain != nil {
			return &stageError{handshaking, false, chain}
		}
	}
	switch {
	case g.elsewhere != "" || err == nil && answer.HasChain():
		return &stageError{waiting, false, errElsewhere}
	case err == nil:
		return nil
	}
	at := watch.stage()
	if at == dialing && s.scheme == "https" && strings.Contains(err.Error(), "tls handshake") {
		at = handshaking
	}
	var outer *url.Error // names the address, and so does what is around it
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return &stageError{at, false, contextual(ctx, err)}
}

// fromHTTPX takes an answer over, as [read] does. Whether a body broke off cannot be told
// here: httpx gives no answer then, or one that looks whole.
func (s *Session) fromHTTPX(answer *httpx.Response, req evidence.Request) (*evidence.Response, error) {
	if int64(len(answer.RawHeaders)) > s.p.limits.MaxHeader {
		return nil, fmt.Errorf("the header has more than %d bytes", s.p.limits.MaxHeader)
	}
	if err := s.p.limits.checkFields(answer.Headers); err != nil {
		return nil, err
	}
	proto, _, _ := strings.Cut(answer.RawHeaders, " ")
	r := &evidence.Response{Status: answer.StatusCode, Proto: proto, Header: answer.Headers}
	if r.Status >= 100 && r.Status < 200 {
		r.Proto = "HTTP/1.1" // these have no status line in what httpx keeps
	}
	if strings.Contains(answer.RawHeaders, "\r\nTransfer-Encoding: chunked\r\n") {
		r.Header.Set("Transfer-Encoding", "chunked")
	}
	limit := s.p.limits.MaxBody
	if req.MaxBytes > 0 {
		limit = min(limit, req.MaxBytes)
	}
	body := answer.RawData
	if int64(len(body)) > limit {
		body, r.Truncated = body[:limit], true
	}
	if len(body) > 0 {
		r.Body = body
	}
	return r, nil
}
