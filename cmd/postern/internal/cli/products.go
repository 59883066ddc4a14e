package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"postern/fingerprints"
)

// productRow is what "postern products" says of one product.
type productRow struct {
	ID         string   `json:"product"`
	Name       string   `json:"name"`
	Vendor     string   `json:"vendor"`
	Scheme     string   `json:"versions"`
	CPE        []string `json:"cpe"`
	Signals    int      `json:"signals"`              // rules that identify
	Definitive int      `json:"definitive"`           // of them, enough alone
	Strongest  string   `json:"strongest,omitempty"`  // the best of them: definitive, strong or weak
	Techniques []string `json:"version_reading"`      // rules that read or narrow a version
	Precision  []string `json:"precision"`            // what they tell at best: exact, candidates, branch, coarse
	ReadFrom   []string `json:"read_from"`            // where they read it: page, header, redirect, file …
	NoSignals  string   `json:"no_signals,omitempty"` // why nothing identifies it
	NoVersion  string   `json:"no_version,omitempty"` // why no rule reads a version
	Lifecycle  int      `json:"lifecycle"`            // branches of which it is known when they end
	Requests   int      `json:"requests"`             // that it may ask, the root not counted
	Advisories int      `json:"advisories"`
	KEV        int      `json:"kev"`
}

func (c *Command) products(_ context.Context, args []string) error {
	var format, rules string
	f := newFlags("postern products [flags]")
	f.group("Flags", func() {
		f.StringVar(&format, "o", "text", "write `FORMAT`: text, json or markdown")
		f.StringVar(&rules, "rules", "", rulesFlag)
	})
	if rest, err := f.parse(c, args); err != nil || len(rest) > 0 {
		return errorOr(err, "products: takes no arguments")
	}
	know, err := c.loadRules(rules)
	if err != nil {
		return err
	}
	var rows []productRow
	for _, p := range know.catalog.Products() {
		rows = append(rows, newProductRow(p, know))
	}
	switch format {
	case "text":
		return c.productsText(rows)
	case "json":
		encoder := json.NewEncoder(c.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	case "markdown":
		return c.productsMarkdown(rows)
	}
	return fmt.Errorf("-o %s: unknown format; products writes text, json or markdown", format)
}

func newProductRow(p fingerprints.Product, know knowledge) productRow {
	row := productRow{ID: p.ID, Name: p.Name, Vendor: p.Vendor, Scheme: string(p.Versions), CPE: append([]string{}, p.CPE...), Requests: len(p.Requests), Techniques: []string{}, Precision: []string{}, ReadFrom: []string{}}
	row.NoSignals, row.NoVersion = strings.TrimSpace(p.NoSignals), strings.TrimSpace(p.NoVersion)
	if p.Lifecycle != nil {
		row.Lifecycle = len(p.Lifecycle.Branches)
	}
	found := map[string]bool{}
	for _, rule := range p.Rules {
		if rule.Identifies != "" {
			row.Signals++
			row.Strongest = stronger(row.Strongest, rule.Identifies)
		}
		if rule.Identifies == fingerprints.Definitive {
			row.Definitive++
		}
		if rule.Version != nil {
			row.Techniques = append(row.Techniques, rule.ID)
			found[precision(p, rule.Version)] = true
			if from := readFrom(rule.Version); !slices.Contains(row.ReadFrom, from) {
				row.ReadFrom = append(row.ReadFrom, from)
			}
		}
	}
	for _, word := range []string{"exact", "candidates", "branch", "coarse"} {
		if found[word] {
			row.Precision = append(row.Precision, word)
		}
	}
	for _, a := range know.db.For(p.ID) {
		row.Advisories++
		if a.Exploitation.KEV != nil {
			row.KEV++
		}
	}
	return row
}

// stronger is the better of a grade and what was found before.
func stronger(before string, grade fingerprints.Confidence) string {
	order := []string{string(fingerprints.Definitive), string(fingerprints.Strong), string(fingerprints.Weak)}
	if before == "" || slices.Index(order, string(grade)) < slices.Index(order, before) {
		return string(grade)
	}
	return before
}

// readFrom is where a reading finds the version, in one word.
func readFrom(r *fingerprints.Reading) string {
	switch kind, _, _ := strings.Cut(r.From, ":"); kind {
	case "":
		return "what is there"
	case "title", "body":
		return "page"
	case "body_md5", "gzip_mtime":
		return "file"
	case "location":
		return "redirect"
	case "cert_subject", "cert_issuer":
		return "certificate"
	default:
		return kind // header, cookie
	}
}

// precision is what one reading tells: the version, a set of candidates from a date, the
// leading part of a version, or only that it is on one side of a change.
func precision(p fingerprints.Product, r *fingerprints.Reading) string {
	prefix := r.Precision
	for _, t := range p.Tables {
		if t.ID != r.Table {
			continue
		}
		if t.Dates != nil {
			return "candidates"
		}
		prefix = t.Precision
	}
	switch {
	case r.From == "" || len(r.Means) > 0 && r.Table == "":
		return "coarse"
	case prefix == "prefix":
		return "branch"
	}
	return "exact"
}

// reading says how a version is read, or that it is not.
func (r productRow) reading() string {
	if r.NoSignals != "" {
		return "only if given"
	}
	if len(r.Precision) == 0 {
		return "not shown"
	}
	return strings.Join(r.Precision, ", ")
}

func (c *Command) productsText(rows []productRow) error {
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PRODUCT\tSIGNALS\tVERSION\tADVISORIES\tKEV")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\n", r.ID, r.Signals, r.reading(), r.Advisories, r.KEV)
	}
	return w.Flush()
}

func (c *Command) productsMarkdown(rows []productRow) error {
	var b strings.Builder
	b.WriteString("| Product | Signals | Version | Advisories (KEV) | Lifecycle |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s (`%s`) | %s | %s | %d (%d) | %s |\n",
			markdownCell(r.Name), r.ID, r.signals(), markdownCell(r.told()), r.Advisories, r.KEV, yesNo(r.Lifecycle > 0))
	}
	_, err := c.Stdout.Write([]byte(b.String()))
	return err
}

// signals says how many there are and how strong the best of them is.
func (r productRow) signals() string {
	switch {
	case r.Signals == 0:
		return "none"
	case r.Definitive > 0:
		return fmt.Sprintf("%d (%d definitive)", r.Signals, r.Definitive)
	}
	return fmt.Sprintf("%d (%s)", r.Signals, r.Strongest)
}

// told says how a version is read and where, or why it is not.
func (r productRow) told() string {
	switch {
	case r.NoSignals != "":
		return r.reading() + ": " + r.NoSignals
	case r.NoVersion != "":
		return r.reading() + ": " + r.NoVersion
	}
	return r.reading() + " (" + strings.Join(r.ReadFrom, ", ") + ")"
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// markdownCell is a text in a cell of a table: on one line, and with nothing in it that
// Markdown or HTML would take for more than text.
func markdownCell(text string) string {
	text = printable(strings.Join(strings.Fields(text), " "))
	return strings.NewReplacer("|", `\|`, "\\", "\\\\", "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "[", `\[`, "]", `\]`).Replace(text)
}
