package report

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// advice gathers over all gateways what is to be done. What it keeps grows with the
// number of products, advisories and fixed versions, not with the number of gateways.
type advice struct {
	upgrades map[action]int // gateways
	mitigate map[action]int
	unread   map[action]int
	ended    map[action]int
	affected map[string]finding.Finding // by advisory: title and address
}

// action is one thing to do about one product.
type action struct {
	product string // as people say it
	id      string
	what    string // version, or advisory
	how     string
}

func newAdvice() advice {
	return advice{upgrades: map[action]int{}, mitigate: map[action]int{}, unread: map[action]int{}, ended: map[action]int{}, affected: map[string]finding.Finding{}}
}

// add takes one result in and returns what there is to do about it, each action once.
func (a *advice) add(r finding.Result) []action {
	var todo []action
	count := func(list map[action]int, one action) {
		list[one]++
		if !slices.Contains(todo, one) {
			todo = append(todo, one)
		}
	}
	for _, p := range r.Products {
		fixable := false
		for _, f := range p.Findings {
			if f.Verdict != finding.Affected || f.Accepted != nil {
				continue
			}
			if f.Kind == finding.EndOfLife && (fixed(f) == "" || !strings.HasPrefix(p.Upgrade, fixed(f)+".")) {
				count(a.ended, action{product: fullName(p), what: fixed(f)})
			}
			if f.Kind != finding.Vulnerability {
				continue
			}
			a.affected[f.Advisory] = finding.Finding{Advisory: f.Advisory, Title: f.Title, URL: f.URL}
			if fixed(f) == "" {
				count(a.mitigate, action{product: fullName(p), what: f.Advisory, how: f.Remediation})
			}
			fixable = fixable || fixed(f) != ""
		}
		if fixable {
			count(a.upgrades, action{product: fullName(p), what: p.Upgrade})
		}
		if !versionRead(p.Version) && openQuestions(p).total > 0 {
			count(a.unread, action{product: fullName(p), id: p.ID})
		}
	}
	return todo
}

// merge takes in what there is to do about other gateways.
func (a *advice) merge(b advice) {
	for _, lists := range [][2]map[action]int{{a.upgrades, b.upgrades}, {a.mitigate, b.mitigate}, {a.unread, b.unread}, {a.ended, b.ended}} {
		for one, n := range lists[1] {
			lists[0][one] += n
		}
	}
	maps.Copy(a.affected, b.affected)
}

// references says once what each advisory is and where to read it.
func (a *advice) references(p *page) {
	if len(a.affected) == 0 {
		return
	}
	p.gap()
	p.line(0, 2, styled(bold, "ADVISORIES THAT AFFECT A GATEWAY"))
	for _, id := range sortedKeys(a.affected, strings.Compare) {
		f := a.affected[id]
		p.line(2, 6, say(id), styled(faint, f.Title))
		if uri := link(f.URL); uri != "" {
			p.line(6, 6, say(uri))
		}
	}
}

// next says what to do, in the order in which it should be done. unreached endpoints could
// not be told anything of; whose is empty, or names the gateways.
func (a *advice) next(p *page, whose string, unreached int) {
	if len(a.upgrades)+len(a.mitigate)+len(a.unread)+len(a.ended)+unreached == 0 {
		return
	}
	p.gap()
	p.line(0, 2, styled(bold, "NEXT"+whose))
	for _, u := range sortedKeys(a.upgrades, byGateways(a.upgrades)) {
		to := "-> " + u.what + " or later; no known advisory affects it"
		if u.what == "" {
			to = "to a supported release: every fixed version that is named is affected by a later advisory"
		}
		p.line(2, 6, styled(bold, "Upgrade:"), say(u.product+", "+plural(a.upgrades[u], "gateway")+" "+to))
	}
	for _, m := range sortedKeys(a.mitigate, byGateways(a.mitigate)) {
		p.line(2, 6, styled(bold, "Act on "+m.what+":"), say(m.product+", "+plural(a.mitigate[m], "gateway")+"."), say(sentence(noFix(finding.Finding{Advisory: m.what}))), say(sentence(m.how)))
	}
	for _, e := range sortedKeys(a.ended, byGateways(a.ended)) {
		to := "-> branch " + e.what + " or later; the branch that runs gets no security fixes"
		if e.what == "" {
			to = "to another product; no branch is known that gets security fixes"
		}
		p.line(2, 6, styled(bold, "Move on:"), say(e.product+", "+plural(a.ended[e], "gateway")+" "+to))
	}
	for _, u := range sortedKeys(a.unread, byGateways(a.unread)) {
		p.line(2, 6, styled(bold, "Look up the version:"), say(u.product+", "+plural(a.unread[u], "gateway")+"; then: postern match "+u.id+" VERSION"))
	}
	if unreached > 0 {
		p.line(2, 6, styled(bold, "Scan again:"), say(plural(unreached, "endpoint")+" could not be reached and may be anything."))
	}
}

// byGateways orders actions by how many gateways they concern, most first.
func byGateways(counts map[action]int) func(a, b action) int {
	return func(a, b action) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a.product, b.product),
			strings.Compare(a.what, b.what), strings.Compare(a.id, b.id), strings.Compare(a.how, b.how))
	}
}

func sortedKeys[K comparable, V any](m map[K]V, order func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, order)
	return keys
}
