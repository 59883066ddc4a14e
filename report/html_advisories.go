package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// htmlMaxAdvisories is how many advisories a page explains.
const htmlMaxAdvisories = 3000

// htmlAdvisories explains each advisory once.
type htmlAdvisories struct {
	all    []*htmlAdvisory
	places map[string]int
	more   int // findings of advisories that found no room
}

type htmlAdvisory struct {
	At                                int
	ID, Title, URL, Severity, Class   string
	KEV, EPSS, Needs, Attacks, Remedy string
	Affected, Possible                int // gateways
	weight                            int
}

// link is where a finding's advisory is explained: in the page, or at its source.
func (a *htmlAdvisories) link(f finding.Finding) string {
	if at, ok := a.places[f.Advisory]; ok {
		return fmt.Sprintf("#a%d", at)
	}
	return link(f.URL)
}

func (a *htmlAdvisories) add(r finding.Result) {
	seen := map[string]bool{}
	count := func(p finding.Product) {
		for _, f := range p.Findings {
			if f.Kind == finding.Vulnerability && !seen[f.Advisory] {
				a.count(claim{p, f})
				seen[f.Advisory] = true
			}
		}
	}
	for _, p := range r.Products {
		count(p)
	}
	if r.Earlier != nil {
		for _, p := range r.Earlier.Products {
			count(p)
		}
	}
}

func (a *htmlAdvisories) count(c claim) {
	f := c.finding
	at, known := a.places[f.Advisory]
	if !known {
		if len(a.all) == htmlMaxAdvisories {
			a.more++
			return
		}
		at = len(a.all)
		a.places[f.Advisory] = at
		a.all = append(a.all, newHTMLAdvisory(at, f))
	}
	one := a.all[at]
	one.weight = max(one.weight, c.weight())
	switch f.Verdict {
	case finding.Affected:
		one.Affected++
	case finding.Possible:
		one.Possible++
	}
}

func newHTMLAdvisory(at int, f finding.Finding) *htmlAdvisory {
	a := &htmlAdvisory{
		At: at, ID: visible(f.Advisory, 100), Title: sentence(visible(f.Title, 300)), URL: link(f.URL), Severity: visible(rating(f), 40), Class: severityClass(f.Severity),
		Needs: sentence(visible(f.AppliesIf, 400)), Attacks: visible(attacks(f), 1500), Remedy: sentence(visible(f.Remediation, 800)),
	}
	if f.KEV != nil {
		a.KEV = "In CISA's catalogue of known exploited vulnerabilities since " + visible(f.KEV.Added, 20)
		if f.KEV.Ransomware {
			a.KEV += ", used in ransomware campaigns"
		}
		a.KEV += "."
	}
	if e := finite(f.EPSS); e > 0 {
		a.EPSS = fmt.Sprintf("%.1f%% within 30 days", 100*e)
	}
	return a
}

// sorted is those of most gateways that are certain, then the worst.
func (a *htmlAdvisories) sorted() []*htmlAdvisory {
	return slices.SortedFunc(slices.Values(a.all), func(x, y *htmlAdvisory) int {
		return cmp.Or(rank(x.Affected > 0)-rank(y.Affected > 0), cmp.Compare(y.weight, x.weight), cmp.Compare(y.Affected, x.Affected), strings.Compare(x.ID, y.ID))
	})
}

// Count says how many gateways it concerns.
func (a *htmlAdvisory) Count() string {
	var parts []string
	if a.Affected > 0 {
		parts = append(parts, plural(a.Affected, "gateway")+" affected")
	}
	if a.Possible > 0 {
		parts = append(parts, number(a.Possible)+" possibly")
	}
	return strings.Join(parts, ", ")
}
