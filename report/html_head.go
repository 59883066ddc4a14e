package report

import (
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// htmlCard is one number of the first screen.
type htmlCard struct{ Count, Text, Note, Class string }

func (w *htmlWriter) headline(s finding.Summary) string {
	switch {
	case s.Affected > 0 && s.KEV > 0:
		return fmt.Sprintf("%s affected, %s by vulnerabilities that are exploited in the wild", plural(s.Affected, "gateway"), number(s.KEV))
	case s.Affected > 0:
		return plural(s.Affected, "gateway") + " affected"
	case s.StillAffected > 0:
		return plural(s.StillAffected, "gateway") + " affected when last seen, and not judged again"
	case s.PossiblyAffected > 0:
		return "No gateway known to be affected, " + number(s.PossiblyAffected) + " possibly"
	case s.Identified == 0:
		return "No gateway was recognised"
	}
	return "No gateway known to be affected"
}

func (w *htmlWriter) scanLine(s finding.Summary) string {
	names := w.header.Inputs
	if len(names) > 4 {
		names = append(slices.Clone(names[:4]), fmt.Sprintf("%d more", len(w.header.Inputs)-4))
	}
	what := strings.Join(names, ", ")
	if what == "" {
		what = "targets given as arguments"
	}
	line := "Scan of " + visible(what, 300)
	if !w.header.Started.IsZero() {
		line += ", " + writableTime(w.header.Started).Format("2006-01-02 15:04 UTC")
	}
	return fmt.Sprintf("%s. %s, coverage %.1f%%.", line, plural(s.Targets, "target"), 100*finite(s.Coverage))
}

// htmlWarning is what must not be overlooked: a few words, and what they mean.
type htmlWarning struct{ Short, Text string }

func (w *htmlWriter) warnings(s finding.Summary) []htmlWarning {
	var all []htmlWarning
	add := func(short, format string, args ...any) {
		all = append(all, htmlWarning{short, fmt.Sprintf(format, args...)})
	}
	if why := gaps(w.header, s); why != "" {
		add("Incomplete.", "%s", why)
	}
	if s.StillAffected > 0 {
		add("Not judged again.", "%s affected when last seen; nothing says that this has changed.", plural(s.StillAffected, "gateway"))
	}
	if n := s.Unreachable + s.Interrupted; n > 0 {
		add("Not reached.", "%s could not be reached and may be anything: that is not clean.", plural(n, "endpoint"))
	}
	if w.unread > 0 {
		add("Not told.", "%s shown or understood: these are not clean either.", versionsUnread(w.unread))
	}
	if w.header.Rules.From != "" {
		add("Other rules.", "Judged by the rules of the folder %s and not by the built-in ones.", visible(w.header.Rules.From, 300))
	}
	if s := w.header.Shard; s != nil {
		add("One part.", "This is shard %d of %d: the other parts of the list are not in it.", s.Index, s.Of)
	}
	expired := 0
	for _, a := range s.Acceptances {
		if a.Expired {
			expired++
		}
	}
	if expired > 0 {
		add("Expired.", "%s no more; see the end of the page.", acceptancesHold(expired))
	}
	return all
}

func versionsUnread(n int) string {
	if n == 1 {
		return "The version of 1 gateway is not"
	}
	return "The versions of " + number(n) + " gateways are not"
}

func acceptancesHold(n int) string {
	if n == 1 {
		return "1 accepted risk holds"
	}
	return number(n) + " accepted risks hold"
}

func (w *htmlWriter) cards(s finding.Summary) []htmlCard {
	cards := []htmlCard{
		{number(s.Identified), "gateways recognised", "on " + plural(s.Results, "endpoint"), ""},
		{number(s.Affected), "affected", "in every version that they may run", "critical"},
		{number(s.KEV), "exploited in the wild", "affected, and in CISA's KEV catalogue", "critical"},
		{number(s.PossiblyAffected), "possibly affected", "cannot be told from outside", "high"},
		{number(s.Unreachable + s.Interrupted), "not reached", "may be anything: not clean", "medium"},
	}
	for i := range cards {
		if cards[i].Count == "0" {
			cards[i].Class = "zero"
		}
	}
	return cards
}

// facts are the numbers that come after those of the cards.
func (w *htmlWriter) facts(s finding.Summary) []htmlCard {
	var facts []htmlCard
	add := func(n int, text string) {
		if n > 0 {
			facts = append(facts, htmlCard{Count: number(n), Text: text})
		}
	}
	add(s.EndOfLife, "without security fixes")
	add(s.StillAffected, "affected when last seen")
	add(s.LegacyTLS, "with outdated TLS or HTTP")
	if s.Changes != nil {
		facts = append(facts, htmlCard{Count: number(s.Changes.New), Text: "findings new since the last run"}, htmlCard{Count: number(s.Changes.Fixed), Text: "fixed or gone"})
	}
	add(s.Accepted, "findings with accepted risk")
	return facts
}

// fleet is the picture of all endpoints by state, worst first.
func (w *htmlWriter) fleet() *htmlChart {
	total := 0
	for _, n := range w.states {
		total += n
	}
	if total == 0 {
		return nil
	}
	chart := &htmlChart{ID: "fleet", Title: "All endpoints by state", Height: 26, Head: []string{"State", "Endpoints"}}
	x := percent(0)
	var spoken []string
	for _, s := range htmlStates {
		n := w.states[s.Text]
		if n == 0 {
			continue
		}
		width := 100 * percent(n) / percent(total)
		class := s.Class
		if s.Text == "possible" {
			class = "maybe"
		}
		chart.Marks = append(chart.Marks, htmlMark{X: x, W: max(width-0.25, 0.2), Y: 0, H: 26, Class: class, Tip: s.Text + ": " + plural(n, "endpoint")})
		if width > 4 {
			chart.Marks = append(chart.Marks, htmlMark{Text: number(n), X: x + width/2, Y: 18, Class: "in", Anchor: "middle"})
		}
		x += width
		chart.Key = append(chart.Key, htmlWord{class, s.Mark + " " + s.Text + " " + number(n)})
		spoken = append(spoken, s.Text+" "+number(n))
	}
	chart.Desc = strings.Join(spoken, ", ") + "."
	return chart
}

func (w *htmlWriter) stateNames() []htmlCard {
	var all []htmlCard
	for _, s := range htmlStates {
		if n := w.states[s.Text]; n > 0 {
			all = append(all, htmlCard{Count: number(n), Text: s.Text})
		}
	}
	return all
}

// htmlMaxOwners is how many owners can be chosen from.
const htmlMaxOwners = 1000

func (w *htmlWriter) ownerNames() []string {
	names := sortedKeys(w.owners, strings.Compare)
	return names[:min(len(names), htmlMaxOwners)]
}

// leftOut says what the page does not show, and where it is.
func (w *htmlWriter) leftOut() string {
	var parts []string
	for _, s := range htmlStates {
		if n := w.left[s.Text]; n > 0 {
			parts = append(parts, number(n)+" "+s.Text)
		}
	}
	text := ""
	if len(parts) > 0 {
		text = fmt.Sprintf("This page shows %s endpoints; left out are %s. ", number(len(w.rows)), strings.Join(parts, ", "))
	}
	if n := w.blocks.leftOut(); n > 0 {
		text += "The details of some endpoints are left out to keep the page small. "
	}
	if text != "" {
		text += "The JSON report has all of it."
	}
	return text
}

// about says by what knowledge the page was made.
func (w *htmlWriter) about(s finding.Summary) []string {
	rules := w.header.Rules
	all := []string{
		"A verdict is affected when every version that the device may run is in the affected range, and possible when some are or it cannot be seen from outside. What could not be told is not clean.",
		fmt.Sprintf("Rules of %s: %s, %s; %s.", visible(rules.Date, 20), plural(rules.Products, "product"), plural(rules.Advisories, "advisory"), visible(rules.Digest, 80)),
		plural(s.Requests, "request") + " were sent.",
	}
	if n := len(w.header.Shards); n > 0 {
		all = append(all, "Merged from "+plural(n, "shard")+".")
	}
	return append(all, "Made by Postern "+visible(w.header.Version, 50)+".")
}
