package probe

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"postern/scanner/evidence"
)

// Sent is one request as it was made, and what became of it.
type Sent struct {
	Started time.Time     // when the request could have been sent
	Waited  time.Duration // for its turn, see [Limits]
	// Connecting is how long the connection took, 0 on one that was open already; Took is
	// all the time after the wait.
	Connecting, Took time.Duration
	URL              string // with the host asked for, which need not be the one connected to
	Header           http.Header
	Remote           netip.AddrPort // where it went, a proxy perhaps; zero if there was no connection
	Response         *evidence.Response
	Failure          *evidence.Failure // set when Response is not
	TLS              *evidence.TLS     // what the handshake showed; nil on plain HTTP
	Request          evidence.Request
}

// tell reports one attempt to whoever keeps a record.
func (s *Session) tell(ctx context.Context, sent Sent, resp *evidence.Response, err error) {
	if s.p.limits.OnSent == nil {
		return
	}
	sent.Response, sent.TLS = resp, s.TLS()
	sent.URL = s.scheme + "://" + s.hostHeader() + sent.Request.Target()
	sent.Header = s.header()
	if err != nil {
		sent.Failure = failure(ctx, err)
	}
	s.p.limits.OnSent(sent)
}

// explain tells about a decision, to whoever wants to know.
func (s *Session) explain(format string, args ...any) {
	if s.endpoint.Explain != nil {
		s.endpoint.Explain(fmt.Sprintf(format, args...))
	}
}

func (p *Prober) notice(text string) {
	if p.limits.Notice != nil {
		p.limits.Notice(text)
	}
}
