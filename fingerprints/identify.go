package fingerprints

import (
	"slices"
	"strconv"
	"strings"

	"postern/scanner/evidence"
)

// Identify lists the products that the evidence proves, the surest first. It is a
// function of what was seen: the same evidence always gives the same answer.
func (c *Catalog) Identify(seen evidence.Seen) []Identification {
	return c.Begin().Identify(seen)
}

// Identify is [Catalog.Identify].
func (v *Visit) Identify(seen evidence.Seen) []Identification {
	v.look(seen)
	return identify(v.states)
}

func identify(states []*state) []Identification {
	var list []Identification
	for _, s := range states {
		if s.proved != "" {
			list = append(list, s.identification())
		}
	}
	slices.SortStableFunc(list, func(a, b Identification) int { // by id within a grade
		return b.Confidence.rank() - a.Confidence.rank()
	})
	return list
}

func (s *state) identification() Identification {
	id := Identification{Product: s.product.ID, Confidence: s.proved}
	id.Versions, id.Read, id.Raw = s.versions()
	models, unknown := s.models()
	id.Models, id.Raw = models, append(id.Raw, unknown...)
	for i, r := range s.product.rules {
		if s.rules[i].weight < counted {
			continue
		}
		id.Because = append(id.Because, r.reasons(s.rules[i].hits)...)
	}
	slices.SortStableFunc(id.Because, func(a, b Reason) int { // as in the file within a grade
		return b.Identifies.rank() - a.Identifies.rank()
	})
	return id
}

// reasons is one reason for the first answer on which the rule holds, and one more
// for each other answer that says something else of the version.
func (r *rule) reasons(hits []hit) []Reason {
	var reasons []Reason
	for _, h := range hits {
		same := func(other Reason) bool { return other.Says.Equal(h.outcome.says) }
		if len(reasons) > 0 && (!h.outcome.narrows() || slices.ContainsFunc(reasons, same)) {
			continue
		}
		reasons = append(reasons, Reason{
			Rule:       r.ID,
			Identifies: r.Identifies,
			Request:    h.answer.key(),
			Shows:      r.shows(h),
			Says:       h.outcome.says,
			Source:     r.Source,
		})
	}
	return reasons
}

// shows is the device's own text that a hit rests on.
func (r *rule) shows(h hit) string {
	var texts []string
	for _, text := range append([]string{h.outcome.shows, h.model.shows}, r.match.shows(h.answer)...) {
		texts = addText(texts, text)
	}
	if len(texts) == 0 && h.answer.response != nil {
		return "status " + strconv.Itoa(h.answer.response.Status)
	}
	return cut(strings.Join(texts, "; "), maxShows)
}

// addText adds a text unless it is part of one that is there, and lets it take the
// place of its own parts.
func addText(texts []string, text string) []string {
	for i, other := range texts {
		switch {
		case strings.Contains(other, text):
			return texts
		case strings.Contains(text, other):
			texts[i] = text
			return texts
		}
	}
	if text == "" {
		return texts
	}
	return append(texts, text)
}
