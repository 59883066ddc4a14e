package probe

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// pacer keeps requests to one host apart, and the number of hosts that are asked at once
// in one network small. Loopback is exempt: it is this machine.
type pacer struct {
	gap    time.Duration // 0: none
	perNet int           // 0: no limit

	mu     sync.Mutex
	next   map[string]time.Time // when a host may be asked again
	forget int                  // how many hosts are kept before old ones are dropped
	nets   map[netip.Prefix]*network
}

// network is a /24 or /48 in which somebody is being asked or waits to be.
type network struct {
	slots chan struct{}
	users int
}

func newPacer(gap time.Duration, perNet int) *pacer {
	return &pacer{gap: max(gap, 0), perNet: max(perNet, 0), next: map[string]time.Time{}, forget: 1024, nets: map[netip.Prefix]*network{}}
}

// NetOf is the network that an address shares with its neighbours: its /24, or /48 in
// IPv6. ok is false for loopback and for what is no address.
func NetOf(addr netip.Addr) (net netip.Prefix, ok bool) {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() || addr.IsLoopback() {
		return netip.Prefix{}, false
	}
	bits := 24
	if addr.Is6() {
		bits = 48
	}
	net, err := addr.Prefix(bits)
	return net, err == nil
}

// enter waits until a host of addr's network may be asked; leave must be called then. busy
// is called when it has to wait, and may be nil.
func (p *pacer) enter(ctx context.Context, addr netip.Addr, busy func(netip.Prefix)) (leave func(), err error) {
	net, ok := NetOf(addr)
	if !ok || p.perNet == 0 {
		return func() {}, nil
	}
	p.mu.Lock()
	n := p.nets[net]
	if n == nil {
		n = &network{slots: make(chan struct{}, p.perNet)}
		p.nets[net] = n
	}
	n.users++
	p.mu.Unlock()
	done := func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if n.users--; n.users == 0 {
			delete(p.nets, net)
		}
	}
	select {
	case n.slots <- struct{}{}:
	default:
		if busy != nil {
			busy(net)
		}
		select {
		case n.slots <- struct{}{}:
		case <-ctx.Done():
			done()
			return func() {}, context.Canceled
		}
	}
	return sync.OnceFunc(func() { <-n.slots; done() }), nil
}

// wait keeps the gap to the last request to the same host. Each gap is stretched by up to
// a half, so that requests to many hosts do not come in step.
func (p *pacer) wait(ctx context.Context, host string) error {
	if addr, err := netip.ParseAddr(host); p.gap == 0 || err == nil && addr.Unmap().IsLoopback() {
		return nil
	}
	p.mu.Lock()
	now := time.Now()
	turn := now
	if next := p.next[host]; next.After(now) {
		turn = next
	}
	p.next[host] = turn.Add(p.gap + rand.N(p.gap/2+1))
	if len(p.next) > p.forget {
		for other, next := range p.next {
			if next.Before(now) {
				delete(p.next, other)
			}
		}
		p.forget = max(1024, 2*len(p.next))
	}
	p.mu.Unlock()
	return sleep(ctx, turn.Sub(now))
}

// sleep waits on the monotonic clock, which no change of the time of day moves.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Canceled
	}
}
