package importer

import (
	"fmt"
	"strconv"
	"strings"

	"postern/advisories"
)

// width is where lines of a draft are broken.
const width = 100

// A page is a YAML file while it is written, in the layout of the reviewed ones.
type page struct{ strings.Builder }

func (p *page) line(indent int, format string, args ...any) {
	fmt.Fprintf(p, strings.Repeat(" ", indent)+format+"\n", args...)
}

// text writes a key with text: on one line where it fits, folded where it does not.
func (p *page) text(indent int, key, value string) {
	if value == "" {
		return
	}
	value = plain(value)
	if line := key + ": " + quote(value); indent+len(line) <= width {
		p.line(indent, "%s", line)
		return
	}
	p.line(indent, "%s: >-", key)
	p.wrap(indent+2, strings.Fields(value), "")
}

// wrap writes words on as many lines as they need, each line after a prefix.
func (p *page) wrap(indent int, words []string, prefix string) {
	line := ""
	for _, word := range words {
		if line != "" && indent+len(prefix)+len(line)+1+len(word) > width {
			p.line(indent, "%s%s", prefix, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	p.line(indent, "%s%s", prefix, line)
}

func (p *page) comment(text string) { p.wrap(0, strings.Fields(plain(text)), "# ") }

// quote is text in double quotes; what Go escapes, YAML reads.
func quote(s string) string { return strconv.Quote(s) }

// render writes the whole file, with what to look at on top.
func render(d *draft) []byte {
	p := &page{}
	p.comment("A draft from " + d.Source + ". Hold each range against the record and the vendor's page, " +
		"write title and summary in your own words, and then remove these lines and review.")
	for _, note := range d.notes {
		p.comment("- " + note)
	}
	if d.CVSS.Best() == "" {
		p.comment("- The record has no vector: rate the severity, and say whether a login is needed.")
	}
	p.line(0, "review: %s", d.Review)
	p.line(0, "id: %s", d.ID)
	p.text(0, "title", d.Title)
	p.text(0, "summary", d.Summary)
	p.line(0, "published: %s", quote(d.Published))
	p.line(0, "severity: %s", d.Severity)
	p.text(0, "severity_reason", d.SeverityReason)
	if d.CVSS.Best() != "" {
		p.line(0, "cvss:")
		p.text(2, "v31", d.CVSS.V31)
		p.text(2, "v40", d.CVSS.V40)
	}
	if len(d.CWE) > 0 {
		p.line(0, "cwe: [%s]", strings.Join(d.CWE, ", "))
	}
	p.line(0, "references:")
	for _, r := range d.References {
		p.line(2, "- {type: %s, url: %s}", r.Type, quote(r.URL))
	}
	p.text(0, "requires", d.Requires)
	p.line(0, "preauth: %t", d.Preauth)
	p.line(0, "affected:")
	for i := range d.Affected {
		p.entry(&d.Affected[i])
	}
	p.text(0, "workaround", d.Workaround)
	p.text(0, "remediation", d.Remediation)
	p.text(0, "source", d.Source)
	p.text(0, "source_note", strings.Join(d.notes, " "))
	return []byte(p.String())
}

func (p *page) entry(a *advisories.Affected) {
	p.line(2, "- product: %s", a.Product)
	p.versions(4, "models", a.Models)
	p.versions(4, "listed", a.Listed)
	if len(a.Branches) > 0 {
		p.line(4, "branches:")
	}
	for _, b := range a.Branches {
		p.line(6, "- branch: %s", quote(b.Branch))
		if b.Status != "" {
			p.line(8, "status: %s", b.Status)
		}
		p.events(b.Events)
		if b.After != "" {
			p.line(8, "after: %s", b.After)
		}
		if b.Fix != "" {
			p.line(8, "fix: %s", quote(b.Fix))
		}
		p.text(8, "note", b.Note)
	}
	p.line(4, "unlisted_branches: %s", a.UnlistedBranches)
	p.text(4, "unlisted_note", a.UnlistedNote)
	p.line(4, "holds:")
	p.versions(6, "affected", a.Holds.Affected)
	p.versions(6, "not_affected", a.Holds.NotAffected)
	p.versions(6, "possible", a.Holds.Possible)
}

// events writes a stretch a line, or all on one line when there is only one.
func (p *page) events(events []advisories.Event) {
	var stretches []string
	for _, e := range events {
		switch {
		case e.Introduced != "":
			stretches = append(stretches, "{introduced: "+quote(e.Introduced)+"}")
		case e.Fixed != "":
			stretches[len(stretches)-1] += ", {fixed: " + quote(e.Fixed) + "}"
		default:
			stretches[len(stretches)-1] += ", {last_affected: " + quote(e.LastAffected) + "}"
		}
	}
	switch len(stretches) {
	case 0:
	case 1:
		p.line(8, "events: [%s]", stretches[0])
	default:
		p.line(8, "events: [")
		for _, s := range stretches {
			p.line(10, "%s,", s)
		}
		p.line(8, "]")
	}
}

// versions writes a list of texts, on one line where it fits.
func (p *page) versions(indent int, key string, list []string) {
	if len(list) == 0 {
		return
	}
	var words []string
	for _, v := range list {
		words = append(words, quote(v)+",")
	}
	words[len(words)-1] = strings.TrimSuffix(words[len(words)-1], ",")
	if line := strings.Join(words, " "); indent+len(key)+4+len(line) <= width {
		p.line(indent, "%s: [%s]", key, line)
		return
	}
	p.line(indent, "%s: [", key)
	words[len(words)-1] += ","
	p.wrap(indent+2, words, "")
	p.line(indent, "]")
}
