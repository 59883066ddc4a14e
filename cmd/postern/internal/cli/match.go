package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"postern/fingerprints"
	"postern/scanner/finding"
)

// matchRow is one verdict without a network; its fields are the JSON output.
type matchRow struct {
	Product      string          `json:"product"`
	Version      string          `json:"version"`
	Models       []string        `json:"models,omitempty"`
	Advisory     string          `json:"advisory"`
	Kind         finding.Kind    `json:"kind,omitempty"`
	Verdict      finding.Verdict `json:"verdict"`
	Reason       string          `json:"reason"`
	Fixed        string          `json:"fixed"`
	Severity     string          `json:"severity"`
	KEV          bool            `json:"kev"`
	AppliesIf    string          `json:"applies_if,omitempty"`
	Exploitation []string        `json:"exploitation,omitempty"`
}

func (c *Command) match(_ context.Context, args []string) error {
	var lists list
	var format, verdicts, failOn, model, rules string
	f := newFlags("postern match [flags] PRODUCT VERSION")
	f.group("Flags", func() {
		f.Var(&lists, "l", "read lines of product, tab, version and, if known, tab, model; - for standard input (`FILE`)")
		f.StringVar(&model, "model", "", "the device is this `MODEL`, or one of several with commas")
		f.StringVar(&format, "o", "text", "write `FORMAT`: text, or json (one object a line)")
		f.StringVar(&verdicts, "verdict", "", "show only these `VERDICTS`: affected, possible, not_affected (default: all in json, the first two in text)")
		f.StringVar(&failOn, "fail-on", "affected", plainGateFlag)
		f.StringVar(&rules, "rules", "", rulesFlag)
	})
	rest, err := f.parse(c, args)
	if err != nil {
		return err
	}
	show, err := parseVerdicts(verdicts, format)
	if err != nil {
		return err
	}
	g, err := parseGate(failOn)
	if err := errors.Join(err, g.ofVersions()); err != nil {
		return err
	}
	know, err := c.loadRules(rules)
	if err != nil {
		return err
	}
	questions, err := c.readQuestions(know, lists, rest, model)
	if err != nil {
		return err
	}
	crossed, err := c.answer(know, questions, show, format, g)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if crossed {
		return statusError{code: ExitFindings}
	}
	return nil
}

// answer writes the verdicts on every question, and says whether one crosses the gate.
func (c *Command) answer(know knowledge, questions []matchQuestion, show []finding.Verdict, format string, g gate) (crossed bool, err error) {
	write := writeMatchText
	if format == "json" {
		write = writeMatchJSON
	}
	out := bufio.NewWriter(c.Stdout)
	today := time.Now()
	for _, q := range questions {
		if finding.Unplaced(q.product.ID, q.may, know.db) {
			c.notef("%s %s: no advisory names a branch with this version: it is newer than what the rules know, or not written in full", q.product.ID, q.text)
		}
		if finding.IsBranch(q.product.ID, q.text, know.db) {
			c.notef("%s %s is also the name of a branch; it is judged as that very version, not as every release of the branch", q.product.ID, q.text)
		}
		var rows []matchRow
		hidden := 0
		for _, f := range append(finding.Match(q.product, q.able, q.may, know.db), q.lifeEnded(today)...) {
			crossed = crossed || g.crossed(finding.Product{}, f)
			if !slices.Contains(show, f.Verdict) {
				hidden++
				continue
			}
			rows = append(rows, newMatchRow(q, f))
		}
		if err := write(out, q, rows, hidden); err != nil {
			return false, err
		}
	}
	return crossed, out.Flush()
}

// lifeEnded says whether the release still gets fixes.
func (q matchQuestion) lifeEnded(today time.Time) []finding.Finding {
	id := fingerprints.Identification{Product: q.product.ID, Versions: q.may, Read: true, Models: q.models}
	return finding.LifeEnded(q.product, id, today)
}

func newMatchRow(q matchQuestion, f finding.Finding) matchRow {
	return matchRow{
		Product: q.product.ID, Version: q.text, Models: q.models, Advisory: f.Advisory, Kind: f.Kind, Verdict: f.Verdict, Reason: f.Reason,
		Fixed: f.Fixed, Severity: f.Severity, KEV: f.KEV != nil, AppliesIf: f.AppliesIf, Exploitation: f.Exploitation,
	}
}

func parseVerdicts(value, format string) ([]finding.Verdict, error) {
	if format != "text" && format != "json" {
		return nil, fmt.Errorf("-o %s: unknown format; match writes text or json", format)
	}
	all := []finding.Verdict{finding.Affected, finding.Possible, finding.NotAffected}
	if value == "" {
		if format == "text" {
			return all[:2], nil
		}
		return all, nil
	}
	var show []finding.Verdict
	for word := range strings.SplitSeq(value, ",") {
		verdict := finding.Verdict(strings.TrimSpace(word))
		if !slices.Contains(all, verdict) {
			return nil, fmt.Errorf("-verdict %s: unknown verdict %q; verdicts are affected, possible, not_affected", value, word)
		}
		show = append(show, verdict)
	}
	return show, nil
}

func writeMatchJSON(w *bufio.Writer, _ matchQuestion, rows []matchRow, _ int) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // "<7.2.7" is for a terminal, and nothing here is a device's text
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

func writeMatchText(w *bufio.Writer, q matchQuestion, rows []matchRow, hidden int) error {
	model := ""
	if len(q.models) > 0 {
		model = " (" + strings.Join(q.models, " or ") + ")"
	}
	fmt.Fprintf(w, "%s %s%s\n", q.product.ID, printable(q.text), model)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		kev := ""
		if row.KEV {
			kev = "KEV"
		}
		fixed := ""
		switch {
		case row.Fixed == "":
		case row.Kind == finding.EndOfLife:
			fixed = "fixes go on in " + row.Fixed
		default:
			fixed = "fixed in " + row.Fixed
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", row.Verdict, row.Advisory, row.Severity, kev, fixed)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, row := range rows {
		if row.Verdict == finding.Possible || row.Kind != finding.Vulnerability {
			writeWrapped(w, "  ", row.Advisory+": "+row.Reason)
			for _, sentence := range row.Exploitation {
				writeWrapped(w, "    ", sentence)
			}
		}
	}
	if hidden > 0 {
		fmt.Fprintf(w, "  %d more not shown (-verdict not_affected shows those that are ruled out)\n", hidden)
	}
	_, err := fmt.Fprintln(w)
	return err
}

// writeWrapped writes a sentence in lines of at most 80 columns, all but the first
// indented by two more.
func writeWrapped(w io.Writer, indent, sentence string) {
	line := indent
	for i, word := range strings.Fields(sentence) {
		if i > 0 && len(line)+1+len(word) > 80 {
			fmt.Fprintln(w, line)
			line = indent + "  " + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	fmt.Fprintln(w, line)
}
