package report

import (
	"fmt"
	"time"

	"postern/scanner/finding"
)

// htmlMaxListed is how many lines each list beside the endpoints has.
const htmlMaxListed = 200

// htmlChanges lists what became of findings since the baseline.
type htmlChanges struct {
	fresh     []*htmlChange
	moreFresh int
}

// htmlChange is what became of one endpoint.
type htmlChange struct {
	Target, Name, Owner, Why string
	Advisories               []htmlWord
	More                     int
}

// named adds one advisory, as long as people will read it.
func (c *htmlChange) named(w htmlWord) {
	if len(c.Advisories) == 12 {
		c.More++
		return
	}
	c.Advisories = append(c.Advisories, w)
}

// htmlChangesView is what the page shows of it.
type htmlChangesView struct {
	Since             string
	Bar               htmlChart
	New, Gone         []*htmlChange
	MoreNew, MoreGone int
	NotJudged         string
}

func (c *htmlChanges) add(r finding.Result) {
	one := func(name string, findings []finding.Finding) {
		var change *htmlChange
		for _, f := range findings {
			if f.Change != finding.IsNew {
				continue
			}
			if change == nil {
				if len(c.fresh) == htmlMaxListed {
					c.moreFresh++
					return
				}
				change = &htmlChange{Target: visible(r.Target, 200), Name: visible(name, 100), Owner: visible(r.Input.Owner, 100)}
				c.fresh = append(c.fresh, change)
			}
			change.named(newChangeWord(f))
		}
	}
	one("", r.Findings)
	for _, p := range r.Products {
		one(fullName(p), p.Findings)
	}
}

func newChangeWord(f finding.Finding) htmlWord {
	text := f.Advisory + " " + rating(f)
	if f.Kind != finding.Vulnerability {
		text = kindLabel(f.Kind)
	}
	if f.KEV != nil {
		text += ", " + exploited(f)
	}
	if f.Verdict == finding.Possible {
		return htmlWord{"none", visible(text, 100) + ", possible"}
	}
	return htmlWord{severityClass(f.Severity), visible(text, 100)}
}

// all is nil where nothing was compared.
func (c *htmlChanges) all(h finding.Header, s finding.Summary) *htmlChangesView {
	if s.Changes == nil {
		return nil
	}
	v := &htmlChangesView{New: c.fresh, MoreNew: c.moreFresh, Bar: changesBar(*s.Changes)}
	if h.Baseline != nil && !h.Baseline.Started.IsZero() {
		v.Since = "Compared with the scan of " + writableTime(h.Baseline.Started).Format("2006-01-02 15:04 UTC") + ". "
	}
	places := map[[3]string]*htmlChange{}
	for _, g := range s.Gone {
		key := [3]string{g.Target, g.Product, g.Reason}
		if places[key] == nil {
			if len(v.Gone) == htmlMaxListed {
				v.MoreGone++
				continue
			}
			places[key] = &htmlChange{Target: visible(g.Target, 200), Name: visible(g.Name, 100), Owner: visible(g.Owner, 100), Why: sentence(visible(g.Reason, 300))}
			v.Gone = append(v.Gone, places[key])
		}
		places[key].named(htmlWord{"", visible(g.Advisory, 100)})
	}
	if n := s.Changes.NotEvaluated; n > 0 {
		v.NotJudged = fmt.Sprintf("%s not judged again: the gateway was not reached, not recognised or hid its version. They stand as they were and count as open, never as fixed.", plural(n, "earlier finding"))
	}
	return v
}

// changesBar is the picture of the four counts.
func changesBar(n finding.ChangeCounts) htmlChart {
	chart := htmlChart{ID: "change", Title: "Change since the last run", Desc: "Findings by what became of them.", Head: []string{"Findings", "Count"}}
	rows := []struct {
		text, class string
		n           int
	}{{"new", "critical", n.New}, {"unchanged", "none", n.Unchanged}, {"not judged again", "medium", n.NotEvaluated}, {"fixed, or gone from the list", "good", n.Fixed}}
	widest := 1
	for _, r := range rows {
		widest = max(widest, r.n)
	}
	for _, r := range rows {
		y := chart.Height
		width := barShare * percent(r.n) / percent(widest)
		chart.Marks = append(chart.Marks, htmlMark{Text: r.text, Y: y + 14, Class: "label"}, htmlMark{Text: number(r.n), X: width, DX: 6, Y: y + barTop + 10, Class: "soft"})
		if r.n > 0 {
			chart.Marks = append(chart.Marks, htmlMark{W: max(1, width), Y: y + barTop, H: 10, Class: r.class, Tip: r.text + ": " + number(r.n)})
		}
		chart.Table = append(chart.Table, []string{r.text, number(r.n)})
		chart.Height += 35
	}
	return chart
}

// htmlAccepted lists the risks that somebody lives with.
type htmlAccepted struct {
	list []htmlRisk
	more int
}

type htmlRisk struct{ Target, Advisory, Owner, Expires, Reason string }

// htmlAcceptedView is what the page shows of it; Idle are entries that did nothing.
type htmlAcceptedView struct {
	List     []htmlRisk
	More     int
	Idle     []string
	MoreIdle int
}

func (a *htmlAccepted) add(r finding.Result) {
	one := func(findings []finding.Finding) {
		for _, f := range findings {
			if f.Accepted == nil {
				continue
			}
			if len(a.list) == htmlMaxListed {
				a.more++
				continue
			}
			reason := visible(f.Accepted.Reason, 500)
			if f.Accepted.Justification != "" {
				reason += " (" + visible(f.Accepted.Justification, 60) + ")"
			}
			a.list = append(a.list, htmlRisk{visible(r.Target, 200), visible(f.Advisory, 100), visible(f.Accepted.Owner, 100), visible(f.Accepted.Expires, 20), reason})
		}
	}
	products := r.Products
	one(r.Findings)
	if r.Earlier != nil {
		one(r.Earlier.Findings)
		products = append(products[:len(products):len(products)], r.Earlier.Products...)
	}
	for _, p := range products {
		one(p.Findings)
	}
}

// view is nil where no risk was accepted and no entry is idle.
func (a *htmlAccepted) view(s finding.Summary) *htmlAcceptedView {
	if len(a.list)+len(s.Acceptances) == 0 {
		return nil
	}
	v := &htmlAcceptedView{List: a.list, More: a.more}
	for i, idle := range s.Acceptances {
		if i == htmlMaxListed {
			v.MoreIdle = len(s.Acceptances) - i
			break
		}
		v.Idle = append(v.Idle, idleText(idle))
	}
	return v
}

func idleText(idle finding.IdleAcceptance) string {
	what := visible(idle.Advisory, 100)
	if idle.Target != "" {
		what += " on " + visible(idle.Target, 200)
	}
	if idle.Tag != "" {
		what += " on tag " + visible(idle.Tag, 100)
	}
	state := "covers no finding of this scan"
	if day, err := time.Parse(time.DateOnly, idle.Expires); idle.Expired {
		state = "has expired and holds no more"
		if err == nil {
			state = "expired on " + day.Format(time.DateOnly) + " and holds no more"
		}
	}
	return fmt.Sprintf("%s (%s, %s) %s.", what, visible(idle.Owner, 100), visible(idle.Place, 200), state)
}
