package advisories

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	idForm  = regexp.MustCompile(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$`)
	cveForm = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`)
	cweForm = regexp.MustCompile(`^CWE-[1-9][0-9]*$`)
)

// checkIdentity also sees to it that a CVE is in one file only.
func (s *source) checkIdentity(p place, a *Advisory, first map[string]string) {
	at := p.key("id")
	switch name := strings.TrimSuffix(path.Base(s.name), ".yaml"); {
	case a.ID == "":
		at.bad("id is missing; it is the file's name, %q", name)
		return
	case a.ID != name:
		at.bad("id is %q but the file is %s; they must be the same", a.ID, path.Base(s.name))
	case strings.HasPrefix(a.ID, "CVE-") && !cveForm.MatchString(a.ID), !idForm.MatchString(a.ID):
		at.bad("id %q is neither a CVE such as CVE-2024-21762 nor a name such as POSTERN-VENDOR-TOPIC", a.ID)
	}
	for i, id := range append([]string{a.ID}, a.Aliases...) {
		where := at
		if i > 0 {
			where = p.key("aliases").item(i - 1)
			if strings.TrimSpace(id) == "" {
				where.bad("alias is empty")
				continue
			}
			if !strings.HasPrefix(id, "CVE-") {
				continue // a vendor's bulletin may be about several CVEs
			}
		}
		if other, ok := first[id]; ok {
			where.bad("%s is also in %s; a CVE has one file, for all its products", id, other)
			continue
		}
		first[id] = s.name
	}
}

func (s *source) checkTexts(p place, a *Advisory) {
	for _, field := range []struct{ key, text, advice string }{
		{"title", a.Title, "one line: product and weakness"},
		{"summary", a.Summary, "what an attacker can do, in your own words"},
		{"remediation", a.Remediation, "what a defender should do"},
		{"source", a.Source, "where the facts are from"},
		{"published", a.Published, "the day of the vendor's advisory"},
	} {
		if strings.TrimSpace(field.text) == "" {
			p.key(field.key).bad("%s is missing; give %s", field.key, field.advice)
		}
	}
	if !p.has("preauth") {
		p.bad("preauth is missing; say true when no login is needed, or false")
	}
	if strings.ContainsAny(strings.TrimSpace(a.Title), "\n\r") {
		p.key("title").bad("title has several lines; give one")
	}
	for i, cwe := range a.CWE {
		if !cweForm.MatchString(cwe) {
			p.key("cwe").item(i).bad("cwe is %q; write it like CWE-787", cwe)
		}
	}
}

func (s *source) checkDates(p place, a *Advisory) {
	checkDate(p, "published", a.Published)
	checkDate(p, "modified", a.Modified)
	checkDate(p, "withdrawn", a.Withdrawn)
	for _, later := range []struct{ key, date string }{{"modified", a.Modified}, {"withdrawn", a.Withdrawn}} {
		if later.date != "" && later.date < a.Published {
			p.key(later.key).bad("%s %s is before published %s", later.key, later.date, a.Published)
		}
	}
}

// checkDate leaves empty dates to who knows whether they are needed.
func checkDate(p place, key, date string) {
	if date == "" {
		return
	}
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		p.key(key).bad("%s is %q, which is no date; write \"2024-02-09\"", key, date)
	}
}

func (s *source) checkSeverity(p place, a *Advisory) {
	at := p.key("cvss")
	valid := true
	for _, field := range []struct{ key, vector, begins string }{
		{"v31", a.CVSS.V31, "CVSS:3."}, {"v40", a.CVSS.V40, "CVSS:4.0/"},
	} {
		if field.vector == "" {
			continue
		}
		if !strings.HasPrefix(field.vector, field.begins) {
			at.key(field.key).bad("%s: %q does not begin with %s", field.key, field.vector, field.begins)
			valid = false
		} else if _, err := baseScore(field.vector); err != nil {
			at.key(field.key).bad("%s: vector %q: %v", field.key, field.vector, err)
			valid = false
		}
	}
	if !slices.Contains([]string{"low", "medium", "high", "critical"}, a.Severity) {
		p.key("severity").bad("severity is %q; it is low, medium, high or critical", a.Severity)
		return
	}
	if a.CVSS.Best() == "" || !valid {
		return
	}
	score := a.CVSS.Score()
	switch rated := rating(score); {
	case rated != a.Severity && strings.TrimSpace(a.SeverityReason) == "":
		p.key("severity").bad("severity is %s, but %s scores %.1f, which is %s; change it or say why in severity_reason", a.Severity, a.CVSS.Best(), score, rated)
	case rated == a.Severity && a.SeverityReason != "":
		p.key("severity_reason").bad("severity_reason is given, but severity %s is what %s is rated; remove it", a.Severity, a.CVSS.Best())
	}
}

func (s *source) checkReferences(p place, a *Advisory) {
	at := p.key("references")
	if len(a.References) == 0 {
		at.bad("references are missing; give the vendor's advisory at least")
	}
	kinds := []string{"advisory", "fix", "article", "kev"}
	for i, r := range a.References {
		if !slices.Contains(kinds, r.Type) {
			at.item(i).key("type").bad("type of the reference is %q; it is one of %s", r.Type, strings.Join(kinds, ", "))
		}
		u, err := url.Parse(r.URL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(r.URL, " \t\n<>\"`") {
			at.item(i).key("url").bad("url %q is no web address; write https://…", r.URL)
		}
	}
}

func (s *source) checkExploitation(p place, e Exploitation) {
	if e.KEV != nil {
		at := p.key("kev")
		if e.KEV.Added == "" {
			at.bad("kev has no added; give the day on which CISA added it")
		}
		if !at.has("ransomware") {
			at.bad("kev has no ransomware; say true when CISA knows of such use, or false")
		}
		checkDate(at, "added", e.KEV.Added)
		checkDate(at, "due", e.KEV.Due)
		if e.KEV.Due != "" && e.KEV.Due < e.KEV.Added {
			at.key("due").bad("due %s is before added %s", e.KEV.Due, e.KEV.Added)
		}
	}
	for i, c := range e.Campaigns {
		at := p.key("campaigns").item(i)
		for _, field := range []struct{ key, text, advice string }{
			{"name", c.Name, "what it is called, or one line on what happened"},
			{"claimed_by", c.ClaimedBy, "who says so"},
			{"source", c.Source, "where they say it"},
		} {
			if strings.TrimSpace(field.text) == "" {
				at.bad("campaign has no %s; give %s", field.key, field.advice)
			}
		}
	}
}
