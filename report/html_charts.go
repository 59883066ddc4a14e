package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// htmlCharts counts what the pictures of the page show.
type htmlCharts struct {
	products map[string]*htmlTally // by product, as people say it
	versions map[string]*htmlTally // by product and version
	owners   map[string]*htmlTally
}

// htmlTally counts gateways by the worst that is certain of them: the classes of
// htmlGrades, in their order.
type htmlTally struct {
	counts  [len(htmlGrades)]int
	upgrade string
}

var htmlGrades = [...]htmlWord{
	{"critical", "critical"}, {"high", "high"}, {"medium", "medium"}, {"low", "low"},
	{"none", "not certain"}, {"good", "every advisory ruled out"},
}

// Places in htmlGrades.
const (
	gradeUnsure = len(htmlGrades) - 2
	gradeClear  = len(htmlGrades) - 1
)

func newHTMLCharts() htmlCharts {
	return htmlCharts{map[string]*htmlTally{}, map[string]*htmlTally{}, map[string]*htmlTally{}}
}

func (c *htmlCharts) add(r finding.Result) {
	for _, p := range r.Products {
		grade := htmlGrade(p)
		count(c.products, fullName(p), grade, "")
		if versionRead(p.Version) && p.Version.State != finding.InRange {
			count(c.versions, shortName(p)+" "+p.Version.Text, grade, p.Upgrade)
		}
		owner := r.Input.Owner
		if owner == "" {
			owner = "no owner named"
		}
		count(c.owners, owner, grade, "")
	}
}

// shortName is a product without its vendor.
func shortName(p finding.Product) string {
	name, _, _ := strings.Cut(p.Name, " (")
	return strings.TrimPrefix(name, p.Vendor+" ")
}

func count(all map[string]*htmlTally, name string, grade int, upgrade string) {
	if all[name] == nil {
		all[name] = &htmlTally{}
	}
	all[name].counts[grade]++
	all[name].upgrade = cmp.Or(all[name].upgrade, upgrade)
}

// htmlGrade is the worst severity that is certain of a product.
func htmlGrade(p finding.Product) int {
	grade := gradeClear
	if advisoriesOf(p) == 0 {
		grade = gradeUnsure
	}
	for _, f := range p.Findings {
		switch {
		case claim{p, f}.affected():
			at := slices.IndexFunc(htmlGrades[:gradeUnsure], func(w htmlWord) bool { return w.Class == f.Severity })
			if at < 0 {
				at = gradeUnsure - 1
			}
			grade = min(grade, at)
		case f.Kind == finding.Vulnerability && f.Verdict == finding.Possible:
			grade = min(grade, gradeUnsure)
		}
	}
	return grade
}

// htmlChart is a picture of bars and words.
type htmlChart struct {
	Title, Label  string
	Width, Height int
	Bars          []htmlBar
	Key           []htmlWord
}

type htmlBar struct {
	Text                string
	X, Y, Width, Height int
	Class, Tip          string
	End                 bool // the text ends at X
}

const (
	chartRows  = 15
	chartWidth = 560
	chartLine  = 24
	chartName  = 260 // where the bars begin
)

func (c *htmlCharts) all() []htmlChart {
	var charts []htmlChart
	for _, one := range []struct {
		title string
		tally map[string]*htmlTally
	}{
		{"Gateways by product and worst severity", c.products},
		{"Versions that run, and where to go", c.versions},
		{"Gateways by owner", c.owners},
	} {
		if len(one.tally) > 0 && !(one.title == "Gateways by owner" && len(one.tally) == 1) {
			charts = append(charts, drawBars(one.title, one.tally))
		}
	}
	return charts
}

// worse orders tallies: more of the worst grade first.
func worse(a, b *htmlTally) int {
	for i := range a.counts {
		if d := cmp.Compare(b.counts[i], a.counts[i]); d != 0 {
			return d
		}
	}
	return 0
}

func (t *htmlTally) total() int {
	n := 0
	for _, c := range t.counts {
		n += c
	}
	return n
}

func drawBars(title string, tallies map[string]*htmlTally) htmlChart {
	names := sortedKeys(tallies, func(a, b string) int { return cmp.Or(worse(tallies[a], tallies[b]), strings.Compare(a, b)) })
	chart := htmlChart{Title: title, Width: chartWidth}
	most := 1
	for _, t := range tallies {
		most = max(most, t.total())
	}
	var spoken []string
	used := [len(htmlGrades)]bool{}
	for i, name := range names {
		if i == chartRows {
			chart.Bars = append(chart.Bars, htmlBar{Text: fmt.Sprintf("and %d more", len(names)-i), X: 0, Y: i*chartLine + 16, Class: "soft"})
			chart.Height = chartLine
			break
		}
		t := tallies[name]
		label := visible(name, 34)
		chart.Bars = append(chart.Bars, htmlBar{Text: label, X: chartName - 8, Y: i*chartLine + 16, End: true})
		x := chartName
		for grade, n := range t.counts {
			if n == 0 {
				continue
			}
			used[grade] = true
			width := max(3, n*(chartWidth-chartName-110)/most)
			chart.Bars = append(chart.Bars, htmlBar{X: x, Y: i*chartLine + 4, Width: width, Height: chartLine - 8, Class: htmlGrades[grade].Class,
				Tip: fmt.Sprintf("%s: %s %s", visible(name, 100), plural(n, "gateway"), htmlGrades[grade].Text)})
			x += width + 1
		}
		after := number(t.total())
		if t.upgrade != "" {
			after += " → " + visible(t.upgrade, 14)
		}
		chart.Bars = append(chart.Bars, htmlBar{Text: after, X: x + 5, Y: i*chartLine + 16, Class: "soft"})
		spoken = append(spoken, fmt.Sprintf("%s %d", visible(name, 100), t.total()))
	}
	chart.Height += min(len(names), chartRows) * chartLine
	chart.Label = title + ": " + strings.Join(spoken, ", ")
	for grade, word := range htmlGrades {
		if used[grade] {
			chart.Key = append(chart.Key, word)
		}
	}
	return chart
}
