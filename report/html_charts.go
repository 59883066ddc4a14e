package report

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/scanner/finding"
)

// htmlCharts counts what the pictures of the page show.
type htmlCharts struct {
	now      time.Time             // when the scan began; zero when nobody knows
	products map[string]*htmlTally // by product, as people say it
	versions map[string]*htmlTally // by product and version
	years    map[int]int           // affected gateways by the year of the oldest open advisory
	undated  int                   // affected gateways without such a year
	exposed  [len(htmlExposures)]int
	since    string // the earliest day from which a weakness that is open was known to be exploited
	sinceID  string
	ended    [2]int // products past the end of fixes, and possibly so
}

// htmlTally counts gateways by the worst that is certain of them: the classes of
// htmlGrades, in their order.
type htmlTally struct {
	product, version, upgrade string
	counts                    [len(htmlGrades)]int
}

var htmlGrades = [...]htmlWord{
	{"critical", "critical"}, {"high", "high"}, {"medium", "medium"}, {"low", "low or unrated"},
	{"none", "only possible, not judged or accepted"}, {"good", "every advisory ruled out"},
}

// Places in htmlGrades.
const (
	gradeUnsure = len(htmlGrades) - 2
	gradeClear  = len(htmlGrades) - 1
)

// htmlExposures are spans since a weakness was known to be exploited, in days.
var htmlExposures = [...]struct {
	text string
	days int
}{{"under a month", 30}, {"1 to 3 months", 91}, {"3 to 12 months", 365}, {"1 to 2 years", 730}, {"over 2 years", 1 << 30}}

func newHTMLCharts(h finding.Header) htmlCharts {
	return htmlCharts{now: h.Started, products: map[string]*htmlTally{}, versions: map[string]*htmlTally{}, years: map[int]int{}}
}

func (c *htmlCharts) add(r finding.Result) {
	for _, p := range r.Products {
		grade := htmlGrade(p)
		count(c.products, htmlTally{product: fullName(p)}, grade)
		if versionRead(p.Version) {
			count(c.versions, htmlTally{product: fullName(p), version: p.Version.Text, upgrade: p.Upgrade}, grade)
		}
		c.age(p, grade)
	}
}

// maxTallies bounds what hostile or very mixed results can make the page keep.
const maxTallies = 20_000

func count(all map[string]*htmlTally, t htmlTally, grade int) {
	key := t.product + "\x00" + t.version
	if all[key] == nil {
		if len(all) == maxTallies {
			return
		}
		all[key] = &t
	}
	all[key].counts[grade]++
	all[key].upgrade = cmp.Or(all[key].upgrade, t.upgrade)
}

// htmlGrade is the worst severity that is certain of a product.
func htmlGrade(p finding.Product) int {
	grade := gradeClear
	if advisoriesOf(p) == 0 {
		grade = gradeUnsure
	}
	for _, f := range p.Findings {
		switch {
		case f.Accepted != nil:
			grade = min(grade, gradeUnsure)
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

var advisoryYear = regexp.MustCompile(`-((?:19|20)[0-9]{2})-`)

// age takes in how old what a gateway runs must be: no device tells when its firmware was
// made, but it is older than the fix of everything that affects it.
func (c *htmlCharts) age(p finding.Product, grade int) {
	oldest, since, sinceID := 0, "", ""
	for _, f := range p.Findings {
		if f.Kind == finding.EndOfLife && f.Accepted == nil {
			c.ended[rank(f.Verdict == finding.Affected)]++
		}
		if !(claim{p, f}).affected() || f.Accepted != nil {
			continue
		}
		if m := advisoryYear.FindStringSubmatch(f.Advisory); m != nil {
			if year, err := strconv.Atoi(m[1]); err == nil && (oldest == 0 || year < oldest) {
				oldest = year
			}
		}
		if f.KEV != nil && (since == "" || f.KEV.Added < since) {
			since, sinceID = f.KEV.Added, f.Advisory
		}
	}
	switch {
	case oldest > 0:
		c.years[oldest]++
	case grade < gradeUnsure:
		c.undated++
	}
	added, err := time.Parse(time.DateOnly, since)
	if err != nil || c.now.IsZero() {
		return
	}
	if c.since == "" || since < c.since {
		c.since, c.sinceID = since, sinceID
	}
	days := int(c.now.Sub(added).Hours() / 24)
	for i, e := range htmlExposures {
		if days < e.days {
			c.exposed[i]++
			break
		}
	}
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

// naturally orders text as people order versions: runs of digits by their value.
func naturally(a, b string) int {
	for a != "" && b != "" {
		x, restA := leadingRun(a)
		y, restB := leadingRun(b)
		if isDigit(x[0]) && isDigit(y[0]) {
			m, n := strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if d := cmp.Or(cmp.Compare(len(m), len(n)), strings.Compare(m, n)); d != 0 {
				return d
			}
		} else if d := strings.Compare(x, y); d != 0 {
			return d
		}
		a, b = restA, restB
	}
	return cmp.Compare(len(a), len(b))
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// leadingRun splits off what is all digits, or has none.
func leadingRun(s string) (run, rest string) {
	i := 1
	for i < len(s) && isDigit(s[i]) == isDigit(s[0]) {
		i++
	}
	return s[:i], s[i:]
}
