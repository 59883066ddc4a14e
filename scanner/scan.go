package scanner

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"iter"
	"slices"
	"sync"

	"postern/scanner/finding"
)

// ahead is how many targets for each worker may be looked at before the first of them is
// finished, so that neither one slow device nor one network idles the rest: 64 workers see
// eight /24. maxWindow bounds the memory.
const (
	ahead     = 32
	maxWindow = 1 << 14
)

// maxInterrupted is how many targets of a stopped scan are still yielded, as interrupted.
const maxInterrupted = 1 << 16

// job is one target and, once done is closed, what became of it.
type job struct {
	number  int64 // in the order of the list, from 0
	target  Target
	queue   *queue
	results []finding.Result
	done    chan struct{}
}

// scan is one run over a list.
type scan struct {
	*Scanner
	decoy   string
	work    *schedule
	stop    context.CancelFunc
	workers sync.WaitGroup

	mu       sync.Mutex
	progress Progress
	strain   strain
}

// Scan asks every target and yields results in the order of the targets: at least one a
// target, one for each port that answered when the target names none. It asks them in
// another order, network by network in turn, and holds a bounded number of targets and
// results, whatever the length of the list.
//
// Ending the context or breaking out of the loop stops it; nothing is left running
// afterwards. A target that was not finished by then is yielded as interrupted, as long
// as the consumer takes it; of targets that were not even begun, at most 65,536.
func (s *Scanner) Scan(ctx context.Context, targets iter.Seq[Target]) iter.Seq[finding.Result] {
	return func(yield func(finding.Result) bool) {
		window := max(s.opts.Parallel, min(ahead*s.opts.Parallel, maxWindow))
		ctx, stop := context.WithCancel(ctx)
		run := &scan{Scanner: s, decoy: randomPath(), work: newSchedule(s.opts.PerNet), stop: stop,
			strain: strain{most: s.opts.Parallel, now: s.opts.Parallel}}
		defer run.workers.Wait()
		defer run.work.close()
		defer stop()
		next, end := iter.Pull(targets)
		defer end()

		var begun []*job // in the order of the targets
		workers, late, number := 0, 0, int64(0)
		for more := true; more || len(begun) > 0; {
			for more && len(begun) < window {
				var t Target
				if t, more = next(); !more {
					break
				}
				if ctx.Err() != nil {
					late++
					more = late < maxInterrupted
				}
				j := &job{number: number, target: t, done: make(chan struct{})}
				number++
				begun = append(begun, j)
				run.work.add(j)
				if workers < s.opts.Parallel {
					workers++
					run.workers.Go(func() { run.worker(ctx) })
				}
			}
			if len(begun) == 0 {
				return
			}
			<-begun[0].done
			for _, result := range begun[0].results {
				result.Position = begun[0].target.Position
				if !yield(result) {
					return
				}
			}
			begun = slices.Delete(begun, 0, 1)
		}
	}
}

// randomPath is the path that no product has, fresh for each scan.
func randomPath() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	return "/" + hex.EncodeToString(random) + ".html"
}

func (r *scan) worker(ctx context.Context) {
	for {
		j, ok := r.work.take()
		if !ok {
			return
		}
		j.results = r.finish(ctx, j)
		r.work.done(j)
		r.adapt(j.results)
		r.report(ctx, j.results)
		close(j.done)
	}
}

// finish asks a target, unless that was done before.
func (r *scan) finish(ctx context.Context, j *job) []finding.Result {
	if r.opts.Earlier != nil {
		if results, ok := r.opts.Earlier(j.number); ok {
			return results
		}
	}
	results := r.target(ctx, j.target)
	stopped := func(r finding.Result) bool { return r.Outcome == finding.Interrupted }
	if slices.ContainsFunc(results, stopped) {
		r.stop() // it was stopped already, or the network is lost for good
		return results
	}
	if r.opts.OnFinished != nil {
		r.opts.OnFinished(j.number, results)
	}
	return results
}

// adapt asks fewer targets at once where more cannot be answered, and more again later.
func (r *scan) adapt(results []finding.Result) {
	r.mu.Lock()
	said := r.strain.count(results)
	now := r.strain.now
	r.mu.Unlock()
	if said == "" {
		return
	}
	r.work.allow(now)
	if r.opts.Notice != nil {
		r.opts.Notice(said)
	}
}

// report counts a finished target and tells the caller.
func (r *scan) report(ctx context.Context, results []finding.Result) {
	if r.opts.OnProgress == nil || ctx.Err() != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.progress.Done++
	for _, result := range results {
		if result.Outcome == finding.Identified {
			r.progress.Gateways++
		}
		if affected(result) {
			r.progress.Affected++
		}
		r.progress.Requests += len(result.Asked)
	}
	r.opts.OnProgress(r.progress)
}

func affected(r finding.Result) bool {
	return slices.ContainsFunc(r.Products, func(p finding.Product) bool {
		return slices.ContainsFunc(p.Findings, func(f finding.Finding) bool { return f.Kind == finding.Vulnerability && f.Verdict == finding.Affected })
	})
}
