package report

import (
	"fmt"
	"strings"
	"time"

	"postern/scanner/finding"
)

// htmlRow is one endpoint, as the template shows it.
type htmlRow struct {
	Target, State, Class, Mark, Product, Version, Upgrade, Owner, More string
	Tags, Lines                                                        []string
	Badges                                                             []htmlWord
	Rank, Weight                                                       int
	Worst                                                              *htmlWord
	KEV, New                                                           bool
	findings                                                           int
}

// htmlWord is a word and the class of its colour; it never stands for itself by colour
// alone.
type htmlWord struct{ Class, Text string }

// htmlState is a state of an endpoint: its words, the class of its colour and a sign.
type htmlState struct{ Class, Text, Mark string }

// The states of an endpoint, worst first. What could not be told stands before what is
// clear.
var htmlStates = [...]htmlState{
	{"critical", "affected", "●"}, {"critical", "affected when last seen", "◉"}, {"high", "possible", "◐"}, {"high", "end of life", "◆"},
	{"medium", "no advisory known", "?"}, {"medium", "unreachable", "?"}, {"medium", "interrupted", "?"}, {"none", "risk accepted", "◇"}, {"good", "ruled out", "✓"}, {"none", "no gateway", "–"},
}

// Places in htmlStates.
const (
	htmlAffected = iota
	htmlStill
	htmlPossible
	htmlEnded
	htmlUnjudged
	htmlUnreachable
	htmlInterrupted
	htmlLivedWith // nothing is open but what somebody has accepted
	htmlClear
	htmlNoGateway
)

// newHTMLRow says of one endpoint what is worst.
func newHTMLRow(r finding.Result) htmlRow {
	row := htmlRow{Target: visible(r.Target, 300), Owner: visible(r.Input.Owner, 100), Rank: htmlNoGateway}
	for _, t := range r.Input.Tags[:min(len(r.Input.Tags), 10)] {
		row.Tags = append(row.Tags, visible(t, 60))
	}
	switch r.Outcome {
	case finding.Unreachable:
		row.Rank = htmlUnreachable
	case finding.Interrupted:
		row.Rank = htmlInterrupted
	}
	var names, versions, upgrades []string
	for _, p := range r.Products {
		names = append(names, visible(fullName(p), 100))
		versions = append(versions, visible(versionText(p), 160))
		if p.Upgrade != "" {
			upgrades = append(upgrades, visible(p.Upgrade, 60))
		}
		row.addProduct(p, productRank(p))
	}
	for _, f := range r.Findings {
		row.badge(f)
	}
	if r.Earlier != nil {
		for _, p := range r.Earlier.Products {
			if len(r.Products) == 0 {
				names = append(names, visible(fullName(p), 100))
				versions = append(versions, visible(versionText(p), 160)+" when last seen")
			}
			rank := htmlNoGateway
			if productRank(p) == htmlAffected {
				rank = htmlStill
			} else if productRank(p) == htmlPossible {
				rank = htmlPossible
			}
			row.addProduct(p, rank)
		}
		row.Badges = append(row.Badges, htmlWord{"medium", lastSeen(r.Earlier)})
	}
	row.Product, row.Version, row.Upgrade = strings.Join(names, ", "), strings.Join(versions, ", "), strings.Join(upgrades, ", ")
	row.State, row.Class, row.Mark = htmlStates[row.Rank].Text, htmlStates[row.Rank].Class, htmlStates[row.Rank].Mark
	row.More = "What was asked and seen"
	if row.findings > 0 {
		row.More = plural(row.findings, "finding") + ", why, and the evidence"
	}
	row.addLines(r)
	return row
}

// versionText is a version in words, or why there is none.
func versionText(p finding.Product) string {
	if !versionRead(p.Version) {
		return notRead(p)
	}
	return p.Version.Text
}

