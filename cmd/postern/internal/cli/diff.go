package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"postern/report"
	"postern/scanner/finding"
)

// diffReport is the JSON of diff.
type diffReport struct {
	Old     diffSide             `json:"old"`
	New     diffSide             `json:"new"`
	Counts  finding.ChangeCounts `json:"counts"`
	Changes []finding.Change     `json:"changes"`
}

// diffSide is one of the two scans.
type diffSide struct {
	File     string `json:"file"`
	Started  string `json:"started"`
	Rules    string `json:"rules"` // the newest date of an advisory
	Complete bool   `json:"complete"`
}

// diff says what has changed between two saved scans.
func (c *Command) diff(_ context.Context, args []string) error {
	var format, failOn string
	f := newFlags("postern diff [flags] OLD.json NEW.json")
	f.group("Flags", func() {
		f.StringVar(&format, "o", "text", "write `FORMAT`: text, json, markdown")
		f.StringVar(&failOn, "fail-on", "none", gateFlag)
	})
	rest, err := f.parse(c, args)
	if err != nil {
		return err
	}
	var errs []error
	if format != "text" && format != "json" && format != "markdown" {
		errs = append(errs, fmt.Errorf("-o %s: unknown format; diff writes text, json or markdown", format))
	}
	g, err := parseGate(failOn)
	errs = append(errs, err)
	if len(rest) != 2 {
		errs = append(errs, errors.New("diff: name the earlier and the later report, as scan -o json=FILE wrote them"))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	d, crossed, err := compareFiles(rest[0], rest[1], g)
	if err != nil {
		return err
	}
	for _, side := range []diffSide{d.Old, d.New} {
		if !side.Complete {
			c.notef("%s: the scan is incomplete; what it did not come to counts as not evaluated", side.File)
		}
	}
	out := bufio.NewWriter(c.Stdout)
	write := map[string]func(io.Writer, diffReport) error{"text": diffText, "json": diffJSON, "markdown": diffMarkdown}[format]
	if err := errors.Join(write(out, d), out.Flush()); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if crossed {
		return statusError{code: ExitFindings}
	}
	return nil
}

// compareFiles says what has changed, and whether a finding of the later report crosses the
// gate.
func compareFiles(older, newer string, g gate) (d diffReport, crossed bool, err error) {
	old, err := openSaved(older)
	if err != nil {
		return d, false, err
	}
	defer old.close()
	comparison := finding.NewComparison(old.Header())
	before, err := old.each(func(r finding.Result) error {
		comparison.Before(r)
		return nil
	})
	if err != nil {
		return d, false, err
	}
	later, err := openSaved(newer)
	if err != nil {
		return d, false, err
	}
	defer later.close()
	after, err := later.each(func(r finding.Result) error {
		crossed = slices.ContainsFunc(comparison.After(r), g.crossedBy) || crossed
		return nil
	})
	if err != nil {
		return d, false, err
	}
	crossed = slices.ContainsFunc(comparison.Rest(), g.crossedBy) || crossed
	d.Old, d.New = newDiffSide(old, before), newDiffSide(later, after)
	d.Counts, d.Changes = comparison.Changes(after.Complete)
	if d.Changes == nil {
		d.Changes = []finding.Change{}
	}
	return d, crossed, nil
}

func newDiffSide(saved *savedReport, s finding.Summary) diffSide {
	h := saved.Header()
	return diffSide{File: saved.file.Name(), Started: h.Started.UTC().Format("2006-01-02 15:04:05 UTC"), Rules: h.Rules.Date, Complete: s.Complete}
}

func diffJSON(w io.Writer, d diffReport) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return err
	}
	_, err := w.Write(report.PrintableJSON(b.Bytes()))
	return err
}

// diffTitles are the states in the order in which they are shown.
var diffTitles = [...]struct {
	status finding.Status
	title  string
}{
	{finding.IsNew, "New"}, {finding.NotEvaluated, "Not evaluated, the earlier finding stands"}, {finding.IsFixed, "Fixed"},
}

func diffText(w io.Writer, d diffReport) error {
	fmt.Fprintf(w, "From %s (%s, rules of %s)\nto   %s (%s, rules of %s)\n", printable(d.Old.File), d.Old.Started, printable(d.Old.Rules),
		printable(d.New.File), d.New.Started, printable(d.New.Rules))
	for _, section := range diffTitles {
		changes := ofStatus(d.Changes, section.status)
		if len(changes) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s: %d\n", strings.ToUpper(section.title), len(changes))
		for _, change := range changes {
			writeWrapped(w, "  ", printable(diffLine(change)))
		}
	}
	_, err := fmt.Fprintf(w, "\n%d new, %d not evaluated, %d fixed, %d unchanged\n", d.Counts.New, d.Counts.NotEvaluated, d.Counts.Fixed, d.Counts.Unchanged)
	return err
}

func ofStatus(all []finding.Change, status finding.Status) []finding.Change {
	var some []finding.Change
	for _, change := range all {
		if change.Status == status {
			some = append(some, change)
		}
	}
	return some
}

// diffLine is one change in a sentence.
func diffLine(change finding.Change) string {
	verdict, version := change.Verdict, change.Version
	if verdict == "" {
		verdict, version = change.Was, change.WasVersion
	}
	line := change.Target + ": " + change.Advisory + " " + string(verdict)
	if change.Severity != "" {
		line += ", " + change.Severity
	}
	if change.KEV {
		line += ", known to be exploited"
	}
	if change.Name != "" {
		line += "; " + strings.TrimSpace(change.Name+" "+version)
	}
	if change.Status == finding.IsFixed && change.Version != "" && change.Version != change.WasVersion {
		line += ", now " + change.Version
	}
	if change.Reason != "" {
		line += "; " + change.Reason
	}
	if change.Accepted != nil {
		line += "; " + riskAccepted(*change.Accepted)
	}
	return line
}

func riskAccepted(a finding.Acceptance) string {
	return fmt.Sprintf("risk accepted by %s until %s: %s", a.Owner, a.Expires, a.Reason)
}

// maxDiffRows is how many rows a table has; a job page takes no more.
const maxDiffRows = 1000

func diffMarkdown(w io.Writer, d diffReport) error {
	fmt.Fprintf(w, "# Postern: %d new, %d fixed, %d not evaluated, %d unchanged\n", d.Counts.New, d.Counts.Fixed, d.Counts.NotEvaluated, d.Counts.Unchanged)
	for _, section := range diffTitles {
		changes := ofStatus(d.Changes, section.status)
		if len(changes) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s: %d\n---\n\n| Endpoint | Product | Finding | Severity | Why | Owner |\n|---|---|---|---|---|---|\n", section.title, len(changes))
		for i, change := range changes {
			if i == maxDiffRows {
				fmt.Fprintf(w, "\n%d more: see the other formats.\n", len(changes)-i)
				break
			}
			severity := change.Severity
			if change.KEV {
				severity += ", exploited"
			}
			version := change.Version
			if version == "" {
				version = change.WasVersion
			}
			why := change.Reason
			if change.Accepted != nil {
				why = strings.TrimPrefix(why+"; "+riskAccepted(*change.Accepted), "; ")
			}
			cells := []string{change.Target, strings.TrimSpace(change.Name + " " + version), change.Advisory, severity, why, change.Owner}
			for i, cell := range cells {
				cells[i] = report.MarkdownCell(cell)
			}
			fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
		}
	}
	return nil
}
