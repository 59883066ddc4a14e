// Package probe turns one question into one exchange. It is the only code that opens
// connections to targets, and it lets a target neither lead it elsewhere nor hold it up.
//
// It asks with GET and HEAD, follows no redirect, sends no cookie and no credential,
// stores nothing, and reads at most as much and as long as its limits say. It does not
// verify certificates, because most of these devices show one that they signed
// themselves; what the certificate says is evidence.
package probe

import (
	"net"
	"net/netip"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Limits bound what a probe sends and reads. Timeout, DialTimeout, MaxBody and MaxHeader
// must be set.
type Limits struct {
	// Timeout is for all exchanges with one endpoint together, without the time that
	// they wait for the rate.
	Timeout time.Duration
	// DialTimeout is for one connection, its TLS handshake included.
	DialTimeout time.Duration
	MaxBody     int64 // bytes of a body that are kept
	MaxHeader   int64 // bytes of a response header
	MaxFields   int   // fields of a response header; 0 is no limit
	// MaxChain and MaxChainBytes are how many certificates an endpoint may show and how
	// large they are together; 0 is no limit.
	MaxChain      int
	MaxChainBytes int64
	Rate          float64       // requests a second over all endpoints; 0 or less is no limit
	Gap           time.Duration // between requests to one host, up to half as much more; 0 is none
	PerNet        int           // hosts of one /24 or /48 at once; 0 is no limit
	// MaxOutage is how long a lost network is waited for.
	MaxOutage time.Duration
	UserAgent string
	// Engine is empty, or "httpx" in a program that was built with it, see [HasHTTPX]: then
	// that asks in place of both clients of this package. It knows no proxy and no client
	// certificate, keeps to no limit while it reads, and can be led to other hosts.
	Engine string
	// Resolver is the only name server that is asked; zero means those of the system.
	Resolver   netip.AddrPort
	ClientCert *ClientCertificate // nil is none
	// Proxy chooses the proxy for an endpoint; nil means none.
	Proxy func(endpoint *url.URL) (*url.URL, error)
	// Deny names what must not be connected to, a proxy included; nil is nothing.
	Deny func(netip.AddrPort) bool
	// Notice, if set, is told what concerns the whole scan, and OnSent each request that was
	// made; from any goroutine.
	Notice func(text string)
	OnSent func(Sent)
}

// Prober asks many endpoints, from any number of goroutines, within one rate.
type Prober struct {
	limits  Limits
	limiter *rate.Limiter

	resolver *net.Resolver
	pacer    *pacer
	line     *line
	names    unresolved
	short    atomic.Bool // whether it was said that this machine lacks descriptors or ports
}

// New returns a Prober. Nothing runs until it is used, and it need not be closed.
func New(limits Limits) *Prober {
	p := &Prober{limits: limits, limiter: rate.NewLimiter(rate.Inf, 0)}
	p.resolver, p.pacer = newResolver(limits.Resolver), newPacer(limits.Gap, limits.PerNet)
	p.line = newLine(limits.MaxOutage, p.notice)
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
	// Addresses are those of the host's name, when they are known already.
	Addresses []netip.Addr
	// Refuse, if set, names addresses that must not be connected to, though the host
	// resolves to them. It cannot be asked when a proxy resolves the name; NeedsAddress
	// says that nothing is asked then.
	Refuse       func(netip.AddrPort) bool
	NeedsAddress bool
	// Explain, if set, is told each decision about the endpoint, in words that may hold
	// text of the endpoint's.
	Explain func(text string)
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
