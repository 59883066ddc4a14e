package report

import (
	"fmt"
	"strings"

	"postern/scanner/finding"
)

// The groups of gateways, in the order in which they are shown.
const (
	affectedGroup = iota
	possibleGroup
	endedGroup    // no advisory is open, and the release gets no fixes
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
	var affected, possible, kinds []finding.Finding
	for _, f := range product.Findings {
		switch {
		case f.Kind != finding.Vulnerability:
			kinds = append(kinds, f)
		case f.Verdict == finding.Affected:
			affected = append(affected, f)
		case f.Verdict == finding.Possible:
			possible = append(possible, f)
		}
	}
	kinds = append(kinds, about...)
	version := product.Version.Text
	if !versionRead(product.Version) {
		version = ""
	}
	if len(affected)+len(possible)+len(kinds) == 0 {
		p.line(2, 6, padded(24, say(r.Target)), say(strings.TrimSpace(fullName(product)+" "+version)+";"), styled(faint, ruledOut(product)))
		return
	}
	p.gap()
	p.line(0, 4, padded(columns(r.Target)+1, styled(bold, r.Target)), styled(bold, fullName(product)), styled(bold, version))
	p.line(4, 4, styled(faint, aside(r, product)))
	writeAffected(p, product, affected)
	for _, f := range kinds {
		writeKind(p, 2, f)
	}
	if len(affected)+len(possible) == 0 {
		p.line(2, 6, say(sentence(ruledOut(product))))
	}
	if versionRead(product.Version) {
		writePossible(p, possible)
	} else if len(possible) > 0 {
		p.line(2, 6, styled(warning, notRead(product)+";"), say(openQuestions(product).String()))
		writeExploitation(p, possible, 3)
	}
	writeEvidence(p, product)
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
	if r.Input.Owner != "" {
		parts = append(parts, "owner "+visible(r.Input.Owner, 100))
	}
	if len(r.Input.Tags) > 0 {
		parts = append(parts, "tags "+visible(strings.Join(r.Input.Tags, ", "), 200))
	}
	if r.Input.File != "" && r.Input.File != "-" {
		parts = append(parts, fmt.Sprintf("%s:%d", r.Input.File, r.Input.Line))
	}
	return strings.Join(parts, "; ")
}

func ruledOut(product finding.Product) string {
	if n := len(product.NotAffected); n > 0 {
		return plural(n, "advisory") + " ruled out"
	}
	return "no advisory is known for this product"
}

// writeAffected writes one row an advisory, and under it what it depends on.
func writeAffected(p *page, product finding.Product, affected []finding.Finding) {
	id, kev := 0, 0
	for _, f := range affected {
		id = max(id, min(columns(f.Advisory), 24))
		kev = max(kev, len(kevMark(f)))
	}
	for _, f := range affected {
		fix := noFix(f)
		if v := fixed(f); v != "" {
			fix = "fixed in " + v
		}
		cells := []span{padded(id+1, styled(bold, f.Advisory)), padded(len("critical 10.0")+1, say(rating(f)))}
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
	if mark := kevMark(f); mark != "" {
		notes = append(notes, mark)
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
