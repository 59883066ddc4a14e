package finding

import (
	"slices"
	"strings"
	"time"
)

// Risk is an accepted risk as somebody wrote it down: which findings it covers, and the
// decision. Exactly one of Target and Tag is set.
type Risk struct {
	Advisory string // the id as reports show it; never a pattern
	Target   TargetPattern
	Tag      string // of the asset list
	Acceptance
	Place string // where it is written, "postern.yaml:12"
}

// Justifications are the words that OpenVEX has for why a product is not affected.
// (openvex/spec: openvex_json_schema.json, statements/justification)
func Justifications() []string {
	return []string{
		"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path",
		"vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist",
	}
}

// Acceptances marks the findings of results as accepted, and remembers which risks were of
// use. A nil *Acceptances leaves every result as it is.
type Acceptances struct {
	risks  []Risk
	day    string
	stored bool   // what results say is kept
	met    []bool // a result is about its endpoint
	used   []bool
	// unsure are risks whose endpoint was not judged, so that nobody can say that they
	// cover nothing.
	unsure []bool
}

// NewAcceptances holds risks against findings as of a day, in UTC. An expired one covers
// nothing; it holds through the day that it names.
func NewAcceptances(risks []Risk, day time.Time) *Acceptances {
	return &Acceptances{risks: risks, day: day.UTC().Format(time.DateOnly), met: make([]bool, len(risks)), used: make([]bool, len(risks)), unsure: make([]bool, len(risks))}
}

// StoredAcceptances keeps what results say of acceptances, as long as it holds: for a day
// on which the decisions themselves are not at hand.
func StoredAcceptances(day time.Time) *Acceptances {
	return &Acceptances{day: day.UTC().Format(time.DateOnly), stored: true}
}

// Decides reports whether what is accepted is decided here, and not taken from results.
func (a *Acceptances) Decides() bool { return a != nil && !a.stored }

// Apply returns the result with every finding that a risk covers marked as accepted, and no
// other: what the result said of that before is replaced. The result that was passed in
// is not changed.
func (a *Acceptances) Apply(r Result) Result {
	if a == nil {
		return r
	}
	var here []int // risks about this endpoint that have not expired
	at := newEndpoint(r.Target)
	for i := range a.risks {
		if !a.about(i, r.Input.Tags, at) {
			continue
		}
		a.met[i] = true
		if !a.expired(i) {
			here = append(here, i)
			a.unsure[i] = a.unsure[i] || !wasJudged(r)
		}
	}
	r.Findings = a.accept(r.Findings, here)
	r.Products = a.acceptIn(r.Products, here)
	if r.Earlier != nil {
		r.Earlier = &Earlier{Products: a.acceptIn(r.Earlier.Products, here), Findings: a.accept(r.Earlier.Findings, here)}
	}
	return r
}

func (a *Acceptances) expired(i int) bool { return a.risks[i].Expires < a.day }

func (a *Acceptances) about(i int, tags []string, at endpoint) bool {
	if tag := a.risks[i].Tag; tag != "" {
		return slices.Contains(tags, tag)
	}
	return a.risks[i].Target.covers(at)
}

// wasJudged reports whether all that runs on an endpoint was recognised and its version read.
func wasJudged(r Result) bool {
	return r.Outcome == Identified && !slices.ContainsFunc(r.Products, func(p Product) bool { return !p.Version.read() })
}

func (a *Acceptances) acceptIn(products []Product, here []int) []Product {
	products = slices.Clone(products)
	for i := range products {
		products[i].Findings = a.accept(products[i].Findings, here)
	}
	return products
}

func (a *Acceptances) accept(findings []Finding, here []int) []Finding {
	findings = slices.Clone(findings)
	for i := range findings {
		f := &findings[i]
		if a.stored && f.Accepted != nil && f.Accepted.Expires >= a.day {
			continue
		}
		f.Accepted = nil
		for _, n := range here {
			if f.Verdict == NotAffected || !strings.EqualFold(a.risks[n].Advisory, f.Advisory) {
				continue
			}
			a.used[n] = true
			if f.Accepted == nil { // the first one speaks
				decision := a.risks[n].Acceptance
				f.Accepted = &decision
			}
		}
	}
	return findings
}

// Idle lists the risks that have expired and, after a complete scan, those that cover
// nothing although their endpoints were judged. Without the end of a scan, and where an
// endpoint was not reached or recognised, nobody can tell. Where a scan was not of a whole
// list, only risks of its endpoints are listed.
func (a *Acceptances) Idle(complete, whole bool) []IdleAcceptance {
	if a == nil {
		return nil
	}
	var idle []IdleAcceptance
	for i, r := range a.risks {
		if !whole && !a.met[i] {
			continue
		}
		if a.expired(i) || complete && !a.used[i] && !a.unsure[i] {
			idle = append(idle, IdleAcceptance{
				Advisory: r.Advisory, Target: r.Target.String(), Tag: r.Tag, Owner: r.Owner,
				Expires: r.Expires, Expired: a.expired(i), Place: r.Place,
			})
		}
	}
	return idle
}

// KeepAccepted returns a result that was judged anew with the acceptances that it had
// before and that hold on a day.
func KeepAccepted(before, now Result, day time.Time) Result {
	type key struct{ product, advisory string }
	held := map[key]*Acceptance{}
	today := day.UTC().Format(time.DateOnly)
	before.eachFinding(func(product string, f *Finding) {
		if f.Accepted != nil && f.Accepted.Expires >= today {
			held[key{product, f.Advisory}] = f.Accepted
		}
	})
	now = (&Acceptances{}).Apply(now) // a copy in which nothing is accepted
	now.eachFinding(func(product string, f *Finding) { f.Accepted = held[key{product, f.Advisory}] })
	return now
}

// eachFinding passes on every finding of a result, earlier ones too, with the id of its
// product, which is empty for what is about the endpoint.
func (r *Result) eachFinding(take func(product string, f *Finding)) {
	each := func(products []Product, findings []Finding) {
		for i := range findings {
			take("", &findings[i])
		}
		for _, p := range products {
			for i := range p.Findings {
				take(p.ID, &p.Findings[i])
			}
		}
	}
	each(r.Products, r.Findings)
	if r.Earlier != nil {
		each(r.Earlier.Products, r.Earlier.Findings)
	}
}
