package advisories

import (
	"fmt"

	"postern/scanner/version"
)

// The lists of [Holds], which are named like the verdicts.
const (
	holdsAffected    = "affected"
	holdsNotAffected = "not_affected"
	holdsPossible    = "possible"
)

// A proof is one version that is stated to come out in a certain way.
type proof struct {
	version version.Version
	set     version.Set
}

// checkHolds proves the ranges by the versions that are stated beside them: each must
// come out as stated, and each bound and each branch must be among them, so that a
// slip in a bound is noticed. Only of the models that no other entry names may nothing be
// affected.
func checkHolds(p place, a *Affected, otherModels bool) {
	before := len(p.in.problems)
	at, r, scheme := p.key("holds"), a.Ranges(), a.Ranges().Scheme
	var proofs []proof
	for _, list := range []struct {
		name  string
		texts []string
	}{{holdsAffected, a.Holds.Affected}, {holdsNotAffected, a.Holds.NotAffected}, {holdsPossible, a.Holds.Possible}} {
		for i, text := range list.texts {
			here := at.key(list.name).item(i)
			v, err := scheme.Parse(text)
			if err != nil {
				here.bad("holds.%s: %v", list.name, err)
				continue
			}
			proofs = append(proofs, proof{v, version.Exactly(v)})
			if got := a.comesOut(version.Exactly(v)); got != list.name {
				here.bad("holds.%s: %s comes out as %s: %s", list.name, v, got, a.why(version.Exactly(v)))
			}
		}
	}
	if r.Affected.IsEmpty() && r.Unknown.IsEmpty() && !otherModels {
		p.bad("no version of %s is affected; state introduced, or remove the product", a.Product)
		return
	}
	checkBothSides(at, a)
	if len(p.in.problems) == before { // a slip would be reported twice
		checkBounds(p, a, proofs)
	}
}

// comesOut is the verdict on a version.
func (a *Affected) comesOut(v version.Set) string {
	r := a.Ranges()
	switch {
	case v.Within(r.Affected) && a.Visible():
		return holdsAffected
	case v.Intersect(r.Affected).IsEmpty() && v.Intersect(r.Unknown).IsEmpty():
		return holdsNotAffected
	}
	return holdsPossible
}

func (a *Affected) why(v version.Set) string {
	for _, line := range a.Ranges().Lines {
		if !line.Covers.Intersect(v).IsEmpty() {
			why := line.String()
			if !a.Visible() {
				why += ", and patch_visible is false"
			}
			if !v.Within(line.Covers) {
				why += ", which holds only a part of what it can mean"
			}
			return why
		}
	}
	return "it is in no branch"
}

// checkBothSides wants a version that is hit and one that is not, as far as there can
// be any.
func checkBothSides(at place, a *Affected) {
	r, all := a.Ranges(), version.All(a.Ranges().Scheme)
	somePossible := !a.Visible() || !r.Unknown.IsEmpty()
	if a.Visible() && !r.Affected.IsEmpty() && len(a.Holds.Affected) == 0 {
		at.bad("holds of %s names no affected version; give one that must come out so", a.Product)
	}
	if !all.Within(r.Affected.Union(r.Unknown)) {
		if len(a.Holds.NotAffected) == 0 {
			at.bad("holds of %s names no version that is not affected; give one that must come out so", a.Product)
		}
		somePossible = somePossible && (!a.Visible() || r.Affected.IsEmpty())
	}
	if somePossible && len(a.Holds.Possible) == 0 {
		at.bad("holds of %s names no version that is possibly affected; give one that must come out so", a.Product)
	}
}

// checkBounds wants every bound among the proofs, and in every line a version that it
// decides.
func checkBounds(p place, a *Affected, proofs []proof) {
	for _, line := range a.Ranges().Lines {
		at := p.key("unlisted_branches")
		switch line.Name {
		case "":
		case listedLine:
			at = p.key("listed")
		default:
			at = p.key("branches").item(line.item)
		}
		if !line.Covers.IsEmpty() && !anyProof(proofs, func(q proof) bool { return line.Covers.Contains(q.version) }) {
			at.bad("%s, and holds names no version of it; add one", line)
		}
		for i, e := range line.events() {
			checkBound(at.key("events").item(i), a, e, proofs)
		}
		for i, span := range line.Spans {
			if !anyProof(proofs, func(q proof) bool { return span.Versions.Contains(q.version) && q.set.Within(span.Versions) }) && line.Status == "" {
				at.key("events").bad("range %d, %s, has no version in holds; add one that is inside", i+1, span)
			}
		}
		if !line.After.IsEmpty() && !anyProof(proofs, func(q proof) bool { return line.After.Contains(q.version) }) {
			at.key("after").bad("%s, and holds names no version after it; add one to possible", line)
		}
		if line.Fix != "" {
			checkFix(at.key("fix"), a, line)
		}
	}
}

func checkBound(at place, a *Affected, e Event, proofs []proof) {
	kind, text, err := e.only()
	v, parseErr := a.Ranges().Scheme.Parse(text)
	if err != nil || parseErr != nil || kind == "introduced" && text == "0" {
		return // the beginning of a branch is no version, and compile has parsed the others
	}
	same := func(q proof) bool { return q.version.String() == v.String() }
	equal := func(q proof) bool { return q.version.Compare(v) == 0 } // "10.2" and "10.2.0"; slower
	if !anyProof(proofs, same) && !anyProof(proofs, equal) {
		at.bad("%s %s is not in holds; add %q to %s, so that a slip in the bound is noticed", kind, v, v, a.comesOut(version.Exactly(v)))
	}
}

func checkFix(at place, a *Affected, line Line) {
	v, err := a.Ranges().Scheme.Parse(line.Fix)
	if err == nil && !version.Exactly(v).Intersect(a.Ranges().Affected).IsEmpty() {
		err = fmt.Errorf("fix %s of branch %s is affected itself: %s", v, line.Name, a.why(version.Exactly(v)))
	}
	if err != nil {
		at.bad("%v", err)
	}
}

func anyProof(proofs []proof, holds func(proof) bool) bool {
	for _, q := range proofs {
		if holds(q) {
			return true
		}
	}
	return false
}
