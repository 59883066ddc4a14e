package finding

import (
	"fmt"
	"slices"
	"strings"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// maxModels is how many models a sentence names of one entry.
const maxModels = 8

// A share is what one entry of an advisory decides about a device: the models that the
// device may be and that the entry is about, with the versions that they can run.
type share struct {
	entry   *advisories.Affected
	models  []string
	may     version.Set
	verdict Verdict
	reason  string
	fix     string
}

// judgeModels is the verdict of an advisory on a device that may be any of the models, each
// with what it may run of the set. Every model that is possible counts: affected are all of
// them, or the verdict is not affected.
func judgeModels(c *candidate, models []fingerprints.Model, device asked) (Verdict, string, string) {
	may := device.Set
	shares := divide(c, models, may)
	for i := range shares {
		s := &shares[i]
		of := device
		if !s.may.Equal(may) {
			of = ask(s.may)
		}
		s.verdict, s.reason, s.fix = judge(of, s.entry)
		if r := s.entry.Ranges(); s.verdict == NotAffected && r.Affected.IsEmpty() && r.Unknown.IsEmpty() {
			s.reason = withNote("the advisory is about other models", s.entry.UnlistedNote)
		}
	}
	if len(shares) == 1 {
		return shares[0].alone(may)
	}
	var hit []share
	affected := true
	for _, s := range shares {
		affected = affected && s.verdict == Affected
		if s.verdict != NotAffected {
			hit = append(hit, s)
		}
	}
	switch {
	case len(hit) == 0:
		return NotAffected, "no model that the device may be is affected: " + joinReasons(shares), ""
	case affected:
		return Affected, "every model that the device may be is affected: " + joinReasons(shares), commonFix(shares)
	case may.IsEmpty():
		return Possible, shares[0].reason, ""
	}
	fix := commonFix(hit)
	if may.IsAll() {
		fix = ""
	}
	return Possible, whichModels(hit, fix, may), fix
}

// divide gives each entry the models and versions that it decides about, in the order of
// the entries; an entry that is about none of them is left out.
func divide(c *candidate, models []fingerprints.Model, may version.Set) []share {
	var shares []share
	for i := range c.advisory.Affected {
		s := share{entry: &c.advisory.Affected[i]}
		if s.entry.Product != c.product || s.entry.Ranges() == nil {
			continue
		}
		for j := range models {
			m := &models[j]
			if c.models[m.Name] != s.entry {
				continue
			}
			s.models = append(s.models, m.Name)
			if !m.Runs.Within(s.may) { // most run the same
				s.may = s.may.Union(m.Runs)
			}
		}
		if len(models) == 0 { // a product that lists none: any of them
			s.models = s.entry.Models
		}
		if s.may.IsEmpty() { // contradictory evidence, or another order
			s.may = may
		}
		if len(s.models) > 0 || len(models) == 0 {
			shares = append(shares, s)
		}
	}
	return shares
}

// alone is the verdict when one entry decides: which models it is about goes without
// saying where it is about all that are left, and is said where it is about named ones.
func (s share) alone(may version.Set) (Verdict, string, string) {
	if may.IsAll() && s.verdict == Possible && s.entry.Visible() && s.may.Overlaps(s.entry.Ranges().Affected) {
		return Possible, "the version could not be read", ""
	}
	if len(s.entry.Models) > 0 {
		s.reason = withNote(s.reason, "the model is "+s.who("or"))
	}
	return s.verdict, s.reason, s.fix
}

// who is the models of the share as a sentence names them.
func (s share) who(last string) string {
	if len(s.entry.Models) == 0 {
		return "another model"
	}
	return listed(s.models, last)
}

// listed is "A, B or C", cut after as many as a sentence may hold.
func listed(names []string, last string) string {
	if more := len(names) - maxModels; more > 0 {
		names = append(slices.Clone(names[:maxModels]), fmt.Sprintf("%d more", more))
	}
	if len(names) == 1 {
		return names[0]
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}

// joinReasons says what holds for each share.
func joinReasons(shares []share) string {
	var parts []string
	for _, s := range shares {
		if part := s.who("and") + " (" + s.reason + ")"; !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "; ")
}

// commonFix is the fix that all shares name; empty when they name different ones.
func commonFix(shares []share) string {
	for _, s := range shares[1:] {
		if s.fix != shares[0].fix {
			return ""
		}
	}
	return shares[0].fix
}

// whichModels is why the model decides: the models that are hit, those with the same fix
// or for the same reason together.
func whichModels(hit []share, fix string, may version.Set) string {
	var sure, maybe []group
	for _, s := range hit {
		names := s.models
		if len(s.entry.Models) == 0 {
			names = []string{"another one"}
		}
		switch {
		case s.verdict != Affected && may.IsAll():
			maybe = addGroup(maybe, names, "")
		case s.verdict != Affected:
			maybe = addGroup(maybe, names, s.reason)
		case s.fix == "" || fix != "" || may.IsAll():
			sure = addGroup(sure, names, "")
		default:
			sure = addGroup(sure, names, "fixed in "+s.fix)
		}
	}
	sentence := groupsSay("affected", sure)
	if fix != "" && len(sure) > 0 && len(maybe) == 0 {
		sentence += ", and fixed in " + fix
	}
	if len(sure) > 0 && len(maybe) > 0 {
		sentence += "; "
	}
	sentence += groupsSay("possibly affected", maybe)
	if may.IsAll() {
		return sentence + "; the version could not be read"
	}
	return sentence + "; the model is not known"
}

// A group is models of which the same is to be said.
type group struct {
	names []string
	note  string
}

func addGroup(groups []group, names []string, note string) []group {
	for i := range groups {
		if groups[i].note == note {
			groups[i].names = append(groups[i].names, names...)
			return groups
		}
	}
	return append(groups, group{slices.Clone(names), note})
}

// groupsSay is "affected if the model is A or B (fixed in 1.2), or C (fixed in 1.3)".
func groupsSay(verdict string, groups []group) string {
	var parts []string
	for _, g := range groups {
		part := listed(g.names, "or")
		if g.note != "" {
			part += " (" + g.note + ")"
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return ""
	}
	return verdict + " if the model is " + strings.Join(parts, ", or ")
}
