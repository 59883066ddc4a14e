package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// Judge says what every advisory of the product means for a device that may run
// any of id.Versions: affected and possible findings worst first, then the ids of
// those that are ruled out.
func Judge(p fingerprints.Product, id fingerprints.Identification, db *advisories.DB) (findings []Finding, notAffected []string) {
	all := db.Remember(keyOf(judgedKey, p, id, ""), func() any { return judgeAll(p, id.Models, id.Versions, db) }).(judged)
	findings = slices.Clone(all.findings)
	if id.Versions.IsEmpty() {
		for i := range findings {
			findings[i].Reason = contradiction(id.Because)
		}
	}
	return findings, slices.Clone(all.notAffected)
}

// deviceKey is what is asked, and all that the answer depends on beside the rules: devices
// that run the same are judged once, which is a hundred times as fast.
type deviceKey struct{ what, product, models, versions, day string }

// The questions whose answers are remembered.
const (
	judgedKey  = "judged"
	endedKey   = "ended"
	upgradeKey = "upgrade"
)

func keyOf(what string, p fingerprints.Product, id fingerprints.Identification, day string) deviceKey {
	return deviceKey{what, p.ID, strings.Join(id.Models, ","), id.Versions.Key(), day}
}

type judged struct {
	findings    []Finding
	notAffected []string
}

// judgeAll is Match without the reasons of what is ruled out.
func judgeAll(p fingerprints.Product, models []string, may version.Set, db *advisories.DB) judged {
	var out judged
	for _, f := range match(p, models, may, db, false) {
		if f.Verdict == NotAffected {
			out.notAffected = append(out.notAffected, f.Advisory)
			continue
		}
		out.findings = append(out.findings, f)
	}
	return out
}

// Match says what every advisory of the product that is about versions means for a
// device that is one of the models and may run any version of the set: affected ones
// first, then possible ones, then those that are ruled out, and the worst first among
// each. Without models it may be any that has such a version.
func Match(p fingerprints.Product, models []string, may version.Set, db *advisories.DB) []Finding {
	return match(p, models, may, db, true)
}

// match is Match; the reasons of what is ruled out, half of the work, can be left out.
func match(p fingerprints.Product, models []string, may version.Set, db *advisories.DB, whyNot bool) []Finding {
	able := p.ModelsFor(models, may)
	var findings []Finding
	for _, a := range db.For(p.ID) {
		entry := a.Entry(p.ID, "")
		if entry == nil {
			continue
		}
		f := describe(a, db)
		switch {
		case a.TellsModels(p.ID):
			f.Verdict, f.Reason, f.Fixed = judgeModels(p.ID, able, may, a)
		case !whyNot && ruledOut(may, entry.Ranges()):
			f.Verdict = NotAffected
		default:
			f.Verdict, f.Reason, f.Fixed = judge(may, entry)
		}
		findings = append(findings, f)
	}
	sortFindings(findings)
	return findings
}

// Unplaced reports whether advisories of the product are known and none names a branch
// with a version of the set: one that is newer than all of them, or cut short.
func Unplaced(product string, may version.Set, db *advisories.DB) bool {
	known := false
	for _, a := range db.For(product) {
		for _, entry := range a.Affected {
			if entry.Product != product || entry.Ranges() == nil {
				continue
			}
			known = true
			for _, line := range entry.Ranges().Lines {
				if line.Name != "" && line.Covers.Overlaps(may) {
					return false
				}
			}
		}
	}
	return known
}

// IsBranch reports whether some advisory of the product has a branch of that name: who
// writes it for a version may mean the branch, and gets the verdict on its first release.
func IsBranch(product, text string, db *advisories.DB) bool {
	for _, a := range db.For(product) {
		for _, entry := range a.Affected {
			named := func(b advisories.Branch) bool { return b.Branch == text && len(b.Events) > 0 }
			if entry.Product == product && slices.ContainsFunc(entry.Branches, named) {
				return true
			}
		}
	}
	return false
}

// Exposed is a finding for every advisory that is about a port of the product which
// answers, whatever the version.
func Exposed(product string, openPorts []int, db *advisories.DB) []Finding {
	var findings []Finding
	for _, a := range db.For(product) {
		for _, entry := range a.Affected {
			if entry.Product != product || entry.ExposedPort == 0 || !slices.Contains(openPorts, entry.ExposedPort) {
				continue
			}
			f := describe(a, db)
			f.Verdict, f.Reason = Affected, portAnswers(entry.ExposedPort)
			findings = append(findings, f)
		}
	}
	sortFindings(findings)
	return findings
}

func portAnswers(port int) string { return fmt.Sprintf("port %d answers", port) }

// sortFindings puts the worst first, in an order that leaves nothing to chance.
func sortFindings(findings []Finding) {
	rank := []Verdict{Affected, Possible, NotAffected}
	kinds := func(f Finding) int {
		return slices.Index([]Kind{Vulnerability, EndOfLife, LegacyTLS, Contradiction}, f.Kind)
	}
	known := func(f Finding) int {
		if f.KEV != nil {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(kinds(a), kinds(b)),
			cmp.Compare(slices.Index(rank, a.Verdict), slices.Index(rank, b.Verdict)),
			cmp.Compare(known(a), known(b)),
			cmp.Compare(b.Score, a.Score),
			strings.Compare(a.Advisory, b.Advisory),
		)
	})
}

// describe is everything of a finding that does not depend on the device.
func describe(a *advisories.Advisory, db *advisories.DB) Finding {
	return db.Remember(a, func() any { return newDescription(a) }).(Finding)
}

func newDescription(a *advisories.Advisory) Finding {
	f := Finding{
		Advisory: a.ID, Title: a.Title, Severity: a.Severity, Score: a.CVSS.Score(), Vector: a.CVSS.Best(),
		AppliesIf: a.Requires, Preauth: a.Preauth, Exploitation: exploitation(a.Exploitation),
		Remediation: a.Remediation, URL: firstURL(a.References), CWE: a.CWE,
	}
	if k := a.Exploitation.KEV; k != nil {
		f.KEV = &KEV{Added: k.Added, Due: k.Due, Ransomware: k.Ransomware}
	}
	if e := a.EPSS; e != nil {
		f.EPSS, f.EPSSPercentile = e.Score, e.Percentile
	}
	return f
}

func firstURL(references []advisories.Reference) string {
	for _, r := range references {
		if r.Type == "advisory" {
			return r.URL
		}
	}
	if len(references) > 0 {
		return references[0].URL
	}
	return ""
}

// exploitation is what is known of attacks, with who claims it and who disputes it.
func exploitation(e advisories.Exploitation) []string {
	var sentences []string
	if e.KEV != nil {
		sentence := "in CISA's catalogue of known exploited vulnerabilities since " + e.KEV.Added
		if e.KEV.Ransomware {
			sentence += ", used in ransomware campaigns"
		}
		sentences = append(sentences, sentence)
	} else if e.InTheWild {
		sentences = append(sentences, "exploited in the wild")
	}
	for _, c := range e.Campaigns {
		sentence := "campaign: " + c.Name + ", claimed by " + c.ClaimedBy
		if c.DisputedBy != "" {
			sentence += ", disputed by " + c.DisputedBy
		}
		sentences = append(sentences, withNote(sentence, c.Note))
	}
	return sentences
}
