package probe

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"postern/scanner/evidence"
)

// Session asks one endpoint one question at a time, over one connection while the
// endpoint keeps it open. It must be closed.
type Session struct {
	p          *Prober
	endpoint   Endpoint
	scheme     string
	settled    bool          // whether the scheme is known to be right, or was changed once
	left       time.Duration // of the time for the endpoint
	dial       time.Duration // for one connection
	connecting time.Duration // spent on connections
	transport  *http.Transport
	abandoned  []evidence.Exchange
	second     *tolerant    // the client that replaced the first; nil while that does
	engine     engineHTTPX  // in place of both, where the limits say so
	escalated  string       // why, in words
	retried    bool         // whether the one retry of a transient failure is used up
	host       string       // whom the gap is kept to: the address, or the name behind a proxy
	addrs      []netip.Addr // where to connect, the first next; empty behind a proxy
	tried      int          // addresses that were given up
	entered    netip.Addr   // in whose network the session has a place
	leave      func()       // gives it up; nil without one

	mu  sync.Mutex // guards what a handshake writes that nobody waits for any more
	tls *evidence.TLS
}

// Scheme is "https" or "http", as far as it is known.
func (s *Session) Scheme() string { return s.scheme }

// TLS is what the last handshake showed, also if it failed later; nil on plain HTTP.
func (s *Session) TLS() *evidence.TLS {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scheme == "http" {
		return nil
	}
	return s.tls
}

// Connecting is how long connections and handshakes have taken so far.
func (s *Session) Connecting() time.Duration { return s.connecting }

// Expired reports whether the time for the endpoint is used up.
func (s *Session) Expired() bool { return s.left <= 0 }

// Abandoned lists exchanges that were made again: in plain HTTP before the endpoint said
// that it speaks TLS, or with a failure that may pass. They are no evidence.
func (s *Session) Abandoned() []evidence.Exchange { return s.abandoned }

// Close ends the session's connection.
func (s *Session) Close() {
	s.reset()
	if s.leave != nil {
		s.leave()
	}
}

// reset gives the connection up; the next question opens another.
func (s *Session) reset() {
	if s.transport != nil {
		s.transport.CloseIdleConnections()
		s.transport = nil
	}
	if s.second != nil {
		s.second.close()
	}
	s.engine.close()
}

// Do asks one question. It always returns an exchange: what goes wrong is a Failure in
// it, of kind Canceled if ctx has ended. A request that is not plain is not sent.
func (s *Session) Do(ctx context.Context, req evidence.Request) evidence.Exchange {
	x := evidence.Exchange{Request: req}
	if err := req.Validate(); err != nil {
		x.Failure = &evidence.Failure{Kind: evidence.Local, Detail: clean("not asked: " + err.Error())}
		return x
	}
	resp, err := s.ask(ctx, req)
	if !s.settled && s.otherScheme(resp, err) {
		if resp != nil {
			s.abandoned = append(s.abandoned, evidence.Exchange{Request: req, Response: resp})
		}
		s.reset()
		s.scheme = map[string]string{"https": "http", "http": "https"}[s.scheme]
		s.settled = true
		s.explain("%s: the answer says that the port speaks %s", req.Key(), s.scheme)
		resp, err = s.ask(ctx, req)
	}
	if err != nil {
		x.Failure = failure(ctx, err)
		return x
	}
	s.settled = true
	x.Response = resp
	return x
}

// attempt sends one request in the present scheme.
func (s *Session) attempt(ctx context.Context, req evidence.Request) (*evidence.Response, error) {
	sent := Sent{Started: time.Now(), Request: req}
	if err := s.locate(ctx); err != nil {
		return nil, err
	}
	if err := s.turn(ctx); err != nil {
		return nil, err
	}
	if s.left <= 0 {
		return nil, &stageError{stage: waiting, err: errDeadline}
	}
	if s.transport == nil && s.second == nil {
		transport, err := s.newTransport()
		if err != nil {
			return nil, err
		}
		s.transport = transport
	}
	start := time.Now()
	sent.Waited = start.Sub(sent.Started)
	resp, watch, err := s.exchange(ctx, req)
	sent.Took = time.Since(start)
	s.left -= sent.Took
	sent.Connecting, sent.Remote = watch.connecting(), watch.remoteAddr()
	s.p.line.reached(sent.Remote)
	for range watch.repeats() {
		cut := evidence.Failure{Kind: evidence.Reset, Detail: "the connection was cut"}
		s.abandoned = append(s.abandoned, evidence.Exchange{Request: req, Failure: &cut})
	}
	s.tell(ctx, sent, resp, err)
	return resp, err
}

