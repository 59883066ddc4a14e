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
	Signals    int      `json:"signals"`         // rules that identify
	Definitive int      `json:"definitive"`      // of them, enough alone
	Techniques []string `json:"version_reading"` // rules that read or narrow a version
	Precision  []string `json:"precision"`       // what they tell at best: exact, candidates, branch, coarse
	Requests   int      `json:"requests"`        // that it may ask, the root not counted
	Advisories int      `json:"advisories"`
	KEV        int      `json:"kev"`
}

func (c *Command) products(_ context.Context, args []string) error {
	var format string
	f := newFlags("postern products [flags]")
	f.group("Flags", func() {
		f.StringVar(&format, "o", "text", "write `FORMAT`: text, json or markdown")
	})
	if rest, err := f.parse(c, args); err != nil || len(rest) > 0 {
		return errorOr(err, "products: takes no arguments")
	}
	know, err := loadKnowledge()
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
	row := productRow{ID: p.ID, Name: p.Name, Vendor: p.Vendor, Scheme: string(p.Versions), CPE: p.CPE, Requests: len(p.Requests), Techniques: []string{}, Precision: []string{}}
	found := map[string]bool{}
	for _, rule := range p.Rules {
		if rule.Identifies != "" {
			row.Signals++
		}
		if rule.Identifies == fingerprints.Definitive {
			row.Definitive++
		}
		if rule.Version != nil {
			row.Techniques = append(row.Techniques, rule.ID)
			found[precision(p, rule.Version)] = true
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
	b.WriteString("| Product | Signals (enough alone) | Version | Advisories (KEV) |\n|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`)
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s (`%s`) | %d (%d) | %s | %d (%d) |\n", cell.Replace(r.Name), r.ID, r.Signals, r.Definitive, r.reading(), r.Advisories, r.KEV)
	}
	_, err := c.Stdout.Write([]byte(b.String()))
	return err
}

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
	var product, cve, format string
	var kev bool
	f := newFlags("postern advisories [flags]")
	f.group("Flags", func() {
		f.StringVar(&product, "product", "", "only advisories of this `PRODUCT`")
		f.StringVar(&cve, "cve", "", "only this `ID`")
		f.BoolVar(&kev, "kev", false, "only those in CISA's catalogue of known exploited vulnerabilities")
		f.StringVar(&format, "o", "text", "write `FORMAT`: text or json")
	})
	if rest, err := f.parse(c, args); err != nil || len(rest) > 0 {
		return errorOr(err, "advisories: takes no arguments")
	}
	if format != "text" && format != "json" {
		return fmt.Errorf("-o %s: unknown format; advisories writes text or json", format)
	}
	know, err := loadKnowledge()
	if err != nil {
		return err
	}
	if _, ok := know.catalog.Product(product); product != "" && !ok {
		return fmt.Errorf("unknown product %q; postern products lists them", product)
	}
	rows := []advisoryRow{}
	for _, a := range know.db.All() {
		row := advisoryRow{ID: a.ID, Title: a.Title, Severity: a.Severity, Published: a.Published, Requires: a.Requires, Source: a.Source}
		for _, affected := range a.Affected {
			row.Products = append(row.Products, affected.Product)
		}
		if entry := a.Exploitation.KEV; entry != nil {
			row.KEV, row.Ransomware = entry.Added, entry.Ransomware
		}
		if (product == "" || slices.Contains(row.Products, product)) && (cve == "" || strings.EqualFold(cve, a.ID)) && (!kev || row.KEV != "") {
			rows = append(rows, row)
		}
	}
	if format == "json" {
		encoder := json.NewEncoder(c.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(rows)
	}
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		mark := ""
		if r.KEV != "" {
			mark = "KEV " + r.KEV
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, mark, r.Title)
	}
	return w.Flush()
}
