package cli

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"

	"postern/scanner"
)

// progress tells on standard error how far a scan is: a line that is redrawn on a
// terminal, otherwise a line every half minute.
type progress struct {
	c       *Command
	total   uint64
	started time.Time
	live    bool

	mu   sync.Mutex
	last scanner.Progress

	stop chan struct{}
	done sync.WaitGroup
}

func (c *Command) startProgress(total uint64, now time.Time) *progress {
	file, ok := c.Stderr.(*os.File)
	p := &progress{c: c, total: total, started: now, stop: make(chan struct{})}
	p.live = ok && isatty.IsTerminal(file.Fd()) && c.Getenv("TERM") != "dumb"
	every := 30 * time.Second
	if p.live {
		every = 200 * time.Millisecond
	}
	p.done.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-p.stop:
				return
			case now := <-ticker.C:
				p.show(now)
			}
		}
	})
	return p
}

// update is called by the scan, from any goroutine.
func (p *progress) update(now scanner.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = now
}

// say tells something about the run, above the line that is redrawn. It is called from
// any goroutine.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live {
		fmt.Fprint(p.c.Stderr, "\r\x1b[K")
	}
	p.c.notef("%s", text)
}

func (p *progress) show(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := progressLine(p.last, p.total, now.Sub(p.started))
	if p.live {
		fmt.Fprintf(p.c.Stderr, "\r\x1b[K%s", line)
		return
	}
	p.c.notef("%s", line)
}

func progressLine(at scanner.Progress, total uint64, elapsed time.Duration) string {
	rate := float64(at.Done) / max(elapsed.Seconds(), 0.001)
	line := fmt.Sprintf("%d of %d targets, %.0f/s, %d gateways, %d affected", at.Done, total, rate, at.Gateways, at.Affected)
	if left := total - min(total, uint64(at.Done)); at.Done > 0 && left > 0 {
		line += fmt.Sprintf(", about %s left", (time.Duration(float64(left)/rate) * time.Second).Round(time.Second))
	}
	return line
}

// end stops the display and clears its line.
func (p *progress) end() {
	close(p.stop)
	p.done.Wait()
	if p.live {
		fmt.Fprint(p.c.Stderr, "\r\x1b[K")
	}
}