// productRank is the state of a product by the worst of its findings.
func productRank(p finding.Product) int {
	rank := htmlClear
	if advisoriesOf(p) == 0 {
		rank = htmlUnjudged
	}
	for _, f := range p.Findings {
		switch {
		case f.Accepted != nil:
			rank = min(rank, htmlLivedWith)
		case claim{p, f}.affected():
			rank = min(rank, htmlAffected)
		case f.Kind == finding.Vulnerability && f.Verdict == finding.Possible:
			rank = min(rank, htmlPossible)
		case f.Kind == finding.EndOfLife && f.Verdict == finding.Affected:
			rank = min(rank, htmlEnded)
		}
	}
	return rank
}

func (row *htmlRow) addProduct(p finding.Product, rank int) {
	row.Rank = min(row.Rank, rank)
	for _, f := range p.Findings {
		c := claim{p, f}
		row.findings++
		possible := f.Kind == finding.Vulnerability && f.Verdict == finding.Possible && versionRead(p.Version)
		if (c.affected() || possible) && c.weight() > row.Weight {
			row.Weight = c.weight()
			row.Worst = &htmlWord{severityClass(f.Severity), visible(f.Advisory, 100) + ", " + visible(rating(f), 30)}
			if possible {
				row.Worst = &htmlWord{"none", row.Worst.Text + ", possible"}
			}
		}
		if c.affected() && f.Accepted == nil {
			row.KEV = row.KEV || f.KEV != nil
		}
		row.badge(f)
	}
}

// badge marks a row once with what one of its findings is.
func (row *htmlRow) badge(f finding.Finding) {
	mark := func(class, text string) {
		for _, b := range row.Badges {
			if b.Text == text {
				return
			}
		}
		row.Badges = append(row.Badges, htmlWord{class, text})
	}
	if f.KEV != nil && f.Kind == finding.Vulnerability && f.Verdict == finding.Affected && f.Accepted == nil {
		mark("critical", "exploited in the wild")
	}
	if f.Change == finding.IsNew {
		row.New = true
		mark("low", "new")
	}
	if f.Accepted != nil {
		mark("none", "risk accepted")
	}
	switch f.Kind {
	case finding.Vulnerability:
	case finding.EndOfLife:
		if f.Verdict == finding.Affected {
			mark("high", kindLabel(f.Kind))
		}
	default:
		mark("medium", visible(kindLabel(f.Kind), 60))
	}
}

// lastSeen says when what is known of an endpoint was last judged.
func lastSeen(e *finding.Earlier) string {
	var first time.Time
	at := func(findings []finding.Finding) {
		for _, f := range findings {
			if f.Seen != nil && (first.IsZero() || f.Seen.Before(first)) {
				first = *f.Seen
			}
		}
	}
	for _, p := range e.Products {
		at(p.Findings)
	}
	at(e.Findings)
	if first.IsZero() {
		return "not judged again"
	}
	return "not judged again since " + writableTime(first).Format(time.DateOnly)
}

// addLines says what is known beside the findings.
func (row *htmlRow) addLines(r finding.Result) {
	line := func(format string, args ...any) { row.Lines = append(row.Lines, fmt.Sprintf(format, args...)) }
	if r.Reason != "" {
		line("%s", sentence("Outcome: "+visible(string(r.Outcome), 20)+", "+visible(r.Reason, 100)+"; "+visible(r.Detail, 300)))
	}
	if r.Input.File != "" {
		line("Listed at %s:%d", visible(r.Input.File, 300), r.Input.Line)
	}
	if t := r.TLS; t != nil {
		line("Certificate: %s, until %s; %s %s", visible(t.Subject, 300), writableTime(t.NotAfter).Format(time.DateOnly), visible(t.Version, 20), visible(t.Cipher, 60))
	}
	var asked []string
	for _, a := range r.Asked[:min(len(r.Asked), 20)] {
		asked = append(asked, visible(a.Request, 200))
	}
	if len(asked) > 0 {
		line("Asked: %s", strings.Join(asked, ", "))
	}
}
