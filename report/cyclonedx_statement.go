package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"

	"postern/scanner/finding"
)

// statements are what advisories mean for gateways. CycloneDX has one analysis for each
// entry, so that an advisory has an entry for each thing that is said of it.
type statements struct {
	entries []*cyclonedx.Vulnerability
	refs    map[statementKey]*[]cyclonedx.Affects
	about   map[string]finding.Finding // an advisory in words, from any finding of it
	settled map[gatewayKey]bool        // reference and advisory that have been resolved
}

type statementKey struct {
	advisory, fixed             string
	state, justification, words string
	accepted                    bool
}

func newStatements() statements {
	return statements{refs: map[statementKey]*[]cyclonedx.Affects{}, about: map[string]finding.Finding{}, settled: map[gatewayKey]bool{}}
}

// add says of one gateway what an advisory means for it.
func (s *statements) add(f finding.Finding, a cyclonedx.VulnerabilityAnalysis, ref string) {
	f.Advisory = prose(f.Advisory, 100)
	key := statementKey{f.Advisory, f.Fixed, string(a.State), string(a.Justification), a.Detail, f.Accepted != nil}
	if f.Title != "" && s.about[f.Advisory].Title == "" {
		s.about[f.Advisory] = f
	}
	if refs, known := s.refs[key]; known {
		*refs = append(*refs, cyclonedx.Affects{Ref: ref})
		return
	}
	refs := &[]cyclonedx.Affects{{Ref: ref}}
	s.refs[key] = refs
	s.entries = append(s.entries, &cyclonedx.Vulnerability{ID: f.Advisory, Analysis: &a, Affects: refs, Recommendation: recommendation(f)})
}

// resolve says of a finding of the baseline that it is fixed.
func (s *statements) resolve(gone finding.Change, ref string) {
	s.settled[gatewayKey{ref, prose(gone.Advisory, 100)}] = true
	f := finding.Finding{Advisory: gone.Advisory, Title: gone.Title, Severity: gone.Severity}
	s.add(f, cyclonedx.VulnerabilityAnalysis{State: cyclonedx.IASResolved, Detail: sentence(prose(gone.Reason, 600))}, ref)
}

// list is all of it: what affects a gateway first, then what may, then the rest.
func (s *statements) list() *[]cyclonedx.Vulnerability {
	if len(s.entries) == 0 {
		return nil
	}
	var all []cyclonedx.Vulnerability
	for _, e := range s.entries {
		seen := map[string]bool{}
		*e.Affects = slices.DeleteFunc(*e.Affects, func(a cyclonedx.Affects) bool {
			settled := e.Analysis.State == cyclonedx.IASNotAffected && s.settled[gatewayKey{a.Ref, e.ID}] // says so already
			twice := seen[a.Ref]
			seen[a.Ref] = true
			return settled || twice
		})
		if len(*e.Affects) > 0 {
			describeVulnerability(e, s.about[e.ID])
			all = append(all, *e)
		}
	}
	states := []cyclonedx.ImpactAnalysisState{cyclonedx.IASExploitable, cyclonedx.IASInTriage, cyclonedx.IASResolved, cyclonedx.IASNotAffected}
	slices.SortStableFunc(all, func(a, b cyclonedx.Vulnerability) int {
		return cmp.Compare(slices.Index(states, a.Analysis.State), slices.Index(states, b.Analysis.State))
	})
	return &all
}

// analysis is the VEX statement of a finding. A risk that is merely accepted stays
// exploitable and will not be fixed; only somebody's justification makes it "not affected".
func analysis(f finding.Finding) cyclonedx.VulnerabilityAnalysis {
	a := cyclonedx.VulnerabilityAnalysis{State: cyclonedx.IASInTriage, Detail: sentence(prose(why(f), 600))}
	if f.Verdict == finding.Affected {
		a.State = cyclonedx.IASExploitable
		if fixed(f) != "" {
			a.Response = &[]cyclonedx.ImpactAnalysisResponse{cyclonedx.IARUpdate}
		}
	}
	if day := (claim{finding: f}).lastSeen(time.DateOnly); day != "" {
		a.Detail += " Last seen on " + day + " and not judged again since."
	}
	if f.Accepted == nil {
		return a
	}
	a.Detail += " " + acceptance(f.Accepted)
	a.Response = &[]cyclonedx.ImpactAnalysisResponse{cyclonedx.IARWillNotFix}
	if f.Accepted.Justification != "" {
		a.State, a.Response = cyclonedx.IASNotAffected, nil
		a.Justification = justification(f.Accepted.Justification)
	}
	return a
}

