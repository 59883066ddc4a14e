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
	row := productRow{ID: p.ID, Name: p.Name, Vendor: p.Vendor, Scheme: string(p.Versions), CPE: p.CPE, Requests: len(p.Requests), Techniques: []string{}}
	for _, rule := range p.Rules {
		if rule.Identifies != "" {
			row.Signals++
		}
		if rule.Identifies == fingerprints.Definitive {
			row.Definitive++
		}
		if rule.Version != nil {
			row.Techniques = append(row.Techniques, rule.ID)
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

func (c *Command) productsText(rows []productRow) error {
	w := tabwriter.NewWriter(c.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "PRODUCT\tSIGNALS\tVERSION READ BY\tADVISORIES\tKEV")
	for _, r := range rows {
		reading := "not shown by the product"
		if n := len(r.Techniques); n > 0 {
			reading = r.Techniques[0]
			if n > 1 {
				reading += fmt.Sprintf(" and %d more", n-1)
			}
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\n", r.ID, r.Signals, reading, r.Advisories, r.KEV)
	}
	return w.Flush()
}

func (c *Command) productsMarkdown(rows []productRow) error {
	var b strings.Builder
	b.WriteString("| Product | Signals (alone enough) | Version read by | Advisories (KEV) |\n|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`)
	for _, r := range rows {
		reading := strings.Join(r.Techniques, ", ")
		if reading == "" {
			reading = "not shown by the product"
		}
		fmt.Fprintf(&b, "| %s (`%s`) | %d (%d) | %s | %d (%d) |\n", cell.Replace(r.Name), r.ID, r.Signals, r.Definitive, reading, r.Advisories, r.KEV)
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
