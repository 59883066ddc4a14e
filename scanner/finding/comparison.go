package finding

import (
	"slices"
	"strings"
	"time"
)

// Comparison takes the results of an earlier scan, then those of a later one, and says what
// has become of every finding. It keeps only what the earlier one says of gateways, and what
// many of them have in common once: 1,300 bytes for a gateway with 24 findings, nothing for
// other endpoints. A nil one compares with nothing.
type Comparison struct {
	began   time.Time              // of the earlier scan
	targets map[string]*remembered // by placeOf
	hosts   map[string][]*remembered
	// addresses are the places of a target that the list names an address behind.
	addresses map[string][]string
	findings  map[[32]byte]*Finding
	products  map[[32]byte]*Product

	entry  entry // of the asset list, whose results come now
	counts ChangeCounts
	gone   []Change
	all    []Change // only where they are asked for
	list   bool
}

// NewComparison returns a comparison with the scan that began with this header.
func NewComparison(earlier Header) *Comparison {
	return &Comparison{
		began: earlier.Started, targets: map[string]*remembered{}, hosts: map[string][]*remembered{}, addresses: map[string][]string{},
		findings: map[[32]byte]*Finding{}, products: map[[32]byte]*Product{},
	}
}

// entry is the one entry of the asset list that consecutive results belong to.
type entry struct {
	host  string
	input Input
	line  int // that its endpoints had in the earlier list; 0 if none of them is known
}

// Apply compares one result of the later scan, in the order of that scan, after all of the
// earlier one were added; which of its findings are accepted must be known. It returns the result with every finding marked, and what was not
// judged again in Earlier.
//
// It may return further results. An entry of the asset list that names no port has one for
// each port that answered; where an endpoint is known to be a gateway, one that gave no
// answer must not go missing. Where no port answered, the one result takes the place of each
// such endpoint.
func (c *Comparison) Apply(r Result) []Result {
	if c == nil {
		r.Earlier = r.Earlier.open()
		return []Result{r}
	}
	var out []Result
	if host, _ := SplitTarget(r.Target); host != c.entry.host || r.Input.Text != c.entry.input.Text {
		out = c.Rest()
		c.entry = entry{host: host, input: r.Input}
	}
	old := c.known(r)
	if old == nil {
		old = c.general(r)
	}
	if old != nil {
		c.entry.line = old.line
		return append(out, c.mark(r, old))
	}
	if r.Outcome == Unreachable || r.Outcome == Interrupted {
		if behind := c.behind(r); len(behind) > 0 {
			for _, old := range behind {
				r.Target = old.target
				out = append(out, c.mark(r, old))
				r = Result{Input: r.Input, Outcome: r.Outcome, Reason: r.Reason, Detail: r.Detail} // what was asked is told once
			}
			return out
		}
	}
	return append(out, c.mark(r, nil))
}

// Rest returns the results that the last entry still lacks; see [Comparison.Apply]. It is
// called once more after the last result.
func (c *Comparison) Rest() []Result {
	if c == nil {
		return nil
	}
	var out []Result
	for _, old := range c.hosts[c.entry.host] {
		same := old.text == c.entry.input.Text && (c.entry.line == 0 || old.line == c.entry.line)
		if old.met || !same {
			continue
		}
		r := Result{
			Target: old.target, Input: c.entry.input, Outcome: Unreachable,
			Detail: "a gateway was here before, and this time nothing answered",
		}
		if marked := c.mark(r, old); marked.Earlier != nil {
			out = append(out, marked)
		}
	}
	return out
}

// general is the earlier result of a host as a whole, on which no port had answered.
func (c *Comparison) general(r Result) *remembered {
	host, _ := SplitTarget(r.Target)
	if _, address, shown := strings.Cut(r.Target, "@"); shown {
		host += "@" + address
	}
	old := c.targets[placeOf(host, r.Input)]
	if old == nil || old.met {
		return nil
	}
	return old
}

// behind are the endpoints of the same entry that a result without an answer stands for: it
// names no port, or no address, because none could be told.
func (c *Comparison) behind(r Result) []*remembered {
	host, _ := SplitTarget(r.Target)
	name, address, _ := strings.Cut(placeOf(r.Target, r.Input), "@")
	whole := strings.Trim(name, "[]") == host
	var all []*remembered
	for _, old := range c.hosts[host] {
		if old.met || old.text != r.Input.Text {
			continue
		}
		oldName, oldAddress, _ := strings.Cut(placeOf(old.target, r.Input), "@")
		if (whole || oldName == name) && (address == "" || oldAddress == address) {
			all = append(all, old)
		}
	}
	return all
}

// mark marks the findings of a result and adds those that it could not judge; old is what is
// known of the endpoint, or nil.
func (c *Comparison) mark(r Result, old *remembered) Result {
	products := make([]Product, len(r.Products))
	copy(products, r.Products)
	for i := range products {
		products[i].Findings = c.markAll(&r, old, &products[i])
	}
	if r.Products != nil {
		r.Products = products
	}
	r.Findings = c.markAll(&r, old, &Product{Findings: r.Findings})
	r.Earlier = c.carry(&r, old)
	if old != nil {
		old.met = true
	}
	return r
}

func (c *Comparison) markAll(r *Result, old *remembered, p *Product) []Finding {
	var marked []Finding
	for _, f := range p.Findings {
		was := old.find(p.ID, f.Advisory)
		f.Change = IsNew
		if was != nil && !(p.Claims(f) && !was.claim()) && worse(&f, was.finding) == "" {
			f.Change = Unchanged
		}
		if p.Claims(f) {
			change := newChange(r.Target, r.Input.Owner, p, &f)
			change.Status, change.Verdict, change.Version = f.Change, f.Verdict, p.Version.Text
			if was != nil && was.claim() {
				change.Was, change.WasVersion = was.finding.Verdict, was.product.Version.Text
				change.Reason = worse(&f, was.finding)
			}
			c.note(change)
		}
		marked = append(marked, f)
	}
	return marked
}

