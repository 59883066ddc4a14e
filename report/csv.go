package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"postern/scanner/finding"
)

// csvColumns are the columns of the csv format, in order. New ones are added at the end.
var csvColumns = [...]string{
	"target", "owner", "tags", "outcome", "reason", "product", "name", "version", "version_state",
	"verdict", "advisory", "kind", "severity", "score", "kev", "kev_due", "ransomware", "epss",
	"fixed", "upgrade", "applies_if", "why", "title", "link", "file", "line", "url",
}

// csvWriter writes one line for each finding, one for a product without any, and one for
// a result without a product, so that every target is in the table.
type csvWriter struct {
	out  *stream
	buf  bytes.Buffer
	some bool
}

func (w *csvWriter) Write(r finding.Result) error {
	rows := csvRows(r)
	if !w.some {
		rows = append([][]string{csvColumns[:]}, rows...)
	}
	w.some = true
	w.buf.Reset()
	lines := csv.NewWriter(&w.buf)
	if err := lines.WriteAll(rows); err != nil {
		return err // the buffer takes everything
	}
	return w.out.write(w.buf.Bytes())
}

func (w *csvWriter) Close(finding.Summary) error {
	if !w.some {
		return w.out.write([]byte(strings.Join(csvColumns[:], ",") + "\n"))
	}
	return w.out.write()
}

func csvRows(r finding.Result) [][]string {
	var rows [][]string
	for _, p := range r.Products {
		before := len(rows)
		for _, f := range p.Findings {
			if f.Kind == finding.Vulnerability && f.Verdict == finding.Possible && !versionRead(p.Version) {
				continue // said once, below
			}
			rows = append(rows, csvRow(r, p, f))
		}
		switch q := openQuestions(p); {
		case !versionRead(p.Version) && q.total > 0:
			rows = append(rows, csvRow(r, p, finding.Finding{Verdict: finding.Possible, Reason: notRead(p) + "; " + q.String()}))
		case len(rows) == before:
			rows = append(rows, csvRow(r, p, finding.Finding{Reason: ruledOut(p)}))
		}
	}
	for _, f := range r.Findings {
		rows = append(rows, csvRow(r, finding.Product{}, f))
	}
	if len(rows) == 0 {
		rows = append(rows, csvRow(r, finding.Product{}, finding.Finding{}))
	}
	return rows
}

func csvRow(r finding.Result, p finding.Product, f finding.Finding) []string {
	number := func(v float64) string {
		if v = finite(v); v == 0 {
			return ""
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	cells := map[string]string{
		"target": r.Target, "owner": r.Input.Owner, "tags": strings.Join(r.Input.Tags, " "),
		"outcome": string(r.Outcome), "reason": r.Reason, "file": r.Input.File, "url": r.URL,
		"product": p.ID, "name": p.Name, "version": p.Version.Text, "version_state": string(p.Version.State), "upgrade": p.Upgrade,
		"verdict": string(f.Verdict), "advisory": f.Advisory, "kind": string(f.Kind), "severity": f.Severity,
		"score": number(f.Score), "epss": number(f.EPSS), "fixed": f.Fixed, "applies_if": f.AppliesIf,
		"why": f.Reason, "title": f.Title, "link": link(f.URL),
	}
	if r.Input.Line > 0 {
		cells["line"] = strconv.Itoa(r.Input.Line)
	}
	if f.KEV != nil {
		cells["kev"], cells["kev_due"], cells["ransomware"] = f.KEV.Added, f.KEV.Due, strconv.FormatBool(f.KEV.Ransomware)
	}
	row := make([]string, len(csvColumns))
	for i, name := range csvColumns {
		row[i] = cell(cells[name])
	}
	return row
}

// cell makes text safe in a spreadsheet, which takes what begins with some characters for
// a formula, also after spaces.
func cell(s string) string {
	s = visible(s, 1000)
	if begin := strings.TrimLeft(s, " "); begin != "" && strings.IndexByte("=+-@|%", begin[0]) >= 0 {
		return "'" + s
	}
	return s
}
