package report

import (
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// The groups of gateways, in the order in which they are shown.
const (
	affectedGroup = iota
	earlierGroup  // not judged again
	possibleGroup
	endedGroup    // no advisory is open, and the release gets no fixes
	acceptedGroup // nothing is open but what somebody has accepted
	unjudgedGroup // no advisory is known for the product
	clearGroup
)

// block is what will be printed of one gateway, and where.
type block struct {
	group, weight int
	text          string
}

// newBlock lays out one result. The worst of its findings decides its place.
func (w *textWriter) newBlock(r finding.Result) block {
	b := block{group: clearGroup}
	for _, p := range r.Products {
		if advisoriesOf(p) == 0 {
			b.group = min(b.group, unjudgedGroup)
		}
		for _, f := range p.Findings {
			c := claim{p, f}
			switch {
			case f.Accepted != nil:
				b.group = min(b.group, acceptedGroup)
			case f.Kind == finding.EndOfLife:
				b.group = min(b.group, endedGroup)
			case f.Kind != finding.Vulnerability:
				continue
			case c.affected():
				b.group = affectedGroup
			case f.Verdict == finding.Possible:
				b.group = min(b.group, possibleGroup)
			default:
				continue
			}
			b.weight = max(b.weight, c.weight())
		}
	}
	p := newPage(w.opts)
	for i, product := range r.Products {
		about := r.Findings
		if i > 0 {
			about = nil // said once
		}
		writeProduct(p, r, product, about)
	}
	if len(r.Products) == 0 { // nothing that Postern writes
		p.line(2, 6, say(r.Target), say("no product is named"))
	}
	b.text = strings.Clone(p.buf.String()) // the builder's own room is larger
	return b
}

// writeProduct lays out one product, and what is to be said about the endpoint itself.
func writeProduct(p *page, r finding.Result, product finding.Product, about []finding.Finding) {
	var found split
	found.add(product.Findings)
	found.add(about)
	version := product.Version.Text
	if !versionRead(product.Version) {
		version = ""
	}
	if found.empty() {
		p.line(2, 6, padded(24, say(r.Target)), say(strings.TrimSpace(fullName(product)+" "+version)+";"), styled(faint, ruledOut(product)))
		return
	}
	p.gap()
	p.line(0, 4, padded(columns(r.Target)+1, styled(bold, r.Target)), styled(bold, fullName(product)), styled(bold, version))
	p.line(4, 4, styled(faint, aside(r, product)))
	found.write(p, product)
	writeEvidence(p, product)
}

// split holds findings by how they are shown.
type split struct {
	affected, possible, kinds, accepted []finding.Finding
}

func (s *split) add(findings []finding.Finding) {
	for _, f := range findings {
		switch {
		case f.Accepted != nil:
			s.accepted = append(s.accepted, f)
		case f.Kind != finding.Vulnerability:
			s.kinds = append(s.kinds, f)
		case f.Verdict == finding.Affected:
			s.affected = append(s.affected, f)
		case f.Verdict == finding.Possible:
			s.possible = append(s.possible, f)
		}
	}
}

func (s *split) empty() bool {
	return len(s.affected)+len(s.possible)+len(s.kinds)+len(s.accepted) == 0
}

// write lays out findings, and what to do about those that are certain.
func (s *split) write(p *page, product finding.Product) {
	writeAffected(p, product, s.affected)
	writeUpgrade(p, product, s.affected)
	for _, f := range s.kinds {
		writeKind(p, 2, f)
	}
	if len(s.affected)+len(s.possible)+len(s.accepted) == 0 && product.ID != "" && !(claim{product, s.kinds[0]}).earlier() {
		p.line(2, 6, say(sentence(ruledOut(product))))
	}
	if versionRead(product.Version) {
		writePossible(p, s.possible)
	} else if len(s.possible) > 0 {
		p.line(2, 6, styled(warning, notRead(product)+";"), say(openQuestions(finding.Product{Findings: s.possible}).String()))
		writeExploitation(p, s.possible, 3)
	}
	for _, f := range s.accepted {
		writeAccepted(p, f)
	}
}

// writeUpgrade says where to go, if a fix is named for anything.
func writeUpgrade(p *page, product finding.Product, affected []finding.Finding) {
	if !slices.ContainsFunc(affected, func(f finding.Finding) bool { return fixed(f) != "" }) {
		return
	}
	to := "to " + product.Upgrade + " or later; no known advisory affects it"
	if product.Upgrade == "" {
		to = "to a supported release: every fixed version is affected by a later advisory"
	}
	p.line(2, 6, styled(bold, "upgrade:"), say(to))
}

// writeAccepted says what is not counted, and who decided that, until when and why.
func writeAccepted(p *page, f finding.Finding) {
	a := f.Accepted
	text := fmt.Sprintf("by %s until %s: %s", visible(a.Owner, 100), visible(a.Expires, 20), visible(withJustification(a), 600))
	what := f.Advisory + ", " + strings.ReplaceAll(string(f.Verdict), "_", " ")
	if f.Kind != finding.Vulnerability {
		what = f.Advisory + ", " + kindLabel(f.Kind)
	}
	p.line(2, 6, styled(faint, "accepted:"), say(what+","), say(text))
}

// aside says how sure the identification is, and whose gateway it is.
func aside(r finding.Result, product finding.Product) string {
	sure := map[finding.VersionState]string{
		finding.Exact:      "exact version",
		finding.Candidates: fmt.Sprintf("one of %s", plural(len(product.Version.Candidates), "version")),
		finding.InRange:    "a range of versions",
	}[product.Version.State]
	if sure == "" {
		sure = notRead(product)
	}
	parts := []string{string(product.Confidence) + " match, " + sure}
	if product.Confidence == declared {
		parts[0] = "declared, not recognised; " + sure
	} else if product.Version.UsesDeclared {
		parts[0] = string(product.Confidence) + " match, version as declared"
	}
	return strings.Join(append(parts, whose(r)...), "; ")
}

// whose says what the asset list does of a target: owner, tags and place.
func whose(r finding.Result) []string {
	parts := ownerAndTags(r)
	if r.Input.File != "" && r.Input.File != "-" {
		parts = append(parts, fmt.Sprintf("%s:%d", r.Input.File, r.Input.Line))
	}
	return parts
}

func ownerAndTags(r finding.Result) []string {
	var parts []string
	if r.Input.Owner != "" {
		parts = append(parts, "owner "+visible(r.Input.Owner, 100))
	}
	if len(r.Input.Tags) > 0 {
		parts = append(parts, "tags "+visible(strings.Join(r.Input.Tags, ", "), 200))
	}
	return parts
}

func ruledOut(product finding.Product) string {
	if n := len(product.NotAffected); n > 0 {
		return plural(n, "advisory") + " ruled out"
	}
	return "no advisory is known for this product"
}

// writeAffected writes one row an advisory, and under it what it depends on.
func writeAffected(p *page, product finding.Product, affected []finding.Finding) {
	id, kev, fresh := 0, 0, false
	for _, f := range affected {
		id = max(id, min(columns(f.Advisory), 24))
		kev = max(kev, len(kevMark(f)))
		fresh = fresh || f.Change == finding.IsNew
	}
	for _, f := range affected {
		fix := noFix(f)
		if v := fixed(f); v != "" {
			fix = "fixed in " + v
		}
		cells := []span{padded(id+1, styled(bold, f.Advisory)), padded(len("critical 10.0")+1, say(rating(f)))}
		if fresh {
			cells = append(cells, padded(len("new")+1, styled(alarm, newMark(f))))
		}
		if kev > 0 {
			cells = append(cells, padded(kev+1, styled(alarm, kevMark(f))))
		}
		p.line(2, 6, append(cells, say(fix))...)
		if !strings.HasPrefix(f.Advisory, "CVE-") {
			p.line(6, 6, say(f.Title))
		}
		if !versionRead(product.Version) && f.Reason != "" {
			p.line(6, 6, say("because "+f.Reason))
		}
		if f.AppliesIf != "" {
			p.line(6, 6, say("applies if: "+f.AppliesIf))
		}
		if s := attacks(f); s != "" {
			p.line(6, 6, say(s))
		}
	}
}

// noFix is what to say of an advisory that names no fixed version. One of our own is
// about how a gateway is set up, and there nobody expects one.
func noFix(f finding.Finding) string {
	if !strings.HasPrefix(f.Advisory, "CVE-") {
		return ""
	}
	return "no fixed version is named"
}

func rating(f finding.Finding) string {
	if score(f) == 0 {
		return f.Severity
	}
	return fmt.Sprintf("%s %.1f", f.Severity, score(f))
}

// newMark marks what the baseline did not have.
func newMark(f finding.Finding) string {
	if f.Change == finding.IsNew {
		return "new"
	}
	return ""
}

func kevMark(f finding.Finding) string {
	switch {
	case f.KEV == nil:
		return ""
	case f.KEV.Ransomware:
		return "KEV, ransomware"
	}
	return "KEV"
}

// maxReasons is how many paragraphs about possible advisories a gateway gets.
const maxReasons = 10

// writePossible gathers the advisories that share a reason in one paragraph.
func writePossible(p *page, possible []finding.Finding) {
	var reasons []string
	byReason := map[string][]string{}
	var rest finding.Product // what has no place any more, to be counted
	for _, f := range possible {
		reason := why(f)
		if byReason[reason] == nil {
			if len(reasons) == maxReasons {
				rest.Findings = append(rest.Findings, f)
				continue
			}
			reasons = append(reasons, reason)
		}
		byReason[reason] = append(byReason[reason], noted(f))
	}
	for _, reason := range reasons {
		spans := []span{styled(warning, "possible:"), say(strings.Join(byReason[reason], ", "))}
		if reason != "" {
			spans = append(spans, styled(faint, "- "+reason))
		}
		p.line(2, 6, spans...)
	}
	if len(rest.Findings) > 0 {
		p.line(2, 6, styled(warning, "and more:"), say(openQuestions(rest).String()))
	}
	writeExploitation(p, possible, maxReasons)
}

// noted is an advisory with what matters most of it in brackets.
func noted(f finding.Finding) string {
	var notes []string
	for _, mark := range []string{newMark(f), kevMark(f)} {
		if mark != "" {
			notes = append(notes, mark)
		}
	}
	if v := fixed(f); v != "" {
		notes = append(notes, "fixed in "+v)
	}
	if len(notes) == 0 {
		return f.Advisory
	}
	return f.Advisory + " (" + strings.Join(notes, ", ") + ")"
}

// writeExploitation writes what is known of attacks, each text once, up to a limit.
func writeExploitation(p *page, findings []finding.Finding, limit int) {
	seen := map[string]bool{}
	for _, f := range findings {
		if s := attacks(f); s != "" && !seen[s] && len(seen) < limit {
			p.line(6, 6, say(f.Advisory+":"), say(s))
			seen[s] = true
		}
	}
}

// writeEvidence shows what the conclusion rests on: the answer that told the version, or
// else the one that named the product; every one that told a version when they
// contradict each other.
func writeEvidence(p *page, product finding.Product) {
	limit := 1
	switch {
	case product.Version.State == finding.Contradictory:
		limit = 4
	case product.Version.UsesDeclared:
		limit = 2 // what is seen, and what the asset list adds
	}
	for i, r := range strongest(product, limit) {
		if i > 0 && !tells(r) {
			break
		}
		label := "seen:"
		if r.Rule == declared {
			label = "stated:"
		}
		spans := []span{styled(faint, label), say(r.Request), say(quoted(r.Shows, 160))}
		if tells(r) {
			spans = append(spans, say("means "+r.Says))
		}
		p.line(2, 6, append(spans, styled(faint, "("+r.Rule+")"))...)
	}
	for _, raw := range product.Version.Raw[:min(len(product.Version.Raw), 2)] {
		p.line(2, 6, styled(faint, "not understood:"), say(quoted(raw, 160)))
	}
}