// justification is how CycloneDX says a word of OpenVEX. Where it has several for it, none
// is chosen: the word itself is in the statement's detail.
func justification(word string) cyclonedx.ImpactAnalysisJustification {
	switch word {
	case "component_not_present", "vulnerable_code_not_present":
		return cyclonedx.IAJCodeNotPresent
	case "vulnerable_code_not_in_execute_path":
		return cyclonedx.IAJCodeNotReachable
	case "inline_mitigations_already_exist":
		return cyclonedx.IAJProtectedByMitigatingControl
	}
	return ""
}

// excludedAnalysis is the statement of an advisory that what was seen excludes. It has no
// justification, because it may be the version or the model.
func excludedAnalysis() cyclonedx.VulnerabilityAnalysis {
	return cyclonedx.VulnerabilityAnalysis{State: cyclonedx.IASNotAffected, Detail: "No version and model that the gateway can be is affected."}
}

func recommendation(f finding.Finding) string {
	var parts []string
	if v := fixed(f); v != "" {
		parts = append(parts, "Upgrade to "+prose(v, 100)+" or later.")
	}
	if f.Remediation != "" {
		parts = append(parts, sentence(prose(f.Remediation, 800)))
	}
	return strings.Join(parts, " ")
}

// describeVulnerability says what an advisory is about.
func describeVulnerability(v *cyclonedx.Vulnerability, f finding.Finding) {
	v.Source = &cyclonedx.Source{Name: "Postern"}
	if strings.HasPrefix(v.ID, "CVE-") {
		v.Source = &cyclonedx.Source{Name: "NVD", URL: link("https://nvd.nist.gov/vuln/detail/" + v.ID)}
	}
	v.Description = sentence(prose(f.Title, 300))
	if address := link(f.URL); address != "" {
		v.Advisories = &[]cyclonedx.Advisory{{URL: address}}
	}
	if f.Severity != "" {
		v.Ratings = ratings(f)
	}
	var weaknesses []int
	for _, cwe := range f.CWE {
		number, ok := strings.CutPrefix(strings.ToLower(cwe), "cwe-")
		if n, err := strconv.Atoi(number); ok && err == nil && n > 0 && !slices.Contains(weaknesses, n) {
			weaknesses = append(weaknesses, n)
		}
	}
	if weaknesses != nil {
		v.CWEs = &weaknesses
	}
	var properties []cyclonedx.Property
	add := func(name, value string) {
		if value != "" {
			properties = append(properties, property(name, value))
		}
	}
	if f.KEV != nil {
		add("kev-added", f.KEV.Added)
		add("kev-ransomware", strconv.FormatBool(f.KEV.Ransomware))
	}
	if f.EPSS > 0 && f.EPSS <= 1 {
		add("epss", strconv.FormatFloat(f.EPSS, 'f', -1, 64))
	}
	add("applies-if", f.AppliesIf)
	if properties != nil {
		v.Properties = &properties
	}
}

func ratings(f finding.Finding) *[]cyclonedx.VulnerabilityRating {
	severity := cyclonedx.Severity(f.Severity)
	if severityRank(f.Severity) == 0 {
		severity = cyclonedx.SeverityUnknown
	}
	r := cyclonedx.VulnerabilityRating{Severity: severity}
	if s := score(f); s > 0 {
		r.Score = &s
		for prefix, method := range map[string]cyclonedx.ScoringMethod{"CVSS:3.0/": cyclonedx.ScoringMethodCVSSv3, "CVSS:3.1/": cyclonedx.ScoringMethodCVSSv31, "CVSS:4.0/": cyclonedx.ScoringMethodCVSSv4} {
			if strings.HasPrefix(f.Vector, prefix) {
				r.Method, r.Vector = method, prose(f.Vector, 300)
			}
		}
	}
	return &[]cyclonedx.VulnerabilityRating{r}
}
