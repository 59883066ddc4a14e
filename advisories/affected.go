package advisories

import (
	"strings"
)

// checkAffected checks and compiles every entry.
func (s *source) checkAffected(p place, entries []Affected, orders Orders) {
	if len(entries) == 0 {
		p.bad("affected is missing; name at least one product")
	}
	if tooMany(p, entries) {
		return
	}
	telling := checkModels(p, entries, orders)
	for i := range entries {
		a, at := &entries[i], p.item(i)
		scheme, ok := orders(a.Product)
		if !ok {
			at.key("product").bad("product %q is not known; it needs a folder of that name in fingerprints", a.Product)
			continue
		}
		if at.has("exposed_port") {
			checkPort(at, a)
			continue
		}
		if !checkRangeKeys(at, a) {
			continue
		}
		ranges := compile(at, a, scheme)
		if ranges == nil {
			continue
		}
		if a.ranges = func() *Ranges { return ranges }; s.prove {
			checkHolds(at, a, telling[a.Product] && len(a.Models) == 0)
		}
	}
}

// checkPort checks an entry that versions do not matter to.
func checkPort(p place, a *Affected) {
	if a.ExposedPort < 1 || a.ExposedPort > 65535 {
		p.key("exposed_port").bad("exposed_port is %d; it is a TCP port from 1 to 65535", a.ExposedPort)
	}
	if len(a.Branches)+len(a.Listed) > 0 || a.UnlistedBranches != "" || a.UnlistedNote != "" || a.PatchVisible != nil || a.PatchNote != "" ||
		len(a.Holds.Affected)+len(a.Holds.NotAffected)+len(a.Holds.Possible) > 0 {
		p.bad("exposed_port is about every version; put branches, notes and holds in an advisory of their own")
	}
}

func checkRangeKeys(p place, a *Affected) bool {
	before := len(p.in.problems)
	switch a.UnlistedBranches {
	case StatusAffected, StatusUnaffected, StatusUnknown:
	case "":
		p.bad("unlisted_branches of %s is missing; say what holds for versions of no branch: unaffected, affected or unknown", a.Product)
	default:
		p.key("unlisted_branches").bad("unlisted_branches is %q; it is unaffected, affected or unknown", a.UnlistedBranches)
	}
	if a.PatchVisible != nil && !*a.PatchVisible && strings.TrimSpace(a.PatchNote) == "" {
		p.key("patch_visible").bad("patch_visible is false; say in patch_note why the fix cannot be seen")
	}
	if a.Visible() && a.PatchNote != "" {
		p.key("patch_note").bad("patch_note is given, but patch_visible is not false")
	}
	return len(p.in.problems) == before
}
