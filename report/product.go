package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"postern/scanner/finding"
)

// questions counts the advisories that nothing excludes on a product.
type questions struct {
	total, kev int
}

func openQuestions(p finding.Product) questions {
	var q questions
	for _, f := range p.Findings {
		if f.Kind == finding.Vulnerability && f.Verdict == finding.Possible {
			q.total++
			if f.KEV != nil {
				q.kev++
			}
		}
	}
	return q
}

func (q questions) String() string {
	s := plural(q.total, "advisory") + " could not be excluded"
	switch {
	case q.kev == 0:
	case q.total == 1:
		s += ", known to be exploited"
	case q.kev == q.total:
		s += ", all of them known to be exploited"
	default:
		s += fmt.Sprintf(", %s of them known to be exploited", number(q.kev))
	}
	return s
}

// notRead says why nothing is known of a version.
func notRead(p finding.Product) string {
	switch {
	case p.Version.State == finding.Contradictory:
		return "version contradictory"
	case len(p.Version.Raw) > 0:
		return "version not understood"
	}
	return "version not shown"
}

// strongest are the reasons worth showing: those that tell the version, then those that
// name the product.
func strongest(p finding.Product, limit int) []finding.Reason {
	var told, named []finding.Reason
	for _, r := range p.Because {
		switch {
		case tells(r):
			told = append(told, r)
		case r.Identifies != "":
			named = append(named, r)
		}
	}
	slices.SortStableFunc(told, func(a, b finding.Reason) int { // what says all that is known comes first
		return rank(a.Says == p.Version.Set) - rank(b.Says == p.Version.Set)
	})
	all := slices.Concat(told, named)
	return all[:min(len(all), limit)]
}

// rank sorts what holds before what does not.
func rank(holds bool) int {
	if holds {
		return 0
	}
	return 1
}

// tells reports whether a reason narrows the version.
func tells(r finding.Reason) bool { return r.Says != "" && r.Says != "*" }

// attacks is what is known of attacks, in sentences, without the one that says again
// what every format says of a KEV entry in its own way.
func attacks(f finding.Finding) string {
	var all []string
	for _, s := range f.Exploitation {
		if f.KEV == nil || !strings.Contains(s, "CISA") || !strings.Contains(s, f.KEV.Added) {
			all = append(all, sentence(s))
		}
	}
	return strings.Join(all, " ")
}

// why is a finding's reason without the version to upgrade to, which is said beside it.
func why(f finding.Finding) string {
	if f.Fixed == "" {
		return f.Reason
	}
	return strings.Replace(f.Reason, "; fixed in "+f.Fixed, "", 1)
}

// sentence begins text with a capital and ends it with a full stop.
func sentence(s string) string {
	s = strings.TrimRight(s, ". ")
	if s == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(s)
	if first == utf8.RuneError {
		return s + "." // not ours to begin
	}
	return string(unicode.ToUpper(first)) + s[size:] + "."
}

// score is the CVSS score, or 0 for none and for what is none.
func score(f finding.Finding) float64 {
	if f.Score > 0 && f.Score <= 10 { // NaN is in no range
		return f.Score
	}
	return 0
}

// fullName is vendor and name without what the name explains in brackets, and without
// saying the vendor twice: "Fortinet FortiOS", "SonicWall SMA 100".
func fullName(p finding.Product) string {
	if len(p.Models) > 0 {
		models := strings.Join(p.Models, " or ")
		p.Models = nil
		return fullName(p) + " (" + models + ")"
	}
	name, _, _ := strings.Cut(p.Name, " (")
	first, _, _ := strings.Cut(p.Vendor, " ")
	if strings.HasPrefix(strings.ToLower(name), strings.ToLower(first)) {
		return name
	}
	return p.Vendor + " " + name
}

// plural is a number and a noun: "1 advisory", "1,200 advisories".
func plural(n int, noun string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(noun, "y") && !strings.HasSuffix(noun, "ay"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return number(n) + " " + noun
}

// number writes thousands apart: "25,000".
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
