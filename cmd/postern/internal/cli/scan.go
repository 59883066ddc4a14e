package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"postern/report"
	"postern/scanner"
	"postern/scanner/finding"
	"postern/scanner/version"
)

// scanPlan is a scan that has been checked and can begin.
type scanPlan struct {
	targets   *scanner.List
	options   scanner.Options
	dests     []destination
	gate      gate
	baseline  baselinePlan
	accepted  *finding.Acceptances
	groupBy   string
	coverage  float64
	inputs    []string
	knowledge knowledge
	rules     finding.Rules
	journal   journalPlan
	trace     string         // file
	shard     *finding.Shard // nil for the whole list
	dryRun    bool
	verbose   bool
}

func (c *Command) scan(ctx context.Context, args []string) error {
	f, v := defineScanFlags("postern scan [flags] [TARGET]...")
	rest, err := f.parse(c, args)
	if err != nil {
		return err
	}
	plan, err := c.planScan(v, rest)
	if err != nil {
		return err
	}
	if plan.dryRun {
		return c.dryRun(plan)
	}
	_, err = c.runScan(ctx, plan)
	return err
}

// planScan checks everything that can be wrong before the first packet, and reports all
// of it.
func (c *Command) planScan(v *scanFlags, args []string) (*scanPlan, error) {
	plan := &scanPlan{inputs: v.lists, trace: v.trace, dryRun: v.dryRun, verbose: v.verbose}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	var err error
	if plan.knowledge, err = c.loadRules(v.rules); err != nil {
		return nil, err
	}
	c.keepMemorySmall(0)
	plan.dests, err = parseDestinations(v.outputs)
	note(err)
	note(setSuppressed(plan.dests, v.suppressed))
	plan.gate, err = parseGate(v.failOn)
	note(errors.Join(err, plan.gate.comparing(v.baseline != "")))
	plan.groupBy, err = parseGroupBy(v.groupBy)
	note(err)
	plan.coverage, err = parseShare("min-coverage", v.minCoverage)
	note(err)
	age, err := parseAge("max-rules-age", v.maxRulesAge)
	note(err)
	plan.options, err = c.scanOptions(v)
	note(err)
	plan.targets, err = c.readTargets(v, args, plan.knowledge.catalog)
	note(err)
	plan.journal, err = planJournal(v)
	note(err)
	plan.shard, err = c.parseShard(v.shard)
	note(err)
	plan.baseline, err = c.beginBaseline(v.baseline, v.baselineNew, v.baselineIncomplete, plan.shard)
	note(err)
	plan.accepted = v.given.acceptances(time.Now())
	note(checkDryRun(plan))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := takeShard(plan); err != nil {
		return nil, err
	}
	if plan.rules, err = plan.knowledge.rules(); err != nil {
		return nil, err
	}
	c.noteUnplaced(plan)
	return plan, checkAge(plan.rules.Date, age, time.Now())
}

// noteUnplaced says which declared versions no advisory has a branch for.
func (c *Command) noteUnplaced(plan *scanPlan) {
	for d := range plan.targets.Declarations() {
		if !d.Version.IsZero() && finding.Unplaced(d.Product.ID, version.Exactly(d.Version), plan.knowledge.db) {
			c.notef("%s: %s: no advisory names a branch with this version: it is newer than what the rules know, or not written in full", d.Place, d)
		}
	}
}

// runScan scans, writes every report, and turns the outcome into a status.
func (c *Command) runScan(ctx context.Context, plan *scanPlan) (finding.Summary, error) {
	started := time.Now()
	header := finding.Header{
		Format: finding.Format, Tool: "postern", Version: Version, Rules: plan.rules,
		Started: started.UTC().Truncate(time.Second), Inputs: plan.inputs, Shard: plan.shard, Baseline: plan.baseline.header,
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	journal, err := c.openJournal(plan, &header, cancel)
	if err != nil {
		return finding.Summary{}, err
	}
	out, err := c.openOutputs(plan.dests, header, report.Options{GroupBy: plan.groupBy})
	if err != nil {
		return finding.Summary{}, errors.Join(err, journal.abandon())
	}
	record, err := c.openTrace(plan)
	if err != nil {
		out.discard()
		return finding.Summary{}, errors.Join(err, journal.abandon())
	}
	plan.options.Parallel = c.fitParallel(plan.options.Parallel, maxDescriptors())
	bar := c.startProgress(plan.targets.Count(), started)
	plan.options.OnProgress, plan.options.Notice, plan.options.Today = bar.update, bar.say, started
	if plan.verbose {
		plan.options.Explain = func(endpoint, why string) { bar.say(endpoint + ": " + why) }
	}
	s := scanner.New(plan.knowledge.catalog, plan.knowledge.db, plan.options)
	c.keepMemorySmall(plan.options.Parallel)

	run := &tally{baseline: plan.baseline, accepted: plan.accepted, whole: len(header.Inputs) > 0, gate: plan.gate, out: out, summary: finding.Summary{Targets: int(plan.targets.Count())}}
	var writeErr error
	for result := range s.Scan(ctx, plan.targets.All()) {
		if writeErr = run.add(result); writeErr != nil {
			break
		}
	}
	bar.end()
	complete := ctx.Err() == nil && writeErr == nil
	writeErr = errors.Join(writeErr, run.end(complete))
	summary := run.summary
	c.noteIdle(summary.Acceptances, plan.shard != nil)
	summary.Finish(header.Started.Add(time.Since(started)).Truncate(time.Second)) // as long as it took, whatever the clock did
	verdict := scanStatus(&summary, plan, run.crossed)
	closeErr := errors.Join(out.close(summary), record.close())
	if err := journal.close(); err != nil {
		return summary, statusError{ExitIncomplete, errors.Join(err, closeErr)}
	}
	if err := errors.Join(writeErr, closeErr); err != nil {
		return summary, statusError{ExitIncomplete, fmt.Errorf("write report: %w", err)}
	}
	return summary, verdict
}

// scanStatus decides the exit status, records it in the summary, and says why on standard
// error when it is not plain from the report.
func scanStatus(s *finding.Summary, plan *scanPlan, crossed bool) error {
	var why error
	switch {
	case crossed:
		s.ExitStatus = ExitFindings
	case !s.Complete:
		s.ExitStatus = ExitIncomplete
	case s.Coverage < plan.coverage && s.Targets > 0: // a shard may have none
		s.ExitStatus = ExitIncomplete
		why = fmt.Errorf("coverage is %.1f%%, less than -min-coverage %.1f%%", 100*s.Coverage, 100*plan.coverage)
	default:
		return nil
	}
	return statusError{s.ExitStatus, why}
}

// parseAge reads "30d" or a duration such as "48h"; empty is no limit.
func parseAge(flag, value string) (time.Duration, error) {
	if value == "" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(value, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	if age, err := time.ParseDuration(value); err == nil && age > 0 {
		return age, nil
	}
	return 0, fmt.Errorf("-%s %s: not an age; write 30d or 48h", flag, value)
}

// checkAge refuses rules whose newest advisory is older than age.
func checkAge(date string, age time.Duration, now time.Time) error {
	if age == 0 {
		return nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	if old := now.Sub(day); old > age {
		return statusError{ExitStale, fmt.Errorf("the rules are %d days old (%s), more than -max-rules-age allows; update postern", int(old.Hours()/24), date)}
	}
	return nil
}
