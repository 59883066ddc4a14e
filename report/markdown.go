package report

import (
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// maxMarkdown is the size of the markdown format in bytes. Job summaries of continuous
// integration are refused above 1 MiB, and nobody reads half as much.
const maxMarkdown = 512 << 10

// markdownRoom is left for headings and for saying what had no room.
const markdownRoom = 16 << 10

// markdownWriter writes a summary for a job page or a chat: what is affected first. It
// keeps one line a gateway, and no more lines than fit.
type markdownWriter struct {
	out      *stream
	header   finding.Header
	by       string
	parts    map[string]*markdownPart // by owner, tag or product; or only ""
	noted    markdownSection          // of the endpoint, or at odds with the asset list
	accepted markdownSection
	unjudged markdownSection
}

// markdownPart is the gateways of one owner, tag or product.
type markdownPart struct {
	sections [4]markdownSection // see markdownAffected
	advice   advice
}

// The sections of a part.
const (
	markdownAffected = iota
	markdownEarlier
	markdownPossible
	markdownEnded
)

func newMarkdown(out *stream, h finding.Header, opts Options) *markdownWriter {
	return &markdownWriter{out: out, header: h, by: opts.GroupBy, parts: map[string]*markdownPart{},
		noted:    markdownSection{title: "Noted", head: markdownHead("Endpoint", "Finding", "Why", "Owner")},
		accepted: markdownSection{title: "Accepted risks", head: markdownHead("Endpoint", "Finding", "Why", "Until", "Who")},
		unjudged: markdownSection{title: "Not judged", head: markdownHead("Endpoint", "Outcome", "Why", "Owner")},
	}
}

func newMarkdownPart() *markdownPart {
	head := markdownHead("Gateway", "Product", "Findings", "Upgrade to", "Owner")
	return &markdownPart{advice: newAdvice(), sections: [4]markdownSection{
		{title: "Affected", head: head},
		{title: "Not judged again, the earlier finding stands", head: markdownHead("Gateway", "Product", "Findings", "Last seen", "Owner")},
		{title: "Possibly affected", head: head},
		{title: "End of life", head: head},
	}}
}

func markdownHead(columns ...string) string {
	return "| " + strings.Join(columns, " | ") + " |\n" + strings.Repeat("|---", len(columns)) + "|\n"
}

func (w *markdownWriter) Write(r finding.Result) error {
	for _, name := range groupsOf(w.by, r) {
		part := w.parts[name]
		if part == nil {
			part = newMarkdownPart()
			w.parts[name] = part
		}
		part.add(r)
	}
	for _, p := range slices.Concat(r.Products, earlierProducts(r)) {
		w.note(r, p.Findings)
	}
	w.note(r, r.Findings)
	if r.Outcome == finding.Unreachable || r.Outcome == finding.Interrupted {
		why := strings.TrimPrefix(r.Reason+": "+r.Detail, ": ")
		w.unjudged.add(0, markdownLine(r.Target, string(r.Outcome), strings.TrimSuffix(why, ": "), r.Input.Owner))
	}
	return w.out.write()
}

// add takes in the products of a result, and what an earlier scan said of it.
func (m *markdownPart) add(r finding.Result) {
	m.advice.add(r)
	m.advice.add(finding.Result{Products: earlierProducts(r)})
	for _, p := range r.Products {
		if group, weight := markdownGroup(p); group >= 0 {
			m.sections[group].add(weight, markdownGateway(r, p, group))
		}
	}
	for _, p := range earlierProducts(r) {
		group, weight := markdownGroup(p)
		if group < 0 {
			continue
		}
		what, _ := markdownWhat(p, group)
		seen := strings.TrimPrefix(productSeen(p), "last seen ") + ", " + thisTime(r)
		m.sections[markdownEarlier].add(weight, markdownLine(r.Target, markdownProduct(p), what, seen, r.Input.Owner))
	}
}

func (m *markdownPart) empty() bool {
	return !slices.ContainsFunc(m.sections[:], func(s markdownSection) bool { return s.count > 0 })
}

// markdownGroup is the section of a product by the worst that nobody has accepted, or -1.
func markdownGroup(p finding.Product) (group, weight int) {
	group = -1
	for _, f := range p.Findings {
		c := claim{p, f}
		at := -1
		switch {
		case f.Accepted != nil:
		case c.affected():
			at = markdownAffected
		case f.Kind == finding.Vulnerability && f.Verdict == finding.Possible:
			at = markdownPossible
		case f.Kind == finding.EndOfLife && f.Verdict == finding.Affected:
			at = markdownEnded
		}
		if at >= 0 && (group < 0 || at < group) {
			group = at
		}
		if at >= 0 {
			weight = max(weight, c.weight())
		}
	}
	return group, weight
}

// note adds what is said beside vulnerabilities and ends of life.
func (w *markdownWriter) note(r finding.Result, findings []finding.Finding) {
	for _, f := range findings {
		if a := f.Accepted; a != nil {
			w.accepted.add(claim{finding: f}.weight(), markdownLine(r.Target, f.Advisory, withJustification(a), a.Expires, a.Owner))
			continue
		}
		if f.Kind != finding.Vulnerability && f.Kind != finding.EndOfLife {
			w.noted.add(0, markdownLine(r.Target, f.Advisory, f.Reason, r.Input.Owner))
		}
	}
}

// markdownGateway is the row of one product.
func markdownGateway(r finding.Result, p finding.Product, group int) string {
	what, upgrade := markdownWhat(p, group)
	return markdownLine(r.Target, markdownProduct(p), what, upgrade, r.Input.Owner)
}

func markdownProduct(p finding.Product) string {
	switch {
	case p.ID == "":
		return ""
	case !versionRead(p.Version):
		return fullName(p) + " " + notRead(p)
	}
	return fullName(p) + " " + p.Version.Text
}

// markdownWhat says what was found of a product, and where to go.
func markdownWhat(p finding.Product, group int) (what, upgrade string) {
	if group != markdownEnded {
		return markdownFindings(p, group), p.Upgrade
	}
	what = "no more security fixes"
	for _, f := range p.Findings {
		if f.Kind == finding.EndOfLife {
			upgrade = fixed(f)
			if f.Change == finding.IsNew {
				what += " (new)"
			}
		}
	}
	return what, upgrade
}

// markdownFindings names the first few of a group, the worst first as they come.
func markdownFindings(p finding.Product, group int) string {
	if group == markdownPossible && !versionRead(p.Version) {
		return openQuestions(p).String()
	}
	const most = 4
	want := map[int]finding.Verdict{markdownAffected: finding.Affected, markdownPossible: finding.Possible}[group]
	var names []string
	count := 0
	for _, f := range p.Findings {
		if f.Kind != finding.Vulnerability || f.Verdict != want || f.Accepted != nil {
			continue
		}
		if count++; count > most {
			continue
		}
		var notes []string
		if f.Change == finding.IsNew {
			notes = append(notes, "new")
		}
		if f.KEV != nil {
			notes = append(notes, "exploited")
		}
		names = append(names, strings.TrimSuffix(f.Advisory+" ("+strings.Join(notes, ", ")+")", " ()"))
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
	if why := gaps(w.header, s); why != "" {
		b.WriteString("\n**" + why + "**\n")
	}
	markdownChanges(&b, w.header, s)
	for i, name := range sortedGroups(w.parts) {
		if b.Len() > maxMarkdown-markdownRoom {
			fmt.Fprintf(&b, "\n**%d more by %s: see the other formats.**\n", len(w.parts)-i, w.by)
			break
		}
		part := w.parts[name]
		if w.by != "" && !part.empty() {
			fmt.Fprintf(&b, "\n%s\n===\n", markdown(groupTitle(w.by, name), 200)) // two # begin commands of logs
		}
		part.todo(&b)
		for i := range part.sections {
			part.sections[i].write(&b)
		}
	}
	w.noted.write(&b)
	w.accepted.write(&b)
	markdownGone(&b, s.Gone)
	w.unjudged.write(&b)
	return w.out.write([]byte(b.String()))
}

func (w *markdownWriter) headline(s finding.Summary) string {
	standing := plural(s.StillAffected, "gateway") + " affected when last seen, not judged again"
	switch {
	case s.Affected+s.StillAffected == 0:
		return fmt.Sprintf("no gateway known to be affected, %s possibly", number(s.PossiblyAffected))
	case s.Affected == 0:
		return standing
	}
	text := fmt.Sprintf("%s affected, %s by known exploited vulnerabilities", plural(s.Affected, "gateway"), number(s.KEV))
	if s.StillAffected > 0 {
		text += "; " + standing
	}
	return text
}

// todo says what to do, what concerns most gateways first.
func (m *markdownPart) todo(b *strings.Builder) {
	if len(m.advice.upgrades) == 0 {
		return
	}
	b.WriteString("\nWhat to do\n---\n\n")
	for i, u := range sortedKeys(m.advice.upgrades, byGateways(m.advice.upgrades)) {
		if i == 20 {
			fmt.Fprintf(b, "- and %d more upgrades\n", len(m.advice.upgrades)-i)
			return
		}
		to := "to " + u.what + " or later"
		if u.what == "" {
			to = "to a supported release"
		}
		fmt.Fprintf(b, "- Upgrade %s of %s %s.\n", plural(m.advice.upgrades[u], "gateway"), markdown(u.product, 100), markdown(to, 200))
	}
}
