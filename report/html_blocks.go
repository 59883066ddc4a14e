package report

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"postern/scanner/finding"
)

// htmlBlock is what is said of one product on an endpoint: its findings, or what was seen
// of it.
type htmlBlock struct {
	Title    string
	Lines    []string
	Findings []htmlFinding
	Open     []htmlRef // advisories that could not be excluded, without a version
	More     int       // of those, how many are not named
	Seen     []htmlSeen
}

type htmlRef struct {
	ID, URL string
	KEV     bool
}

type htmlFinding struct {
	ID, URL, Title, Verdict, Class, Why, In, Fixed, Accepted string
	Tags                                                     []htmlWord
}

type htmlSeen struct{ Request, Shows, Says, Rule, Source string }

// What one endpoint shows at most.
const (
	htmlMaxFindings = 200
	htmlMaxSeen     = 6
)

// blocksOf lays out everything that is known of an endpoint.
func (w *htmlWriter) blocksOf(r finding.Result) []htmlBlock {
	var all []htmlBlock
	if len(r.Findings) > 0 {
		all = append(all, htmlBlock{Title: "About the endpoint", Findings: w.findings(r.Findings)})
	}
	for _, p := range r.Products {
		all = append(all, w.productBlock(p, ""))
		if b := evidenceBlock(p); len(b.Seen)+len(b.Lines) > 0 {
			all = append(all, b)
		}
	}
	if e := r.Earlier; e != nil {
		if len(e.Findings) > 0 {
			all = append(all, htmlBlock{Title: "Seen earlier and not judged this time", Findings: w.findings(e.Findings)})
		}
		for _, p := range e.Products {
			all = append(all, w.productBlock(p, "Seen earlier and not judged this time: "))
		}
	}
	return all
}

func (w *htmlWriter) productBlock(p finding.Product, before string) htmlBlock {
	b := htmlBlock{Title: before + visible(fullName(p)+", "+versionText(p), 300)}
	if p.Version.UsesDeclared {
		b.Lines = append(b.Lines, "The version is the one that the asset list declares.")
	}
	if p.Confidence == declared {
		b.Lines = append(b.Lines, "The asset list declares the product; it was not recognised.")
	}
	if p.Upgrade != "" {
		b.Lines = append(b.Lines, fmt.Sprintf("Upgrade to %s or later: no known advisory affects it.", visible(p.Upgrade, 60)))
	}
	var listed []finding.Finding
	for _, f := range p.Findings {
		if f.Kind == finding.Vulnerability && f.Verdict == finding.Possible && !versionRead(p.Version) && f.Accepted == nil {
			if len(b.Open) == htmlMaxFindings {
				b.More++
				continue
			}
			b.Open = append(b.Open, htmlRef{visible(f.Advisory, 100), w.advisories.link(f), f.KEV != nil})
			continue
		}
		listed = append(listed, f)
	}
	if len(b.Open) > 0 {
		b.Lines = append(b.Lines, sentence(visible(notRead(p)+"; "+openQuestions(p).String(), 300))+" This gateway is not clean: look the version up.")
	}
	b.Findings = w.findings(listed)
	if more := len(listed) - len(b.Findings); more > 0 {
		b.Lines = append(b.Lines, fmt.Sprintf("%s more are in the JSON report.", number(more)))
	}
	if n := len(p.NotAffected); n > 0 {
		b.Lines = append(b.Lines, sentence(plural(n, "advisory")+" ruled out by the version"))
	}
	return b
}

func (w *htmlWriter) findings(all []finding.Finding) []htmlFinding {
	var list []htmlFinding
	for _, f := range all[:min(len(all), htmlMaxFindings)] {
		list = append(list, w.finding(f))
	}
	return list
}

func (w *htmlWriter) finding(f finding.Finding) htmlFinding {
	h := htmlFinding{
		ID: visible(f.Advisory, 100), URL: w.advisories.link(f), Title: sentence(visible(f.Title, 300)), Class: severityClass(f.Severity),
		Why: sentence(visible(why(f), 600)), In: "fixed in", Fixed: visible(fixed(f), 60),
	}
	h.Verdict = visible(string(f.Verdict)+", "+rating(f), 60)
	if f.Kind != finding.Vulnerability {
		h.Verdict, h.In = visible(kindLabel(f.Kind), 60), "fixes go on in"
		if f.Verdict == finding.Possible {
			h.Verdict = "possibly " + h.Verdict
		}
	}
	if f.Verdict == finding.Possible {
		h.Class = "none"
	}
	if f.KEV != nil {
		h.Tags = append(h.Tags, htmlWord{"critical", exploited(f)})
	}
	if f.Change == finding.IsNew {
		h.Tags = append(h.Tags, htmlWord{"low", "new"})
	}
	if f.Seen != nil {
		h.Tags = append(h.Tags, htmlWord{"medium", "last judged " + writableTime(*f.Seen).Format(time.DateOnly)})
	}
	if f.AppliesIf != "" {
		h.Why += " Applies if: " + sentence(visible(f.AppliesIf, 300))
	}
	if a := f.Accepted; a != nil {
		h.Accepted = fmt.Sprintf("Risk accepted by %s until %s: %s", visible(a.Owner, 100), visible(a.Expires, 20), sentence(visible(a.Reason, 500)))
		if a.Justification != "" {
			h.Accepted += " (" + visible(a.Justification, 60) + ")"
		}
	}
	return h
}

