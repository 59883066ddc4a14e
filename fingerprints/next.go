package fingerprints

import (
	"maps"
	"slices"

	"postern/scanner/evidence"
)

// How much one endpoint is asked at most.
const (
	maxRequests = 12 // in all
	maxHinted   = 4  // for one product that is hinted at and not proved
	maxVersion  = 5  // for the version of one product that is proved
	maxGuesses  = 3  // without any hint
)

// Next is the most useful question still to ask, or false when nothing is worth
// asking, as when the answers contradict each other. It never asks the same question
// twice and always ends, after 12 questions at the latest.
func (c *Catalog) Next(seen evidence.Seen) (evidence.Request, bool) {
	ask, _, ok := c.NextBecause(seen)
	return ask, ok
}

// NextBecause is [Catalog.Next] with the reason in words: why this is asked, or why nothing
// more is.
func (c *Catalog) NextBecause(seen evidence.Seen) (ask evidence.Request, why string, ok bool) {
	return c.Begin().NextBecause(seen)
}

// NextBecause is [Catalog.NextBecause].
func (v *Visit) NextBecause(seen evidence.Seen) (ask evidence.Request, why string, ok bool) {
	switch {
	case len(seen.Exchanges) >= maxRequests:
		return evidence.Request{}, "12 questions were asked, and no endpoint gets more", false
	case givenUp(&seen):
		return evidence.Request{}, "it does not answer", false
	}
	if seen.Find(rootKey) == nil {
		return evidence.Request{Method: evidence.GET, Path: "/"}, "the front page comes first", true
	}
	v.look(seen)
	n := &asker{catalog: v.catalog, view: v.view, states: v.states}
	if n.contradictory() {
		return evidence.Request{}, "the answers contradict each other", false
	}
	steps := []struct {
		take func() bool
		why  string
	}{
		{n.askRedirect, "the redirect stays on this host and port"},
		{n.askDecoy, "no product has this path: it tells whether the server has one page for everything"},
		{n.askHinted, "it may prove "},
		{n.askVersion, "it may tell the version of "},
		{n.askGuess, "the front page says nothing, and many gateways have this one"},
	}
	for _, step := range steps {
		if step.take() {
			return n.ask, step.why + n.whom, true
		}
	}
	return evidence.Request{}, "no other question would tell more", false
}

// Questions lists every question that a product has, sorted, as [evidence.Request.Key]
// writes them. Redirects and the decoy come on top.
func (c *Catalog) Questions() []string { return slices.Sorted(maps.Keys(c.wanted)) }

// givenUp reports whether the endpoint does not answer: the connection fails, or a
// second question stays without an answer. A single question may be cut off by a
// device that answers others.
func givenUp(seen *evidence.Seen) bool {
	failed := 0
	for _, x := range seen.Exchanges {
		if x.Failure == nil {
			continue
		}
		failed++
		root := x.Request.Key() == rootKey
		if failed > 1 || x.Failure.Kind != evidence.Reset && (root || x.Failure.Kind != evidence.NotHTTP) {
			return true
		}
	}
	return false
}

// asker decides on one question.
type asker struct {
	catalog *Catalog
	view    *view
	states  []*state
	ask     evidence.Request
	whom    string // the product that the question is about, if it is about one
}

// pick takes the question unless it was asked already.
func (n *asker) pick(q evidence.Request) bool {
	if n.view.seen.Find(q.Key()) != nil {
		return false
	}
	if most, listed := n.catalog.wanted[q.Key()]; listed {
		q.MaxBytes = most
	}
	n.ask = q
	return true
}

// proved lists the products that are identified.
func (n *asker) proved() []*state {
	var list []*state
	for _, s := range n.states {
		if s.proved != "" {
			list = append(list, s)
		}
	}
	return list
}

