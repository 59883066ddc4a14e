package fingerprints

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A ruleGate is what must be seen for a rule to match: any of some literals in a body, or in
// one of the short texts (fields, title, certificate), or a field of some name. A rule
// without one may always match.
type ruleGate struct {
	place    gatePlace
	literals []string // in lower case, of a body or a short text
	field    string   // canonical name
}

type gatePlace int

const (
	noGate gatePlace = iota
	byField
	byShort
	byBody
)

// gates lead from what an answer shows to the products that could have a rule that matches
// it. Ordinary pages open few, so that a page costs about the same however many rules
// there are.
type gates struct {
	build  sync.Once
	bodies *literals // of the catalog's rules
	short  literals

	ofBody, ofShort [][]int          // products by the index of a literal
	ofField         map[string][]int // by the name of a field
	// open are products with a rule that has no gate: by the key of the request whose
	// answer it reads, for every answer, and for the handshake alone.
	open             map[string][]int
	openAny, openTLS []int
}

// gateOf chooses what is seen least often out of all that a match needs.
func gateOf(m Match) ruleGate {
	var best ruleGate
	consider := func(place gatePlace, literals []string) {
		if shortest(literals) > shortest(best.literals) {
			best = ruleGate{place: place, literals: literals}
		}
	}
	for _, text := range m.Body {
		consider(byBody, []string{lowerASCII(text)})
	}
	if m.BodyPattern != "" {
		consider(byBody, bestGroup(bodyLiterals(m.BodyPattern)))
	}
	for _, text := range append(slices.Collect(maps.Values(m.Header)), m.Location, m.Title, m.Subject, m.Issuer, m.SAN) {
		if text != "" {
			consider(byShort, bestGroup(bodyLiterals(text)))
		}
	}
	for name := range m.Cookie {
		consider(byShort, []string{lowerASCII(strings.TrimSuffix(name, "*"))})
	}
	if best.place == noGate {
		for name := range m.Header {
			return ruleGate{place: byField, field: http.CanonicalHeaderKey(name)}
		}
	}
	return best
}

// prepare builds the gates when the first answer is looked at: many commands see none.
func (g *gates) prepare(products []*product) {
	g.ofField, g.open = map[string][]int{}, map[string][]int{}
	for i, p := range products {
		for _, r := range p.rules {
			if len(r.needs) == 0 { // others cannot match before what they need does
				g.addRule(i, r)
			}
		}
	}
}

func (g *gates) addRule(product int, r *rule) {
	gate := gateOf(r.Match)
	switch gate.place {
	case byField:
		g.ofField[gate.field] = addProduct(g.ofField[gate.field], product)
		return
	case byShort, byBody:
		if g.addLiterals(product, gate) {
			return
		}
	}
	if r.any {
		g.openAny = addProduct(g.openAny, product)
	}
	if r.tls {
		g.openTLS = addProduct(g.openTLS, product)
	}
	for _, key := range r.keys {
		g.open[key] = addProduct(g.open[key], product)
	}
}

// addLiterals leads from each literal of a gate to the product; false when there is no room
// for one of them.
func (g *gates) addLiterals(product int, gate ruleGate) bool {
	set, products := g.bodies, &g.ofBody
	if gate.place == byShort {
		set, products = &g.short, &g.ofShort
	}
	for _, text := range gate.literals {
		l := set.add(text)
		if l.among == nil {
			return false
		}
		for len(*products) <= l.index {
			*products = append(*products, nil)
		}
		(*products)[l.index] = addProduct((*products)[l.index], product)
	}
	return true
}

// addProduct adds to a list that is made in rising order.
func addProduct(list []int, product int) []int {
	if n := len(list); n > 0 && list[n-1] == product {
		return list
	}
	return append(list, product)
}

// candidates are the products of which some rule may match, in rising order.
func (c *Catalog) candidates(v *view) []int {
	g := &c.gates
	g.build.Do(func() { g.prepare(c.products) })
	found := make([]bool, len(c.products))
	mark := func(products []int) {
		for _, p := range products {
			found[p] = true
		}
	}
	deceived := false
	text := func(s string) {
		deceived = deceived || lookalikes(s)
		g.short.search(s).each(g.ofShort, mark)
	}
	if v.handshake != nil {
		mark(g.openTLS)
	}
	if t := v.seen.TLS; t != nil {
		text(t.Subject)
		text(t.Issuer)
		for _, name := range t.SAN {
			text(name)
		}
	}
	for _, f := range v.answers {
		mark(g.openAny)
		for _, key := range f.keys {
			mark(g.open[key])
		}
		for name, values := range f.response.Header {
			mark(g.ofField[name])
			for _, value := range values {
				text(value)
			}
		}
		for _, title := range f.titles() {
			text(title)
		}
		f.literals(g.bodies).each(g.ofBody, mark)
		deceived = deceived || f.deceives()
	}
	var list []int
	for p, ok := range found {
		if ok || deceived {
			list = append(list, p)
		}
	}
	return list
}
