package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"postern/advisories"
	"postern/scanner/version"
)

// A collection is what the rows of one product say.
type collection struct {
	subject
	models   []string // that it is about; empty: the record names none
	claims   []claim
	defaults []string
	names    []string // as the record calls the product
	remedy   string   // the solutions of the record
	words    string   // its description
	listed   []string // single versions of a long list
	narrow   bool     // it names a few single versions, and nothing is said of others
	notes    []string
}

// collect sorts the rows of a container by product of ours. The notes say which products
// are not ours and which texts could not be read.
func collect(from container, ours Products) (found []*collection, notes []string) {
	at := func(s subject, models []string) *collection {
		for _, c := range found {
			if c.subject == s && slices.Equal(c.models, models) {
				return c
			}
		}
		found = append(found, &collection{subject: s, models: models, remedy: english(from.Solutions), words: english(from.Descriptions)})
		return found[len(found)-1]
	}
	models := map[string]bool{} // product/model that a row speaks of
	for _, row := range from.Affected {
		subjects := subjectsOf(row, ours)
		if len(row.Platforms) > 0 && !slices.ContainsFunc(row.Platforms, func(p string) bool { return !isService(p) }) {
			subjects = nil
		}
		if len(subjects) == 0 {
			notes = append(notes, fmt.Sprintf("%s of %s is no product here and was left out.", quoted(row.Product), quoted(row.Vendor)))
			continue
		}
		for _, s := range subjects {
			c := at(s, ours.modelsOf(s.id, row, from, models))
			c.defaults = append(c.defaults, row.Default)
			c.names = append(c.names, plain(row.Product))
			before := len(c.claims)
			for _, v := range row.Versions {
				c.add(row, v, len(subjects) > 1, ours)
			}
			for i := range c.claims[before:] {
				c.claims[before+i].silent = row.Default != advisories.StatusUnaffected
			}
		}
	}
	return found, notes
}

// isService reports a platform that the vendor runs itself.
func isService(platform string) bool { return strings.EqualFold(plain(platform), "Prisma Access") }

var alsoNamed = regexp.MustCompile(`\s*(?:,|;|/|\band\b|&)\s*`)

