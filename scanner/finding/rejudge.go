package finding

import (
	"fmt"
	"slices"
	"time"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// Rejudge judges a stored result by the advisories of db and the lifecycles of the
// catalog as of that day, without touching its host: what was recognised, the versions
// that the evidence allows, and what is said of the endpoint stay as they are. What it
// carries from earlier scans is judged too, and keeps the day on which it was seen. A product
// that the catalog does not know any more keeps its findings. It fails when a stored
// version set cannot be read.
func Rejudge(r Result, catalog *fingerprints.Catalog, db *advisories.DB, day time.Time) (Result, error) {
	products, err := rejudgeAll(r.Products, catalog, db, day)
	if err != nil {
		return r, fmt.Errorf("%s: %w", r.Target, err)
	}
	r.Products = products
	if r.Earlier != nil {
		earlier := *r.Earlier
		if earlier.Products, err = rejudgeAll(earlier.Products, catalog, db, day); err != nil {
			return r, fmt.Errorf("%s: earlier: %w", r.Target, err)
		}
		for i := range earlier.Products {
			seenBefore(&earlier.Products[i], r.Earlier.Products[i].Findings)
		}
		r.Earlier = &earlier
	}
	return r, nil
}

func rejudgeAll(stored []Product, catalog *fingerprints.Catalog, db *advisories.DB, day time.Time) ([]Product, error) {
	products := slices.Clone(stored)
	for i := range products {
		p := &products[i]
		product, known := catalog.Product(p.ID)
		if !known {
			continue
		}
		scheme := product.Versions
		may, err := version.ParseSet(scheme, p.Version.Set)
		if err != nil {
			return nil, fmt.Errorf("version set of %s: %w", p.ID, err)
		}
		id := fingerprints.Identification{
			Product: p.ID, Versions: may, Read: p.Version.State != Unknown, Because: saidBefore(p.Because, scheme), Models: p.Models,
		}
		ports, kept := portsBefore(p.Findings), contradictions(p.Findings)
		p.Findings, p.NotAffected = Judge(product, id, db)
		p.Findings = append(append(p.Findings, lifeEnded(product, id, db, day)...), kept...)
		p.Upgrade = upgrade(product, p.Findings, id, db, day)
		p.AddExposed(ports, db)
	}
	return products, nil
}

// seenBefore keeps of a product that an earlier scan saw what counts, with the day on which
// that was.
func seenBefore(p *Product, stored []Finding) {
	if len(stored) == 0 {
		return
	}
	last := stored[0]
	for _, f := range stored {
		if f.Seen != nil && (last.Seen == nil || f.Seen.After(*last.Seen)) {
			last = f
		}
	}
	p.Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f Finding) bool { return !p.Claims(f) })
	for i := range p.Findings {
		f := &p.Findings[i]
		f.Change, f.Seen = NotEvaluated, last.Seen
		for _, was := range stored {
			if was.Advisory == f.Advisory && was.Seen != nil {
				f.Seen = was.Seen
			}
		}
	}
}

// contradictions are the findings that say what was seen, and hold whatever the rules.
func contradictions(findings []Finding) []Finding {
	var list []Finding
	for _, f := range findings {
		if f.Kind == Contradiction {
			list = append(list, f)
		}
	}
	return list
}

// saidBefore is what the rules said of the version. What cannot be read any more is left
// out: it only explains.
func saidBefore(stored []Reason, scheme version.Scheme) []fingerprints.Reason {
	var because []fingerprints.Reason
	for _, r := range stored {
		if says, err := version.ParseSet(scheme, r.Says); err == nil {
			because = append(because, fingerprints.Reason{Rule: r.Rule, Says: says})
		}
	}
	return because
}

// portsBefore lists the ports that findings say have answered.
func portsBefore(findings []Finding) []int {
	var ports []int
	for _, f := range findings {
		var port int
		if _, err := fmt.Sscanf(f.Reason, "port %d answers", &port); err == nil && f.Reason == portAnswers(port) {
			ports = append(ports, port)
		}
	}
	return ports
}
