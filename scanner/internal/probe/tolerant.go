package probe

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"postern/scanner/evidence"
)

// tolerant is the second client, for endpoints that the first cannot talk to: it offers
// every protocol version and cipher that was ever common in one hello, takes keys and
// certificates of any strength, and reads answers that break HTTP. It has one connection.
type tolerant struct {
	conn   net.Conn // nil until it is opened
	in     *bufio.Reader
	used   bool // whether an answer came over the connection
	oldest bool // whether it says hello as clients of the year 2000 did
}

func (t *tolerant) close() {
	if t.conn != nil {
		_ = t.conn.Close() // there is nobody to tell
	}
	t.conn, t.in, t.used = nil, nil, false
}

// escalation says in words why the first client gave up, if the second may do better.
// What never answered, and what no client could read, is left alone: a host that is no
// gateway is not asked once more for nothing. Nor is what refuses the name, or refused a
// client to whom it had shown its certificate already: it means who asks, not how.
func escalation(err error, shown bool) (why string, ok bool) {
	var staged *stageError
	if !errors.As(err, &staged) || staged.reused || late(err) || proxied(err) {
		return "", false
	}
	switch staged.stage {
	case handshaking:
		noTLS := errors.As(err, &tls.RecordHeaderError{})
		return "TLS: " + words(err), tolerantTLS && !noTLS && !refusesName(err) && !(shown && refused(err))
	case waiting:
		return "HTTP: " + words(err), breaksHTTP(err.Error())
	}
	return "", false
}

// refused reports whether the endpoint ended TLS with an alert.
func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// refusesName reports whether the endpoint does not know the name that it was asked for.
func refusesName(err error) bool {
	return refused(err) && strings.HasSuffix(err.Error(), "unrecognized name")
}

// breaksHTTP reports whether an error of net/http says that an answer came which breaks
// the rules. It has no types for them.
func breaksHTTP(text string) bool {
	if _, line, ok := strings.Cut(text, "malformed HTTP response "); ok {
		line = strings.TrimLeft(line, "\"\\trn ")
		return strings.HasPrefix(line, "<") || looksLikeStatus([]byte(line))
	}
	for _, part := range []string{"malformed HTTP", "malformed MIME header", "invalid header", "Content-Length", "transfer encoding", "chunk"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// escalate makes the session use the second client from now on, if the failure says that
// this may help.
func (s *Session) escalate(err error) bool {
	if s.second != nil || s.left <= 0 || s.p.limits.Engine != "" {
		return false
	}
	seen := s.TLS()
	why, ok := escalation(err, seen != nil && seen.SHA256 != "")
	if !ok || s.viaProxy() && s.scheme == "http" {
		return false
	}
	s.second, s.escalated = &tolerant{}, why
	s.explain("%s; asks again with the tolerant client", why)
	return true
}

// fallBack makes the second client say hello as the oldest clients did, if the endpoint
// refused its first hello without a choice: some end the connection at a version or an
// extension that is younger than they are. The hello also offers what nobody can complete
// any more, so that what answers it alone is seen.
func (s *Session) fallBack(err error) bool {
	var staged *stageError
	if s.second == nil || s.second.oldest || s.left <= 0 || !errors.As(err, &staged) || staged.stage != handshaking {
		return false
	}
	seen := s.TLS()
	if seen == nil || seen.Version != "" || late(err) || proxied(err) || refusesName(err) || errors.Is(err, errTooMuch) {
		return false
	}
	s.second.oldest = true
	s.explain("TLS: %s; says hello as the oldest clients did", words(err))
	return true
}

// exchangeTolerantly is [Session.exchange] with the second client.
func (s *Session) exchangeTolerantly(ctx context.Context, req evidence.Request) (*evidence.Response, *connectWatch, error) {
	ctx, watch := watchConnect(ctx, s.dial)
	reused := s.second.conn != nil
	if !reused {
		conn, err := s.connectTolerantly(ctx, watch)
		if err != nil {
			s.connecting += watch.connecting()
			return nil, watch, err
		}
		s.second.conn, s.second.in = conn, bufio.NewReader(conn)
	}
	watch.connected(s.second.conn, reused)
	s.connecting += watch.connecting()
	resp, keep, err := s.converse(ctx, req)
	if !keep || err != nil {
		s.second.close()
	}
	if err != nil {
		return nil, watch, &stageError{waiting, reused, err}
	}
	s.second.used = true
	return resp, watch, nil
}

// converse sends one request over the open connection and reads its answer.
func (s *Session) converse(ctx context.Context, req evidence.Request) (*evidence.Response, bool, error) {
	conn := s.second.conn
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // ends what is being waited for
	defer stop()
	if err := conn.SetDeadline(deadline(ctx)); err != nil {
		return nil, false, err
	}
	if err := s.request(ctx, req).Write(conn); err != nil {
		return nil, false, contextual(ctx, err)
	}
	limits := reading{header: s.p.limits.MaxHeader, fields: s.p.limits.MaxFields, body: s.p.limits.MaxBody}
	if req.MaxBytes > 0 {
		limits.body = min(limits.body, req.MaxBytes)
	}
	var resp *evidence.Response
	var keep bool
	err := guarded(func() (err error) {
		resp, keep, err = readTolerantly(s.second.in, req.Method, limits)
		return err
	})
	if err != nil {
		return nil, false, contextual(ctx, err)
	}
	if ctx.Err() != nil && context.Cause(ctx) != errDeadline {
		return nil, false, context.Cause(ctx)
	}
	return resp, keep, nil
}

// guarded runs code that reads hostile bytes in a library made for research: should it
// panic, that costs one endpoint, and not the scan.
func guarded(do func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the tolerant client gives up: %v", cause)
		}
	}()
	return do()
}

// contextual is the reason for which the context ended, if it did, and else err.
func contextual(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

func deadline(ctx context.Context) time.Time {
	at, _ := ctx.Deadline() // zero is none
	return at
}

// connectTolerantly opens the connection, through the proxy if there is one, and shakes
// hands.
func (s *Session) connectTolerantly(ctx context.Context, watch *connectWatch) (net.Conn, error) {
	conn, err := s.tunnel(ctx)
	if err != nil {
		return nil, &stageError{dialing, false, contextual(ctx, err)}
	}
	if s.scheme == "http" {
		return conn, nil
	}
	watch.at.Store(int32(handshaking))
	return s.shakeTolerantly(ctx, conn)
}

// keepTLS keeps what a handshake showed, unless it showed less than the one before.
func (s *Session) keepTLS(seen *evidence.TLS) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tls == nil || seen.SHA256 != "" || s.tls.SHA256 == "" {
		s.tls = seen
	}
}

// handshakeBytes is how much an endpoint may send in a handshake: its certificates, and
// some more.
func (s *Session) handshakeBytes() int64 {
	if s.p.limits.MaxChainBytes <= 0 {
		return -1
	}
	return s.p.limits.MaxChainBytes + 64<<10
}
