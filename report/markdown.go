package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// maxMarkdown is the size of the markdown format in bytes. Job summaries of continuous
// integration are refused above 1 MiB, and nobody reads half as much.
const maxMarkdown = 512 << 10

// markdownWriter writes a summary for a job page or a chat: what is affected first. It
// keeps one line a gateway, and no more lines than fit.
type markdownWriter struct {
	out      *stream
	header   finding.Header
	sections [3]markdownSection // affected, possible, past the end of fixes
	noted    markdownSection    // of the endpoint, or at odds with the asset list
	unjudged markdownSection
	advice   advice
}

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

func newMarkdown(out *stream, h finding.Header) *markdownWriter {
	const head = "| Gateway | Product | Findings | Upgrade to | Owner |\n|---|---|---|---|---|\n"
	return &markdownWriter{out: out, header: h, advice: newAdvice(),
		sections: [3]markdownSection{{title: "Affected", head: head}, {title: "Possibly affected", head: head}, {title: "End of life", head: head}},
		noted:    markdownSection{title: "Noted", head: "| Endpoint | Finding | Why | Owner |\n|---|---|---|---|\n"},
		unjudged: markdownSection{title: "Not judged", head: "| Endpoint | Outcome | Why | Owner |\n|---|---|---|---|\n"},
	}
}

func (w *markdownWriter) Write(r finding.Result) error {
	w.advice.add(r)
	for _, p := range r.Products {
		group, weight := -1, 0
		for _, f := range p.Findings {
			c := claim{p, f}
			at := -1
			switch {
			case c.affected():
				at = 0
			case f.Kind == finding.Vulnerability && f.Verdict == finding.Possible:
				at = 1
			case f.Kind == finding.EndOfLife && f.Verdict == finding.Affected:
				at = 2
			}
			if at >= 0 && (group < 0 || at < group) {
				group = at
			}
			if at >= 0 {
				weight = max(weight, c.weight())
			}
		}
		if group >= 0 {
			w.sections[group].add(weight, markdownGateway(r, p, group))
		}
		w.note(r, p.Findings)
	}
	w.note(r, r.Findings)
	if r.Outcome == finding.Unreachable || r.Outcome == finding.Interrupted {
		why := strings.TrimPrefix(r.Reason+": "+r.Detail, ": ")
		w.unjudged.add(0, markdownLine(r.Target, string(r.Outcome), strings.TrimSuffix(why, ": "), r.Input.Owner))
	}
	return w.out.write()
}

// note adds what is said beside vulnerabilities and ends of life.
func (w *markdownWriter) note(r finding.Result, findings []finding.Finding) {
	for _, f := range findings {
		if f.Kind != finding.Vulnerability && f.Kind != finding.EndOfLife {
			w.noted.add(0, markdownLine(r.Target, f.Advisory, f.Reason, r.Input.Owner))
		}
	}
}

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

// markdownGateway is the row of one product.
func markdownGateway(r finding.Result, p finding.Product, group int) string {
	version := p.Version.Text
	if !versionRead(p.Version) {
		version = notRead(p)
	}
	what := markdownFindings(p, group)
	upgrade := p.Upgrade
	if group == 2 {
		what = "no more security fixes"
		for _, f := range p.Findings {
			if f.Kind == finding.EndOfLife {
				upgrade = fixed(f)
			}
		}
	}
	return markdownLine(r.Target, fullName(p)+" "+version, what, upgrade, r.Input.Owner)
}

// markdownFindings names the first few of a group, the worst first as they come.
func markdownFindings(p finding.Product, group int) string {
	if group == 1 && !versionRead(p.Version) {
		return openQuestions(p).String()
	}
	const most = 4
	want := map[int]finding.Verdict{0: finding.Affected, 1: finding.Possible}[group]
	var names []string
	count := 0
	for _, f := range p.Findings {
		if f.Kind != finding.Vulnerability || f.Verdict != want {
			continue
		}
		if count++; count > most {
			continue
		}
		name := f.Advisory
		if f.KEV != nil {
			name += " (exploited)"
		}
		names = append(names, name)
	}
	text := strings.Join(names, ", ")
	if count > most {
		text += fmt.Sprintf(" and %d more", count-most)
	}
	return text
}

func markdownLine(cells ...string) string {
	for i, c := range cells {
		cells[i] = markdown(c, 200)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

func (w *markdownWriter) Close(s finding.Summary) error {
	var b strings.Builder
	b.WriteString("# Postern: " + w.headline(s) + "\n\n")
	fmt.Fprintf(&b, "%s, %s: %s recognised, %s with no gateway recognised, %s unreachable, %s interrupted. Coverage %.1f%%. Rules of %s.\n",
		plural(s.Targets, "target"), plural(s.Results, "result"), plural(s.Identified, "gateway"), number(s.Unidentified),
		number(s.Unreachable), number(s.Interrupted), 100*finite(s.Coverage), markdown(w.header.Rules.Date, 20))
	if !s.Complete {
		b.WriteString("\n**The scan is incomplete: what is not listed was not judged.**\n")
	}
	w.todo(&b)
	for i := range w.sections {
		w.sections[i].write(&b)
	}
	w.noted.write(&b)
	w.unjudged.write(&b)
	return w.out.write([]byte(b.String()))
}

func (w *markdownWriter) headline(s finding.Summary) string {
	if s.Affected == 0 {
		return fmt.Sprintf("no gateway known to be affected, %s possibly", number(s.PossiblyAffected))
	}
	return fmt.Sprintf("%s affected, %s by known exploited vulnerabilities", plural(s.Affected, "gateway"), number(s.KEV))
}

// todo says what to do, what concerns most gateways first.
func (w *markdownWriter) todo(b *strings.Builder) {
	if len(w.advice.upgrades) == 0 {
		return
	}
	b.WriteString("\nWhat to do\n---\n\n")
	for i, u := range sortedKeys(w.advice.upgrades, byGateways(w.advice.upgrades)) {
		if i == 20 {
			fmt.Fprintf(b, "- and %d more upgrades\n", len(w.advice.upgrades)-i)
			return
		}
		to := "to " + u.what + " or later"
		if u.what == "" {
			to = "to a supported release"
		}
		fmt.Fprintf(b, "- Upgrade %s of %s %s.\n", plural(w.advice.upgrades[u], "gateway"), markdown(u.product, 100), markdown(to, 200))
	}
}

func (s *markdownSection) write(b *strings.Builder) {
	if s.count == 0 {
		return
	}
	s.sort()
	fmt.Fprintf(b, "\n%s: %s\n---\n\n%s", s.title, number(s.count), s.head) // two # begin commands of logs
	shown := 0
	for _, row := range s.rows {
		if shown == keepRows || b.Len()+len(row.text) > maxMarkdown-1024 {
			break
		}
		b.WriteString(row.text)
		shown++
	}
	if more := s.count - shown; more > 0 {
		fmt.Fprintf(b, "\n%s more: see the other formats.\n", number(more))
	}
}
