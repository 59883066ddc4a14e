package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"postern/scanner/evidence"
)

const (
	// maxAddresses is how many addresses of a name are ever used.
	maxAddresses = 16
	// maxTried is how many of them are tried until one connects.
	maxTried = 4
	// manyNames is how many names in a row must go without an answer from the resolver
	// until that is said.
	manyNames = 10
)

// newResolver asks one name server only, or those of the system if server is zero.
func newResolver(server netip.AddrPort) *net.Resolver {
	if !server.IsValid() {
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, server.String())
	}}
}

// unresolved counts names that got no answer.
type unresolved struct {
	mu   sync.Mutex
	run  int // in a row
	said bool
}

// note counts one look-up, and reports whether it is time to say that many fail.
func (u *unresolved) note(err error) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !unanswered(err) {
		u.run, u.said = 0, false
		return false
	}
	u.run++
	if u.run < manyNames || u.said {
		return false
	}
	u.said = true
	return true
}

// unanswered reports whether the resolver did not answer, as opposed to answering that
// there is no such name.
func unanswered(err error) bool {
	var lookup *net.DNSError
	return errors.As(err, &lookup) && !lookup.IsNotFound && (lookup.IsTemporary || lookup.IsTimeout)
}

// Lookup finds the addresses of a name, each once, at most 16 of them, in the order in
// which they are best tried. An address is its own. An error is as in [Session.Do].
func (p *Prober) Lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr.Unmap()}, nil
	}
	found, err := p.resolver.LookupNetIP(ctx, "ip", host)
	if ctx.Err() == nil && p.names.note(err) {
		p.notice(fmt.Sprintf("the resolver has not answered for %d names in a row; what depends on it is reported as unreachable (dns)", manyNames))
	}
	var addrs []netip.Addr
	for _, addr := range found {
		if addr = addr.Unmap(); !slices.Contains(addrs, addr) {
			addrs = append(addrs, addr)
		}
	}
	return addrs[:min(len(addrs), maxAddresses)], err
}

// locate finds out where to connect, once for the session. With a proxy, that is the
// proxy's part.
func (s *Session) locate(ctx context.Context) error {
	proxy, err := s.proxy()
	if err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(s.address())
	if err != nil {
		return err
	}
	s.host = host
	addr, parseErr := netip.ParseAddr(host)
	switch {
	case parseErr == nil:
		s.addrs = []netip.Addr{addr.Unmap()}
	case proxy != nil:
		s.addrs = nil
		if s.endpoint.NeedsAddress {
			return errUnchecked
		}
		return nil
	case len(s.endpoint.Addresses) > 0 && len(s.addrs) == 0:
		s.addrs = s.endpoint.Addresses
	case len(s.addrs) > 0:
		return nil
	default:
		if err := s.lookup(ctx, host); err != nil {
			return &stageError{stage: lookingUp, err: err}
		}
	}
	if s.endpoint.Refuse != nil {
		allowed := slices.DeleteFunc(slices.Clone(s.addrs), func(a netip.Addr) bool {
			return s.endpoint.Refuse(netip.AddrPortFrom(a, s.connectPort()))
		})
		if len(allowed) == 0 {
			return errExcluded
		}
		s.addrs = allowed
	}
	return nil
}

// lookup resolves the name within the time for a connection.
func (s *Session) lookup(ctx context.Context, host string) error {
	if s.left <= 0 {
		return errDeadline
	}
	start := time.Now()
	ctx, stop := context.WithTimeout(ctx, min(s.dial, s.left))
	defer stop()
	var err error
	s.addrs, err = s.p.Lookup(ctx, host)
	s.left -= time.Since(start)
	s.connecting += time.Since(start)
	return err
}

// turn waits until this session may send a request: for its network, for its host, and for
// the rate of all.
func (s *Session) turn(ctx context.Context) error {
	if len(s.addrs) > 0 {
		if err := s.enter(ctx, s.addrs[0]); err != nil {
			return err
		}
		s.host = s.addrs[0].String()
	}
	if err := s.p.pacer.wait(ctx, s.host); err != nil {
		return err
	}
	if err := s.p.limiter.Wait(ctx); err != nil {
		return context.Canceled // the scan ends before the turn of this request
	}
	return nil
}

// enter takes a place in the network of addr, and gives up the one before.
func (s *Session) enter(ctx context.Context, addr netip.Addr) error {
	if s.leave != nil && s.entered == addr {
		return nil
	}
	if s.leave != nil {
		s.leave()
	}
	var err error
	s.leave, err = s.p.pacer.enter(ctx, addr, func(net netip.Prefix) {
		s.explain("waits: %d hosts of %s are being asked", s.p.limits.PerNet, net)
	})
	s.entered = addr
	return err
}

// dialTime is for one connection without its handshake: the addresses that are tried have
// equal shares.
func (s *Session) dialTime() time.Duration {
	return s.dial / time.Duration(max(1, min(len(s.addrs)+s.tried, maxTried)))
}

// nextAddress gives up an address that cannot be connected to, if the name has another.
func (s *Session) nextAddress(err error) bool {
	var staged *stageError
	if len(s.addrs) < 2 || s.tried >= maxTried-1 || !errors.As(err, &staged) || staged.stage != dialing || s.left <= 0 {
		return false
	}
	s.tried++
	s.addrs = s.addrs[1:]
	s.explain("tries %s: %s", s.addrs[0], words(err))
	return true
}

// Addresses lists where the session connects to, once it has asked: what the name has, or
// is left to try, the one that was connected to first.
func (s *Session) Addresses() []netip.Addr { return s.addrs }

// Resolve is [Prober.Lookup] for a whole scan: asked once more when the resolver does not
// answer, and put off while this machine has no network.
func (p *Prober) Resolve(ctx context.Context, host string) ([]netip.Addr, *evidence.Failure) {
	for retried := false; ; {
		limited, stop := context.WithTimeout(ctx, p.limits.DialTimeout)
		addrs, err := p.Lookup(limited, host)
		stop()
		if err == nil {
			return addrs, nil
		}
		err = &stageError{stage: lookingUp, err: err}
		switch {
		case ctx.Err() == nil && p.line.lost(err):
			err = p.line.wait(ctx)
		case ctx.Err() == nil && !retried && unanswered(err):
			retried = true
			err = sleep(ctx, backoff)
		default:
			return nil, failure(ctx, err)
		}
		if err != nil {
			return nil, failure(ctx, err)
		}
	}
}
