// Package advisories holds what vendors published about their products, with
// affected ranges that have been checked against versions stated on both sides.
package advisories

import "postern/scanner/version"

// Advisory is one file: a CVE, or a statement of Postern's own (POSTERN-…).
type Advisory struct {
	ID        string   `yaml:"id"`                  // equals the file name
	Aliases   []string `yaml:"aliases,omitempty"`   // other names, such as the vendor's number
	Title     string   `yaml:"title"`               // one line: product and weakness
	Summary   string   `yaml:"summary"`             // in our words
	Published string   `yaml:"published"`           // "2024-02-09"
	Modified  string   `yaml:"modified,omitempty"`  // the day of the last change
	Withdrawn string   `yaml:"withdrawn,omitempty"` // a date: kept, never matched
	Severity  string   `yaml:"severity"`            // low, medium, high, critical
	// SeverityReason is needed when Severity differs from the rating of the best vector.
	SeverityReason string      `yaml:"severity_reason,omitempty"`
	CVSS           CVSS        `yaml:"cvss,omitempty"`
	CWE            []string    `yaml:"cwe,omitempty"` // "CWE-787"
	References     []Reference `yaml:"references"`    // the first of type advisory is the one that reports show
	// Requires is the configuration that the weakness needs, in words; empty: none stated.
	Requires string `yaml:"requires,omitempty"`
	// Preauth says that no login is needed.
	Preauth      bool         `yaml:"preauth"`
	Affected     []Affected   `yaml:"affected"` // a product each, or some models of one
	Exploitation Exploitation `yaml:"exploitation,omitempty"`
	Workaround   string       `yaml:"workaround,omitempty"`  // what helps until the upgrade
	Remediation  string       `yaml:"remediation"`           // what to do
	Source       string       `yaml:"source"`                // where the facts are from
	SourceNote   string       `yaml:"source_note,omitempty"` // what was chosen where sources differ, and why
	// Review marks a draft that a program wrote: a file with it is refused until somebody
	// has read it and removed the mark.
	Review string `yaml:"review,omitempty"`
	// EPSS is the score of the overlay; nil without one.
	EPSS *EPSS `yaml:"-" json:"-"`
}

// CVSS holds vectors; scores are computed from them.
type CVSS struct {
	V31 string `yaml:"v31,omitempty"` // "CVSS:3.1/…" or "CVSS:3.0/…"
	V40 string `yaml:"v40,omitempty"` // "CVSS:4.0/…"
}

// Reference is a link to read on.
type Reference struct {
	Type string `yaml:"type"` // advisory, fix, article, kev
	URL  string `yaml:"url"`  // a web address
}

// Affected says which versions of one product are affected.
type Affected struct {
	Product string `yaml:"product"` // the name of its folder in fingerprints
	// Models limits the entry to these models of the product; a product then has
	// several entries, of different models. Empty: every model that no other entry names.
	Models   []string `yaml:"models,omitempty"`
	Branches []Branch `yaml:"branches,omitempty"` // release lines; the most specific one that holds a version decides
	// Listed are versions that a source lists one by one as affected. They count before
	// any branch; what is not in the list is left to the branches.
	Listed []string `yaml:"listed,omitempty"`
	// UnlistedBranches is unaffected, affected or unknown: what holds for a version
	// of no branch. It is always stated.
	UnlistedBranches string `yaml:"unlisted_branches,omitempty"`
	// UnlistedNote says why, and is shown as the reason when it is unknown.
	UnlistedNote string `yaml:"unlisted_note,omitempty"`
	// PatchVisible is false when a fix does not change what can be seen from outside;
	// then the best verdict is possible. Absent means true.
	PatchVisible *bool  `yaml:"patch_visible,omitempty"`
	PatchNote    string `yaml:"patch_note,omitempty"` // the reason that is shown
	// ExposedPort makes this a finding about a port that answers, with no versions.
	ExposedPort int `yaml:"exposed_port,omitempty"`
	// Versions that must come out as stated; both of the first two, or Possible.
	Holds Holds `yaml:"holds"`
	// ranges makes the branches into sets of versions; nil with ExposedPort.
	ranges func() *Ranges
}

// Ranges is the branches as sets of versions; nil with ExposedPort.
func (a *Affected) Ranges() *Ranges {
	if a.ranges == nil {
		return nil
	}
	return a.ranges()
}

// Visible reports whether a fix changes what can be seen from outside.
func (a *Affected) Visible() bool { return a.PatchVisible == nil || *a.PatchVisible }

// Branch is one release line. The longest branch that a version begins with decides.
type Branch struct {
	Branch string  `yaml:"branch"`           // "7.2", "13.1-FIPS", "22.7R2"; "all" is every version
	Status string  `yaml:"status,omitempty"` // unaffected, affected or unknown for the whole branch; excludes Events
	Events []Event `yaml:"events,omitempty"` // in rising order and taking turns: introduced, then fixed or last_affected
	// After is "unknown" when no source says what holds for the versions after the last
	// affected one of Events; empty: they are not affected.
	After string `yaml:"after,omitempty"`
	Note  string `yaml:"note,omitempty"` // is shown with the verdict
	Fix   string `yaml:"fix,omitempty"`  // version to upgrade to when no fixed event says it, or "none"
}

// Event is one point on a branch, as in OSV. Exactly one field is set.
type Event struct {
	Introduced   string `yaml:"introduced,omitempty"`    // "0" is the beginning of the branch
	Fixed        string `yaml:"fixed,omitempty"`         // the first version that is not affected any more
	LastAffected string `yaml:"last_affected,omitempty"` // the last affected version, with every build of it
}

// Holds lists versions and the verdict that each must get.
type Holds struct {
	Affected    []string `yaml:"affected,omitempty"`     // must come out as affected
	NotAffected []string `yaml:"not_affected,omitempty"` // must come out as not affected
	Possible    []string `yaml:"possible,omitempty"`     // must come out as possible
}

// Exploitation is what is known of attacks.
type Exploitation struct {
	KEV       *KEV       `yaml:"kev,omitempty"`
	InTheWild bool       `yaml:"in_the_wild,omitempty"` // it was attacked
	Campaigns []Campaign `yaml:"campaigns,omitempty"`   // series of attacks
}

// KEV is the entry in CISA's catalogue.
type KEV struct {
	Added      string `yaml:"added"`      // the day on which CISA added it
	Due        string `yaml:"due"`        // the day by which CISA wants it fixed
	Ransomware bool   `yaml:"ransomware"` // CISA knows of use in ransomware campaigns
}

// Campaign is a series of attacks, with who says so.
type Campaign struct {
	Name       string `yaml:"name"`                  // what it is called, or one line on what happened
	ClaimedBy  string `yaml:"claimed_by"`            // who says so
	DisputedBy string `yaml:"disputed_by,omitempty"` // who says that it is not so
	Note       string `yaml:"note"`                  // what is known of it
	Source     string `yaml:"source"`                // where they say it
}

// Orders gives the version scheme of a product; also of one of its models, which is
// written "draytek-vigor/Vigor2960". It is false for an unknown product or model.
type Orders func(product string) (version.Scheme, bool)
