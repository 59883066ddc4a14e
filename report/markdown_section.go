package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// markdownSection is a table that keeps the worst of its rows.
type markdownSection struct {
	title, head string
	rows        []markdownRow
	count       int
}

type markdownRow struct {
	weight int
	text   string
}

// keepRows is how many rows of a section are kept while more come in.
const keepRows = 2000

func (s *markdownSection) add(weight int, text string) {
	s.count++
	s.rows = append(s.rows, markdownRow{weight, text})
	if len(s.rows) >= 2*keepRows {
		s.sort()
		s.rows = slices.Clip(s.rows[:keepRows])
	}
}

func (s *markdownSection) sort() {
	slices.SortStableFunc(s.rows, func(a, b markdownRow) int { return cmp.Compare(b.weight, a.weight) })
}

func (s *markdownSection) write(b *strings.Builder) {
	if s.count == 0 {
		return
	}
	s.sort()
	fmt.Fprintf(b, "\n%s: %s\n---\n\n%s", s.title, number(s.count), s.head) // two # begin commands of logs
	shown := 0
	for _, row := range s.rows {
		if shown == keepRows || b.Len()+len(row.text) > maxMarkdown-markdownRoom {
			break
		}
		b.WriteString(row.text)
		shown++
	}
	if more := s.count - shown; more > 0 {
		fmt.Fprintf(b, "\n%s more: see the other formats.\n", number(more))
	}
}

// markdownChanges says how many findings are new or gone since the baseline, and what is to
// be decided again.
func markdownChanges(b *strings.Builder, h finding.Header, s finding.Summary) {
	if c := s.Changes; c != nil {
		fmt.Fprintf(b, "\n%s: **%s new**, %s fixed, %s not judged again, %s unchanged.\n", since(h, "Findings since the baseline"),
			number(c.New), number(c.Fixed), number(c.NotEvaluated), number(c.Unchanged))
	}
	if s.StillAffected > 0 {
		fmt.Fprintf(b, "\n**%s not judged again, and affected when last seen.**\n", plural(s.StillAffected, "gateway"))
	}
	for i, a := range s.Acceptances {
		if i == 0 {
			b.WriteByte('\n')
		}
		if i == 20 {
			fmt.Fprintf(b, "- and %d more accepted risks to look at\n", len(s.Acceptances)-i)
			break
		}
		fmt.Fprintf(b, "- %s\n", markdown(idleAcceptance(a), 400))
	}
}

// markdownGone lists what the baseline had and this scan has no longer.
func markdownGone(b *strings.Builder, gone []finding.Change) {
	fixed := markdownSection{title: "Fixed", head: markdownHead("Endpoint", "Product", "Findings", "Why", "Owner")}
	lost := markdownSection{title: "Not in this scan any more", head: fixed.head}
	for _, g := range gatherGone(gone) {
		section := &lost
		if g.Status == finding.IsFixed {
			section = &fixed
		}
		section.add(0, markdownLine(g.Target, g.what(), g.which(), g.Reason, g.Owner))
	}
	fixed.write(b)
	lost.write(b)
}
