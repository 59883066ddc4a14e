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
	IsNew        Status = "new"
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
	// Reason says why a finding is fixed or was not evaluated.
	Reason string `json:"reason,omitempty"`
	Owner  string `json:"owner,omitempty"`
}

// changeKey tells findings apart.
type changeKey struct{ target, product, advisory string }

// Comparison takes the results of an earlier scan, then those of a later one, in any
// order, and says what has changed. It keeps only what either says of a gateway. The zero
// value is ready.
type Comparison struct {
	before map[changeKey]Change
	after  map[string]*later // by target
	fresh  []Change
}

// later is what the later scan says of a target.
type later struct {
	outcome  Outcome
	reason   string
	products map[string]Product
	findings map[changeKey]bool
}

// Before adds a result of the earlier scan.
func (c *Comparison) Before(r Result) {
	if c.before == nil {
		c.before = map[changeKey]Change{}
	}
	eachClaim(r, func(k changeKey, change Change) {
		change.Was, change.WasVersion, change.Verdict, change.Version = change.Verdict, change.Version, "", ""
		c.before[k] = change
	})
}

// After adds a result of the later scan; all of the earlier one must have been added.
func (c *Comparison) After(r Result) {
	if c.after == nil {
		c.after = map[string]*later{}
	}
	seen := &later{outcome: r.Outcome, reason: r.Reason, products: map[string]Product{}, findings: map[changeKey]bool{}}
	for _, p := range r.Products {
		seen.products[p.ID] = p
	}
	eachClaim(r, func(k changeKey, change Change) {
		seen.findings[k] = true
		if old, ok := c.before[k]; ok {
			change.Status, change.Was, change.WasVersion = Unchanged, old.Was, old.WasVersion
		} else {
			change.Status = IsNew
		}
		c.fresh = append(c.fresh, change)
	})
	c.after[strings.ToLower(r.Target)] = seen
}

// Changes lists every finding of both scans: new ones first, then what was not evaluated,
// what is fixed and what is unchanged; the worst first among each.
func (c *Comparison) Changes() []Change {
	all := slices.Clone(c.fresh)
	for k, old := range c.before {
		seen := c.after[k.target]
		if seen != nil && seen.findings[k] {
			continue
		}
		old.Status, old.Reason = seen.became(k)
		if seen != nil {
			old.Version = seen.products[k.product].Version.Text
		}
		all = append(all, old)
	}
	order := []Status{IsNew, NotEvaluated, IsFixed, Unchanged}
	severities := []string{"critical", "high", "medium", "low"}
	slices.SortFunc(all, func(a, b Change) int {
		worst := func(c Change) Verdict { return cmp.Or(c.Verdict, c.Was) }
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status)),
			cmp.Compare(worst(a), worst(b)), // "affected" is before "possible"
			compareBool(b.KEV, a.KEV),
			cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity)),
			strings.Compare(a.Target, b.Target), strings.Compare(a.Advisory, b.Advisory), strings.Compare(a.Product, b.Product),
		)
	})
	return all
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

// became is the state of an earlier finding that the later scan does not have. A nil
// receiver is a target that the later scan does not have either.
func (l *later) became(k changeKey) (Status, string) {
	if l == nil {
		return NotEvaluated, "the endpoint is not in the later scan"
	}
	if k.product == "" { // about the endpoint itself
		if l.outcome == Identified || l.outcome == Unidentified {
			return IsFixed, "the endpoint does not show it any more"
		}
		return NotEvaluated, "the endpoint is " + string(l.outcome) + withoutEmpty(l.reason)
	}
	p, ok := l.products[k.product]
	switch {
	case !ok && l.outcome == Identified:
		return IsFixed, "another product answers now"
	case !ok && l.outcome == Unidentified:
		return NotEvaluated, "no gateway was recognised this time" + withoutEmpty(l.reason)
	case !ok:
		return NotEvaluated, "the endpoint is " + string(l.outcome) + withoutEmpty(l.reason)
	case !p.Version.read():
		return NotEvaluated, "the version could not be read this time"
	case slices.Contains(p.NotAffected, k.advisory):
		return IsFixed, "the version rules it out"
	case strings.HasPrefix(k.advisory, "POSTERN-"):
		return IsFixed, "it does not hold any more"
	}
	return NotEvaluated, "the rules do not know the advisory any more"
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

// eachClaim passes on what a result says: what is affected, what is possible with a
// version that was read, and the findings of a kind. A pile of maybes is no finding.
func eachClaim(r Result, take func(changeKey, Change)) {
	pass := func(p Product, f Finding) {
		maybe := f.Kind == Vulnerability && f.Verdict == Possible && !p.Version.read()
		if f.Verdict == NotAffected || maybe {
			return
		}
		take(changeKey{strings.ToLower(r.Target), p.ID, f.Advisory}, Change{
			Target: r.Target, Product: p.ID, Name: p.Name, Advisory: f.Advisory, Kind: f.Kind, Title: f.Title,
			Severity: f.Severity, KEV: f.KEV != nil, Verdict: f.Verdict, Version: p.Version.Text, Owner: r.Input.Owner,
		})
	}
	for _, f := range r.Findings {
		pass(Product{}, f)
	}
	for _, p := range r.Products {
		for _, f := range p.Findings {
			pass(p, f)
		}
	}
}