// worse says why a finding asks for more than it did, or nothing: it is certain now, known to
// be exploited, or accepted no longer. It then counts as new, so that whoever waits for new ones hears of it.
func worse(f, was *Finding) string {
	switch {
	case f.Verdict == Affected && was.Verdict == Possible:
		return "it is certain now"
	case f.KEV != nil && was.KEV == nil:
		return "it is now known to be exploited"
	case f.Accepted == nil && was.Accepted != nil:
		return "its risk is not accepted any more"
	}
	return ""
}

// carry returns what was found earlier and not judged again, and lists what is gone.
func (c *Comparison) carry(r *Result, old *remembered) *Earlier {
	earlier := r.Earlier.open()
	if earlier != nil {
		c.markEarlier(r, old, earlier)
	}
	if old == nil || old.met {
		return earlier
	}
	for i := range old.findings {
		was := &old.findings[i]
		if !was.claim() || r.claims(was) || earlier.carries(was) {
			continue
		}
		change := newChange(r.Target, r.Input.Owner, was.product, was.finding)
		change.Was, change.WasVersion = was.finding.Verdict, was.product.Version.Text
		change.Status, change.Reason = became(r, was.product.ID, was.finding.Advisory)
		if p := productIn(r.Products, was.product.ID); p != nil {
			change.Version = p.Version.Text
		}
		if change.Status == IsFixed {
			change.Accepted = nil // nothing is left to accept
		}
		c.note(change)
		if change.Status == IsFixed || change.Reason == withdrawn {
			c.lose(change)
			continue
		}
		if earlier == nil {
			earlier = &Earlier{}
		}
		earlier.add(was)
	}
	return earlier
}

// markEarlier marks what a result carries already: findings that the earlier scan knew, and
// those that [Rejudge] has made of what it knew.
func (c *Comparison) markEarlier(r *Result, old *remembered, earlier *Earlier) {
	mark := func(p *Product, f *Finding) {
		f.Change = IsNew
		was := old.find(p.ID, f.Advisory)
		if was != nil && worse(f, was.finding) == "" {
			f.Change = NotEvaluated
		}
		change := newChange(r.Target, r.Input.Owner, p, f)
		change.Status = f.Change
		change.Was, change.WasVersion = f.Verdict, p.Version.Text
		if f.Change == NotEvaluated {
			_, change.Reason = became(r, p.ID, f.Advisory)
		}
		c.note(change)
	}
	for i := range earlier.Products {
		p := &earlier.Products[i]
		for j := range p.Findings {
			mark(p, &p.Findings[j])
		}
	}
	for i := range earlier.Findings {
		mark(&Product{}, &earlier.Findings[i])
	}
}

// note counts a change.
func (c *Comparison) note(change Change) {
	switch change.Status {
	case IsNew:
		c.counts.New++
	case Unchanged:
		c.counts.Unchanged++
	case IsFixed:
		c.counts.Fixed++
	default:
		c.counts.NotEvaluated++
	}
	if c.list {
		c.all = append(c.all, change)
	}
}

// End is called when all results were applied, those of [Comparison.Rest] too. It counts
// changes, and lists what the later scan has no longer: what is fixed, what the rules do not
// know any more, and what is about endpoints that are not in the list any more or, where the
// scan is not complete, that it did not come to; the worst 10,000 of it.
func (c *Comparison) End(complete bool) (*ChangeCounts, []Change) {
	if c == nil {
		return nil, nil
	}
	for _, old := range c.targets {
		if old.met {
			continue
		}
		for i := range old.findings {
			was := &old.findings[i]
			if !was.claim() {
				continue
			}
			change := newChange(old.target, old.owner, was.product, was.finding)
			change.Was, change.WasVersion = was.finding.Verdict, was.product.Version.Text
			change.Status, change.Reason = NotEvaluated, unlisted
			if !complete {
				change.Reason = stopped
			}
			c.note(change)
			c.lose(change)
		}
	}
	sortChanges(c.gone)
	c.gone = c.gone[:min(len(c.gone), maxGone)]
	counts := c.counts
	return &counts, c.gone
}

// maxGone bounds what a summary lists, so that a fleet that is patched in one night, or a list
// that is cut to its half, leaves a report that can be read again.
const maxGone = 10_000

// lose lists what the later scan has no longer, and keeps the worst of it.
func (c *Comparison) lose(change Change) {
	c.gone = append(c.gone, change)
	if len(c.gone) >= 2*maxGone {
		sortChanges(c.gone)
		c.gone = slices.Clip(c.gone[:maxGone])
	}
}

func newChange(target, owner string, p *Product, f *Finding) Change {
	return Change{
		Target: target, Product: p.ID, Name: p.Name, Advisory: f.Advisory, Kind: f.Kind, Title: f.Title,
		Severity: f.Severity, KEV: f.KEV != nil, Owner: owner,
		Accepted: f.Accepted,
	}
}

// After adds a result of the later scan, in the order of that scan, for
// [Comparison.Changes]; it returns what [Comparison.Apply] does.
func (c *Comparison) After(r Result) []Result {
	c.list = true
	return c.Apply(r)
}

// Changes lists every finding of both scans after the last result of the later one: new ones
// first, then what was not evaluated, what is fixed and what is unchanged; the worst first
// among each; and how many there are of each. complete says whether the later scan is.
func (c *Comparison) Changes(complete bool) (ChangeCounts, []Change) {
	c.list = true
	c.Rest()
	c.End(complete)
	sortChanges(c.all)
	return c.counts, c.all
}
