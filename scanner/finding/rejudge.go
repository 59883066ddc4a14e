package finding

import (
	"fmt"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// Rejudge judges a stored result by the advisories of db, without touching its host: what
// was recognised and the versions that the evidence allows stay as they are. A product
// that the catalog does not know any more keeps its findings. It fails when a stored
// version set cannot be read.
func Rejudge(r Result, catalog *fingerprints.Catalog, db *advisories.DB) (Result, error) {
	products := make([]Product, len(r.Products))
	copy(products, r.Products)
	for i := range products {
		p := &products[i]
		scheme, known := catalog.Order(p.ID)
		if !known {
			continue
		}
		may, err := version.ParseSet(scheme, p.Version.Set)
		if err != nil {
			return r, fmt.Errorf("%s: version set of %s: %w", r.Target, p.ID, err)
		}
		id := fingerprints.Identification{
			Product: p.ID, Versions: may, Read: p.Version.State != Unknown, Because: saidBefore(p.Because, scheme),
		}
		ports := portsBefore(p.Findings)
		p.Findings, p.NotAffected = Judge(id, db)
		p.Upgrade = upgrade(p.Findings, id, db)
		p.AddExposed(ports, db)
	}
	if r.Products != nil {
		r.Products = products
	}
	return r, nil
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
