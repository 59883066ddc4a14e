package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"postern/report/internal/sarif"
	"postern/scanner/finding"
)

// maxRuleText is the most characters that code-scanning services take in a rule's texts.
const maxRuleText = 1000 // 1,024, less what cutting appends

// claim is one finding about one product, as a result of SARIF.
type claim struct {
	product finding.Product
	finding finding.Finding
}

// claims lists what a result proves or, with a version that was read, leaves possible:
// what is said of the endpoint, then of its products, then what an earlier scan said and
// this one did not judge. There is at most one claim an advisory, the strongest, since a
// result is told from others by endpoint and advisory alone.
func claims(r finding.Result) []claim {
	var all []claim
	at := map[string]int{}
	add := func(c claim) {
		i, seen := at[c.finding.Advisory]
		switch {
		case !seen:
			at[c.finding.Advisory] = len(all)
			all = append(all, c)
		case c.stands() > all[i].stands():
			all[i] = c
		}
	}
	product := func(p finding.Product) {
		for _, f := range p.Findings {
			if f.Kind != finding.Vulnerability || f.Verdict == finding.Affected || f.Verdict == finding.Possible && versionRead(p.Version) {
				add(claim{p, f})
			}
		}
	}
	product(finding.Product{Findings: r.Findings})
	for _, p := range r.Products {
		product(p)
	}
	for _, p := range earlierProducts(r) {
		product(p)
	}
	return all
}

// earlierProducts is what an earlier scan said of an endpoint and this one did not judge;
// what is about the endpoint itself is in a product without id.
func earlierProducts(r finding.Result) []finding.Product {
	if r.Earlier == nil {
		return nil
	}
	all := slices.Clone(r.Earlier.Products)
	if len(r.Earlier.Findings) > 0 {
		all = append(all, finding.Product{Findings: r.Earlier.Findings})
	}
	for i := range all {
		all[i].Findings = slices.Clone(all[i].Findings)
		for j := range all[i].Findings {
			if f := &all[i].Findings[j]; f.Change != finding.IsNew { // by the rules of today
				f.Change = finding.NotEvaluated
			}
		}
	}
	return all
}

// earlier reports whether a finding is of an earlier scan; the product is then as that
// knew it.
func (c claim) earlier() bool {
	return c.finding.Change == finding.NotEvaluated || c.finding.Seen != nil
}

// stands orders claims about one advisory: what nobody has accepted before what somebody
// has, and what is certain before what is not.
func (c claim) stands() int {
	return 2*(1-rank(c.finding.Accepted == nil)) + 1 - rank(c.finding.Verdict == finding.Affected)
}

// versionRead reports whether at least something is known of a version.
func versionRead(v finding.Version) bool {
	return v.State == finding.Exact || v.State == finding.Candidates || v.State == finding.InRange
}

// affected reports whether a weakness is certain; a finding of a kind is none.
func (c claim) affected() bool {
	return c.finding.Kind == finding.Vulnerability && c.finding.Verdict == finding.Affected
}

// ruleID is the advisory, with /possible after it for a maybe. Importers find the CVE
// in either.
func (c claim) ruleID() string {
	if c.affected() || c.finding.Kind != finding.Vulnerability {
		return plain(c.finding.Advisory, 100)
	}
	return plain(c.finding.Advisory, 100) + "/possible"
}

// weight orders claims: what nobody has accepted first, affected before possible, then
// known exploited, severity, score.
func (c claim) weight() int {
	w := 1000*severityRank(c.finding.Severity) + int(10*score(c.finding))
	if c.affected() {
		w += 100_000
	}
	if c.finding.KEV != nil {
		w += 10_000
	}
	if c.finding.Accepted != nil {
		w -= 1_000_000
	}
	return w
}

// rule describes the advisory in general: nothing in it may come from a host, since it
// is shared by all of them.
func (c claim) rule() sarif.Rule {
	f := c.finding
	if f.Kind != finding.Vulnerability {
		return kindRule(f)
	}
	id, title := prose(f.Advisory, 100), strings.TrimSuffix(prose(f.Title, 300), ".")
	r := sarif.Rule{
		ID:                   c.ruleID(),
		Name:                 pascal(f.Title),
		ShortDescription:     sarif.Message{Text: id + ": " + title + "."},
		FullDescription:      sarif.Message{Text: cut(describe(f), maxRuleText)},
		Help:                 help(f),
		HelpURI:              helpURI(f),
		DefaultConfiguration: sarif.Configuration{Level: level(f.Severity)},
		Properties:           sarif.RuleProperties{Tags: ruleTags(f), Precision: "high", SecuritySeverity: securitySeverity(f)},
	}
	if c.affected() {
		if f.KEV != nil {
			r.Properties.Tags = append(r.Properties.Tags, "kev")
		}
		return r
	}
	r.Name += "Possible"
	r.ShortDescription.Text = id + " (possible): " + title + "."
	r.FullDescription.Text = cut("What can be seen from outside does not settle whether the gateway is affected. "+describe(f), maxRuleText)
	r.DefaultConfiguration.Level = sarif.Note
	r.Properties.Precision = "low"
	r.Properties.SecuritySeverity = "" // the level decides: a maybe is not shown as critical
	return r
}

