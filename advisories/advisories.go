// Package advisories holds what vendors published about their products, with
// affected ranges that have been checked against versions stated on both sides.
package advisories

import "postern/scanner/version"

// Advisory is one file: a CVE, or a statement of Postern's own (POSTERN-…).
type Advisory struct {
	ID        string   `yaml:"id"` // equals the file name
	Aliases   []string `yaml:"aliases,omitempty"`
	Title     string   `yaml:"title"`
	Summary   string   `yaml:"summary"`   // in our words
	Published string   `yaml:"published"` // "2024-02-09"
	Modified  string   `yaml:"modified,omitempty"`
	Withdrawn string   `yaml:"withdrawn,omitempty"` // a date: kept, never matched
	Severity  string   `yaml:"severity"`            // low, medium, high, critical
	// SeverityReason is needed when Severity differs from the rating of the best vector.
	SeverityReason string      `yaml:"severity_reason,omitempty"`
	CVSS           CVSS        `yaml:"cvss,omitempty"`
	CWE            []string    `yaml:"cwe,omitempty"` // "CWE-787"
	References     []Reference `yaml:"references"`
	// Requires is the configuration that the weakness needs, in words; empty: none stated.
	Requires string `yaml:"requires,omitempty"`
	// Preauth says that no login is needed.
	Preauth      bool         `yaml:"preauth"`
	Affected     []Affected   `yaml:"affected"`
	Exploitation Exploitation `yaml:"exploitation,omitempty"`
	Workaround   string       `yaml:"workaround,omitempty"`
	Remediation  string       `yaml:"remediation"`
	Source       string       `yaml:"source"`
	SourceNote   string       `yaml:"source_note,omitempty"` // what was chosen where sources differ, and why
	// Review marks a draft that a program wrote: a file with it is refused until somebody
	// has read it and removed the mark.
	Review string `yaml:"review,omitempty"`
	// EPSS is the score of the overlay; nil without one.
	EPSS *EPSS `yaml:"-"`
}

// CVSS holds vectors; scores are computed from them.
type CVSS struct {
	V31 string `yaml:"v31,omitempty"` // "CVSS:3.1/…" or "CVSS:3.0/…"
	V40 string `yaml:"v40,omitempty"` // "CVSS:4.0/…"
}

// Reference is a link to read on.
type Reference struct {
	Type string `yaml:"type"` // advisory, fix, article, kev
	URL  string `yaml:"url"`
}

// Affected says which versions of one product are affected.
type Affected struct {
	Product  string   `yaml:"product"`
	Branches []Branch `yaml:"branches,omitempty"`
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
	// Ranges is the branches as sets of versions; nil with ExposedPort.
	Ranges *Ranges `yaml:"-"`
}

// Visible reports whether a fix changes what can be seen from outside.
func (a *Affected) Visible() bool { return a.PatchVisible == nil || *a.PatchVisible }

// Branch is one release line. The longest branch that a version begins with decides.
type Branch struct {
	Branch string  `yaml:"branch"`           // "7.2", "13.1-FIPS", "22.7R2"; "all" is every version
	Status string  `yaml:"status,omitempty"` // unaffected, affected or unknown for the whole branch; excludes Events
	Events []Event `yaml:"events,omitempty"`
	Note   string  `yaml:"note,omitempty"`
	Fix    string  `yaml:"fix,omitempty"` // version to upgrade to when no fixed event says it, or "none"
}

// Event is one point on a branch, as in OSV. Exactly one field is set.
type Event struct {
	Introduced   string `yaml:"introduced,omitempty"` // "0" is the beginning of the branch
	Fixed        string `yaml:"fixed,omitempty"`
	LastAffected string `yaml:"last_affected,omitempty"`
}

// Holds lists versions and the verdict that each must get.
type Holds struct {
	Affected    []string `yaml:"affected,omitempty"`
	NotAffected []string `yaml:"not_affected,omitempty"`
	Possible    []string `yaml:"possible,omitempty"`
}

// Exploitation is what is known of attacks.
type Exploitation struct {
	KEV       *KEV       `yaml:"kev,omitempty"`
	InTheWild bool       `yaml:"in_the_wild,omitempty"`
	Campaigns []Campaign `yaml:"campaigns,omitempty"`
}

// KEV is the entry in CISA's catalogue.
type KEV struct {
	Added      string `yaml:"added"`
	Due        string `yaml:"due"`
	Ransomware bool   `yaml:"ransomware"`
}

// Campaign is a series of attacks, with who says so.
type Campaign struct {
	Name       string `yaml:"name"`
	ClaimedBy  string `yaml:"claimed_by"`
	DisputedBy string `yaml:"disputed_by,omitempty"`
	Note       string `yaml:"note"`
	Source     string `yaml:"source"`
}

// Orders gives the version scheme of a product, or false for an unknown product.
type Orders func(product string) (version.Scheme, bool)
