package finding

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// remembered is what an earlier scan says of one endpoint.
type remembered struct {
	target, text, owner string
	line                int
	findings            []past
	met                 bool // the later scan has it
}

// past is one earlier finding: in a product, which is empty where it is about the endpoint.
// Product and finding are shared with other endpoints and must not be changed.
type past struct {
	product *Product
	finding *Finding
	seen    *time.Time
}

func (p *past) claim() bool { return p.product.Claims(*p.finding) }

// Before adds a result of the earlier scan.
func (c *Comparison) Before(r Result) {
	place := placeOf(r.Target, r.Input)
	old := c.targets[place]
	if target := strings.ToLower(r.Target); place != target {
		c.addresses[target] = append(c.addresses[target], place)
	}
	if old == nil {
		old = &remembered{target: r.Target, text: r.Input.Text, owner: r.Input.Owner, line: r.Input.Line}
	}
	known := len(old.findings) > 0
	add := func(products []Product, findings []Finding) {
		for i := range products {
			c.remember(old, c.product(products[i]), products[i].Findings)
		}
		c.remember(old, c.product(Product{}), findings)
	}
	add(r.Products, r.Findings)
	if r.Earlier != nil {
		add(r.Earlier.Products, r.Earlier.Findings)
	}
	old.findings = slices.Clip(old.findings)
	if known || len(old.findings) == 0 {
		return
	}
	c.targets[place] = old
	host, _ := SplitTarget(r.Target)
	c.hosts[host] = append(c.hosts[host], old)
}

// known is what is remembered of the endpoint of a result. Where one target was asked at
// several addresses, each is one of its own; the address of a single one may change.
func (c *Comparison) known(r Result) *remembered {
	place, target := placeOf(r.Target, r.Input), strings.ToLower(r.Target)
	if old := c.targets[place]; old != nil {
		return old
	}
	switch before := c.addresses[target]; {
	case len(before) == 1 && c.targets[before[0]] != nil && !c.targets[before[0]].met:
		return c.targets[before[0]]
	case len(before) == 0 && c.targets[target] != nil && !c.targets[target].met:
		return c.targets[target]
	}
	return nil
}

// placeOf tells endpoints apart, whatever the spelling. Several may have the same target, if
// the list names an address behind it.
func placeOf(target string, in Input) string {
	name, address, shown := strings.Cut(target, "@")
	if !shown {
		_, address, shown = strings.Cut(in.Text, "@")
	}
	if shown {
		name += "@" + strings.Trim(address, "[]")
	}
	return strings.ToLower(name)
}

func (c *Comparison) remember(old *remembered, p *Product, findings []Finding) {
	for _, f := range findings {
		seen := f.Seen
		if seen == nil {
			seen = &c.began
		}
		one := past{p, c.finding(f), seen}
		if was := old.find(p.ID, f.Advisory); f.Verdict == NotAffected || was != nil && (was.claim() || !one.claim()) {
			continue // said once
		}
		old.findings = append(old.findings, one)
	}
}

// find returns what is known of an advisory, and what counts before what does not. It takes
// nil.
func (r *remembered) find(product, advisory string) *past {
	if r == nil {
		return nil
	}
	var maybe *past
	for i := range r.findings {
		p := &r.findings[i]
		if p.product.ID != product || p.finding.Advisory != advisory {
			continue
		}
		if p.claim() {
			return p
		}
		maybe = p
	}
	return maybe
}

// product returns the one copy of a product without its findings.
func (c *Comparison) product(p Product) *Product {
	p.Findings, p.NotAffected = nil, nil
	return shared(c.products, p)
}

// finding returns the one copy of a finding without what is of that comparison alone.
func (c *Comparison) finding(f Finding) *Finding {
	f.Change, f.Seen = "", nil
	return shared(c.findings, f)
}

func shared[T any](all map[[32]byte]*T, value T) *T {
	encoded, err := json.Marshal(value)
	if err != nil {
		return &value // a number that JSON does not have; it comes from no file
	}
	key := sha256.Sum256(encoded)
	if all[key] == nil {
		all[key] = &value
	}
	return all[key]
}

// claims reports whether a result makes a claim again that was made before.
func (r *Result) claims(was *past) bool {
	same := func(p *Product) bool {
		return slices.ContainsFunc(p.Findings, func(f Finding) bool {
			return f.Advisory == was.finding.Advisory && p.Claims(f)
		})
	}
	if was.product.ID == "" {
		return same(&Product{Findings: r.Findings})
	}
	p := productIn(r.Products, was.product.ID)
	return p != nil && same(p)
}

// open is a copy of what has findings: what was ruled out is of no more use. It takes and
// returns nil for nothing.
func (e *Earlier) open() *Earlier {
	if e == nil {
		return nil
	}
	left := Earlier{Findings: slices.Clone(e.Findings)}
	for _, p := range e.Products {
		if len(p.Findings) > 0 {
			p.Findings, p.NotAffected = slices.Clone(p.Findings), nil
			left.Products = append(left.Products, p)
		}
	}
	if len(left.Products)+len(left.Findings) == 0 {
		return nil
	}
	return &left
}

func (e *Earlier) carries(was *past) bool {
	if e == nil {
		return false
	}
	findings := e.Findings
	if was.product.ID != "" {
		p := productIn(e.Products, was.product.ID)
		if p == nil {
			return false
		}
		findings = p.Findings
	}
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Advisory == was.finding.Advisory })
}

func (e *Earlier) add(was *past) {
	f := *was.finding
	f.Change, f.Seen = NotEvaluated, was.seen
	if was.product.ID == "" {
		e.Findings = append(e.Findings, f)
		return
	}
	p := productIn(e.Products, was.product.ID)
	if p == nil {
		e.Products = append(e.Products, *was.product)
		p = &e.Products[len(e.Products)-1]
	}
	p.Findings = append(p.Findings, f)
}
