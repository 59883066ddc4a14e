package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"postern/scanner/finding"
)

// csvColumns are the columns of the csv format, in order. New ones are added at the end.
var csvColumns = [...]string{
	"target", "owner", "tags", "outcome", "reason", "product", "name", "version", "version_state",
	"verdict", "advisory", "kind", "severity", "score", "kev", "kev_due", "ransomware", "epss",
	"fixed", "upgrade", "applies_if", "why", "title", "link", "file", "line", "url",
	"model", "change", "seen", "accepted", "accepted_by", "accepted_until",
}

// csvWriter writes one line for each finding, one for a product without any, and one for
// a result without a product, so that every target is in the table; then one for each finding
// that is gone since the baseline, and one without a target for a report that is not complete.
// What an earlier scan found and this one could not judge has the day in "seen". "verdict" is
// affected or possible for advisories alone.
type csvWriter struct {
	out    *stream
	header finding.Header
	buf    bytes.Buffer
	some   bool
}

func (w *csvWriter) Write(r finding.Result) error {
	return w.rows(csvRows(r))
}

func (w *csvWriter) rows(rows [][]string) error {
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

func (w *csvWriter) Close(s finding.Summary) error {
	var rows [][]string
	for _, g := range s.Gone {
		r := finding.Result{Target: g.Target, Input: finding.Input{Owner: g.Owner}}
		p := finding.Product{ID: g.Product, Name: g.Name, Version: finding.Version{Text: cmp.Or(g.Version, g.WasVersion)}}
		f := finding.Finding{Advisory: g.Advisory, Kind: g.Kind, Title: g.Title, Severity: g.Severity, Reason: g.Reason, Change: g.Status}
		rows = append(rows, csvRow(r, p, f))
	}
	if why := gaps(w.header, s); why != "" {
		rows = append(rows, csvRow(finding.Result{Outcome: finding.Interrupted, Reason: "incomplete"}, finding.Product{}, finding.Finding{Reason: why}))
	}
	return w.rows(rows)
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
	for _, p := range earlierProducts(r) {
		for _, f := range p.Findings {
			rows = append(rows, csvRow(r, p, f))
		}
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
		"verdict": csvVerdict(f), "advisory": f.Advisory, "kind": string(f.Kind), "severity": f.Severity,
		"score": number(f.Score), "epss": number(f.EPSS), "fixed": f.Fixed, "applies_if": f.AppliesIf,
		"why": f.Reason, "title": f.Title, "link": link(f.URL),
		"model": strings.Join(p.Models, " or "), "change": string(f.Change),
	}
	if f.Seen != nil {
		cells["seen"] = writableTime(*f.Seen).Format(time.DateOnly)
	}
	if a := f.Accepted; a != nil {
		cells["accepted"], cells["accepted_by"], cells["accepted_until"] = withJustification(a), a.Owner, a.Expires
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

// csvVerdict keeps whoever filters for "affected" from finding what is about no advisory.
func csvVerdict(f finding.Finding) string {
	switch {
	case f.Kind == finding.Vulnerability:
		return string(f.Verdict)
	case f.Kind == finding.EndOfLife && f.Verdict == finding.Affected:
		return "end_of_life"
	case f.Kind == finding.EndOfLife:
		return "possible_end_of_life"
	}
	return "note"
}

// withJustification is why a risk is accepted.
func withJustification(a *finding.Acceptance) string {
	if a.Justification == "" {
		return a.Reason
	}
	return a.Reason + " (" + a.Justification + ")"
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
