package finding

import (
	"slices"
	"time"
)

// Add counts one result.
func (s *Summary) Add(r Result) {
	s.Results++
	s.Requests += len(r.Asked)
	switch r.Outcome {
	case Identified:
		s.Identified++
	case Unidentified:
		s.Unidentified++
	case Interrupted:
		s.Interrupted++
	default: // whatever else it is, it is no answer
		s.Unreachable++
	}
	r.eachFinding(func(_ string, f *Finding) {
		if f.Accepted != nil {
			s.Accepted++
		}
	})
	if r.has(func(f Finding) bool { return f.Kind == EndOfLife && f.Verdict == Affected }) {
		s.EndOfLife++
	}
	if r.has(func(f Finding) bool { return f.Kind == LegacyTLS }) {
		s.LegacyTLS++
	}
	affected := func(f Finding) bool { return f.Kind == Vulnerability && f.Verdict == Affected }
	if !r.has(affected) && r.Earlier.has(affected) {
		s.StillAffected++
	}
	switch {
	case r.has(affected):
		s.Affected++
		if r.has(func(f Finding) bool { return affected(f) && f.KEV != nil }) {
			s.KEV++
		}
	case r.has(func(f Finding) bool { return f.Kind == Vulnerability && f.Verdict == Possible }):
		s.PossiblyAffected++
	}
}

// Finish sets what is known at the end: when that was, and the coverage.
func (s *Summary) Finish(ended time.Time) {
	s.Ended = ended
	s.Coverage = 0
	if all := max(s.Results, s.Targets); all > 0 {
		s.Coverage = float64(s.Identified+s.Unidentified) / float64(all)
	}
}

// Compare counts what has changed since the baseline of c, after its last result. Complete
// must be set.
func (s *Summary) Compare(c *Comparison) { s.Changes, s.Gone = c.End(s.Complete) }

// has looks among what was judged this time and nobody has accepted.
func (r *Result) has(wanted func(Finding) bool) bool {
	open := func(f Finding) bool { return f.Accepted == nil && wanted(f) }
	return slices.ContainsFunc(r.Findings, open) ||
		slices.ContainsFunc(r.Products, func(p Product) bool { return slices.ContainsFunc(p.Findings, open) })
}

func (e *Earlier) has(wanted func(Finding) bool) bool {
	return e != nil && (&Result{Products: e.Products, Findings: e.Findings}).has(wanted)
}
