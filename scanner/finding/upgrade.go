package finding

import (
	"slices"
	"time"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// upgrade is where a device with these findings should go: see [Product.Upgrade]. Where
// models have fixes of their own, every model that the device may be must have the same.
//
// A release that still gets security fixes on that day goes before one that does not.
func upgrade(p fingerprints.Product, findings []Finding, id fingerprints.Identification, db *advisories.DB, day time.Time) string {
	open := func(f Finding) bool {
		return f.Kind == Vulnerability && f.Verdict == Affected && f.Fixed != "" && f.Fixed != "none"
	}
	if !slices.ContainsFunc(findings, open) {
		return ""
	}
	key := keyOf(upgradeKey, p, id, day.UTC().Format(time.DateOnly))
	return db.Remember(key, func() any { return upgradeFor(p, id, db, day) }).(string)
}

func upgradeFor(p fingerprints.Product, id fingerprints.Identification, db *advisories.DB, day time.Time) string {
	models := p.ModelsFor(id.Models, id.Versions)
	if len(models) == 0 {
		return supportedFix(id.Versions, db.CleanFixes(p.ID, ""), endedBy(p, "", day))
	}
	first := ""
	for i, m := range models {
		fixes := slices.DeleteFunc(slices.Clone(db.CleanFixes(p.ID, m.Name)), func(r advisories.Release) bool { return !m.Runs.Contains(r.Version) })
		switch fix := supportedFix(m.Runs.Intersect(id.Versions), fixes, endedBy(p, m.Name, day)); {
		case i == 0:
			first = fix
		case fix != first:
			return ""
		}
	}
	return first
}

// supportedFix is cleanFix among the releases that have not ended, or among all where
// none of those will do.
func supportedFix(may version.Set, fixes []advisories.Release, ended version.Set) string {
	left := slices.DeleteFunc(slices.Clone(fixes), func(r advisories.Release) bool { return ended.Contains(r.Version) })
	if fix := cleanFix(may, left); fix != "" {
		return fix
	}
	return cleanFix(may, fixes)
}

// cleanFix is the lowest of the fixes, which rise, above everything that a device may
// run. A finite set of candidates is left behind as a whole; of a range only its lower
// end is certain, so that a fix inside it will do.
func cleanFix(may version.Set, fixes []advisories.Release) string {
	_, finite := may.Candidates()
	for _, fix := range fixes {
		if !finite && may.Contains(fix.Version) {
			return fix.Text
		}
		below, err := version.Range(may.Scheme(), version.Bounds{Before: fix.Version})
		if err == nil && may.Within(below) {
			return fix.Text
		}
	}
	return ""
}
