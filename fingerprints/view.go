package fingerprints

import (
	"slices"

	"postern/scanner/evidence"
)

// maxRedirects is how many redirects are followed in a row.
const maxRedirects = 3

// view is what was seen of one endpoint, prepared for the rules.
type view struct {
	seen      *evidence.Seen
	answers   []*facts // those that have a response, in order
	handshake *facts   // nil without TLS
	// decoy is the answer to the random path; nil when there was none.
	decoy *facts
	// trusted says that a page counts without a decoy: it failed, or an example is
	// looked at.
	trusted bool
}

func newView(seen *evidence.Seen) *view {
	return newViewOf(seen, make([]*facts, len(seen.Exchanges)))
}

// newViewOf takes the facts that are known already, by exchange, and adds the others.
func newViewOf(seen *evidence.Seen, known []*facts) *view {
	v := &view{seen: seen}
	if seen.TLS != nil {
		v.handshake = &facts{tls: seen.TLS}
	}
	for i := range seen.Exchanges {
		x := &seen.Exchanges[i]
		decoy := seen.Decoy != "" && x.Request.Key() == decoyKey(seen)
		if x.Response == nil {
			v.trusted = v.trusted || decoy
			continue
		}
		if known[i] == nil {
			known[i] = &facts{request: x.Request, response: x.Response}
		}
		f := known[i]
		f.tls = seen.TLS
		f.keys, f.fromRoot = chain(seen, x.Request)
		v.answers = append(v.answers, f)
		if decoy {
			v.decoy = f
		}
	}
	return v
}

func decoyKey(seen *evidence.Seen) string {
	return evidence.Request{Method: evidence.GET, Path: seen.Decoy}.Key()
}

// chain lists the keys of a request and of those whose redirects led to it, and says
// whether it began at /.
func chain(seen *evidence.Seen, q evidence.Request) (keys []string, fromRoot bool) {
	keys = []string{q.Key()}
	for q.Via != "" && len(keys) <= maxRedirects {
		before := seen.Find(q.Via)
		if before == nil || slices.Contains(keys, q.Via) {
			break
		}
		q = before.Request
		keys = append(keys, q.Key())
	}
	return keys, q.Path == "/"
}

// weight is how far a rule's match counts.
type weight int

const (
	absent    weight = iota // it does not hold
	tentative               // it would hold if the server does not say so everywhere
	counted
)

// weigh says how far a rule that matches an answer counts. A page that was found at a
// path proves nothing when the server has such a page at every path, which the decoy
// shows. That cannot be for the page that the server itself leads to from /, for an
// answer that is no success, for what a server sets on every path anyway, and for a
// value that was read: a page for everything carries none.
func (v *view) weigh(r *rule, f *facts) weight {
	exempt := f.fromRoot || !f.success() || r.pathless || r.Identifies == "" && r.readsValue()
	switch {
	case exempt || v.trusted:
		return counted
	case v.decoy == nil:
		return tentative
	case r.matches(v.decoy):
		return absent
	}
	return counted
}

// matches reports whether the conditions of the rule hold on one answer.
func (r *rule) matches(f *facts) bool {
	return r.match.holds(f) && (r.unless == nil || !r.unless.holds(f))
}
