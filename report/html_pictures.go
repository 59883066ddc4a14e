package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// htmlChart is a picture: rows of bars, drawn in percent of its width so that its text
// keeps its size on a phone, and the same as a table.
type htmlChart struct {
	ID, Title, Desc string
	Height          int
	Marks           []htmlMark
	Key             []htmlWord
	Head            []string
	Table           [][]string
	Notes           []string
}

// htmlMark is a bar, or text where Text is set.
type htmlMark struct {
	Text       string
	X, W       percent
	DX, Y, H   int // pixels
	Class, Tip string
	Anchor     string
}

// percent is a share of the width of a picture.
type percent float64

func (p percent) String() string { return strconv.FormatFloat(float64(p), 'f', 1, 64) + "%" }

// Lengths in pixels, shares in percent.
const (
	chartRows  = 12
	rowHeight  = 42
	barHeight  = 18
	barTop     = 20
	barShare   = 84.0 // of the widest bar; its number stands behind it
	textWithin = 7.0  // a bar that is narrower has no number in it,
	wordWithin = 20.0 // and no word
)

func (c *htmlCharts) all() []htmlChart {
	var charts []htmlChart
	if len(c.products) > 0 {
		charts = append(charts, c.byProduct())
	}
	if len(c.years) > 0 {
		charts = append(charts, c.byYear())
	}
	if len(c.versions) > 0 {
		charts = append(charts, c.byVersion())
	}
	if c.exposed != [len(htmlExposures)]int{} {
		charts = append(charts, c.byExposure())
	}
	return charts
}

func tallies(all map[string]*htmlTally, order func(a, b *htmlTally) int) []*htmlTally {
	var list []*htmlTally
	for _, t := range all {
		list = append(list, t)
	}
	slices.SortFunc(list, order)
	return list
}

func most(list []*htmlTally) int {
	n := 1
	for _, t := range list {
		n = max(n, t.total())
	}
	return n
}

// bar adds a row: a label, and below it the tally's bar with its number behind it.
func (c *htmlChart) bar(label string, t *htmlTally, widest int) {
	y := c.Height
	c.Marks = append(c.Marks, htmlMark{Text: label, Y: y + 14, Class: "label"})
	x := percent(0)
	for grade, n := range t.counts {
		if n == 0 {
			continue
		}
		width := max(1, barShare*percent(n)/percent(widest))
		word := htmlGrades[grade]
		c.Marks = append(c.Marks, htmlMark{X: x, W: max(width-0.3, 0.7), Y: y + barTop, H: barHeight, Class: word.Class, Tip: plural(n, "gateway") + ": " + word.Text})
		if text := within(n, t.total(), grade, width); text != "" {
			c.Marks = append(c.Marks, htmlMark{Text: text, X: x + width/2, Y: y + barTop + 13, Class: "in", Anchor: "middle"})
		}
		x += width
		if !slices.Contains(c.Key, word) {
			c.Key = append(c.Key, word)
		}
	}
	c.Marks = append(c.Marks, htmlMark{Text: number(t.total()), X: x, DX: 6, Y: y + barTop + 14, Class: "soft"})
	c.Height += rowHeight
}

// within is what a bar says inside as far as it has room, so that its colour need not: its
// grade, and its number where the one behind the row is of several bars.
func within(n, total, grade int, width percent) string {
	word := [...]string{"critical", "high", "medium", "low", "unsure", "ruled out"}[grade]
	switch {
	case n == total && width >= wordWithin:
		return word
	case n != total && width >= wordWithin+5:
		return number(n) + " " + word
	case n != total && width >= textWithin:
		return number(n)
	}
	return ""
}

// sortKey puts the key in the order of the grades.
func (c *htmlChart) sortKey() {
	slices.SortFunc(c.Key, func(a, b htmlWord) int { return slices.Index(htmlGrades[:], a) - slices.Index(htmlGrades[:], b) })
}

func (c *htmlCharts) byProduct() htmlChart {
	list := tallies(c.products, func(a, b *htmlTally) int {
		if d := worse(a, b); d != 0 {
			return d
		}
		return strings.Compare(a.product, b.product)
	})
	chart := htmlChart{ID: "products", Title: "Severity by product", Desc: "Gateways of each product by the worst severity that is certain.", Head: []string{"Product", "Gateways"}}
	for _, g := range htmlGrades {
		chart.Head = append(chart.Head, g.Text)
	}
	for i, t := range list {
		if i < chartRows {
			chart.bar(visible(t.product, 44), t, most(list))
		}
		if i == maxTableRows {
			break
		}
		row := []string{visible(t.product, 100), number(t.total())}
		for _, n := range t.counts {
			row = append(row, number(n))
		}
		chart.Table = append(chart.Table, row)
	}
	chart.more(len(list), "products")
	chart.sortKey()
	return chart
}

// maxTableRows is how long the table beside a picture may be.
const maxTableRows = 200

func (c *htmlChart) more(total int, what string) {
	if total > chartRows {
		c.Notes = append(c.Notes, fmt.Sprintf("%s more %s are in the table.", number(min(total, maxTableRows)-chartRows), what))
	}
	if total > maxTableRows {
		c.Notes = append(c.Notes, fmt.Sprintf("The table holds the first %d of %s.", maxTableRows, number(total)))
	}
}

