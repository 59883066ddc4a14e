package advisories

import (
	"go.yaml.in/yaml/v3"

	"postern/scanner/version"
)

// checkReview refuses a draft that nobody has read.
func (s *source) checkReview(p place) {
	if p.has("review") {
		p.key("review").bad("this is a draft; read it against the record, then remove this line")
	}
}

// CheckDraft holds one file to everything that [Load] asks of it, except that it may
// carry the mark of a draft. The name is that of the file, "fortinet/CVE-2024-21762.yaml".
// The error joins every [Problem].
func CheckDraft(name string, data []byte, orders Orders) error {
	in := &source{name: name, prove: true, draft: true}
	in.read(data, orders, map[string]string{})
	return joined(in.problems)
}

// Compile works out the Ranges of an entry that was made by a program rather than
// loaded from a file. The error joins every [Problem], without file and line.
func (a *Affected) Compile(scheme version.Scheme) error {
	in := &source{name: a.Product}
	nowhere := place{in, &yaml.Node{Kind: yaml.MappingNode}}
	if !checkRangeKeys(nowhere, a) {
		return joined(in.problems)
	}
	ranges := compile(nowhere, a, scheme)
	a.ranges = func() *Ranges { return ranges }
	return joined(in.problems)
}

// HoldsOf is the list of holds that a version belongs to: affected, not_affected or
// possible. The entry must have Ranges.
func (a *Affected) HoldsOf(v version.Version) string { return a.comesOut(version.Exactly(v)) }
