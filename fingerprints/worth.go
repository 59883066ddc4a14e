package fingerprints

import (
	"slices"
	"strings"
)

// minPage is how many bytes that are no space make a page that says something.
const minPage = 64

// ambiguous reports whether the front page leaves open what the host is: no answer, a
// refusal without a realm, next to nothing, or a redirect that was not followed and does not
// lead to another name.
func (v *view) ambiguous() bool {
	var last *facts
	for _, f := range v.answers {
		if f.fromRoot && (f.request.Key() == rootKey || len(f.keys) > 1) {
			last = f
		}
	}
	switch {
	case last == nil:
		return true
	case last.redirects():
		return !v.elsewhere(last)
	case last.response.Status >= 400:
		return len(last.header("Www-Authenticate")) == 0
	}
	return saysLittle(last.body()) && len(last.titles()) == 0
}

// saysLittle reports whether a page has fewer than minPage bytes that are no space.
func saysLittle(page string) bool {
	missing := minPage
	for word := range strings.FieldsSeq(page) {
		if missing -= len(word); missing <= 0 {
			return false
		}
	}
	return true
}

// unaided reports whether something hints at the product that was not asked for: the
// handshake, the front page or what that leads to.
func (s *state) unaided() bool {
	if s.hint == "" {
		return false
	}
	return slices.ContainsFunc(s.rules, func(r ruleState) bool {
		return slices.ContainsFunc(r.hits, func(h hit) bool { return h.answer.response == nil || h.answer.fromRoot })
	})
}

// wants reports whether the answer to one of the keys could still narrow the version, or
// tell the model where none is known.
func (s *state) wants(keys []string) bool {
	set, _, _ := s.versions()
	one, finite := set.Candidates()
	models, _ := s.models()
	versionOpen, modelOpen := !finite || len(one) > 1, models == nil
	for i, r := range s.product.rules {
		open := versionOpen && r.reading != nil || modelOpen && r.model != nil
		if !open || s.rules[i].hasRead() || !s.possible(r) {
			continue
		}
		if r.any || slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(r.keys, key) }) {
			return true
		}
	}
	return false
}

// hasRead reports whether the rule has told something of the version or the model; what it reads
// elsewhere on the device says the same.
func (r *ruleState) hasRead() bool {
	return r.weight == counted && slices.ContainsFunc(r.hits, func(h hit) bool { return h.outcome.narrows() || h.model.models != nil })
}

// possible reports whether everything that a rule needs holds or may still come to
// hold.
func (s *state) possible(r *rule) bool {
	for _, need := range r.needs {
		if s.rules[need].weight > absent {
			continue
		}
		needed := s.product.rules[need]
		unread := len(s.rules[need].read) < len(needed.keys) || needed.any
		if !unread || !s.possible(needed) {
			return false
		}
	}
	return true
}

// doubts reports whether a rule would narrow the version if the decoy allows it.
func (s *state) doubts() bool {
	set, _, _ := s.versions()
	for i, r := range s.product.rules {
		if s.rules[i].weight != tentative || r.reading == nil {
			continue
		}
		for _, h := range s.rules[i].hits {
			if h.outcome.narrows() && !set.Within(h.outcome.says) {
				return true
			}
		}
	}
	return false
}
