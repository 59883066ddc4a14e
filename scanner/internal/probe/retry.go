package probe

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"time"

	"postern/scanner/evidence"
)

const (
	// backoff is how long a request is put off that failed in a way that may pass.
	backoff = time.Second
	// maxShort is how often a request waits for this machine to have a descriptor or port
	// again, twice as long each time, from shortWait.
	maxShort  = 6
	shortWait = 100 * time.Millisecond
)

// ask sends one request, and again where that is worth it:
//
//   - at once, on a new connection, when the endpoint cut one that it had answered on;
//   - at the next address of the name, when there is no connection to this one;
//   - once for the endpoint, after a pause, when the connection was reset before anything
//     was answered, or the resolver did not answer: overload that passes;
//   - with the tolerant client, when the failure says that it may understand the endpoint,
//     and once with the hello of the oldest clients, when the endpoint refused that client too;
//   - after pauses, when this machine is out of descriptors or ports;
//   - when the network is back, if this machine had lost it.
//
// Nothing else: a filtered port stays silent, and what refuses or answers means it. Every
// request that reached the endpoint counts as asked.
func (s *Session) ask(ctx context.Context, req evidence.Request) (*evidence.Response, error) {
	for short := 0; ; {
		left := s.left
		resp, err := s.attempt(ctx, req)
		if err == nil || ctx.Err() != nil {
			return resp, err
		}
		sent, pause := true, time.Duration(0)
		switch {
		case spoiled(err):
			s.explain("%s: the connection was cut; asks again on a new one", req.Key())
		case s.p.line.lost(err):
			if s.p.line.wait(ctx) != nil {
				return nil, context.Canceled
			}
			s.left, sent = left, late(err)
		case s.nextAddress(err):
			sent = false
		case short < maxShort && s.outOfResources(err):
			s.left, sent, pause = left, false, shortWait<<short
			short++
		case !s.retried && transient(err) && s.left > 0:
			s.retried, sent, pause = true, !unanswered(err), backoff/2+rand.N(backoff/2)
		case s.escalate(err): // after a retry: one reset does not make an endpoint an old one
			sent = asked(err)
		case s.fallBack(err):
			sent = false
		default:
			return nil, err
		}
		if sent {
			s.abandoned = append(s.abandoned, evidence.Exchange{Request: req, Failure: failure(ctx, err)})
		}
		s.reset()
		if pause > 0 {
			s.explain("%s: %s; asks again in %s", req.Key(), words(err), pause.Round(time.Millisecond))
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
	}
}

// asked reports whether a request had been sent when it failed.
func asked(err error) bool {
	var staged *stageError
	return errors.As(err, &staged) && staged.stage == waiting
}

// transient reports whether a failure may be gone in a moment.
func transient(err error) bool {
	var staged *stageError
	if !errors.As(err, &staged) || staged.reused {
		return false
	}
	reset := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNABORTED)
	return reset && (staged.stage == dialing || staged.stage == handshaking) || unanswered(err)
}

// outOfResources reports whether this machine has no descriptor, port or buffer left, and
// says so once.
func (s *Session) outOfResources(err error) bool {
	for _, lack := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL} {
		if !errors.Is(err, lack) {
			continue
		}
		if lack == syscall.EADDRNOTAVAIL && (len(s.addrs) == 0 || noRoute(netip.AddrPortFrom(s.addrs[0], s.connectPort()))) {
			return false // it has no address of that kind, and will not get one
		}
		if s.p.short.CompareAndSwap(false, true) {
			s.p.notice("this machine is short of descriptors or ports (" + lack.Error() + "); requests wait for one. A lower -parallel or a higher limit (ulimit -n) helps")
		}
		return true
	}
	return false
}