// exchange sends one request and reads its answer.
func (s *Session) exchange(ctx context.Context, req evidence.Request) (*evidence.Response, *connectWatch, error) {
	ctx, stop := context.WithTimeoutCause(ctx, s.left, errDeadline)
	defer stop()
	if s.p.limits.Engine != "" {
		return s.exchangeByEngine(ctx, req)
	}
	if s.second != nil {
		return s.exchangeTolerantly(ctx, req)
	}
	ctx, watch := watchConnect(ctx, s.dial)
	resp, err := s.transport.RoundTrip(s.request(ctx, req))
	s.connecting += watch.connecting()
	if err != nil {
		return nil, watch, &stageError{watch.stage(), watch.reused.Load(), err}
	}
	defer resp.Body.Close()
	if s.viaProxy() && s.scheme == "http" && proxyTrouble(resp.StatusCode) {
		return nil, watch, proxyError("proxy or endpoint answers " + resp.Status)
	}
	if err := s.p.limits.checkFields(resp.Header); err != nil {
		return nil, watch, err
	}
	limit := s.p.limits.MaxBody
	if req.MaxBytes > 0 {
		limit = min(limit, req.MaxBytes)
	}
	answer, err := read(ctx, resp, limit)
	return answer, watch, err
}

// request builds what is sent. The connection goes to the address of the endpoint, and
// the Host header names the host.
func (s *Session) request(ctx context.Context, req evidence.Request) *http.Request {
	u := &url.URL{Scheme: s.scheme, Host: s.address(), Path: req.Path, RawQuery: req.Query}
	r := &http.Request{
		Method: req.Method, URL: u, Host: s.hostHeader(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: s.header(),
	}
	return r.WithContext(ctx)
}

// hostHeader names the host, and the port where it is not that of the scheme.
func (s *Session) hostHeader() string {
	host := s.endpoint.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if s.endpoint.Port != map[string]int{"https": 443, "http": 80}[s.scheme] {
		host += ":" + strconv.Itoa(s.endpoint.Port)
	}
	return host
}

// header is what every request carries.
func (s *Session) header() http.Header {
	return http.Header{
		"User-Agent":      {s.p.limits.UserAgent},
		"Accept":          {"*/*"},
		"Accept-Encoding": {"identity"}, // bodies are compared byte by byte
	}
}

// connectPort is the port to connect to.
func (s *Session) connectPort() uint16 {
	_, port, _ := net.SplitHostPort(s.address())
	n, _ := strconv.ParseUint(port, 10, 16) // was checked when the list was read
	return uint16(n)
}

// address is where to connect, "host:port".
func (s *Session) address() string {
	port := strconv.Itoa(s.endpoint.Port)
	if s.endpoint.Address == "" {
		return net.JoinHostPort(s.endpoint.Host, port)
	}
	if host, own, err := net.SplitHostPort(s.endpoint.Address); err == nil {
		return net.JoinHostPort(host, own)
	}
	return net.JoinHostPort(strings.Trim(s.endpoint.Address, "[]"), port)
}

// read takes a response over, and at most limit bytes of its body. A body that breaks off
// or takes too long is still evidence.
func read(ctx context.Context, resp *http.Response, limit int64) (*evidence.Response, error) {
	r := &evidence.Response{Status: resp.StatusCode, Proto: resp.Proto, Header: resp.Header}
	if len(resp.TransferEncoding) > 0 {
		r.Header["Transfer-Encoding"] = resp.TransferEncoding // net/http takes the field out
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return r, nil // nobody asked for it; what follows is no body
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil && ctx.Err() != nil && context.Cause(ctx) != errDeadline {
		return nil, context.Cause(ctx)
	}
	if err != nil && strings.Contains(err.Error(), "chunk") {
		return nil, &stageError{stage: waiting, err: err} // the other client may read them
	}
	if errors.Is(err, io.ErrUnexpectedEOF) && resp.ContentLength > 0 {
		r.Malformed = []evidence.Malformation{evidence.BadLength}
	}
	r.Truncated = err != nil
	if int64(len(body)) > limit {
		body, r.Truncated = body[:limit], true
		drain(resp, limit+1)
	}
	if len(body) > 0 {
		r.Body = body
	}
	return r, nil
}

// drain reads a short rest, because a new connection would cost the device more.
func drain(resp *http.Response, have int64) {
	const short = 64 << 10
	if rest := resp.ContentLength - have; 0 <= rest && rest <= short {
		_, _ = io.CopyN(io.Discard, resp.Body, rest+1) // on error the connection is closed, and that is all
	}
}
