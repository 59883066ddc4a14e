package probe

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"postern/scanner/evidence"
)

// linePoll is how often it is looked whether a lost network is back.
const linePoll = time.Second

// line watches whether this machine still has a way out. What it knows is the last
// endpoint beyond loopback that was connected to: while there is no route to that, nothing
// that fails says anything about a target.
type line struct {
	patience time.Duration // how long a lost network is waited for
	notice   func(string)
	noRoute  func(netip.AddrPort) bool

	mu     sync.Mutex
	known  netip.AddrPort
	back   chan struct{} // closed when the wait is over; nil while nobody waits
	gaveUp bool          // whether the last wait took all the patience
}

func newLine(patience time.Duration, notice func(string)) *line {
	return &line{patience: patience, notice: notice, noRoute: noRoute}
}

// noRoute reports whether this machine cannot send to an address at all. It sends nothing:
// connecting a datagram socket only looks the route up.
func noRoute(to netip.AddrPort) bool {
	conn, err := net.DialTimeout("udp", to.String(), time.Second)
	if err == nil {
		_ = conn.Close()
		return false
	}
	for _, gone := range []syscall.Errno{syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EHOSTUNREACH, syscall.EADDRNOTAVAIL} {
		if errors.Is(err, gone) {
			return true
		}
	}
	return false
}

// reached notes an endpoint that was connected to.
func (l *line) reached(at netip.AddrPort) {
	if !at.IsValid() || at.Addr().Unmap().IsLoopback() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known = at
}

// lost reports whether a request failed because this machine has lost its network.
func (l *line) lost(err error) bool {
	switch failure(context.Background(), err).Kind {
	case evidence.Timeout, evidence.Unroutable, evidence.DNS, evidence.Local, evidence.ProxyFailed, evidence.Reset:
		l.mu.Lock()
		known := l.known
		l.mu.Unlock()
		return known.IsValid() && l.noRoute(known)
	}
	return false
}

// wait returns when the network is back; it is an error if that takes longer than the
// patience lasts.
func (l *line) wait(ctx context.Context) error {
	for {
		l.mu.Lock()
		back := l.back
		if back == nil {
			l.back, l.gaveUp = make(chan struct{}), false
			l.mu.Unlock()
			return l.watch(ctx)
		}
		l.mu.Unlock()
		select { // somebody watches already
		case <-back:
		case <-ctx.Done():
			return context.Canceled
		}
		l.mu.Lock()
		known, gaveUp := l.known, l.gaveUp
		l.mu.Unlock()
		if gaveUp {
			return context.Canceled
		}
		if !l.noRoute(known) {
			return nil
		}
	}
}

// watch looks after the network until it is back, for everybody who waits.
func (l *line) watch(ctx context.Context) error {
	l.mu.Lock()
	known, gaveUp := l.known, false
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		close(l.back)
		l.back, l.gaveUp = nil, gaveUp
	}()
	l.notice("this machine has lost its network; the scan waits for it up to " + l.patience.String())
	for start := time.Now(); ; {
		if err := sleep(ctx, linePoll); err != nil {
			return err
		}
		if !l.noRoute(known) {
			l.notice("the network is back; the scan goes on")
			return nil
		}
		if time.Since(start) >= l.patience {
			l.notice("the network did not come back; the scan ends incomplete")
			gaveUp = true
			return context.Canceled
		}
	}
}
