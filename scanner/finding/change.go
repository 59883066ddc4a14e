package finding

import (
	"cmp"
	"slices"
	"strings"
)

// Status is what became of a finding between two scans.
type Status string

// The states of a finding. What was not looked at again is never fixed.
const (
	IsNew        Status = "new" // or worse than it was: see worse
	Unchanged    Status = "unchanged"
	IsFixed      Status = "fixed"         // the endpoint was judged again, and is not affected any more
	NotEvaluated Status = "not_evaluated" // it was not judged again, and the earlier finding stands
)

// Change is one finding of two scans.
type Change struct {
	Status   Status `json:"status"`
	Target   string `json:"target"`
	Product  string `json:"product,omitempty"` // empty for what is about the endpoint
	Name     string `json:"name,omitempty"`
	Advisory string `json:"advisory"`
	Kind     Kind   `json:"kind,omitempty"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	KEV      bool   `json:"kev"`
	// Verdict is that of the later scan, and Was that of the earlier; empty where it has none.
	Verdict Verdict `json:"verdict,omitempty"`
	Was     Verdict `json:"was,omitempty"`
	// Version and WasVersion are what was known of the version.
	Version    string `json:"version,omitempty"`
	WasVersion string `json:"was_version,omitempty"`
	// Reason says why a finding is fixed or was not evaluated, or is new though it was known.
	Reason string `json:"reason,omitempty"`
	Owner  string `json:"owner,omitempty"`
	// Accepted is the risk that somebody has accepted, where the finding is still there.
	Accepted *Acceptance `json:"accepted,omitempty"`
}

// sortChanges puts new ones first, then what was not evaluated, what is fixed and what is
// unchanged; the worst first among each.
func sortChanges(all []Change) {
	order := []Status{IsNew, NotEvaluated, IsFixed, Unchanged}
	severities := []string{"critical", "high", "medium", "low"}
	worst := func(c Change) Verdict { return cmp.Or(c.Verdict, c.Was) }
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status)),
			cmp.Compare(worst(a), worst(b)), // "affected" is before "possible"
			compareBool(b.KEV, a.KEV),
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			strings.Compare(a.Target, b.Target), strings.Compare(a.Advisory, b.Advisory), strings.Compare(a.Product, b.Product),
		)
	})
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// What became of a finding that no later scan can carry on.
const (
	unlisted  = "the endpoint is not in the later scan"
	stopped   = "the scan was stopped before it came to the endpoint"
	withdrawn = "the rules do not know the advisory any more"
)

// became is the state of an earlier finding that the later result of its endpoint does not
// have, and why. product is empty for what is about the endpoint.
func became(r *Result, product, advisory string) (Status, string) {
	if product == "" {
		if r.Outcome == Identified || r.Outcome == Unidentified {
			return IsFixed, "the endpoint does not show it any more"
		}
		return NotEvaluated, "the endpoint is " + string(r.Outcome) + withoutEmpty(r.Reason)
	}
	p := productIn(r.Products, product)
	switch {
	case p == nil && r.Outcome == Identified:
		return IsFixed, "another product answers now"
	case p == nil && earlierCleared(r.Earlier, product, advisory):
		return IsFixed, "by the rules of today its version is not affected"
	case p == nil && r.Outcome == Unidentified:
		return NotEvaluated, "no gateway was recognised this time" + withoutEmpty(r.Reason)
	case p == nil:
		return NotEvaluated, "the endpoint is " + string(r.Outcome) + withoutEmpty(r.Reason)
	case !p.Version.read():
		return NotEvaluated, "the version could not be read this time"
	case slices.Contains(p.NotAffected, advisory):
		return IsFixed, "the version rules it out"
	case strings.HasPrefix(advisory, "POSTERN-"):
		return IsFixed, "it does not hold any more"
	}
	return NotEvaluated, withdrawn
}

// earlierCleared reports whether an earlier product was judged again by its stored version, see
// [Rejudge], and is not affected.
func earlierCleared(e *Earlier, product, advisory string) bool {
	if e == nil {
		return false
	}
	p := productIn(e.Products, product)
	return p != nil && slices.Contains(p.NotAffected, advisory)
}

func productIn(products []Product, id string) *Product {
	for i := range products {
		if products[i].ID == id {
			return &products[i]
		}
	}
	return nil
}

func withoutEmpty(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// read reports whether anything was read of the version.
func (v Version) read() bool {
	return v.State == Exact || v.State == Candidates || v.State == InRange
}

// Claims reports whether a finding of the product counts where changes do: what is affected,
// what is possible with a version that was read, and the findings of a kind. A pile of maybes
// is none. The empty product stands for the endpoint.
func (p *Product) Claims(f Finding) bool {
	maybe := f.Kind == Vulnerability && f.Verdict == Possible && !p.Version.read()
	return f.Verdict != NotAffected && !maybe
}
