package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/report"
	"postern/scanner/finding"
)

// convertFlags are the flags of convert, as given.
type convertFlags struct {
	given                       *flags
	from, rules                 string
	baseline, failOn, groupBy   string
	suppressed                  string
	outputs                     list
	rejudge, baselineIncomplete bool
}

// convertPlan is a conversion that has been checked.
type convertPlan struct {
	from     *savedReport
	header   finding.Header
	dests    []destination
	gate     gate
	baseline baselinePlan
	accepted *finding.Acceptances // nil: what the report says of that stays
	groupBy  string
	rejudge  bool
	judge    func(finding.Result) (finding.Result, error)
}

func defineConvertFlags() (*flags, *convertFlags) {
	f := newFlags("postern convert [flags] -from scan.json")
	v := &convertFlags{given: f}
	f.group("Flags", func() {
		f.StringVar(&v.from, "from", "", "the JSON `FILE` that scan -o json wrote")
		f.Var(&v.outputs, "o", "write `FORMAT[=FILE]`: text, json, jsonl, sarif, html, csv, markdown, junit, defectdojo, cyclonedx; may repeat")
		f.BoolVar(&v.rejudge, "rejudge", false, "judge the stored versions by the rules of this program")
		f.StringVar(&v.rules, "rules", "", rulesFlag)
		f.StringVar(&v.baseline, "baseline", "", baselineFlag)
		f.BoolVar(&v.baselineIncomplete, "baseline-incomplete", false, baselineIncompleteFlag)
		f.StringVar(&v.suppressed, "sarif-suppressed", "drop", suppressedFlag)
		f.StringVar(&v.failOn, "fail-on", "none", gateFlag)
		f.StringVar(&v.groupBy, "group-by", "", groupByFlag)
	})
	return f, v
}

// convert makes every format from the canonical JSON. Results stream, so that a large
// report is never held.
func (c *Command) convert(_ context.Context, args []string) error {
	f, v := defineConvertFlags()
	rest, err := f.parse(c, args)
	if err != nil {
		return err
	}
	plan, err := c.planConvert(v, rest)
	if err != nil {
		return err
	}
	defer plan.from.close()
	crossed, err := c.runConvert(plan)
	if err == nil && crossed {
		return statusError{code: ExitFindings}
	}
	return err
}

// planConvert checks everything that can be wrong before something is written.
func (c *Command) planConvert(v *convertFlags, args []string) (*convertPlan, error) {
	switch {
	case len(args) > 0 || v.from == "":
		return nil, errors.New("convert: name the JSON file with -from FILE, and nothing else")
	case v.rules != "" && !v.rejudge:
		return nil, errors.New("-rules: a report keeps the verdicts of its scan; judge it again with -rejudge")
	}
	plan := &convertPlan{rejudge: v.rejudge, judge: func(r finding.Result) (finding.Result, error) { return r, nil }}
	var gateErr, destErr, groupErr error
	plan.gate, gateErr = parseGate(v.failOn)
	plan.dests, destErr = parseDestinations(v.outputs)
	plan.groupBy, groupErr = parseGroupBy(v.groupBy)
	if err := errors.Join(gateErr, destErr, setSuppressed(plan.dests, v.suppressed), groupErr); err != nil {
		return nil, err
	}
	var err error
	if plan.from, err = openSaved(v.from); err != nil {
		return nil, err
	}
	if err := c.prepareConvert(plan, v); err != nil {
		plan.from.close()
		return nil, err
	}
	return plan, nil
}

// prepareConvert reads what results are compared with and judged by. A report that was compared
// already stays so, unless it is judged again or compared with another one.
func (c *Command) prepareConvert(p *convertPlan, v *convertFlags) error {
	p.header = p.from.Header()
	var err error
	if p.baseline, err = readBaseline(v.baseline, v.baselineIncomplete, p.header.Shard); err != nil {
		return err
	}
	if p.baseline.header != nil || p.rejudge {
		p.header.Baseline = p.baseline.header
	}
	if err := p.gate.comparing(p.header.Baseline != nil); err != nil {
		return err
	}
	now := time.Now()
	p.accepted = v.given.savedAcceptances(now, p.rejudge || p.baseline.header != nil)
	if !p.rejudge {
		return nil
	}
	know, err := c.loadRules(v.rules)
	if err != nil {
		return err
	}
	if p.header.Rules, err = know.rules(); err != nil {
		return err
	}
	p.judge = func(r finding.Result) (finding.Result, error) {
		again, err := finding.Rejudge(r, know.catalog, know.db, now)
		return finding.KeepAccepted(r, again, now), err
	}
	return nil
}

// runConvert writes every report and says whether the gate is crossed.
func (c *Command) runConvert(plan *convertPlan) (crossed bool, err error) {
	out, err := c.openOutputs(plan.dests, plan.header, report.Options{GroupBy: plan.groupBy})
	if err != nil {
		return false, err
	}
	run := &tally{baseline: plan.baseline, accepted: plan.accepted, whole: len(plan.header.Inputs) > 0, gate: plan.gate, out: out}
	saved, err := plan.from.each(func(r finding.Result) error {
		r, err := plan.judge(r)
		if err != nil {
			return err
		}
		return run.add(r)
	})
	if err == nil {
		err = run.end(saved.Complete)
	}
	if err != nil {
		out.discard()
		return false, err
	}
	summary := run.summary
	summary.Targets, summary.Complete, summary.ExitStatus = saved.Targets, saved.Complete, saved.ExitStatus
	if plan.accepted.Decides() {
		c.noteIdle(summary.Acceptances, plan.header.Shard != nil)
	} else {
		summary.Acceptances = saved.Acceptances
	}
	summary.Finish(saved.Ended)
	if plan.baseline.header == nil {
		summary.Coverage = saved.Coverage // no result was added
	}
	if plan.baseline.header == nil && plan.header.Baseline != nil {
		summary.Changes, summary.Gone = saved.Changes, saved.Gone
	}
	if err := out.close(summary); err != nil {
		return false, fmt.Errorf("write report: %w", err)
	}
	return run.crossed, nil
}
