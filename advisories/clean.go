package advisories

import (
	"slices"
	"sync"

	"postern/scanner/version"
)

// Release is a fixed version as an advisory names it.
type Release struct {
	Version version.Version
	Text    string // as written: "12.4.3-02854", "6.5.4.15-117n"
}

// CleanFixes lists, in rising order, the fixed versions of a model named by any advisory
// of the product that no advisory of it affects; a product whose versions alone decide
// has the empty model. Upgrading to a fix of one weakness is no
// advice when the next one is open there. Advisories whose fix cannot be seen, and
// those about a port, do not count.
func (db *DB) CleanFixes(product, model string) []Release {
	if list, ok := db.clean[product+"/"+model]; ok {
		return list()
	}
	if list, ok := db.clean[product+"/"]; ok {
		return list()
	}
	return nil
}

// cleanFixes defers the work to the first question: most runs never ask.
func cleanFixes(product, model string, all []*Advisory) func() []Release {
	return sync.OnceValue(func() []Release {
		var entries []*Ranges
		for _, a := range all {
			if e := a.Entry(product, model); e != nil && e.Visible() {
				entries = append(entries, e.Ranges())
			}
		}
		var clean []Release
		for _, e := range entries {
			for _, r := range e.fixes() {
				dirty := slices.ContainsFunc(entries, func(other *Ranges) bool {
					return other.Affected.Contains(r.Version) || other.Unknown.Contains(r.Version)
				})
				if !dirty {
					clean = append(clean, r)
				}
			}
		}
		slices.SortStableFunc(clean, func(a, b Release) int { return a.Version.Compare(b.Version) })
		return slices.CompactFunc(clean, func(a, b Release) bool { return a.Version.Compare(b.Version) == 0 })
	})
}

// fixes lists every version that an entry names as fixed.
func (r *Ranges) fixes() []Release {
	var all []Release
	for _, line := range r.Lines {
		texts := []string{line.Fix}
		for _, e := range line.events() {
			texts = append(texts, e.Fixed)
		}
		for _, text := range texts {
			if v, err := r.Scheme.Parse(text); err == nil { // "" and "none" are no versions
				all = append(all, Release{Version: v, Text: text})
			}
		}
	}
	return all
}
