package report

import (
	"slices"

	"postern/scanner/finding"
)

// groupsOf are the parts of a report that a result belongs to: its owner, its tags or its
// products; "" is the part of what has none, and of everything where nothing is split.
func groupsOf(by string, r finding.Result) []string {
	var names []string
	switch by {
	case "owner":
		names = []string{r.Input.Owner}
	case "tag":
		names = slices.Clone(r.Input.Tags)
	case "product":
		for _, p := range slices.Concat(r.Products, earlierProducts(r)) {
			if p.ID != "" {
				p.Models = nil
				names = append(names, fullName(p))
			}
		}
	}
	if len(names) == 0 {
		return []string{""}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// groupTitle is the heading of one part: "Owner netops", "No owner".
func groupTitle(by, name string) string {
	if name == "" {
		return "No " + by
	}
	return string(by[0]-'a'+'A') + by[1:] + " " + name
}

// sortedGroups is the order of parts: by name, and last what has none.
func sortedGroups[V any](parts map[string]V) []string {
	return sortedKeys(parts, func(a, b string) int {
		switch {
		case a == b:
			return 0
		case a == "", b != "" && b < a:
			return 1
		}
		return -1
	})
}