// askRedirect follows a redirect, unless it can tell nothing new of a product that is
// already identified.
func (n *asker) askRedirect() bool {
	proved := n.proved()
	for _, f := range n.view.answers {
		q, ok := n.view.follow(f)
		if !ok {
			continue
		}
		useful := len(proved) == 0 || slices.ContainsFunc(proved, func(s *state) bool {
			return s.wants(append(slices.Clone(f.keys), q.Key()))
		})
		if useful && n.pick(q) {
			return true
		}
	}
	return false
}

// askDecoy asks for the path that no product has, when a page would decide only if
// it is not the server's page for everything.
func (n *asker) askDecoy() bool {
	seen := n.view.seen
	decoy := evidence.Request{Method: evidence.GET, Path: seen.Decoy}
	if seen.Decoy == "" || decoy.Validate() != nil {
		return false
	}
	for _, s := range n.states {
		if s.likely.rank() > 0 && s.proved == "" || s.proved != "" && s.doubts() {
			return n.pick(decoy)
		}
	}
	return false
}

// askHinted asks for what would prove a product that something hints at, the best
// hint first. Once a product is proved, hints at others are its shared markers.
func (n *asker) askHinted() bool {
	if len(n.proved()) > 0 {
		return false
	}
	hinted := slices.Clone(n.states)
	slices.SortStableFunc(hinted, func(a, b *state) int { return b.hint.rank() - a.hint.rank() })
	for _, s := range hinted {
		if s.hint == "" || n.asked(s) >= maxHinted {
			continue
		}
		for i, q := range s.product.requests {
			if s.identifiesBy(s.product.Requests[i].ID) && n.pick(q) {
				n.whom = s.product.ID
				return true
			}
		}
	}
	return false
}

// asked counts the questions of a product that were asked for its sake or another's.
func (n *asker) asked(s *state) int {
	count := 0
	for _, q := range s.product.requests {
		if x := n.view.seen.Find(q.Key()); x != nil && x.Request.Via == "" {
			count++
		}
	}
	return count
}

// identifiesBy reports whether a rule that can help to prove the product, which a weak
// one cannot, and that does not hold yet reads the answer to a request.
func (s *state) identifiesBy(request string) bool {
	for i, r := range s.product.rules {
		if r.Identifies.rank() >= Strong.rank() && s.rules[i].weight == absent && slices.Contains(r.On, request) {
			return true
		}
	}
	return false
}

// askVersion asks a proved product for its version, until there is one candidate, and for
// its model, until one is told.
func (n *asker) askVersion() bool {
	proved := n.proved()
	slices.SortStableFunc(proved, func(a, b *state) int { return b.proved.rank() - a.proved.rank() })
	for _, s := range proved {
		if n.askedForVersion(s) >= maxVersion {
			continue
		}
		for _, q := range s.product.requests {
			if s.wants([]string{q.Key()}) && n.pick(q) {
				n.whom = s.product.ID
				return true
			}
		}
	}
	return false
}

// askedForVersion counts the questions that rules which read a version or model needed.
func (n *asker) askedForVersion(s *state) int {
	count := 0
	for i, q := range s.product.requests {
		x := n.view.seen.Find(q.Key())
		if x == nil || x.Request.Via != "" {
			continue
		}
		id := s.product.Requests[i].ID
		if slices.ContainsFunc(s.product.rules, func(r *rule) bool { return (r.reading != nil || r.model != nil) && slices.Contains(r.On, id) }) {
			count++
		}
	}
	return count
}

// askGuess asks a few questions of a host whose front page says nothing at all, as
// that of many gateways does. It goes on when one of them finds a product: a trap that has
// the page of every vendor at its path is told from a gateway only by the others.
func (n *asker) askGuess() bool {
	if slices.ContainsFunc(n.states, (*state).unaided) || !n.view.ambiguous() {
		return false
	}
	guessed := map[string]bool{}
	for _, q := range n.catalog.guesses {
		if x := n.view.seen.Find(q.Key()); x != nil && x.Request.Via == "" {
			guessed[q.Key()] = true
		}
	}
	if len(guessed) >= maxGuesses {
		return false
	}
	return slices.ContainsFunc(n.catalog.guesses, n.pick)
}
