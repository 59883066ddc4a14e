package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"slices"

	"postern/scanner/finding"
)

//go:embed html
var htmlFiles embed.FS

// What a page holds at most. What is cut is the least bad, and the page says so.
const (
	htmlMaxRows   = 20_000
	htmlMaxBlocks = 8 << 20 // bytes of findings and evidence
)

// htmlWriter writes one page for people that needs nothing else: no outside request, and
// no script for anything but filtering and sorting. It keeps some 2 KiB a result until
// the end, because the page begins with the counts and the worst.
type htmlWriter struct {
	out        *stream
	header     finding.Header
	page       *template.Template
	rows       []htmlSorted
	blocks     htmlBlocks
	advisories htmlAdvisories
	todos      htmlTodos
	charts     htmlCharts
	changes    htmlChanges
	accepted   htmlAccepted
	left       map[string]int // rows that found no room, by state
	states     map[string]int
	owners     map[string]int
	unread     int // gateways whose version nobody can judge by
	buf        bytes.Buffer
}

// htmlSorted is the text of one endpoint up to its blocks, and its place.
type htmlSorted struct {
	rank, weight int
	state        string
	text         string
	blocks       []int
}

func newHTML(out *stream, h finding.Header, opts Options) (*htmlWriter, error) {
	page, err := template.ParseFS(htmlFiles, "html/*.tmpl")
	if err != nil {
		return nil, err
	}
	w := &htmlWriter{out: out, header: h, page: page, blocks: newHTMLBlocks(), todos: newHTMLTodos(opts), charts: newHTMLCharts(h),
		left: map[string]int{}, states: map[string]int{}, owners: map[string]int{}}
	w.advisories.places = map[string]int{}
	return w, nil
}

func (w *htmlWriter) Write(r finding.Result) error {
	if w.out.err != nil {
		return w.out.err
	}
	row := newHTMLRow(r)
	w.states[row.State]++
	if r.Input.Owner != "" {
		w.owners[row.Owner]++
	}
	for _, p := range r.Products {
		if !versionRead(p.Version) {
			w.unread++
		}
	}
	w.charts.add(r)
	w.todos.add(r, row)
	w.changes.add(r)
	w.accepted.add(r)
	w.advisories.add(r)
	if len(w.rows) >= htmlMaxRows && row.Rank >= htmlClear { // the worst has its place, however late it comes
		w.left[row.State]++
		return nil
	}
	sorted := htmlSorted{rank: row.Rank, weight: row.Weight, state: row.State}
	var err error
	for _, b := range w.blocksOf(r) {
		var text string
		if text, err = w.render("block", b); err != nil {
			return err
		}
		sorted.blocks = append(sorted.blocks, w.blocks.add(b.Title, text))
	}
	if sorted.text, err = w.render("row", row); err != nil {
		return err
	}
	w.rows = append(w.rows, sorted)
	if len(w.rows) == 2*htmlMaxRows {
		w.worst()
	}
	return nil
}

// worst keeps the rows that the page has room for, in their order.
func (w *htmlWriter) worst() {
	slices.SortStableFunc(w.rows, func(a, b htmlSorted) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.weight, a.weight))
	})
	for _, row := range w.rows[min(len(w.rows), htmlMaxRows):] {
		w.left[row.state]++
	}
	w.rows = slices.Delete(w.rows, min(len(w.rows), htmlMaxRows), len(w.rows))
}

func (w *htmlWriter) render(name string, view any) (string, error) {
	w.buf.Reset()
	err := w.page.ExecuteTemplate(&w.buf, name, view)
	return w.buf.String(), err
}

func (w *htmlWriter) Close(s finding.Summary) error {
	if w.out.err != nil {
		return w.out.err
	}
	w.worst()
	w.blocks.fit(w.rows, htmlMaxBlocks)
	view, err := w.view(s)
	if err != nil {
		return err
	}
	head, err := w.render("head", view)
	if err != nil {
		return err
	}
	if err := w.out.write([]byte(head)); err != nil {
		return err
	}
	for _, row := range w.rows {
		if err := w.out.write([]byte(row.text), []byte(w.blocks.of(row.blocks)), []byte(htmlRowEnd)); err != nil {
			return err
		}
	}
	foot, err := w.render("foot", view)
	if err != nil {
		return err
	}
	return w.out.write([]byte(foot))
}

// htmlRowEnd closes what the template "row" opens.
const htmlRowEnd = "</details></td></tr></tbody>\n"

// view is what the page shows beside its rows.
func (w *htmlWriter) view(s finding.Summary) (map[string]any, error) {
	style, err := htmlFiles.ReadFile("html/style.css")
	if err != nil {
		return nil, err
	}
	script, err := htmlFiles.ReadFile("html/script.js")
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"Headline": w.headline(s), "Scan": w.scanLine(s), "Warnings": w.warnings(s), "Cards": w.cards(s), "Facts": w.facts(s), "Fleet": w.fleet(),
		"Todos": w.todos.all(), "Grouped": w.todos.by, "Charts": w.charts.all(), "Changes": w.changes.all(w.header, s),
		"States": w.stateNames(), "Owners": w.ownerNames(), "Rows": len(w.rows), "Left": w.leftOut(), "Small": len(w.rows) <= htmlSmall,
		"Compared": w.header.Baseline != nil, "Shared": w.blocks.shared(), "Advisories": w.advisories.sorted(), "MoreAdvisories": w.advisories.more,
		"Accepted": w.accepted.view(s), "About": w.about(s),
		"Style": template.CSS(style), "Script": template.JS(script), "StyleHash": cspHash(string(style)), "ScriptHash": cspHash(string(script)), // our own files
	}, nil
}

// htmlSmall is how many endpoints a page may have whose details are all printed.
const htmlSmall = 60

// cspHash names an inline text in a Content-Security-Policy.
func cspHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
