package finding

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// Declared is the confidence of a product that only the asset list names, and the rule
// under which it is listed why.
const Declared = "declared"

// Declaration is what an asset list states of one endpoint. It fills in what cannot be
// seen; what is seen goes before it. A nil one states nothing.
type Declaration struct {
	Product fingerprints.Product
	Version version.Version // zero when none is stated
	Models  []string        // of those of the product; empty when none is stated
	Place   string          // "assets.txt:3"
}

// String is what is stated, in the words of the list.
func (d *Declaration) String() string {
	words := []string{"product=" + d.Product.ID}
	if !d.Version.IsZero() {
		words = append(words, "version="+d.Version.String())
	}
	if len(d.Models) > 0 {
		words = append(words, "model="+strings.Join(d.Models, ","))
	}
	return strings.Join(words, " ")
}

// Judge is [NewProduct] in the light of what is declared of that product: a version or
// model that was not seen is taken from it, one that was seen is narrowed by it, and
// where the two exclude each other the seen one is judged and a finding says both.
func (d *Declaration) Judge(p fingerprints.Product, id fingerprints.Identification, db *advisories.DB, day time.Time) Product {
	if d == nil || d.Product.ID != p.ID {
		return NewProduct(p, id, db, day)
	}
	var conflicts []string
	seen, stated := id.Versions, version.Exactly(d.Version)
	used := false
	switch {
	case d.Version.IsZero() || seen.IsEmpty() || seen.Within(stated):
	case seen.Intersect(stated).IsEmpty():
		conflicts = append(conflicts, fmt.Sprintf("%s declares %s, and the endpoint shows %s", d.Place, d.Version, seen.Describe()))
	default:
		used = true
		id.Versions, id.Read = seen.Intersect(stated), true
	}
	models := d.narrowModels(&id, &conflicts)
	if used || models {
		reason := fingerprints.Reason{Rule: Declared, Request: d.Place, Shows: d.String(), Source: "asset list"}
		if used {
			reason.Says = stated
		}
		id.Because = append(slices.Clone(id.Because), reason)
	}
	product := NewProduct(p, id, db, day)
	if product.Version.UsesDeclared = used; used || len(conflicts) > 0 && !d.Version.IsZero() {
		product.Version.Declared = d.Version.String()
	}
	for _, conflict := range conflicts {
		product.Findings = append(product.Findings, declaredOtherwise(conflict))
	}
	return product
}

// narrowModels takes the declared models, as far as what was seen allows them, and
// reports whether they told anything.
func (d *Declaration) narrowModels(id *fingerprints.Identification, conflicts *[]string) bool {
	if len(d.Models) == 0 {
		return false
	}
	if len(id.Models) == 0 {
		id.Models = slices.Clone(d.Models)
		return true
	}
	var both []string
	for _, model := range id.Models {
		if slices.Contains(d.Models, model) {
			both = append(both, model)
		}
	}
	if len(both) == 0 {
		*conflicts = append(*conflicts, fmt.Sprintf("%s declares the model %s, and the endpoint shows %s",
			d.Place, strings.Join(d.Models, " or "), strings.Join(id.Models, " or ")))
		return false
	}
	narrower := len(both) < len(id.Models)
	id.Models = both
	return narrower
}

// declaredOtherwise is the finding that the asset list and the endpoint do not agree.
func declaredOtherwise(reason string) Finding {
	return Finding{
		Advisory: "POSTERN-DECLARED", Kind: Contradiction, Verdict: Possible, Severity: "low", Reason: reason,
		Title:       "The asset list and the endpoint contradict each other",
		Remediation: "Find out what runs there and correct the asset list; what is seen was judged.",
	}
}

// AddTo adds the declared product to the results of one target where it was not
// recognised: to the endpoint of a sister product, or else to the first that was asked to
// the end. A recognised product of another vendor stays the only one, and a finding says
// what is declared. What became of the endpoint is not changed.
func (d *Declaration) AddTo(results []Result, db *advisories.DB, day time.Time) {
	if d == nil {
		return
	}
	var sister, other, open *Result
	for i := range results {
		r := &results[i]
		for _, p := range r.Products {
			switch {
			case p.ID == d.Product.ID:
				return // it was judged with the declaration
			case p.Vendor == d.Product.Vendor && sister == nil:
				sister = r
			case p.Vendor != d.Product.Vendor && other == nil:
				other = r
			}
		}
		if open == nil && r.Outcome != Interrupted && len(r.Products) == 0 {
			open = r
		}
	}
	switch {
	case sister != nil:
		sister.Products = append(sister.Products, d.alone(db, day))
	case other != nil:
		p := &other.Products[0]
		stated := strings.TrimSpace(d.Product.Name + " " + d.Version.String())
		p.Findings = append(p.Findings, declaredOtherwise(fmt.Sprintf("%s declares %s, and the endpoint shows %s", d.Place, stated, p.Name)))
	case open != nil:
		open.Products = append(open.Products, d.alone(db, day))
	}
}

// alone is the product as declared, with nothing seen.
func (d *Declaration) alone(db *advisories.DB, day time.Time) Product {
	id := fingerprints.Identification{Product: d.Product.ID, Confidence: Declared, Versions: version.All(d.Product.Versions)}
	if d.Version.IsZero() && len(d.Models) == 0 {
		id.Because = []fingerprints.Reason{{Rule: Declared, Request: d.Place, Shows: d.String(), Source: "asset list"}}
	}
	return d.Judge(d.Product, id, db, day)
}
