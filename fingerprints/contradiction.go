package fingerprints

import "slices"

// manyVendors is how many vendors' products at one endpoint are no product any more. Two
// are ordinary: a gateway behind the load balancer of another vendor shows the marks of
// both. Three were never seen on a real device, and are the mark of what answers to
// everything, a trap or a test page.
const manyVendors = 3

// Contradiction lists the vendors of what was identified at one endpoint, in order, if
// they are too many for any real device; nil otherwise.
func (c *Catalog) Contradiction(ids []Identification) []string {
	var vendors []string
	for _, id := range ids {
		if p := c.byID[id.Product]; p != nil && !slices.Contains(vendors, p.Vendor) {
			vendors = append(vendors, p.Vendor)
		}
	}
	if len(vendors) < manyVendors {
		return nil
	}
	slices.Sort(vendors)
	return vendors
}

// contradictory reports whether what is proved already contradicts itself, so that
// nothing more is worth asking.
func (n *asker) contradictory() bool {
	var ids []Identification
	for _, s := range n.proved() {
		ids = append(ids, Identification{Product: s.product.ID})
	}
	return n.catalog.Contradiction(ids) != nil
}
