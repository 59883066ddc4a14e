package importer

import (
	"slices"

	"postern/advisories"
	"postern/scanner/version"
)

// A prover gathers the versions that an entry states beside its ranges.
type prover struct {
	entry  *advisories.Affected
	scheme version.Scheme
	seen   map[string]bool
	all    []version.Version
}

// proofs are every bound of an entry, the nearest version on its other side, and a
// version of each branch and of none, under what they come out as.
func proofs(a *advisories.Affected, scheme version.Scheme) advisories.Holds {
	p := prover{entry: a, scheme: scheme, seen: map[string]bool{}}
	for _, b := range a.Branches {
		for _, e := range b.Events {
			p.bound(e.Introduced, -1)
			p.bound(e.Fixed, -1)
			p.bound(e.LastAffected, +1)
		}
	}
	for i, text := range a.Listed {
		if v, err := scheme.Parse(text); err == nil && (i == 0 || i == len(a.Listed)-1) {
			p.add(v)
		}
	}
	for _, line := range a.Ranges().Lines {
		p.line(line)
	}
	slices.SortStableFunc(p.all, version.Version.Compare)
	var h advisories.Holds
	for _, v := range p.all {
		switch text := v.String(); a.HoldsOf(v) {
		case "affected":
			h.Affected = append(h.Affected, text)
		case "not_affected":
			h.NotAffected = append(h.NotAffected, text)
		default:
			h.Possible = append(h.Possible, text)
		}
	}
	return h
}

func (p *prover) add(v version.Version) {
	if !p.seen[v.String()] {
		p.seen[v.String()] = true
		p.all = append(p.all, v)
	}
}

// bound adds a bound and its neighbour below or above.
func (p *prover) bound(text string, side int) {
	v, err := p.scheme.Parse(text)
	if err != nil || text == "0" {
		return
	}
	p.add(v)
	var best version.Version
	for _, w := range around(v) {
		if c := w.Compare(v); !version.Exactly(v).Contains(w) && c < 0 == (side < 0) && (best.IsZero() || w.Compare(best)*side < 0) {
			best = w
		}
	}
	if !best.IsZero() {
		p.add(best)
	}
}

// line sees to it that a version of the line is among the proofs, if there is one.
func (p *prover) line(line advisories.Line) {
	in := func(v version.Version) bool { return line.Covers.Contains(v) }
	if line.Covers.IsEmpty() || slices.ContainsFunc(p.all, in) {
		return
	}
	tries := slices.Clone(p.all)
	for _, b := range p.entry.Branches {
		if v, err := p.scheme.Parse(b.Branch); err == nil {
			tries = append(tries, v)
		}
	}
	if v, err := p.scheme.Parse(line.Name); err == nil {
		tries = append([]version.Version{v}, tries...)
	}
	for _, text := range []string{"1.0", "1.0.0.1", "1.0R1", "10.1-1.1", "5.00", "V1R1"} { // of every branch, and no bound is stated
		if v, err := p.scheme.Parse(text); err == nil && len(tries) == 0 {
			tries = append(tries, v)
		}
	}
	for _, v := range tries {
		for _, w := range append([]version.Version{v}, around(v)...) {
			if in(w) {
				p.add(w)
				return
			}
		}
	}
}
