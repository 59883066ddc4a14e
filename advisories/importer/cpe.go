package importer

import (
	"slices"
	"strings"
)

// An applicability is what a record says in terms of CPE names.
type applicability struct {
	Nodes []struct {
		Negate bool       `json:"negate"`
		Match  []cpeMatch `json:"cpeMatch"`
	} `json:"nodes"`
}

// A cpeMatch is one CPE name, and a range of its versions.
type cpeMatch struct {
	Vulnerable bool   `json:"vulnerable"`
	Criteria   string `json:"criteria"` // cpe:2.3:part:vendor:product:version:update:…
	From       string `json:"versionStartIncluding"`
	After      string `json:"versionStartExcluding"`
	Before     string `json:"versionEndExcluding"`
	Through    string `json:"versionEndIncluding"`
}

// applicability is the CPE statement of a container in the shape of its rows. A range
// that begins after a version is left as a text that is not understood, and noted.
func (c container) applicability() container {
	rows := c
	rows.Affected = nil
	for _, a := range c.Applicability {
		for _, node := range a.Nodes {
			for _, m := range node.Match {
				parts := cpeParts(m.Criteria)
				if node.Negate || !m.Vulnerable || len(parts) < 6 {
					continue
				}
				at := slices.IndexFunc(rows.Affected, func(r affectedRow) bool { return r.Vendor == parts[3] && r.Product == parts[4] })
				if at < 0 {
					rows.Affected = append(rows.Affected, affectedRow{Vendor: parts[3], Product: parts[4]})
					at = len(rows.Affected) - 1
				}
				rows.Affected[at].Versions = append(rows.Affected[at].Versions, m.row(parts[5]))
			}
		}
	}
	return rows
}

func (m cpeMatch) row(version string) versionRow {
	row := versionRow{Status: "affected", Version: version, LessThan: m.Before, Through: m.Through}
	switch {
	case m.After != "":
		return versionRow{Status: "unknown", Version: "after " + m.After}
	case m.From != "":
		row.Version = m.From
	case version == "*" && m.Before+m.Through != "":
		row.Version = "0"
	}
	if m.From != "" && m.Before+m.Through == "" {
		row.LessThan = "*"
	}
	return row
}

// cpeParts splits a CPE 2.3 name; a colon behind a backslash is part of a value.
func cpeParts(name string) []string {
	const escaped = "\x00"
	parts := strings.Split(strings.ReplaceAll(name, `\:`, escaped), ":")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(p, escaped, ":"), `\`, "")
	}
	return parts
}