func ruleTags(f finding.Finding) []string {
	tags := []string{"security"}
	for _, cwe := range f.CWE {
		number, ok := strings.CutPrefix(strings.ToLower(cwe), "cwe-")
		if tag := "external/cwe/cwe-" + number; ok && isDigits(number) && len(tags) < 15 && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

func isDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// describe says in sentences what an advisory is about.
func describe(f finding.Finding) string {
	parts := []string{sentence(prose(f.Title, 300))}
	severity := "Severity " + prose(f.Severity, 20)
	if s := score(f); s > 0 {
		severity += fmt.Sprintf(", CVSS %.1f", s)
	}
	if f.Vector != "" {
		severity += " (" + prose(f.Vector, 200) + ")"
	}
	parts = append(parts, severity+".")
	if f.Preauth {
		parts = append(parts, "No login is needed.")
	}
	parts = append(parts, caveats(f)...)
	return strings.Join(parts, " ")
}

// caveats says on what a weakness depends, and what is known of attacks.
func caveats(f finding.Finding) []string {
	var parts []string
	if f.AppliesIf != "" {
		parts = append(parts, sentence("Applies if: "+prose(f.AppliesIf, 400)))
	}
	if f.KEV != nil {
		kev := "It is in CISA's catalogue of known exploited vulnerabilities since " + prose(f.KEV.Added, 40)
		if f.KEV.Ransomware {
			kev += ", with known use in ransomware campaigns"
		}
		parts = append(parts, sentence(kev))
	}
	if s := attacks(f); s != "" {
		parts = append(parts, sentence(prose(s, 800)))
	}
	return parts
}

func help(f finding.Finding) sarif.Message {
	remedy := f.Remediation
	if remedy == "" {
		remedy = "Read the advisory and follow it"
	}
	text := cut(sentence(prose(remedy, 800)), 800)
	m := sarif.Message{Text: text, Markdown: "**What to do:** " + markdown(text, 0)}
	if uri := helpURI(f); uri != "" {
		m.Markdown += "\n\n[" + markdown(f.Advisory, 100) + "](" + uri + ")"
	}
	if len(m.Markdown) > maxRuleText { // escapes and address made it too long; the text serves
		m.Markdown = ""
	}
	return m
}

// helpURI is the advisory's own page, or the public record of a CVE.
func helpURI(f finding.Finding) string {
	if uri := link(f.URL); uri != "" {
		return uri
	}
	if strings.HasPrefix(f.Advisory, "CVE-") {
		return link("https://nvd.nist.gov/vuln/detail/" + f.Advisory)
	}
	return ""
}

// level is how SARIF says a severity.
func level(severity string) string {
	switch severity {
	case "critical", "high":
		return sarif.Error
	case "low":
		return sarif.Note
	}
	return sarif.Warning
}

func severityRank(severity string) int {
	return 1 + slices.Index([]string{"low", "medium", "high", "critical"}, severity)
}

// securitySeverity is the score, or the middle of the severity's band where there is no
// score or where the advisory gives a reason to rate it otherwise.
func securitySeverity(f finding.Finding) string {
	band, s := "", score(f)
	switch {
	case s >= 9:
		band = "critical"
	case s >= 7:
		band = "high"
	case s >= 4:
		band = "medium"
	case s > 0:
		band = "low"
	}
	if band != "" && band == f.Severity {
		return fmt.Sprintf("%.1f", s)
	}
	return [...]string{"5.5", "2.0", "5.5", "8.0", "9.5"}[severityRank(f.Severity)]
}

// pascal makes a rule's name of its title: words of at least two letters or digits,
// each begun by a capital.
func pascal(title string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(title, func(r rune) bool { return r > 0x7f || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if b.Len()+len(word) > 60 {
			break
		}
		if word[0] >= '0' && word[0] <= '9' { // belongs to the word before it
			if b.Len() > 0 {
				b.WriteString(strings.ToLower(word))
			}
		} else if len(word) > 1 {
			b.WriteString(strings.ToUpper(word[:1]) + strings.ToLower(word[1:]))
		}
	}
	if b.Len() == 0 {
		return "GatewayAdvisory"
	}
	return b.String()
}

// cut shortens text to a number of characters, at a word.
func cut(s string, limit int) string {
	if len([]rune(s)) <= limit {
		return s
	}
	s = string([]rune(s)[:limit])
	if i := strings.LastIndexByte(s, ' '); i > limit/2 {
		s = s[:i]
	}
	return s + " ..."
}