// byVersion shows the worst versions, those of one product together and from old to new,
// each with the version to go to.
func (c *htmlCharts) byVersion() htmlChart {
	list := tallies(c.versions, func(a, b *htmlTally) int {
		if d := worse(a, b); d != 0 {
			return d
		}
		return strings.Compare(a.product+"\x00"+a.version, b.product+"\x00"+b.version)
	})
	chart := htmlChart{ID: "versions", Title: "Versions against the version to go to",
		Desc: "Gateways by version; after the arrow, the lowest fixed version that no known advisory affects.",
		Head: []string{"Product", "Version", "Gateways", "Upgrade to", "Worst that is certain"}}
	widest := most(list)
	byProduct := func(a, b *htmlTally) int {
		if d := strings.Compare(a.product, b.product); d != 0 {
			return d
		}
		return naturally(a.version, b.version)
	}
	shown := slices.Clone(list[:min(len(list), chartRows)])
	slices.SortFunc(shown, byProduct)
	last := ""
	for _, t := range shown {
		if t.product != last {
			chart.Marks = append(chart.Marks, htmlMark{Text: visible(t.product, 44), Y: chart.Height + 15, Class: "head"})
			chart.Height += 22
			last = t.product
		}
		chart.bar(visible(t.version, 26)+goTo(t), t, widest)
	}
	list = list[:min(len(list), maxTableRows)]
	slices.SortFunc(list, byProduct)
	for _, t := range list {
		grade := slices.IndexFunc(t.counts[:], func(n int) bool { return n > 0 })
		chart.Table = append(chart.Table, []string{visible(t.product, 100), visible(t.version, 100), number(t.total()), visible(t.upgrade, 60), htmlGrades[max(grade, 0)].Text})
	}
	chart.more(len(c.versions), "versions")
	chart.sortKey()
	return chart
}

// goTo is where a version should go, behind its name.
func goTo(t *htmlTally) string {
	switch {
	case t.upgrade != "":
		return " \u2192 " + visible(t.upgrade, 16)
	case t.counts[gradeClear] == t.total():
		return " \u2713"
	}
	return ""
}

// maxYears is how many columns a phone has room for.
const maxYears = 9

// byYear shows the year of the oldest advisory that is open on each affected gateway.
func (c *htmlCharts) byYear() htmlChart {
	chart := htmlChart{ID: "age", Title: "Age of the firmware", Height: 168, Head: []string{"Oldest weakness that is open", "Gateways"},
		Desc: "Affected gateways by the year of the oldest weakness that they still have. No gateway tells when its firmware was made; it is older than the fixes that it lacks."}
	years := sortedKeys(c.years, func(a, b int) int { return a - b })
	last := years[len(years)-1]
	if year := c.now.Year(); year > last && year < last+50 {
		last = year
	}
	first := max(years[0], last-maxYears+1)
	counts := make([]int, last-first+1)
	for _, y := range years {
		counts[max(y, first)-first] += c.years[y]
	}
	widest := slices.Max(counts)
	step := 100 / percent(len(counts))
	for i, n := range counts {
		name := fmt.Sprint(first + i)
		if i == 0 && years[0] < first {
			name = "\u2264" + name
		}
		middle := (percent(i) + 0.5) * step
		chart.Marks = append(chart.Marks, htmlMark{Text: name, X: middle, Y: 162, Class: "soft", Anchor: "middle"})
		if n > 0 {
			h := max(3, 118*n/widest)
			chart.Marks = append(chart.Marks, htmlMark{X: middle - step*0.32, W: step * 0.64, Y: 144 - h, H: h, Class: "age", Tip: name + ": " + plural(n, "gateway")},
				htmlMark{Text: number(n), X: middle, Y: 138 - h, Class: "label", Anchor: "middle"})
			chart.Table = append(chart.Table, []string{name, number(n)})
		}
	}
	if c.undated > 0 {
		chart.Notes = append(chart.Notes, plural(c.undated, "affected gateway")+" without a year.")
	}
	if c.ended != [2]int{} {
		note := plural(c.ended[0], "gateway") + " past the end of security fixes"
		if c.ended[1] > 0 {
			note += ", " + number(c.ended[1]) + " possibly"
		}
		chart.Notes = append(chart.Notes, note+".")
	}
	return chart
}

// byExposure shows for how long attackers have been known to use what is open.
func (c *htmlCharts) byExposure() htmlChart {
	chart := htmlChart{ID: "exposure", Title: "Exploited and still open, for how long", Head: []string{"Since the entry in CISA's catalogue", "Gateways"},
		Desc: "Affected gateways by the time since their oldest open weakness was listed as exploited."}
	widest := max(1, slices.Max(c.exposed[:]))
	for i, n := range c.exposed {
		y := chart.Height
		chart.Marks = append(chart.Marks, htmlMark{Text: htmlExposures[i].text, Y: y + 14, Class: "label"})
		width := barShare * percent(n) / percent(widest)
		if n > 0 {
			chart.Marks = append(chart.Marks, htmlMark{W: max(1, width), Y: y + barTop, H: 10, Class: "age", Tip: htmlExposures[i].text + ": " + plural(n, "gateway")})
		}
		chart.Marks = append(chart.Marks, htmlMark{Text: number(n), X: width, DX: 6, Y: y + barTop + 10, Class: "soft"})
		chart.Table = append(chart.Table, []string{htmlExposures[i].text, number(n)})
		chart.Height += 35
	}
	if c.since != "" {
		chart.Notes = append(chart.Notes, fmt.Sprintf("Longest open: %s, exploited since %s at the latest.", visible(c.sinceID, 60), visible(c.since, 20)))
	}
	return chart
}
