package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// What the list of things to do shows at most.
const (
	htmlMaxGroups = 60
	htmlMaxTodos  = 12 // of one group
	htmlMaxNamed  = 6  // gateways by name
)

// htmlTodos gathers what is to be done, by whoever has to do it.
type htmlTodos struct {
	by     string // what groups are of: "owner"
	groups map[string]*htmlGroup
}

// htmlGroup is one owner, and what is on them.
type htmlGroup struct {
	Name                          string
	Gateways, Affected, Exploited int
	Unknown                       int // not reached, or stopped
	Todos                         []*htmlTodo
	More                          int
	byDo                          map[htmlDo]*htmlTodo
}

// htmlDo is one thing to do; all in visible text.
type htmlDo struct {
	kind                 int
	Verb, What, To, Then string
}

// The kinds of things to do, most urgent first.
const (
	doUpgrade = iota
	doMitigate
	doMove
	doLookUp
	doReach
)

// htmlTodo is one thing to do on several gateways.
type htmlTodo struct {
	htmlDo
	Gateways        int
	Named           []string
	From            []string // the versions that run
	KEV, Ransomware bool
	Worst           htmlWord
	weight          int
}

func newHTMLTodos(opts Options) htmlTodos {
	return htmlTodos{by: cmp.Or(opts.GroupBy, "owner"), groups: map[string]*htmlGroup{}}
}

func (t *htmlTodos) add(r finding.Result, row htmlRow) {
	if row.Rank >= htmlLivedWith {
		return
	}
	for _, name := range groupsOf(t.by, r) {
		g := t.groups[name]
		if g == nil {
			g = &htmlGroup{Name: cmp.Or(visible(name, 100), "No "+t.by+" named"), byDo: map[htmlDo]*htmlTodo{}}
			t.groups[name] = g
		}
		g.Gateways++
		switch {
		case row.Rank <= htmlStill:
			g.Affected++
		case row.Rank == htmlUnreachable || row.Rank == htmlInterrupted:
			g.Unknown++
		}
		if row.KEV {
			g.Exploited++
		}
		for _, p := range slices.Concat(r.Products, earlierProducts(r)) {
			if t.by != "product" || slices.Contains(groupsOf(t.by, finding.Result{Products: []finding.Product{p}}), name) {
				g.product(r, p)
			}
		}
		switch row.Rank {
		case htmlUnreachable, htmlInterrupted:
			g.count(htmlDo{doReach, "Scan again", "no answer that could be judged", "", "It may be anything."}, r, nil)
		}
	}
}

// product adds what there is to do about one product.
func (g *htmlGroup) product(r finding.Result, p finding.Product) {
	p.Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f finding.Finding) bool { return f.Accepted != nil })
	one := newAdvice()
	one.add(finding.Result{Products: []finding.Product{p}})
	for a := range one.upgrades {
		if a.what == "" {
			g.count(htmlDo{doUpgrade, "Upgrade", visible(a.product, 100), "a supported release", "Every fixed version that is named is affected by a later advisory."}, r, &p)
			continue
		}
		g.count(htmlDo{doUpgrade, "Upgrade", visible(a.product, 100), visible(a.what, 60) + " or later", ""}, r, &p)
	}
	for a := range one.mitigate {
		g.count(htmlDo{doMitigate, "Act on " + visible(a.what, 60), visible(a.product, 100), "", sentence(visible(a.how, 400))}, r, &p)
	}
	for a := range one.ended {
		to := "a release that gets security fixes, or another product"
		if a.what != "" {
			to = "branch " + visible(a.what, 60) + " or later"
		}
		g.count(htmlDo{doMove, "Move", visible(a.product, 100), to, "What runs gets no more security fixes."}, r, &p)
	}
	for a := range one.unread {
		g.count(htmlDo{doLookUp, "Look up the version", visible(a.product, 100), "", "Then: postern match " + visible(a.id, 60) + " VERSION"}, r, &p)
	}
}

