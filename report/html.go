package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"postern/scanner/finding"
)

//go:embed html/page.tmpl html/style.css html/script.js
var htmlFiles embed.FS

// htmlWriter writes one page for people that needs nothing else: no outside request, and
// no script for anything but filtering and sorting. It keeps about 2 KiB a result until
// the end, because the page begins with the counts and the worst.
type htmlWriter struct {
	out    *stream
	header finding.Header
	page   *template.Template
	rows   []htmlSorted
	advice advice
	charts htmlCharts
	owners map[action]map[string]int // gateways by owner: of each action, and of all under the zero one
	states map[string]bool
	buf    bytes.Buffer
}

// htmlSorted is the text of one endpoint and its place.
type htmlSorted struct {
	rank, weight int
	text         string
}

// htmlRow is one endpoint, as the template shows it.
type htmlRow struct {
	Target, State, Class, Product, Version, Upgrade, Owner, More string
	Tags, Lines                                                  []string
	Rank, Weight                                                 int
	Worst                                                        *htmlWord
	Findings                                                     []htmlFinding
	Seen                                                         []htmlSeen
}

type htmlWord struct{ Class, Text string }

type htmlFinding struct {
	ID, Title, URL, KEV, Verdict, Severity, Class, Why, Fixed string
}

type htmlSeen struct{ Request, Shows, Says, Rule, Source string }

// The states of an endpoint, worst first, with the class of their colour.
var htmlStates = [...]htmlWord{
	{"critical", "affected"}, {"high", "possible"}, {"high", "end of life"}, {"medium", "not judged"},
	{"good", "ruled out"}, {"none", "no gateway"}, {"medium", "unreachable"}, {"medium", "interrupted"},
}

func newHTML(out *stream, h finding.Header) (*htmlWriter, error) {
	page, err := template.ParseFS(htmlFiles, "html/page.tmpl")
	if err != nil {
		return nil, err
	}
	return &htmlWriter{out: out, header: h, page: page, advice: newAdvice(), charts: newHTMLCharts(),
		owners: map[action]map[string]int{}, states: map[string]bool{}}, nil
}

func (w *htmlWriter) Write(r finding.Result) error {
	w.charts.add(r)
	row := newHTMLRow(r)
	w.states[row.State] = true
	for _, todo := range append(w.advice.add(r), action{}) {
		if w.owners[todo] == nil {
			w.owners[todo] = map[string]int{}
		}
		w.owners[todo][row.Owner]++
	}
	w.buf.Reset()
	if err := w.page.ExecuteTemplate(&w.buf, "row", row); err != nil {
		return err
	}
	w.rows = append(w.rows, htmlSorted{row.Rank, row.Weight, w.buf.String()})
	return w.out.write()
}

// newHTMLRow says of one endpoint what is worst in the row and everything below it.
func newHTMLRow(r finding.Result) htmlRow {
	row := htmlRow{Target: visible(r.Target, 300), Owner: visible(r.Input.Owner, 100), Rank: 5}
	for _, t := range r.Input.Tags {
		row.Tags = append(row.Tags, visible(t, 60))
	}
	switch r.Outcome {
	case finding.Unreachable:
		row.Rank = 6
	case finding.Interrupted:
		row.Rank = 7
	}
	if r.Reason != "" {
		row.Lines = append(row.Lines, "Outcome: "+visible(string(r.Outcome), 20)+", "+visible(r.Reason, 100)+"; "+visible(r.Detail, 300))
	}
	if r.Input.File != "" {
		row.Lines = append(row.Lines, fmt.Sprintf("Listed at %s:%d", visible(r.Input.File, 300), r.Input.Line))
	}
	if r.TLS != nil {
		row.Lines = append(row.Lines, "Certificate: "+visible(r.TLS.Subject, 300)+", until "+r.TLS.NotAfter.Format("2006-01-02")+"; "+visible(r.TLS.Version, 20)+" "+visible(r.TLS.Cipher, 60))
	}
	var names, versions, upgrades []string
	for _, p := range r.Products {
		names = append(names, visible(fullName(p), 100))
		version := p.Version.Text
		if !versionRead(p.Version) {
			version = notRead(p)
		}
		versions = append(versions, visible(version, 160))
		if p.Upgrade != "" {
			upgrades = append(upgrades, visible(p.Upgrade, 60))
		}
		row.addProduct(p)
	}
	for _, f := range r.Findings {
		row.Findings = append(row.Findings, newHTMLFinding(f))
	}
	row.Product, row.Version, row.Upgrade = strings.Join(names, ", "), strings.Join(versions, ", "), strings.Join(upgrades, ", ")
	row.State, row.Class = htmlStates[row.Rank].Text, htmlStates[row.Rank].Class
	row.More = "Details"
	if n := len(row.Findings); n > 0 {
		row.More = plural(n, "finding") + " and the evidence"
	}
	var asked []string
	for _, a := range r.Asked[:min(len(r.Asked), 20)] {
		asked = append(asked, visible(a.Request, 200))
	}
	if len(asked) > 0 {
		row.Lines = append(row.Lines, "Asked: "+strings.Join(asked, ", "))
	}
	return row
}

