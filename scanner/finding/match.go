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

// judgeAll is Match without the reasons of what is ruled out, which are half of the work.
func judgeAll(p fingerprints.Product, models []string, may version.Set, db *advisories.DB) judged {
	all := candidatesOf(p, db)
	said := verdicts(all, p, models, may, false)
	out := judged{findings: findingsOf(all, said, Affected, Possible)}
	for i := range said {
		if said[i].verdict == NotAffected {
			out.notAffected = append(out.notAffected, all[i].Advisory)
		}
	}
	return out
}

// Match says what every advisory of the product that is about versions means for a
// device that is one of the models and may run any version of the set: affected ones
// first, then possible ones, then those that are ruled out, and the worst first among
// each. Without models it may be any that has such a version.
func Match(p fingerprints.Product, models []string, may version.Set, db *advisories.DB) []Finding {
	all := candidatesOf(p, db)
	return findingsOf(all, verdicts(all, p, models, may, true), Affected, Possible, NotAffected)
}

// candidate is an advisory about versions of a product: the finding that it may be, without
// what depends on the device, and what decides.
type candidate struct {
	Finding
	product  string
	advisory *advisories.Advisory
	entry    *advisories.Affected // for models that no other entry names
	// models has the entry of each model, where they differ; else it is nil.
	models map[string]*advisories.Affected
}

// candidatesOf lists the candidates of a product, the worst first: with the same verdict they
// stay in that order, and nothing is left to sort for each device.
func candidatesOf(p fingerprints.Product, db *advisories.DB) []candidate {
	return db.RememberProduct(p.ID, func() any {
		var all []candidate
		for _, a := range db.For(p.ID) {
			entry := a.Entry(p.ID, "")
			if entry == nil {
				continue
			}
			c := candidate{Finding: describe(a), product: p.ID, advisory: a, entry: entry}
			if a.TellsModels(p.ID) {
				c.models = map[string]*advisories.Affected{}
				for _, m := range p.Models {
					c.models[m.Name] = a.Entry(p.ID, m.Name)
				}
			}
			all = append(all, c)
		}
		slices.SortStableFunc(all, func(a, b candidate) int { return compareFindings(&a.Finding, &b.Finding) })
		return all
	}).([]candidate)
}

// said is what one advisory means for a device.
type said struct {
	verdict     Verdict
	reason, fix string
}

// verdicts judges every candidate; the reasons of what is ruled out can be left out.
func verdicts(all []candidate, p fingerprints.Product, models []string, may version.Set, whyNot bool) []said {
	able, device := p.ModelsFor(models, may), ask(may)
	for i := range able {
		able[i].Runs = able[i].Runs.Intersect(may)
	}
	out := make([]said, len(all))
	for i := range all {
		c, s := &all[i], &out[i]
		switch {
		case c.models != nil:
			s.verdict, s.reason, s.fix = judgeModels(c, able, device)
		case !whyNot && ruledOut(may, c.entry.Ranges()):
			s.verdict = NotAffected
		default:
			s.verdict, s.reason, s.fix = judge(device, c.entry)
		}
	}
	return out
}

// findingsOf lists the candidates with each of the verdicts, in the order of the verdicts.
func findingsOf(all []candidate, said []said, order ...Verdict) []Finding {
	count := 0
	for i := range said {
		if slices.Contains(order, said[i].verdict) {
			count++
		}
	}
	findings := slices.Grow([]Finding(nil), count)
	for _, verdict := range order {
		for i := range said {
			if said[i].verdict == verdict {
				f := all[i].Finding
				f.Verdict, f.Reason, f.Fixed = verdict, said[i].reason, said[i].fix
				findings = append(findings, f)
			}
		}
	}
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
			f := describe(a)
			f.Verdict, f.Reason = Affected, portAnswers(entry.ExposedPort)
			findings = append(findings, f)
		}
	}
	sortFindings(findings)
	return findings
}

func portAnswers(port int) string { return fmt.Sprintf("port %d answers", port) }

// sortFindings puts the worst first.
func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int { return compareFindings(&a, &b) })
}

// compareFindings is negative if a is worse than b; the order leaves nothing to chance.
func compareFindings(a, b *Finding) int {
	rank := []Verdict{Affected, Possible, NotAffected}
	kinds := func(f *Finding) int {
		return slices.Index([]Kind{Vulnerability, EndOfLife, LegacyTLS, Contradiction}, f.Kind)
	}
	known := func(f *Finding) int {
		if f.KEV != nil {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(kinds(a), kinds(b)),
		cmp.Compare(slices.Index(rank, a.Verdict), slices.Index(rank, b.Verdict)),
		cmp.Compare(known(a), known(b)),
		cmp.Compare(b.Score, a.Score),
		strings.Compare(a.Advisory, b.Advisory),
	)
}

// describe is everything of a finding that does not depend on the device.
func describe(a *advisories.Advisory) Finding {
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
