package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"

	"postern/scanner"
	"postern/scanner/finding"
	"postern/scanner/journal"
)

// journalPlan is what the flags say of a journal; without a path there is none.
type journalPlan struct {
	path   string
	resume bool
}

func planJournal(v *scanFlags) (journalPlan, error) {
	if v.resume && v.journal == "" {
		return journalPlan{}, errors.New("-resume: name the journal of the scan with -journal FILE")
	}
	return journalPlan{v.journal, v.resume}, nil
}

// runJournal keeps finished targets on disk while a scan runs. A nil one does nothing.
type runJournal struct {
	writer *journal.Writer
	begun  string // the file, if this run made it
	stop   context.CancelFunc

	mu     sync.Mutex
	failed error
}

// openJournal begins or goes on with the journal of a plan and hooks it into the scan. The
// header of the reports then says when the first run began.
func (c *Command) openJournal(plan *scanPlan, header *finding.Header, stop context.CancelFunc) (*runJournal, error) {
	if plan.journal.path == "" {
		return nil, nil
	}
	digest, err := scanDigest(plan)
	if err != nil {
		return nil, err
	}
	own := journal.Header{Scan: digest, Targets: int64(plan.targets.Count()), Header: *header}
	run := &runJournal{stop: stop}
	if plan.journal.resume {
		var earlier *journal.Journal
		if run.writer, earlier, err = journal.Resume(plan.journal.path, own); err != nil {
			return nil, err
		}
		header.Started = earlier.Header.Started
		plan.options.Earlier = run.earlier(earlier, plan)
		if earlier.Finished() > 0 {
			c.notef("%d of %d targets are in %s and are not asked again", earlier.Finished(), own.Targets, plan.journal.path)
		}
		if earlier.Dropped > 0 {
			c.notef("%s: %d torn or damaged lines; their targets are asked again", plan.journal.path, earlier.Dropped)
		}
	} else {
		if run.writer, err = journal.Create(plan.journal.path, own); err != nil {
			return nil, err
		}
		run.begun = plan.journal.path
	}
	plan.options.OnFinished = func(target int64, results []finding.Result) {
		if err := run.writer.Add(target, results); err != nil {
			run.fail(err)
		}
	}
	return run, nil
}

// earlier returns what was finished before, judged by the rules of this run where they
// have changed since.
func (j *runJournal) earlier(old *journal.Journal, plan *scanPlan) func(int64) ([]finding.Result, bool) {
	return func(target int64) ([]finding.Result, bool) {
		results, ok, err := old.Results(target)
		for i := range results {
			if err == nil && old.Header.Rules.Digest != plan.rules.Digest {
				results[i], err = finding.Rejudge(results[i], plan.knowledge.catalog, plan.knowledge.db, plan.options.Today)
			}
		}
		if err != nil {
			j.fail(err)
			return nil, false
		}
		return results, ok
	}
}

// fail stops the scan: what is found from now on could not be kept.
func (j *runJournal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed == nil {
		j.failed = err
	}
	j.stop()
}

// abandon takes back a journal in which nothing was written yet.
func (j *runJournal) abandon() error {
	err := j.close()
	if j != nil && j.begun != "" {
		err = errors.Join(err, os.Remove(j.begun))
	}
	return err
}

// close puts the journal on disk and returns what went wrong with it.
func (j *runJournal) close() error {
	if j == nil {
		return nil
	}
	err := j.writer.Close()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		err = fmt.Errorf("%w; the scan was stopped: make room, then go on with -resume", j.failed)
	}
	return err
}

// scanDigest tells scans apart by their targets, in order, and by what decides which of
// their ports are asked.
func scanDigest(plan *scanPlan) (string, error) {
	sum := sha256.New()
	encoder := json.NewEncoder(sum)
	type asked struct {
		Host, Scheme, Address string
		Port                  int
		Input                 finding.Input
	}
	if err := encoder.Encode([]any{plan.options.Ports, plan.options.AllAddresses}); err != nil {
		return "", fmt.Errorf("journal: %w", err)
	}
	for t := range plan.targets.All() {
		if err := encoder.Encode(asked{t.Host, t.Scheme, t.Address, t.Port, t.Input}); err != nil {
			return "", fmt.Errorf("journal: %s: %w", scanTarget(t), err)
		}
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

func scanTarget(t scanner.Target) string { return fmt.Sprintf("%s:%d", t.Host, t.Port) }