func (row *htmlRow) addProduct(p finding.Product) {
	rank := 4
	if advisoriesOf(p) == 0 {
		rank = 3
	}
	for _, f := range p.Findings {
		c := claim{p, f}
		at := 4
		switch {
		case c.affected():
			at = 0
		case f.Kind == finding.Vulnerability && f.Verdict == finding.Possible:
			at = 1
		case f.Kind == finding.EndOfLife && f.Verdict == finding.Affected:
			at = 2
		}
		rank = min(rank, at)
		if at < 2 && c.weight() > row.Weight && (versionRead(p.Version) || at == 0) {
			row.Weight = c.weight()
			row.Worst = &htmlWord{visible(f.Severity, 20), visible(f.Advisory+" "+f.Severity, 120)}
			if at == 1 {
				row.Worst.Class = "none"
			}
		}
		if at != 1 || versionRead(p.Version) {
			row.Findings = append(row.Findings, newHTMLFinding(f))
		}
	}
	if q := openQuestions(p); q.total > 0 && !versionRead(p.Version) {
		row.Lines = append(row.Lines, sentence(visible(notRead(p)+"; "+q.String(), 300)))
	}
	if len(p.NotAffected) > 0 {
		row.Lines = append(row.Lines, sentence(plural(len(p.NotAffected), "advisory")+" ruled out by the version"))
	}
	row.Rank = min(row.Rank, rank)
	for _, reason := range strongest(p, 6) {
		row.Seen = append(row.Seen, htmlSeen{visible(reason.Request, 200), visible(reason.Shows, 200), visible(reason.Says, 200), visible(reason.Rule, 100), visible(reason.Source, 200)})
	}
}

func newHTMLFinding(f finding.Finding) htmlFinding {
	h := htmlFinding{
		ID: visible(f.Advisory, 100), Title: visible(f.Title, 300), URL: link(f.URL), Verdict: visible(string(f.Verdict), 20),
		Severity: visible(f.Severity, 20), Class: visible(f.Severity, 20), Why: sentence(visible(why(f), 600)), Fixed: visible(fixed(f), 60),
	}
	if s := score(f); s > 0 {
		h.Severity += fmt.Sprintf(" %.1f", s)
	}
	if f.KEV != nil {
		h.KEV = "exploited"
		if f.KEV.Ransomware {
			h.KEV += ", ransomware"
		}
	}
	if f.AppliesIf != "" {
		h.Why += " Applies if: " + visible(f.AppliesIf, 300)
	}
	return h
}

func (w *htmlWriter) Close(s finding.Summary) error {
	style, script, err := htmlAssets()
	if err != nil {
		return err
	}
	slices.SortStableFunc(w.rows, func(a, b htmlSorted) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.weight, a.weight))
	})
	view := map[string]any{
		"Headline": w.headline(s), "Scan": w.scanLine(s), "Warnings": w.warnings(s), "Cards": htmlCards(s),
		"Actions": w.actions(), "Charts": w.charts.all(), "States": w.stateNames(), "Owners": sortedKeys(withoutEmpty(w.owners[action{}]), strings.Compare),
		"Style": template.CSS(style), "Script": template.JS(script), "StyleHash": cspHash(style), "ScriptHash": cspHash(script), // our own files
		"Made": "Made by Postern " + visible(w.header.Version, 50) + ".",
	}
	w.buf.Reset()
	if err := w.page.ExecuteTemplate(&w.buf, "head", view); err != nil {
		return err
	}
	for _, row := range w.rows {
		if err := w.out.write(w.buf.Bytes(), []byte(row.text)); err != nil {
			return err
		}
		w.buf.Reset()
	}
	if err := w.page.ExecuteTemplate(&w.buf, "foot", view); err != nil {
		return err
	}
	return w.out.write(w.buf.Bytes())
}

func htmlAssets() (style, script string, err error) {
	css, err := htmlFiles.ReadFile("html/style.css")
	if err != nil {
		return "", "", err
	}
	js, err := htmlFiles.ReadFile("html/script.js")
	return string(css), string(js), err
}

// cspHash names an inline text in a Content-Security-Policy.
func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
