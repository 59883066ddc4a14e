package report

import (
	"fmt"
	"strings"
	"time"

	"postern/scanner/finding"
)

// listGone is how many lines there are about findings that are no more.
const listGone = 20

// earlierBlock lays out what an earlier scan said of an endpoint and this one did not judge.
func (w *textWriter) earlierBlock(r finding.Result) (block, bool) {
	products := earlierProducts(r)
	if len(products) == 0 {
		return block{}, false
	}
	b := block{group: earlierGroup}
	p := newPage(w.opts)
	for i, product := range products {
		var found split
		found.add(product.Findings)
		for _, f := range product.Findings {
			b.weight = max(b.weight, claim{product, f}.weight())
		}
		version := product.Version.Text
		if !versionRead(product.Version) {
			version = ""
		}
		if product.ID == "" && i > 0 { // about the same endpoint
			found.write(p, product)
			continue
		}
		p.gap()
		head := []span{padded(columns(r.Target)+1, styled(bold, r.Target))}
		if product.ID != "" {
			head = append(head, styled(bold, fullName(product)), styled(bold, version))
		}
		p.line(0, 4, head...)
		p.line(4, 4, styled(warning, productSeen(product)+";"), styled(faint, strings.Join(append([]string{thisTime(r)}, whose(r)...), "; ")))
		found.write(p, product)
	}
	b.text = strings.Clone(p.buf.String())
	return b, true
}

// productSeen is when a product was last judged.
func productSeen(p finding.Product) string {
	var last time.Time
	for _, f := range p.Findings {
		if f.Seen != nil && f.Seen.After(last) {
			last = *f.Seen
		}
	}
	if last.IsZero() {
		return "seen by an earlier scan"
	}
	return "last seen " + writableTime(last).Format(time.DateOnly)
}

// thisTime says why an endpoint could not be judged again.
func thisTime(r finding.Result) string {
	why := strings.TrimSuffix(string(r.Outcome)+": "+r.Reason, ": ")
	switch r.Outcome {
	case finding.Identified:
		why = "its version was not shown"
	case finding.Unidentified:
		why = "no gateway was recognised"
	}
	return "this time " + why
}

// goneLine is what became of the findings of one product.
type goneLine struct {
	finding.Change // the first of them
	advisories     []string
}

// gatherGone joins what became of one product to one line, in order.
func gatherGone(gone []finding.Change) []*goneLine {
	var lines []*goneLine
	at := map[finding.Change]*goneLine{}
	for _, change := range gone {
		key := finding.Change{Status: change.Status, Target: change.Target, Product: change.Product, Reason: change.Reason, Version: change.Version, WasVersion: change.WasVersion}
		if at[key] == nil {
			at[key] = &goneLine{Change: change}
			lines = append(lines, at[key])
		}
		at[key].advisories = append(at[key].advisories, change.Advisory)
	}
	return lines
}

// what is the product and its versions: "FortiOS 7.2.4, now 7.2.7".
func (g *goneLine) what() string {
	text := strings.TrimSpace(g.Name + " " + g.WasVersion)
	if g.Version != "" && g.Version != g.WasVersion {
		text += ", now " + g.Version
	}
	return text
}

// which are the first few advisories.
func (g *goneLine) which() string {
	const most = 4
	if more := len(g.advisories) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(g.advisories[:most], ", "), more)
	}
	return strings.Join(g.advisories, ", ")
}

// writeGone says what the baseline had and this scan has no longer.
func writeGone(p *page, s finding.Summary) {
	for _, section := range []struct {
		status finding.Status
		title  string
	}{{finding.IsFixed, "FIXED"}, {finding.NotEvaluated, "NOT IN THIS SCAN ANY MORE"}} {
		var some []finding.Change
		for _, change := range s.Gone {
			if change.Status == section.status {
				some = append(some, change)
			}
		}
		if len(some) == 0 {
			continue
		}
		count := len(some)
		if section.status == finding.IsFixed && s.Changes != nil {
			count = max(count, s.Changes.Fixed) // not all are listed
		}
		p.gap()
		p.line(0, 2, styled(bold, section.title+": "+plural(count, "finding")))
		lines := gatherGone(some)
		for _, g := range lines[:min(len(lines), listGone)] {
			p.line(2, 6, padded(24, say(g.Target)), say(strings.TrimPrefix(g.what()+": "+g.which(), ": ")), styled(faint, "- "+g.Reason))
		}
		if more := len(lines) - listGone; more > 0 {
			p.line(2, 6, say("and "+number(more)+" more"))
		}
	}
}

// writeChanges says in the summary what has changed since the baseline.
func (w *textWriter) writeChanges(p *page, s finding.Summary) {
	if s.StillAffected > 0 {
		p.line(2, 4, styled(bold, plural(s.StillAffected, "gateway")+" not judged again, and affected when last seen."))
	}
	if c := s.Changes; c != nil {
		p.line(2, 4, say(fmt.Sprintf("%s: %s new, %s fixed, %s not judged again, %s unchanged.", since(w.header, "Findings since the baseline"),
			number(c.New), number(c.Fixed), number(c.NotEvaluated), number(c.Unchanged))))
	}
	if s.Accepted > 0 {
		p.line(2, 4, say(plural(s.Accepted, "finding")+" accepted as a risk, counted in nothing above."))
	}
	for _, a := range s.Acceptances {
		p.line(2, 6, styled(warning, idleAcceptance(a)))
	}
}

// since names the baseline: "Findings since the scan of 2026-11-20".
func since(h finding.Header, otherwise string) string {
	if h.Baseline == nil || h.Baseline.Started.IsZero() {
		return otherwise
	}
	return "Findings since the scan of " + writableTime(h.Baseline.Started).Format(time.DateOnly)
}

// idleAcceptance says of an accepted risk that it did nothing.
func idleAcceptance(a finding.IdleAcceptance) string {
	what := "covers no finding; take it out"
	if a.Expired {
		what = "expired on " + a.Expires + "; decide again"
	}
	where := a.Target
	if a.Tag != "" {
		where = "tag " + a.Tag
	}
	return fmt.Sprintf("%s: the accepted risk %s of %s, %s, %s.", a.Place, a.Advisory, a.Owner, where, what)
}
