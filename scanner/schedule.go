package scanner

import (
	"math"
	"net/netip"
	"slices"
	"sync"

	"postern/scanner/internal/probe"
)

// schedule hands the targets of the window to the workers. It goes around the networks, so
// that neighbours are not asked together while there is somebody else to ask, and takes no
// more of one network than may be asked at once, so that no worker has to wait for it.
// Names, whose network is not known yet, and loopback take their turn each for itself.
type schedule struct {
	perNet int // 0 or less: no limit

	mu     sync.Mutex
	wake   sync.Cond // when a queue gets ready, or the schedule is closed
	queues map[netip.Prefix]*queue
	ready  []*queue // with a target to ask and a place for it, in the order of their turns
	asked  int      // targets at this moment
	most   int      // that may be; 0 for as many as take
	closed bool
}

// queue is the targets of one network that wait.
type queue struct {
	net    netip.Prefix // zero for a target that is a queue of its own
	jobs   []*job       // in the order of the list
	taken  int          // of jobs so far
	asked  int          // at this moment
	listed bool         // in ready
}

func newSchedule(perNet int) *schedule {
	s := &schedule{perNet: perNet, queues: map[netip.Prefix]*queue{}}
	s.wake.L = &s.mu
	return s
}

// network is where a target lies, if that is known before its name is looked up.
func network(t Target) (netip.Prefix, bool) {
	if t.Address != "" {
		at, err := parseHostPort(t.Address)
		if err != nil || at.host != "" {
			return netip.Prefix{}, false
		}
		return probe.NetOf(at.prefix.Addr())
	}
	addr, err := netip.ParseAddr(t.Host)
	if err != nil {
		return netip.Prefix{}, false
	}
	return probe.NetOf(addr)
}

func (s *schedule) add(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	net, known := network(j.target)
	q := s.queues[net]
	if q == nil {
		q = &queue{net: net}
		if known {
			s.queues[net] = q
		}
	}
	j.queue = q
	q.jobs = append(q.jobs, j)
	s.list(q)
}

// list puts a queue among the ready ones if it is ready.
func (s *schedule) list(q *queue) {
	if !q.listed && len(q.jobs) > 0 && (s.perNet <= 0 || q.asked < s.perNet) {
		q.listed = true
		s.ready = append(s.ready, q)
		s.wake.Signal()
	}
}

// take returns the next target to ask; ok is false once the schedule is closed. done must
// be called with the target afterwards.
func (s *schedule) take() (j *job, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for (len(s.ready) == 0 || s.most > 0 && s.asked >= s.most) && !s.closed {
		s.wake.Wait()
	}
	if s.closed {
		return nil, false
	}
	q := s.ready[0]
	s.ready = slices.Delete(s.ready, 0, 1)
	q.listed = false
	j = q.next()
	q.asked++
	s.asked++
	s.list(q)
	return j, true
}

// next takes a target out, far from those before it: the steps of the golden ratio come
// nowhere near each other for as long as possible.
func (q *queue) next() *job {
	const ratio = 0.6180339887498949
	at := int(math.Mod(float64(q.taken)*ratio, 1) * float64(len(q.jobs)))
	j := q.jobs[at]
	q.jobs = slices.Delete(q.jobs, at, at+1)
	q.taken++
	return j
}

func (s *schedule) done(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := j.queue
	q.asked--
	s.asked--
	s.list(q)
	if s.most > 0 {
		s.wake.Broadcast()
	}
	if q.asked == 0 && len(q.jobs) == 0 {
		delete(s.queues, q.net)
	}
}

// allow sets how many targets are handed out at once; 0 is as many as take.
func (s *schedule) allow(most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = most
	s.wake.Broadcast()
}

// close sends the workers home. Targets that still wait are forgotten.
func (s *schedule) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.wake.Broadcast()
}