// subjectsOf is every product of ours in a name, which may list several.
func subjectsOf(row affectedRow, ours Products) []subject {
	var all []subject
	for _, part := range alsoNamed.Split(row.Product, -1) {
		if s, ok := known(row.Vendor, part, ours); ok && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	if s, ok := known(row.Vendor, row.Product, ours); ok && len(all) < 2 {
		return []subject{s}
	}
	return all
}

// add reads one row. In a row about several products a text speaks of the one that it
// named last.
func (c *collection) add(row affectedRow, v versionRow, several bool, ours Products) {
	if v.Status == "unknown" {
		c.notes = append(c.notes, quoted(v.Version)+" was left out: the record leaves it unknown, or says it in a way that is not read.")
		return
	}
	if v.LessThan != "" || v.Through != "" || len(v.Changes) > 0 {
		c.bounded(v)
		return
	}
	if openWords.MatchString(trim(v.Version)) {
		c.notes = append(c.notes, quoted(v.String())+" has no bound, so it was left out.")
		return
	}
	mentions, rest := fromProse(v)
	used := false
	for _, m := range mentions {
		if m.product != "" {
			s, ok := known(row.Vendor, m.product, ours)
			if !ok || s != c.subject {
				used = true // it is about another product
				continue
			}
		}
		used = true
		c.claims = append(c.claims, m.claim)
	}
	if rest != "" || !used {
		c.notes = append(c.notes, "Of "+quoted(v.String())+" not everything was understood; read it in the record.")
	}
}

func (c *collection) bounded(v versionRow) {
	one := bounded(v)
	if c.scheme == version.NetScaler {
		one = joinBuild(one)
	}
	if one.from == "" && one.fixed == "" && one.last == "" {
		c.notes = append(c.notes, quoted(one.row)+" has no bound, so it was left out.")
		return
	}
	for _, change := range v.Changes {
		if change.Status != "unaffected" {
			c.notes = append(c.notes, "The change of "+quoted(one.row)+" to "+change.Status+" at "+trim(change.At)+" was left out.")
		}
	}
	if c.scheme == version.PANOS {
		c.hotfixes(&one)
	}
	c.claims = append(c.claims, one)
}

// entry is the collection as the affected ranges of a draft. It fails when no range is
// left; the notes of the collection then say why.
func (c *collection) entry() (advisories.Affected, error) {
	a := advisories.Affected{Product: c.id}
	a.UnlistedBranches, a.UnlistedNote = c.unlisted()
	h := habitsFor(c.scheme)
	affected, unaffected := c.spans(h)
	if noFix.MatchString(c.words) {
		c.listed = nil
		affected = []span{{branch: allBranch, whole: true, unfixed: true, note: "The record says that no release has the fix."}}
		c.notes = append(c.notes, "The record says that no release has the fix, so every version of the models that it names is affected; see which these are.")
	}
	if len(affected)+len(c.listed) == 0 {
		return a, fmt.Errorf("%s: no affected range could be read", c.id)
	}
	a.Listed = c.listed
	a.Branches = branches(affected, c.scheme, h)
	c.clear(&a, unaffected, h)
	c.soften(&a)
	c.beyond(&a, affected, h)
	c.remedies(&a, h)
	c.forgotten(&a, h)
	if err := a.Compile(c.scheme); err != nil {
		return a, fmt.Errorf("%s: %w", c.id, err)
	}
	c.contradictions(&a, unaffected)
	a.Holds = proofs(&a, c.scheme)
	return a, nil
}

// noFix is how Cisco says that it fixes nothing.
var noFix = regexp.MustCompile(`(?i)\bhas not and will not release (?:software|firmware) updates that address`)

// unlisted is what the record says of versions that it does not name.
func (c *collection) unlisted() (status, note string) {
	slices.Sort(c.defaults)
	switch all := slices.Compact(c.defaults); {
	case len(all) > 1:
		return advisories.StatusUnknown, "The rows of the record differ on other versions."
	case all[0] == advisories.StatusUnaffected:
		return all[0], "The record calls other versions unaffected."
	case all[0] == advisories.StatusAffected:
		return all[0], "The record calls other versions affected."
	case all[0] == advisories.StatusUnknown:
		return all[0], "The record leaves other versions unknown."
	}
	return advisories.StatusUnknown, "The record says nothing of other versions."
}

// allAffected reports whether the record calls every version affected that it does not
// name.
func (c *collection) allAffected() bool {
	return !slices.ContainsFunc(c.defaults, func(d string) bool { return d != advisories.StatusAffected })
}

// spans reads the claims. What cannot be read is in the notes, word for word.
func (c *collection) spans(h habits) (affected, unaffected []span) {
	seen := map[string]bool{}
	var literal, endless []string
	for _, one := range c.claims {
		key := fmt.Sprint(one.from, "|", one.fixed, "|", one.last, "|", one.also, "|", one.train, "|", one.branch, "|", one.unaffected)
		if seen[key] {
			continue
		}
		seen[key] = true
		one = c.onPlatform(one)
		s, err := one.read(c.scheme)
		if err != nil {
			c.notes = append(c.notes, fmt.Sprintf("%s was left out: %v.", quoted(one.row), err))
			continue
		}
		if one.doubt != "" {
			c.notes = append(c.notes, one.doubt)
		}
		if exact := !s.last.IsZero() && s.from.Compare(s.last) == 0; exact && !one.unaffected && c.allAffected() {
			s.from, one.literal = version.Version{}, true
		}
		if one.literal {
			literal = append(literal, quoted(one.row))
		}
		if len(s.also) > 0 && h.ladder == nil {
			c.notes = append(c.notes, quoted(one.row)+" names several fixes; the highest was taken.")
		}
		if one.unaffected {
			unaffected = append(unaffected, s)
			continue
		}
		s.silent = s.silent || h.unnamedFix
		if s.upper().IsZero() && !s.whole {
			endless = append(endless, quoted(one.row))
		}
		affected = append(affected, s)
	}
	affected = c.defaultAffected(c.singles(affected, h), h)
	c.list("Read literally these are one version or none; each was taken for every earlier version too: ", literal)
	c.list("These have no end; see whether a fix is known: ", endless)
	if len(affected) == 0 && len(unaffected) > 0 && c.allAffected() {
		affected = c.inverted(unaffected)
	}
	return affected, unaffected
}

// list notes several rows of one kind.
func (c *collection) list(what string, rows []string) {
	if len(rows) > 0 {
		c.notes = append(c.notes, what+strings.Join(rows, ", ")+".")
	}
}

func quoted(s string) string { return `"` + strings.ReplaceAll(plain(s), `"`, "'") + `"` }
