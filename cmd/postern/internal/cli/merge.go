package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/report"
	"postern/scanner/finding"
)

// mergeFlags are the flags of merge, as given.
type mergeFlags struct {
	given                        *flags
	outputs                      list
	failOn, minCoverage, groupBy string
	suppressed, baseline         string
	partial                      bool
	baselineNew                  bool
	baselineIncomplete           bool
	within                       time.Duration
}

func defineMergeFlags() (*flags, *mergeFlags) {
	f := newFlags("postern merge [flags] SHARD.json...")
	v := &mergeFlags{given: f}
	f.group("Flags", func() {
		f.Var(&v.outputs, "o", "write `FORMAT[=FILE]`, as scan does; may repeat")
		f.StringVar(&v.failOn, "fail-on", "affected", gateFlag)
		f.StringVar(&v.minCoverage, "min-coverage", "0", "exit 3 if less than this `SHARE` of the results got an answer (95%)")
		f.StringVar(&v.baseline, "baseline", "", baselineFlag)
		f.BoolVar(&v.baselineNew, "baseline-new", false, baselineNewFlag)
		f.BoolVar(&v.baselineIncomplete, "baseline-incomplete", false, baselineIncompleteFlag)
		f.StringVar(&v.suppressed, "sarif-suppressed", "drop", suppressedFlag)
		f.StringVar(&v.groupBy, "group-by", "", groupByFlag)
		f.BoolVar(&v.partial, "partial", false, "merge what there is of the shards, mark it incomplete, and exit 3 unless the gate is crossed")
		f.DurationVar(&v.within, "within", 12*time.Hour, "refuse shards that began further apart than this `DURATION`")
	})
	return f, v
}

// merge makes one report of those of all shards: what one machine would have written, with
// the shards in its header. Results stream: it holds one result of each shard.
func (c *Command) merge(_ context.Context, args []string) error {
	f, v := defineMergeFlags()
	files, err := f.parse(c, args)
	if err != nil {
		return err
	}
	plan, err := c.planMerge(v)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("merge: name the reports of all shards, written with scan -shard -o json=FILE")
	}
	all, err := c.readParts(files, v.within, v.partial)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return statusError{ExitIncomplete, errors.New("no shard is there; nothing was written")}
	}
	gaps, unknown, err := all.missing()
	if err != nil {
		return err
	}
	if len(gaps) > 0 {
		if !v.partial {
			return statusError{ExitIncomplete, fmt.Errorf("%s; nothing was written. Scan what is missing, or merge what there is with -partial", sentence(gaps))}
		}
		c.notef("%s; of %d targets nothing is known", sentence(gaps), unknown)
	}
	return c.mergeParts(plan, all, len(gaps) == 0, unknown)
}

// planMerge checks what the flags say. The plan has what a scan does with results, and no
// targets.
func (c *Command) planMerge(v *mergeFlags) (*scanPlan, error) {
	plan := &scanPlan{}
	var errs [5]error
	plan.gate, errs[0] = parseGate(v.failOn)
	if errs[0] == nil {
		errs[0] = plan.gate.comparing(v.baseline != "")
	}
	plan.dests, errs[1] = parseDestinations(v.outputs)
	if errs[1] == nil {
		errs[1] = setSuppressed(plan.dests, v.suppressed)
	}
	plan.coverage, errs[2] = parseShare("min-coverage", v.minCoverage)
	plan.groupBy, errs[3] = parseGroupBy(v.groupBy)
	plan.baseline, errs[4] = c.beginBaseline(v.baseline, v.baselineNew, v.baselineIncomplete, nil)
	plan.accepted = v.given.savedAcceptances(time.Now(), v.baseline != "")
	return plan, errors.Join(errs[:]...)
}

// mergeParts writes the merged reports and turns them into a status. unknown targets are in
// none of the parts.
func (c *Command) mergeParts(plan *scanPlan, all parts, complete bool, unknown int) error {
	header := all.header()
	header.Baseline = plan.baseline.header
	out, err := c.openOutputs(plan.dests, header, report.Options{GroupBy: plan.groupBy})
	if err != nil {
		return err
	}
	run := &tally{baseline: plan.baseline, accepted: plan.accepted, whole: len(header.Inputs) > 0, gate: plan.gate, out: out}
	err = all.each(run.add)
	if err == nil && !complete {
		err = run.keepAbsent(header)
	}
	if err := errors.Join(err, run.end(complete)); err != nil {
		out.discard()
		return err
	}
	summary := run.summary
	summary.Targets = all[0].shard().Targets
	if !plan.accepted.Decides() {
		summary.Acceptances = all.idle()
	}
	c.noteIdle(summary.Acceptances, false)
	summary.Finish(all.ended())
	if !complete { // the results of a host with several ports do not make up for other hosts
		summary.Coverage = float64(summary.Identified+summary.Unidentified) / float64(max(1, all.expected()+unknown))
	}
	verdict := scanStatus(&summary, plan, run.crossed)
	if err := out.close(summary); err != nil {
		return statusError{ExitIncomplete, fmt.Errorf("write report: %w", err)}
	}
	return verdict
}

// keepAbsent adds what the baseline found on endpoints that are in none of the parts.
func (t *tally) keepAbsent(h finding.Header) error {
	file := ""
	if len(h.Inputs) == 1 {
		file = h.Inputs[0]
	}
	rest := t.baseline.compare.Rest()
	return t.takeAll(append(rest, t.baseline.compare.Absent(file, "its part of the scan is missing")...))
}

// expected is how many results the parts would have if each had come to its end.
func (all parts) expected() int {
	sum := 0
	for _, p := range all {
		sum += max(p.summary.Results, p.summary.Targets)
	}
	return sum
}

func (all parts) ended() time.Time {
	var last time.Time
	for _, p := range all {
		if p.summary.Ended.After(last) {
			last = p.summary.Ended
		}
	}
	return last
}

// idle are the accepted risks that have expired, or that cover nothing in any shard.
func (all parts) idle() []finding.IdleAcceptance {
	var idle []finding.IdleAcceptance
	count := map[finding.IdleAcceptance]int{}
	for _, p := range all {
		for _, a := range p.summary.Acceptances {
			count[a]++
			if !slices.Contains(idle, a) {
				idle = append(idle, a)
			}
		}
	}
	return slices.DeleteFunc(idle, func(a finding.IdleAcceptance) bool { return !a.Expired && count[a] < len(all) })
}