func (g *htmlGroup) count(do htmlDo, r finding.Result, p *finding.Product) {
	t := g.byDo[do]
	if t == nil {
		t = &htmlTodo{htmlDo: do, Worst: htmlWord{Class: "none"}}
		g.byDo[do] = t
	}
	t.Gateways++
	if len(t.Named) < htmlMaxNamed {
		t.Named = append(t.Named, visible(r.Target, 100))
	}
	if p == nil {
		return
	}
	if v := visible(versionText(*p), 60); versionRead(p.Version) && len(t.From) <= 4 && !slices.Contains(t.From, v) {
		t.From = append(t.From, v)
	}
	for _, f := range p.Findings {
		c := claim{*p, f}
		if !c.affected() || do.kind == doMitigate && !strings.HasSuffix(do.Verb, f.Advisory) || do.kind == doLookUp {
			continue
		}
		t.KEV = t.KEV || f.KEV != nil
		t.Ransomware = t.Ransomware || f.KEV != nil && f.KEV.Ransomware
		if c.weight() > t.weight {
			t.weight, t.Worst = c.weight(), htmlWord{severityClass(f.Severity), visible(f.Severity, 20)}
		}
	}
}

// all is the groups, worst first.
func (t *htmlTodos) all() htmlTodoView {
	var groups []*htmlGroup
	for _, g := range t.groups {
		for _, todo := range g.byDo {
			g.Todos = append(g.Todos, todo)
		}
		if len(g.Todos) == 0 {
			continue
		}
		slices.SortFunc(g.Todos, func(a, b *htmlTodo) int {
			return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.kind, b.kind), cmp.Compare(b.Gateways, a.Gateways),
				strings.Compare(a.What, b.What), strings.Compare(a.Verb, b.Verb), strings.Compare(a.To, b.To), strings.Compare(a.Then, b.Then))
		})
		g.More = max(0, len(g.Todos)-htmlMaxTodos)
		g.Todos = g.Todos[:len(g.Todos)-g.More]
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b *htmlGroup) int {
		return cmp.Or(cmp.Compare(b.Exploited, a.Exploited), cmp.Compare(b.Affected, a.Affected), cmp.Compare(b.Todos[0].weight, a.Todos[0].weight),
			cmp.Compare(b.Gateways, a.Gateways), strings.Compare(a.Name, b.Name))
	})
	view := htmlTodoView{Groups: groups[:min(len(groups), htmlMaxGroups)]}
	for _, g := range groups[len(view.Groups):] {
		view.More++
		view.MoreGateways += g.Gateways
	}
	return view
}

// htmlTodoView is what the page shows of all groups.
type htmlTodoView struct {
	Groups             []*htmlGroup
	More, MoreGateways int
}

// Count says how bad it is.
func (g *htmlGroup) Count() string {
	parts := []string{plural(g.Gateways, "endpoint")}
	if g.Affected > 0 {
		parts = append(parts, number(g.Affected)+" affected")
	}
	if g.Exploited > 0 {
		parts = append(parts, number(g.Exploited)+" by exploited weaknesses")
	}
	if g.Unknown > 0 {
		parts = append(parts, number(g.Unknown)+" not reached")
	}
	return strings.Join(parts, ", ")
}

// Where names the first few gateways and counts the rest.
func (t *htmlTodo) Where() string {
	where := strings.Join(t.Named, ", ")
	if more := t.Gateways - len(t.Named); more > 0 {
		where += fmt.Sprintf(" and %s more", number(more))
	}
	return where
}

// Runs are the versions to move away from.
func (t *htmlTodo) Runs() string {
	if len(t.From) > 4 {
		return strings.Join(t.From[:4], ", ") + " and others"
	}
	return strings.Join(t.From, ", ")
}

// Urgent says that attackers use what would be closed.
func (t *htmlTodo) Urgent() string {
	switch {
	case t.Ransomware:
		return "exploited, ransomware"
	case t.KEV:
		return "exploited"
	}
	return ""
}
