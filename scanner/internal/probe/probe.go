// Package probe turns one question into one exchange. It is the only code that opens
// connections to targets, and it lets a target neither lead it elsewhere nor hold it up.
//
// It asks with GET and HEAD, follows no redirect, sends no cookie and no credential,
// stores nothing, and reads at most as much and as long as its limits say. It does not
// verify certificates, because most of these devices show one that they signed
// themselves; what the certificate says is evidence.
package probe

import (
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/time/rate"
)

// Limits bound what a probe sends and reads. All but Proxy must be set.
type Limits struct {
	// Timeout is for all exchanges with one endpoint together, without the time that
	// they wait for the rate.
	Timeout time.Duration
	// DialTimeout is for one connection, its TLS handshake included.
	DialTimeout time.Duration
	MaxBody     int64   // bytes of a body that are kept
	MaxHeader   int64   // bytes of a response header
	Rate        float64 // requests a second over all endpoints; 0 or less is no limit
	UserAgent   string
	// Proxy chooses the proxy for an endpoint; nil means none.
	Proxy func(endpoint *url.URL) (*url.URL, error)
}

// Prober asks many endpoints, from any number of goroutines, within one rate.
type Prober struct {
	limits  Limits
	limiter *rate.Limiter
}

// New returns a Prober. Nothing runs until it is used, and it need not be closed.
func New(limits Limits) *Prober {
	p := &Prober{limits: limits, limiter: rate.NewLimiter(rate.Inf, 0)}
	if limits.Rate > 0 {
		p.limiter = rate.NewLimiter(rate.Limit(limits.Rate), max(1, int(limits.Rate/10)))
	}
	return p
}

// Endpoint is one port of one host.
type Endpoint struct {
	// Scheme is "https", "http" or empty: TLS first, plain HTTP when the answer is.
	Scheme string
	Host   string // for the Host header and SNI, without brackets
	Port   int
	// Address, "host:port" or "host", is where to connect when it is not Host:Port.
	Address string
	// DialTimeout replaces that of the limits when it is shorter and not 0.
	DialTimeout time.Duration
	// Refuse, if set, names addresses that must not be connected to, though the host
	// resolves to them. It cannot be asked when a proxy resolves the name.
	Refuse func(netip.AddrPort) bool
}

// Open returns a session with an endpoint. It connects when the first question is asked.
func (p *Prober) Open(e Endpoint) *Session {
	s := &Session{p: p, endpoint: e, scheme: e.Scheme, left: p.limits.Timeout, dial: p.limits.DialTimeout}
	if e.Scheme == "" {
		s.scheme = "https"
	}
	if e.DialTimeout > 0 {
		s.dial = min(s.dial, e.DialTimeout)
	}
	return s
}
