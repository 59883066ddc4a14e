package finding

import (
	"slices"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// upgrade is where a device with these findings should go: see [Product.Upgrade]. A
// finite set of candidates is left behind as a whole; of a range only its lower end is
// certain, so that a fix inside it will do.
func upgrade(findings []Finding, id fingerprints.Identification, db *advisories.DB) string {
	open := func(f Finding) bool { return f.Verdict == Affected && f.Fixed != "" && f.Fixed != "none" }
	if !slices.ContainsFunc(findings, open) {
		return ""
	}
	_, finite := id.Versions.Candidates()
	for _, fix := range db.CleanFixes(id.Product) {
		if !finite && id.Versions.Contains(fix.Version) {
			return fix.Text
		}
		below, err := version.Range(id.Versions.Scheme(), version.Bounds{Before: fix.Version})
		if err == nil && id.Versions.Within(below) {
			return fix.Text
		}
	}
	return ""
}
