package fingerprints

import (
	"slices"

	"postern/scanner/version"
)

// hit is one answer on which a rule holds.
type hit struct {
	answer  *facts
	outcome outcome
	model   modelOutcome
}

// ruleState is what the answers say of one rule.
type ruleState struct {
	read   []*facts // the answers that it reads
	weight weight
	hits   []hit
}

// state is what the answers say of one product.
type state struct {
	product *product
	rules   []ruleState
	// proved is the grade by which the product is identified, and likely the one by
	// which it would be if the decoy shows nothing; empty when it is not.
	proved, likely Confidence
	// hint is the best grade of an identifying rule that matches at all.
	hint Confidence
}

// evaluate puts every answer to the rules that read it. Products of which no rule can match
// are left out; the others come in the order of their ids.
func (c *Catalog) evaluate(v *view) []*state {
	var states []*state
	for _, i := range c.candidates(v) {
		s := newState(c.products[i], v)
		s.evaluate(v)
		states = append(states, s)
	}
	return states
}

// newState gives each rule of a product the answers that it reads.
func newState(p *product, v *view) *state {
	s := &state{product: p, rules: make([]ruleState, len(p.rules))}
	for i, r := range p.rules {
		read := &s.rules[i].read
		if r.tls && v.handshake != nil {
			*read = append(*read, v.handshake)
		}
		for _, f := range v.answers {
			if r.any || slices.ContainsFunc(f.keys, func(key string) bool { return slices.Contains(r.keys, key) }) {
				*read = append(*read, f)
			}
		}
	}
	return s
}

// evaluate settles the rules of one product: those that identify and those that
// others need first; the rest only if the product is there.
func (s *state) evaluate(v *view) {
	for _, i := range s.product.order {
		if r := s.product.rules[i]; r.Identifies != "" || r.needed {
			s.settle(v, i)
		}
	}
	s.proved, s.likely = s.grade(counted), s.grade(tentative)
	if s.likely == "" {
		return
	}
	if s.proved != "" {
		s.promote()
	}
	for _, i := range s.product.order {
		if r := s.product.rules[i]; r.Identifies == "" && !r.needed {
			s.settle(v, i)
		}
	}
}

// promote lets rules count that read a value and identify as well, once the product
// is proved without them: a page for everything would not carry the value.
func (s *state) promote() {
	for _, i := range s.product.order {
		r, own := s.product.rules[i], &s.rules[i]
		if own.weight != tentative || !r.readsValue() || s.ceiling(r) != counted {
			continue
		}
		own.hits = slices.DeleteFunc(own.hits, func(h hit) bool { return h.outcome.empty() && h.model.models == nil && h.model.raw == "" })
		if len(own.hits) > 0 {
			own.weight = counted
		}
	}
	s.proved = s.grade(counted)
}

// ceiling is how far a rule can count at most, by what it needs.
func (s *state) ceiling(r *rule) weight {
	most := counted
	for _, need := range r.needs {
		most = min(most, s.rules[need].weight)
	}
	return most
}

// settle finds the answers on which a rule holds and how far it counts.
func (s *state) settle(v *view, i int) {
	r, out := s.product.rules[i], &s.rules[i]
	ceiling := s.ceiling(r)
	if ceiling == absent {
		return
	}
	for _, f := range out.read {
		if !r.matches(f) {
			continue
		}
		h, ok := r.outcome(f)
		if !ok {
			continue
		}
		w := min(ceiling, v.weigh(r, f))
		switch {
		case w == absent || w < out.weight:
			continue
		case w > out.weight:
			out.weight, out.hits = w, nil
		}
		out.hits = append(out.hits, h)
	}
	if out.weight > absent && r.Identifies.rank() > s.hint.rank() {
		s.hint = r.Identifies
	}
}

// outcome is what the rule reads from an answer that it matches; false when a rule
// that only reads finds nothing to read.
func (r *rule) outcome(f *facts) (hit, bool) {
	h := hit{answer: f}
	reads := r.Identifies != "" || r.reading == nil && r.model == nil
	if r.reading != nil {
		o, ok := r.reading.read(f)
		if ok {
			h.outcome, reads = o, true
		}
	}
	if r.model != nil {
		o, ok := r.model.read(f)
		if ok {
			h.model, reads = o, true
		}
	}
	return h, reads
}

// rank orders grades; 0 is no grade.
func (c Confidence) rank() int {
	switch c {
	case Definitive:
		return 3
	case Strong:
		return 2
	case Weak:
		return 1
	}
	return 0
}

// grade is how surely the rules that count at least as much as enough identify the
// product: by one definitive rule, or by two strong ones of different groups.
func (s *state) grade(enough weight) Confidence {
	group := ""
	best := Confidence("")
	for i, r := range s.product.rules {
		if s.rules[i].weight < enough {
			continue
		}
		switch r.Identifies {
		case Definitive:
			return Definitive
		case Strong:
			if group != "" && group != r.Group {
				best = Strong
			}
			group = r.Group
		}
	}
	return best
}

// versions is every version that the rules which count allow, whether any of them
// narrowed it, and what they captured and could not understand.
func (s *state) versions() (set version.Set, read bool, raw []string) {
	set = version.All(s.product.Versions)
	for i := range s.rules {
		if s.rules[i].weight < counted {
			continue
		}
		for _, h := range s.rules[i].hits {
			if h.outcome.narrows() {
				set, read = set.Intersect(h.outcome.says), true
			}
			if text := cut(h.outcome.raw, maxShows); text != "" && !slices.Contains(raw, text) {
				raw = append(raw, text)
			}
		}
	}
	return set, read, raw
}
