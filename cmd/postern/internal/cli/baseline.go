package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"postern/scanner/finding"
)

// These explain the flags of a baseline in a help text.
const (
	baselineFlag           = "compare with the report of an earlier scan, a JSON `FILE`, and keep what it found and this one cannot judge"
	baselineIncompleteFlag = "allow a -baseline whose scan was stopped or lacks a shard; what it has not is then new"
)

// baselinePlan is the earlier scan that a run is compared with. The zero value is none.
type baselinePlan struct {
	compare *finding.Comparison
	header  *finding.Baseline
}

// readBaseline reads the earlier report named by -baseline as a whole, so that the run may
// write its own report in its place. It refuses what would forget findings: a report of a
// scan that was stopped, or of some shards, unless incomplete allows it, and one of another
// share of the list than shard.
func readBaseline(name string, incomplete bool, shard *finding.Shard) (baselinePlan, error) {
	if name == "" {
		if incomplete {
			return baselinePlan{}, errors.New("-baseline-incomplete: name the earlier report with -baseline FILE")
		}
		return baselinePlan{}, nil
	}
	old, err := openSaved(name)
	if errors.Is(err, fs.ErrNotExist) {
		return baselinePlan{}, fmt.Errorf("-baseline %s: there is no such file; the first scan runs without -baseline, or with -baseline-new beside it, and what it writes with -o json=FILE is the baseline of the next", name)
	}
	if err != nil {
		return baselinePlan{}, fmt.Errorf("-baseline: %w", err)
	}
	defer old.close()
	h := old.Header()
	if err := sameShard(h.Shard, shard); err != nil {
		return baselinePlan{}, fmt.Errorf("-baseline %s: %w", name, err)
	}
	plan := baselinePlan{finding.NewComparison(h), &finding.Baseline{Started: h.Started, Rules: h.Rules}}
	summary, err := old.each(func(r finding.Result) error {
		plan.compare.Before(r)
		return nil
	})
	if err != nil {
		return baselinePlan{}, fmt.Errorf("-baseline: %w", err)
	}
	if incomplete {
		return plan, nil
	}
	for _, part := range h.Shards {
		if part.Summary == nil {
			return baselinePlan{}, fmt.Errorf("-baseline %s: shard %d of %d is missing in it, and what it would say is not known; "+
				"use the last report that is complete, or allow this one with -baseline-incomplete", name, part.Index, part.Of)
		}
	}
	if !summary.Complete {
		return baselinePlan{}, fmt.Errorf("-baseline %s: its scan was stopped before every target was asked, and what is missing would count as new; "+
			"use the last report that is complete, or allow this one with -baseline-incomplete", name)
	}
	return plan, nil
}

// sameShard refuses to compare a share of a list with more, or with another share.
func sameShard(old, now *finding.Shard) error {
	switch {
	case old == nil && now == nil, old != nil && now != nil && old.Index == now.Index && old.Of == now.Of:
		return nil
	case old == nil:
		return fmt.Errorf("it is of the whole list, and this scan takes shard %d/%d of it; give -baseline to postern merge instead", now.Index, now.Of)
	}
	return fmt.Errorf("it is the report of shard %d/%d alone; merge the shards with postern merge and use what that writes", old.Index, old.Of)
}
