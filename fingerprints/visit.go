package fingerprints

import (
	"slices"

	"postern/scanner/evidence"
)

// Visit answers for one endpoint what the catalog answers, while the evidence grows. It
// keeps what it made of the evidence, so that each answer is read once and the same
// evidence is not weighed twice; responses must therefore not change in between. It is for
// one goroutine at a time.
type Visit struct {
	catalog *Catalog
	seen    evidence.Seen // what view and states were made of
	facts   []*facts      // by exchange; nil where there was no answer
	view    *view         // nil before the first look
	states  []*state
}

// Begin is a visit to an endpoint of which nothing was seen yet.
func (c *Catalog) Begin() *Visit { return &Visit{catalog: c} }

// look evaluates the evidence, if that was not done yet.
func (v *Visit) look(seen evidence.Seen) {
	if v.view != nil && sameEvidence(&v.seen, &seen) {
		return
	}
	facts := make([]*facts, len(seen.Exchanges))
	for i := range min(len(v.facts), len(facts)) {
		if v.seen.Exchanges[i] == seen.Exchanges[i] {
			facts[i] = v.facts[i]
		}
	}
	v.seen, v.facts = seen, facts
	v.seen.Exchanges = slices.Clone(seen.Exchanges) // the caller may go on writing to its own
	v.view = newViewOf(&v.seen, v.facts)
	v.states = v.catalog.evaluate(v.view)
}

// sameEvidence reports whether two looks saw the very same.
func sameEvidence(a, b *evidence.Seen) bool {
	return a.Scheme == b.Scheme && a.Host == b.Host && a.Port == b.Port && a.TLS == b.TLS && a.Decoy == b.Decoy &&
		slices.Equal(a.Exchanges, b.Exchanges)
}
