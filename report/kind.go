package report

import (
	"strings"

	"postern/report/internal/sarif"
	"postern/scanner/finding"
)

// declared is the confidence of a product that only the asset list names.
const declared = "declared"

// kindLabel is how people call a finding that is about no advisory.
func kindLabel(k finding.Kind) string {
	switch k {
	case finding.EndOfLife:
		return "end of life"
	case finding.LegacyTLS:
		return "outdated TLS or HTTP"
	case finding.Contradiction:
		return "contradiction"
	}
	return strings.ReplaceAll(string(k), "_", " ")
}

// advisoriesOf counts the advisories that a product was judged by.
func advisoriesOf(p finding.Product) int {
	count := len(p.NotAffected)
	for _, f := range p.Findings {
		if f.Kind == finding.Vulnerability {
			count++
		}
	}
	return count
}

// writeKind writes one finding of a kind in a line of its own.
func writeKind(p *page, indent int, f finding.Finding) {
	s, label := warning, kindLabel(f.Kind)
	switch {
	case f.Kind == finding.EndOfLife && f.Verdict == finding.Affected:
		s = alarm
	case f.Verdict == finding.Possible && f.Kind == finding.EndOfLife:
		label = "possibly " + label
	}
	if mark := newMark(f); mark != "" {
		label = mark + ", " + label
	}
	text := f.Reason
	if v := fixed(f); v != "" && f.Kind == finding.EndOfLife {
		text += "; fixes go on in " + v
	}
	p.line(indent, indent+4, styled(s, label+":"), say(text))
}

// listNoted is how many endpoints without a product are named with what was noted.
const listNoted = 20

// note is what is said of an endpoint on which no product is known.
type note struct {
	target   string
	findings []finding.Finding
}

func (w *textWriter) note(r finding.Result) {
	if len(r.Findings) == 0 {
		return
	}
	if w.notedCount++; w.notedCount <= listNoted {
		w.noted = append(w.noted, note{r.Target, r.Findings})
	}
}

// writeNotes says what is known of endpoints that are in no other list with it.
func (w *textWriter) writeNotes(p *page) {
	if w.notedCount == 0 {
		return
	}
	p.gap()
	p.line(0, 2, styled(bold, "NOTED WITHOUT A GATEWAY: "+plural(w.notedCount, "endpoint")))
	for _, n := range w.noted {
		p.line(2, 6, say(n.target))
		for _, f := range n.findings {
			writeKind(p, 4, f)
		}
	}
	if more := w.notedCount - len(w.noted); more > 0 {
		p.line(2, 6, say("and "+number(more)+" more"))
	}
}

// kindLevel is how SARIF shows a finding of a kind: a release without fixes asks for
// action, the rest is for information.
func kindLevel(k finding.Kind) string {
	if k == finding.EndOfLife {
		return sarif.Warning
	}
	return sarif.Note
}

// kindRule is the rule of a finding of a kind. Nothing in it is of one product or host,
// since all of them share it.
func kindRule(f finding.Finding) sarif.Rule {
	short, full, remedy := f.Title, "", "Look into it."
	switch f.Kind {
	case finding.EndOfLife:
		short = "The release gets no more security fixes."
		full = "By the days that the vendor has published, the release that the gateway runs gets no more security fixes: it stays open to whatever is found next."
		remedy = "Move to a release that still gets security fixes."
	case finding.LegacyTLS:
		short = "The endpoint speaks outdated TLS or HTTP."
		full = "The endpoint needs protocol versions, ciphers or keys that clients of today refuse because they are broken or too weak."
		remedy = "Configure TLS 1.2 or later with ciphers and keys of today; where the software cannot, replace it."
	case finding.Contradiction:
		short = "What was seen does not go together."
		full = "What the endpoint shows contradicts itself or the asset list, so that what it runs is not certain."
		remedy = "Find out what runs there, and correct the asset list or take the endpoint out of it."
	}
	if full == "" {
		full = prose(f.Advisory, 100) + ": " + short
	}
	return sarif.Rule{
		ID: plain(f.Advisory, 100), Name: pascal(short),
		ShortDescription:     sarif.Message{Text: sentence(prose(f.Advisory, 100) + ": " + prose(short, 300))},
		FullDescription:      sarif.Message{Text: sentence(prose(full, maxRuleText))},
		Help:                 sarif.Message{Text: remedy, Markdown: "**What to do:** " + markdown(remedy, 0)},
		DefaultConfiguration: sarif.Configuration{Level: kindLevel(f.Kind)},
		Properties:           sarif.RuleProperties{Tags: []string{"security"}, Precision: "high"},
	}
}

// kindMessage says of one endpoint what was found, in its first sentence, and what to do.
func kindMessage(r finding.Result, c claim) string {
	f, subject := c.finding, quote(r.Target)
	verb, has := runs(c.product), "has"
	if c.earlier() {
		verb, has = ran(c.product), "had"
	}
	if c.product.ID != "" {
		subject += " " + verb + " " + prose(fullName(c.product), 100)
		if versionRead(c.product.Version) {
			subject += " " + quote(c.product.Version.Text)
		}
	}
	what := map[finding.Kind]string{
		finding.EndOfLife: "a release without security fixes", finding.LegacyTLS: "outdated TLS or HTTP only", finding.Contradiction: "something contradictory",
	}[f.Kind]
	if f.Kind == finding.EndOfLife && f.Verdict != finding.Affected {
		what = "possibly " + what
	}
	if c.product.ID != "" {
		has = "and " + has
	}
	text := subject + " " + has + " " + what + " (" + plain(f.Advisory, 100) + "). " + sentence(prose(f.Reason, 800))
	if c.earlier() {
		text += " " + c.notJudged()
	}
	if f.Remediation != "" {
		text += " " + sentence(prose(f.Remediation, 400))
	}
	return cut(text, 2000)
}
