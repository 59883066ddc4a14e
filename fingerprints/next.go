package fingerprints

import (
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
// asking. It never asks the same question twice and always ends, after 12 questions
// at the latest.
func (c *Catalog) Next(seen evidence.Seen) (evidence.Request, bool) {
	if len(seen.Exchanges) >= maxRequests || givenUp(&seen) {
		return evidence.Request{}, false
	}
	if seen.Find(rootKey) == nil {
		return evidence.Request{Method: evidence.GET, Path: "/"}, true
	}
	n := &asker{catalog: c, view: newView(&seen)}
	n.states = c.evaluate(n.view)
	for _, step := range []func() bool{n.askRedirect, n.askDecoy, n.askHinted, n.askVersion, n.askGuess} {
		if step() {
			return n.ask, true
		}
	}
	return evidence.Request{}, false
}

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

// askVersion asks a proved product for its version, until there is one candidate.
func (n *asker) askVersion() bool {
	proved := n.proved()
	slices.SortStableFunc(proved, func(a, b *state) int { return b.proved.rank() - a.proved.rank() })
	for _, s := range proved {
		if n.askedForVersion(s) >= maxVersion {
			continue
		}
		for _, q := range s.product.requests {
			if s.wants([]string{q.Key()}) && n.pick(q) {
				return true
			}
		}
	}
	return false
}

// askedForVersion counts the questions that rules which read a version needed.
func (n *asker) askedForVersion(s *state) int {
	count := 0
	for i, q := range s.product.requests {
		x := n.view.seen.Find(q.Key())
		if x == nil || x.Request.Via != "" {
			continue
		}
		id := s.product.Requests[i].ID
		if slices.ContainsFunc(s.product.rules, func(r *rule) bool { return r.reading != nil && slices.Contains(r.On, id) }) {
			count++
		}
	}
	return count
}

// askGuess asks a few questions of a host whose front page says nothing at all, as
// that of many gateways does.
func (n *asker) askGuess() bool {
	for _, s := range n.states {
		if s.hint != "" {
			return false
		}
	}
	if !n.view.ambiguous() {
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
