package finding

import (
	"strings"
	"time"

	"postern/advisories"
	"postern/fingerprints"
)

// NewProduct is what is reported of a product that was recognised: its version as far
// as it is known, why, and what every advisory about versions means for it, and whether
// its release gets fixes on that day; see [LifeEnded]. Findings about ports are not in it;
// see [Product.AddExposed].
func NewProduct(p fingerprints.Product, id fingerprints.Identification, db *advisories.DB, day time.Time) Product {
	product := Product{
		ID: p.ID, Name: p.Name, Vendor: p.Vendor,
		Confidence: id.Confidence,
		Version:    newVersion(id),
		Models:     id.Models,
		Because:    []Reason{},
	}
	product.CPE = cpeNames(p.CPE, product.Version)
	for _, r := range id.Because {
		reason := Reason{Rule: r.Rule, Identifies: r.Identifies, Request: r.Request, Shows: r.Shows, Source: r.Source}
		if r.Says.Scheme() != "" {
			reason.Says = r.Says.String()
		}
		product.Because = append(product.Because, reason)
	}
	product.Findings, product.NotAffected = Judge(p, id, db)
	product.Findings = append(product.Findings, lifeEnded(p, id, db, day)...)
	product.Upgrade = upgrade(p, product.Findings, id, db, day)
	return product
}

// AddExposed adds the findings about ports of the product that answer.
func (p *Product) AddExposed(openPorts []int, db *advisories.DB) {
	p.Findings = append(p.Findings, Exposed(p.ID, openPorts, db)...)
	sortFindings(p.Findings)
}

func newVersion(id fingerprints.Identification) Version {
	v := Version{Text: id.Versions.Describe(), Set: id.Versions.String(), Raw: id.Raw}
	candidates, finite := id.Versions.Candidates()
	for _, c := range candidates {
		v.Candidates = append(v.Candidates, c.String())
	}
	switch {
	case id.Versions.IsEmpty():
		v.State, v.Text = Contradictory, "contradictory"
	case !id.Read || id.Versions.IsAll():
		v.State, v.Text = Unknown, "unknown"
	case finite && len(candidates) == 1:
		v.State = Exact
	case finite:
		v.State = Candidates
	default:
		v.State = InRange
	}
	return v
}

// cpeNames writes CPE 2.3 names for entries such as "fortinet:fortios", or
// "a:openvpn:access_server" for a product that is no operating system. They name the
// version when it is exact, whole and in the version field, also where dictionaries
// put a part of it into the update field.
func cpeNames(entries []string, v Version) []string {
	version := "*"
	if v.State == Exact {
		version = cpeValue(v.Candidates[0])
	}
	var names []string
	for _, entry := range entries {
		if strings.Count(entry, ":") == 1 {
			entry = "o:" + entry
		}
		names = append(names, "cpe:2.3:"+entry+":"+version+":*:*:*:*:*:*:*")
	}
	return names
}

// cpeValue escapes what means something else in a CPE name.
func cpeValue(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		plain := r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.'
		switch {
		case r == ' ':
			r = '_'
		case !plain:
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
