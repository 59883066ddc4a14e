package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"postern/report"
	"postern/scanner/finding"
)

// convert makes every format from the canonical JSON. Results stream, so that a large
// report is never held.
func (c *Command) convert(_ context.Context, args []string) error {
	var from, failOn string
	var outs list
	var rejudge bool
	f := newFlags("postern convert [flags] -from scan.json")
	f.group("Flags", func() {
		f.StringVar(&from, "from", "", "the JSON `FILE` that scan -o json wrote")
		f.Var(&outs, "o", "write `FORMAT[=FILE]`: text, json, jsonl, sarif, html, csv, markdown, junit, defectdojo; may repeat")
		f.BoolVar(&rejudge, "rejudge", false, "judge the stored versions by the rules of this program")
		f.StringVar(&failOn, "fail-on", "none", "exit 1 on any of affected, possible, kev, eol; or none (`WORDS`)")
	})
	rest, err := f.parse(c, args)
	if err != nil {
		return err
	}
	g, gateErr := parseGate(failOn)
	dests, destErr := parseDestinations(outs)
	if err := errors.Join(gateErr, destErr); err != nil {
		return err
	}
	if len(rest) > 0 || from == "" {
		return errors.New("convert: name the JSON file with -from FILE, and nothing else")
	}
	file, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	defer file.Close()
	reader, err := report.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	header := reader.Header()
	judge := func(r finding.Result) (finding.Result, error) { return r, nil }
	if rejudge {
		know, err := loadKnowledge()
		if err != nil {
			return err
		}
		if header.Rules, err = know.rules(); err != nil {
			return err
		}
		now := time.Now()
		judge = func(r finding.Result) (finding.Result, error) { return finding.Rejudge(r, know.catalog, know.db, now) }
	}
	out, err := c.openOutputs(dests, header)
	if err != nil {
		return err
	}
	crossed := false
	var recount finding.Summary
	summary, err := reader.Each(func(r finding.Result) error {
		r, err := judge(r)
		if err != nil {
			return err
		}
		recount.Add(r)
		crossed = crossed || g.crossedBy(r)
		return out.write(r)
	})
	if err != nil {
		out.discard()
		return fmt.Errorf("%s: %w", from, err)
	}
	recount.Targets, recount.Complete, recount.ExitStatus = summary.Targets, summary.Complete, summary.ExitStatus
	recount.Finish(summary.Ended)
	if err := out.close(recount); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if crossed {
		return statusError{code: ExitFindings}
	}
	return nil
}
