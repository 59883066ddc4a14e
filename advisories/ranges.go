package advisories

import (
	"strings"

	"postern/scanner/version"
)

// What holds for a line as a whole.
const (
	StatusAffected   = "affected"
	StatusUnaffected = "unaffected"
	StatusUnknown    = "unknown" // no source says
)

// Ranges is what an [Affected] entry says, as sets of versions. What is in neither
// set is not affected.
type Ranges struct {
	Scheme   version.Scheme
	Affected version.Set
	Unknown  version.Set
	// Lines holds the branches, more specific ones first, and then the versions of no
	// branch. Together their Covers are every version, and no version is in two.
	Lines []Line
}

// Line is a branch, with the versions that it decides.
type Line struct {
	Name   string      // the branch as written, "7.2"; empty for the versions of no branch
	Covers version.Set // without what more specific branches decide
	Status string      // for the whole line; empty when Spans decide
	Spans  []Span      // the affected stretches, rising
	After  version.Set // what follows them, when nothing is known of it; else empty
	Note   string
	Fix    string // where to upgrade to when no span says it; empty when no source does

	item   int     // which entry of branches this is
	branch *Branch // as written; nil where none is
}

// events are those of the branch, as written.
func (l *Line) events() []Event {
	if l.branch == nil {
		return nil
	}
	return l.branch.Events
}

// Span is an affected stretch of a line.
type Span struct {
	From         version.Version // zero: from the beginning of the line
	Fixed        version.Version // first that is not affected; zero: none in this line
	LastAffected version.Version // zero, unless it is stated in place of Fixed
	Versions     version.Set     // within the Covers of the line
}

// String is the range as a person writes it: ">=7.2.0 <7.2.7", or "every version".
func (s Span) String() string {
	var parts []string
	if !s.From.IsZero() {
		parts = append(parts, ">="+s.From.String())
	}
	if !s.Fixed.IsZero() {
		parts = append(parts, "<"+s.Fixed.String())
	}
	if !s.LastAffected.IsZero() {
		parts = append(parts, "<="+s.LastAffected.String())
	}
	if len(parts) == 0 {
		return "every version"
	}
	return strings.Join(parts, " ")
}

// add puts a line that is complete into the sets.
func (r *Ranges) add(line Line) {
	switch line.Status {
	case StatusAffected:
		line.Spans = []Span{{Versions: line.Covers}}
	case StatusUnknown:
		r.Unknown = r.Unknown.Union(line.Covers)
	}
	for _, span := range line.Spans {
		r.Affected = r.Affected.Union(span.Versions)
	}
	r.Unknown = r.Unknown.Union(line.After)
	r.Lines = append(r.Lines, line)
}

// String says what a line states, for the messages of the checks.
func (l Line) String() string {
	name := "branch " + l.Name
	if l.Name == "" {
		name = "no branch"
	}
	if l.Status != "" {
		return name + " is " + l.Status
	}
	var spans []string
	for _, s := range l.Spans {
		spans = append(spans, s.String())
	}
	name += " is affected in " + strings.Join(spans, " and ")
	if !l.After.IsEmpty() {
		name += ", and unknown after that"
	}
	return name
}
