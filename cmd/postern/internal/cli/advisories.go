package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"postern/advisories"
)

// advisoryRow is what "postern advisories" says of one advisory.
type advisoryRow struct {
	ID         string   `json:"advisory"`
	Title      string   `json:"title"`
	Severity   string   `json:"severity"`
	Published  string   `json:"published"`
	Products   []string `json:"products"`
	KEV        string   `json:"kev,omitempty"` // the date it was added
	Ransomware bool     `json:"ransomware,omitempty"`
	Requires   string   `json:"requires,omitempty"`
	Source     string   `json:"source"`
}

func (c *Command) advisories(_ context.Context, args []string) error {
	var product, cve, format, rules string
	var kev bool
	f := newFlags("postern advisories [flags]")
	f.group("Flags", func() {
		f.StringVar(&product, "product", "", "only advisories of this `PRODUCT`")
		f.StringVar(&cve, "cve", "", "only this `ID`")
		f.BoolVar(&kev, "kev", false, "only those in CISA's catalogue of known exploited vulnerabilities")
		f.StringVar(&format, "o", "text", "write `FORMAT`: text, json or markdown")
		f.StringVar(&rules, "rules", "", rulesFlag)
	})
	if rest, err := f.parse(c, args); err != nil || len(rest) > 0 {
		return errorOr(err, "advisories: takes no arguments")
	}
	if !slices.Contains([]string{"text", "json", "markdown"}, format) {
		return fmt.Errorf("-o %s: unknown format; advisories writes text, json or markdown", format)
	}
	know, err := c.loadRules(rules)
	if err != nil {
		return err
	}
	if _, ok := know.catalog.Product(product); product != "" && !ok {
		return fmt.Errorf("unknown product %q; postern products lists them", product)
	}
	if _, ok := know.db.Get(strings.ToUpper(cve)); cve != "" && !ok {
		return fmt.Errorf("unknown advisory %q; postern advisories lists them", cve)
	}
	rows := []advisoryRow{}
	for _, a := range know.db.All() {
		row := newAdvisoryRow(a)
		if (product == "" || slices.Contains(row.Products, product)) && (cve == "" || strings.EqualFold(cve, a.ID)) && (!kev || row.KEV != "") {
			rows = append(rows, row)
		}
	}
	switch format {
	case "json":
		encoder := json.NewEncoder(c.Stdout)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(rows)
	case "markdown":
		return c.advisoriesMarkdown(rows)
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.kevMark(), r.Title)
	}
	return w.Flush()
}

func newAdvisoryRow(a *advisories.Advisory) advisoryRow {
	row := advisoryRow{ID: a.ID, Title: a.Title, Severity: a.Severity, Published: a.Published, Requires: a.Requires, Source: a.Source, Products: []string{}}
	for _, affected := range a.Affected {
		if !slices.Contains(row.Products, affected.Product) { // it has an entry for some models each
			row.Products = append(row.Products, affected.Product)
		}
	}
	if entry := a.Exploitation.KEV; entry != nil {
		row.KEV, row.Ransomware = entry.Added, entry.Ransomware
	}
	return row
}

// kevMark is empty for what is not in CISA's catalogue.
func (r advisoryRow) kevMark() string {
	switch {
	case r.KEV == "":
		return ""
	case r.Ransomware:
		return "KEV " + r.KEV + ", ransomware"
	}
	return "KEV " + r.KEV
}

func (c *Command) advisoriesMarkdown(rows []advisoryRow) error {
	var b strings.Builder
	b.WriteString("| Advisory | Severity | Known exploited | Products | Title |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", markdownCell(r.ID), r.Severity,
			strings.TrimPrefix(r.kevMark(), "KEV "), markdownCell(strings.Join(r.Products, ", ")), markdownCell(r.Title))
	}
	_, err := c.Stdout.Write([]byte(b.String()))
	return err
}