// exploited says of a KEV entry what matters.
func exploited(f finding.Finding) string {
	if f.KEV != nil && f.KEV.Ransomware {
		return "exploited, ransomware"
	}
	return "exploited"
}

func evidenceBlock(p finding.Product) htmlBlock {
	b := htmlBlock{Title: "What was seen of " + visible(fullName(p), 200)}
	for _, r := range strongest(p, htmlMaxSeen) {
		b.Seen = append(b.Seen, htmlSeen{visible(r.Request, 200), visible(r.Shows, 200), "", visible(r.Rule, 100), visible(r.Source, 200)})
		if tells(r) {
			b.Seen[len(b.Seen)-1].Says = visible(r.Says, 200)
		}
	}
	for _, raw := range p.Version.Raw[:min(len(p.Version.Raw), 2)] {
		b.Lines = append(b.Lines, "Not understood: "+quoted(raw, 160))
	}
	return b
}

// severityClass is the class of a severity, and of what is none.
func severityClass(severity string) string {
	switch severity {
	case "critical", "high", "medium", "low":
		return severity
	}
	return "none"
}

// htmlBlocks holds each text once, however many endpoints share it: a fleet runs few
// versions, and their findings read the same.
type htmlBlocks struct {
	all   []htmlShared
	place map[string]int // by text
	size  int            // bytes of all texts
}

// htmlShared is one text of a page that several endpoints may share.
type htmlShared struct {
	Title string
	Text  template.HTML // made by the template "block"
	Uses  int
	cut   bool
}

func newHTMLBlocks() htmlBlocks { return htmlBlocks{place: map[string]int{}} }

func (b *htmlBlocks) add(title, text string) int {
	at, known := b.place[text]
	if !known {
		if b.size += len(text); b.size > 4*htmlMaxBlocks {
			b.all = append(b.all, htmlShared{cut: true}) // more than a page has room for is not kept either
			return len(b.all) - 1
		}
		at = len(b.all)
		b.all = append(b.all, htmlShared{Title: title, Text: template.HTML(text)}) // rendered, and so escaped, by the template
		b.place[text] = at
	}
	return at
}

// fit counts who uses what, worst endpoints first, and marks what has no room.
func (b *htmlBlocks) fit(rows []htmlSorted, room int) {
	for _, row := range rows {
		for _, at := range row.blocks {
			s := &b.all[at]
			if s.Uses == 0 {
				room -= len(s.Text)
				s.cut = s.cut || room < 0
			}
			s.Uses++
		}
	}
}

// of is the text of an endpoint's blocks: those that nobody shares, and where the others
// stand.
func (b *htmlBlocks) of(places []int) string {
	var text strings.Builder
	for _, at := range places {
		switch s := b.all[at]; {
		case s.cut:
			text.WriteString("<p>Left out of this page, which would be too large. The JSON report has it.</p>\n")
		case s.Uses == 1:
			text.WriteString(string(s.Text))
		default:
			fmt.Fprintf(&text, "<p><a class=\"see\" href=\"#b%d\">%s</a></p>\n", at, template.HTMLEscapeString(s.Title))
		}
	}
	return text.String()
}

// htmlPlaced is a shared text and its place in the page.
type htmlPlaced struct {
	htmlShared
	At int
}

// shared lists what more than one endpoint refers to.
func (b *htmlBlocks) shared() []htmlPlaced {
	var all []htmlPlaced
	for at, s := range b.all {
		if s.Uses > 1 && !s.cut {
			all = append(all, htmlPlaced{s, at})
		}
	}
	return all
}

// leftOut counts blocks that found no room.
func (b *htmlBlocks) leftOut() int {
	n := 0
	for _, s := range b.all {
		if s.cut {
			n++
		}
	}
	return n
}
