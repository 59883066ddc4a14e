package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"postern/scanner/finding"
	"postern/scanner/version"
)

// matchRow is one verdict without a network; its fields are the JSON output.
type matchRow struct {
	Product      string          `json:"product"`
	Version      string          `json:"version"`
	Advisory     string          `json:"advisory"`
	Verdict      finding.Verdict `json:"verdict"`
	Reason       string          `json:"reason"`
	Fixed        string          `json:"fixed"`
	Severity     string          `json:"severity"`
	KEV          bool            `json:"kev"`
	AppliesIf    string          `json:"applies_if,omitempty"`
	Exploitation []string        `json:"exploitation,omitempty"`
}

// matchQuestion is one product and version to judge.
type matchQuestion struct {
	product, text string
	may           version.Set
}

func (c *Command) match(_ context.Context, args []string) error {
	var lists list
	var format, verdicts, failOn string
	f := newFlags("postern match [flags] PRODUCT VERSION")
	f.group("Flags", func() {
		f.Var(&lists, "l", "read lines of product, tab, version; - for standard input (`FILE`)")
		f.StringVar(&format, "o", "text", "write `FORMAT`: text, or json (one object a line)")
		f.StringVar(&verdicts, "verdict", "", "show only these `VERDICTS`: affected, possible, not_affected (default: all in json, the first two in text)")
		f.StringVar(&failOn, "fail-on", "affected", "exit 1 on any of affected, possible, kev; or none (`WORDS`)")
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
	if err != nil {
		return err
	}
	know, err := loadKnowledge()
	if err != nil {
		return err
	}
	questions, err := c.readQuestions(know, lists, rest)
	if err != nil {
		return err
	}
	write := writeMatchText
	if format == "json" {
		write = writeMatchJSON
	}
	out := bufio.NewWriter(c.Stdout)
	crossed := false
	for _, q := range questions {
		var rows []matchRow
		hidden := 0
		for _, finding := range finding.Match(q.product, q.may, know.db) {
			crossed = crossed || g.crossed(finding)
			if !slices.Contains(show, finding.Verdict) {
				hidden++
				continue
			}
			rows = append(rows, newMatchRow(q, finding))
		}
		if err := write(out, q, rows, hidden); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if crossed {
		return statusError{code: ExitFindings}
	}
	return nil
}

func newMatchRow(q matchQuestion, f finding.Finding) matchRow {
	return matchRow{
		Product: q.product, Version: q.text, Advisory: f.Advisory, Verdict: f.Verdict, Reason: f.Reason,
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

// readQuestions checks every product and version before the first verdict is written.
func (c *Command) readQuestions(know knowledge, lists list, args []string) ([]matchQuestion, error) {
	switch {
	case len(lists) > 0 && len(args) > 0:
		return nil, errors.New("match: give either PRODUCT VERSION or -l FILE, not both")
	case len(lists) == 0 && len(args) != 2:
		return nil, errors.New("match: give PRODUCT VERSION, or a list with -l FILE (see postern match -help)")
	case len(lists) == 0:
		q, err := ask(know, args[0], args[1])
		return []matchQuestion{q}, err
	}
	var questions []matchQuestion
	var errs []error
	for _, name := range lists {
		in := c.Stdin
		if name != "-" {
			file, err := os.Open(name)
			if err != nil {
				errs = append(errs, fmt.Errorf("list: %w", err))
				continue
			}
			defer file.Close()
			in = file
		}
		more, err := readQuestionList(know, name, in)
		questions, errs = append(questions, more...), append(errs, err)
	}
	return questions, errors.Join(errs...)
}

func readQuestionList(know knowledge, name string, in io.Reader) ([]matchQuestion, error) {
	var questions []matchQuestion
	var errs []error
	lines := bufio.NewScanner(in)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimRight(lines.Text(), "\r")
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		product, text, tab := strings.Cut(line, "\t")
		if !tab {
			errs = append(errs, fmt.Errorf("%s:%d: %q has no tab; write product, tab, version", name, number, line))
			continue
		}
		q, err := ask(know, strings.TrimSpace(product), strings.TrimSpace(text))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", name, number, err))
			continue
		}
		questions = append(questions, q)
	}
	if err := lines.Err(); err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", name, err))
	}
	return questions, errors.Join(errs...)
}

func ask(know knowledge, product, text string) (matchQuestion, error) {
	scheme, ok := know.catalog.Order(product)
	if !ok {
		return matchQuestion{}, fmt.Errorf("unknown product %q; postern products lists them", product)
	}
	v, err := scheme.Parse(text)
	if err != nil {
		return matchQuestion{}, fmt.Errorf("%s: %w", product, err)
	}
	return matchQuestion{product: product, text: text, may: version.Exactly(v)}, nil
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
	fmt.Fprintf(w, "%s %s\n", q.product, printable(q.text))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		kev := ""
		if row.KEV {
			kev = "KEV"
		}
		fixed := ""
		if row.Fixed != "" {
			fixed = "fixed in " + row.Fixed
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", row.Verdict, row.Advisory, row.Severity, kev, fixed)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, row := range rows {
		if row.Verdict == finding.Possible {
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
