package report

import (
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
	"postern/testdata"
)

var (
	screenshots = flag.String("screenshots", "", "put pictures of the HTML page, and its PDF, in this `folder`")
	readme      = flag.Bool("picture", false, "rewrite docs/report.png")
)

// The page as it is on a desk, in the dark, on a phone and on paper.
var views = []struct {
	name          string
	width, height int
	scheme, media string
}{
	{"desktop", 1280, 900, "light", "screen"},
	{"dark", 1280, 900, "dark", "screen"},
	{"phone", 390, 844, "light", "screen"},
	{"phone-dark", 390, 844, "dark", "screen"},
	{"print", 1000, 1400, "dark", "print"},
}

// TestHTMLInABrowser drives a headless Chromium. It needs the Debian package chromium, and
// for accessibility axe-core, see axeCore.
func TestHTMLInABrowser(t *testing.T) {
	b := startBrowser(t)
	axe := axeCore(t)
	h, s, results := compared(t)
	page := write(t, "html", Options{}, h, s, results...)
	t.Run("what a bad page does is seen", func(t *testing.T) { b.in(t).bad() })
	t.Run("a fleet", func(t *testing.T) { b.in(t).fleet(page) })
	t.Run("accessible", func(t *testing.T) { b.in(t).accessible(axe, h, s, results) })
	t.Run("keyboard", func(t *testing.T) { b.in(t).keyboard(page) })
	t.Run("hostile text", func(t *testing.T) { b.in(t).hostile() })
	t.Run("five thousand endpoints", func(t *testing.T) { b.in(t).large(h, results, false) })
	t.Run("five thousand endpoints that share nothing", func(t *testing.T) { b.in(t).large(h, results, true) })
	if *readme {
		t.Run("picture", func(t *testing.T) { b.in(t).picture(page) })
	}
}

// in is the same browser for another test.
func (b *browser) in(t *testing.T) *browser {
	b.t = t
	return b
}

// bad proves that requireQuiet would notice.
func (b *browser) bad() {
	b.open([]byte(`<!DOCTYPE html><title>bad</title><img src="https://evil.example/x"><script>console.log(1); throw new Error("bad")</script>`))
	b.eval("new Promise((done) => setTimeout(done, 200))", nil)
	require.Len(b.t, b.eventsOf("Network.requestWillBeSent"), 2)
	require.NotEmpty(b.t, b.eventsOf("Runtime.consoleAPICalled"))
	require.NotEmpty(b.t, b.eventsOf("Runtime.exceptionThrown"))
}

// fleet looks at a report in every view.
func (b *browser) fleet(page []byte) {
	for _, v := range views {
		b.show(v.width, v.height, v.scheme, v.media)
		b.open(page)
		b.requireQuiet()
		require.Equal(b.t, "true", b.text("document.documentElement.scrollWidth <= innerWidth"), "%s: wider than the window", v.name)
		b.eval("document.querySelectorAll('#hosts details, .shared, .numbers').forEach((d) => d.open = true)", nil)
		require.Equal(b.t, "true", b.text("document.documentElement.scrollWidth <= innerWidth"), "%s: wider than the window, all open", v.name)
		b.keep(v.name)
	}
	b.show(1000, 1400, "light", "screen")
	b.open(page)
	var pdf struct{ Data string }
	b.call("Page.printToPDF", map[string]any{"printBackground": true, "preferCSSPageSize": true}, &pdf)
	paper, err := base64.StdEncoding.DecodeString(pdf.Data)
	require.NoError(b.t, err)
	require.True(b.t, strings.HasPrefix(string(paper), "%PDF-"))
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
	require.Equal(b.t, "true", b.text("document.querySelector('.block .findings').checkVisibility()"), "details are not printed")
	if *screenshots != "" {
		require.NoError(b.t, os.WriteFile(*screenshots+"/print.pdf", paper, 0o644))
	}
}

// accessible runs axe-core over a report with one endpoint of every state, all of it open,
// in every view.
func (b *browser) accessible(axe string, h finding.Header, s finding.Summary, results []finding.Result) {
	seen := map[string]bool{}
	var few []finding.Result
	for _, r := range results {
		if state := newHTMLRow(r).State; !seen[state] || strings.HasPrefix(r.Target, "shop-") && r.Products[0].ID == "zyxel-zld" {
			few, seen[state] = append(few, r), true
		}
	}
	require.Greater(b.t, len(seen), 5)
	page := write(b.t, "html", Options{}, h, s, few...)
	for _, v := range views {
		b.show(v.width, v.height, v.scheme, v.media)
		b.open(page)
		b.eval("document.querySelectorAll('details').forEach((d) => d.open = true)", nil)
		b.requireAccessible(axe, v.name)
	}
}

// keep saves what is shown, where that was asked for.
func (b *browser) keep(name string) {
	if *screenshots == "" {
		return
	}
	b.eval("document.querySelectorAll('#hosts details, .shared, .numbers').forEach((d, i) => d.open = i === 0)", nil)
	b.eval("document.querySelectorAll('#hosts tbody, .advisory, .shared').forEach((x) => x.style.contentVisibility = 'visible')", nil)
	require.NoError(b.t, os.WriteFile(*screenshots+"/"+name+".png", b.screenshot(true), 0o644))
}

// keyboard goes through the page without a mouse.
func (b *browser) keyboard(page []byte) {
	t := b.t
	b.show(1280, 900, "light", "screen")
	b.open(page)
	first := "document.querySelector('#hosts tbody:not([hidden]) th').textContent"
	visible := "document.querySelectorAll('#hosts tbody:not([hidden])').length"
	said := "document.getElementById('shown').textContent"

	b.key("Tab")
	require.Equal(t, "Skip to the list of endpoints", b.text("document.activeElement.textContent"))
	require.Equal(t, "true", b.text("getComputedStyle(document.activeElement).outlineStyle !== 'none'"), "the focus does not show")
	b.key("Enter", "Tab")
	require.Equal(t, "filter-text", b.text("document.activeElement.id"), "after the link to the list")
	b.key(strings.Split("fortios", "")...)
	b.eval("new Promise((done) => setTimeout(done, 400))", nil)
	require.Equal(t, "6", b.text(visible))
	require.Equal(t, "6 of 43 endpoints shown, worst first", b.text(said))
	require.Equal(t, "status", b.text("document.getElementById('shown').getAttribute('role')"))

	b.eval("document.getElementById('clear').focus()", nil)
	b.key("Enter")
	require.Equal(t, "43", b.text(visible))
	for range 5 { // find, state, owner, only, clear; then the heads of the table
		b.key("Tab")
	}
	require.Equal(t, "Endpoint", b.text("document.activeElement.textContent"))
	b.key("Enter")
	require.Equal(t, "ascending", b.text("document.activeElement.parentElement.getAttribute('aria-sort')"))
	require.Equal(t, "access-dr.example.org:443", b.text(first))
	require.Equal(t, "43 of 43 endpoints shown, by endpoint", b.text(said))
	b.key("Space")
	require.Equal(t, "descending", b.text("document.activeElement.parentElement.getAttribute('aria-sort')"))
	require.Equal(t, "www.example.com:443", b.text(first))
	require.Equal(t, "1", b.text("document.querySelectorAll('#hosts [aria-sort]').length"))

	for _, c := range []struct{ id, value, want string }{
		{"filter-state", "affected when last seen", "vpn-lagos.example.com:443"}, {"filter-state", "risk accepted", "gp-lab.example.com:443"},
		{"filter-only", "new", "sma-dublin.example.com:443"}, {"filter-owner", "helpdesk", "support.example.com:443"},
	} {
		b.eval("document.getElementById('clear').click()", nil)
		b.eval(fmt.Sprintf("{const x = document.getElementById(%q); x.value = %q; x.dispatchEvent(new Event('change'))}", c.id, c.value), nil)
		require.Equal(t, c.want, b.text(first), c.value)
	}

	b.eval("document.getElementById('clear').click()", nil)
	shared := "[...document.querySelectorAll('#hosts tbody')].find((r) => r.querySelector('th').textContent.startsWith('vpn-bergen'))"
	b.eval(shared+".querySelector('summary').focus()", nil)
	b.key("Enter")
	b.eval("new Promise((done) => setTimeout(done, 100))", nil)
	require.Contains(t, b.text(shared+".textContent"), "CVE-2023-27997", "what endpoints share is shown where it is asked for")
	b.requireQuiet()
}

// hostile shows text that wants to act.
func (b *browser) hostile() {
	h, results := poisoned()
	texts, err := testdata.HostileTexts()
	require.NoError(b.t, err)
	for _, text := range append(texts, hostile, `<img src=x onerror=alert(1)>`, `"><script>alert(1)</script>`, `javascript:alert(1)`, `</style><script>alert(1)</script>`) {
		results = append(results, filled(text))
	}
	s := finding.Summary{Gone: []finding.Change{{Target: hostile, Reason: hostile, Advisory: hostile}}, Changes: &finding.ChangeCounts{New: 1}}
	for _, r := range results {
		s.Add(r)
	}
	b.show(1280, 900, "light", "screen")
	b.open(write(b.t, "html", Options{}, h, s, results...))
	b.eval("document.querySelectorAll('details').forEach((d) => d.open = true)", nil)
	b.eval("for (const select of document.querySelectorAll('select')) for (const o of select.options) {select.value = o.value; select.dispatchEvent(new Event('change'))}", nil)
	b.eval("document.querySelectorAll('#hosts thead button').forEach((x) => x.click())", nil)
	b.requireQuiet()
	require.Equal(b.t, "1", b.text("document.scripts.length"))
	require.Equal(b.t, "0", b.text("document.querySelectorAll('img, iframe, object, embed, link, base, form, a[href^=\"javascript\" i]').length"))
	require.Equal(b.t, "false", b.text("[...document.querySelectorAll('body *')].some((e) => [...e.attributes].some((a) => a.name.startsWith('on')))"))
}

// many is 5,000 endpoints, and how many findings they have. Those of a fleet share versions
// and evidence; where they are distinct, no two do.
func many(some []finding.Result, distinct bool) (results []finding.Result, s finding.Summary, findings int) {
	for i := range 5000 {
		r := some[i%len(some)]
		r.Target = fmt.Sprintf("gateway-%04d.example.com:443", i)
		r.Input.Owner = fmt.Sprintf("team %d", i%40)
		r.Products = slices.Clone(r.Products)
		for j := range r.Products {
			p := &r.Products[j]
			findings += len(p.Findings)
			if distinct {
				p.Version.Text += fmt.Sprintf(" build %d", i)
				p.Because = slices.Clone(p.Because)
				for k := range p.Because {
					p.Because[k].Shows += fmt.Sprint(i)
				}
			}
		}
		s.Add(r)
		results = append(results, r)
	}
	return results, s, findings
}

// large opens a report of 5,000 endpoints with 30,000 findings and more.
func (b *browser) large(h finding.Header, some []finding.Result, distinct bool) {
	t := b.t
	results, s, total := many(some, distinct)
	require.Greater(t, total, 30_000)
	began := time.Now()
	page := write(t, "html", Options{}, h, s, results...)
	made := time.Since(began)
	require.Less(t, len(page), 16<<20)
	b.show(1280, 900, "light", "screen")
	b.call("Performance.disable", nil, nil)
	b.open([]byte("<!DOCTYPE html><title>empty</title>"))
	b.call("Performance.enable", map[string]any{"timeDomain": "threadTicks"}, nil)
	b.open(page)
	var loaded, filtered, sorted float64
	painted := "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()%s))))"
	b.eval(fmt.Sprintf(painted, ""), &loaded)
	worked := b.busy()
	b.eval("window.began = performance.now(); document.getElementById('filter-owner').value = 'team 7'; document.getElementById('filter-owner').dispatchEvent(new Event('change')); "+fmt.Sprintf(painted, " - began"), &filtered)
	require.Equal(t, "125", b.text("document.querySelectorAll('#hosts tbody:not([hidden])').length"))
	b.eval("document.getElementById('clear').click()", nil)
	b.eval("window.began = performance.now(); document.querySelector('#hosts thead button').click(); "+fmt.Sprintf(painted, " - began"), &sorted)
	require.Equal(t, "gateway-0000.example.com:443", b.text("document.querySelector('#hosts th[scope=row]').textContent"))
	t.Logf("%d endpoints, %d findings: %.1f MB, made in %v; shown after %.0f ms (%.0f ms of work), filtered in %.0f ms, sorted in %.0f ms",
		len(results), total, float64(len(page))/1e6, made.Round(time.Millisecond), loaded, 1000*worked, filtered, sorted)
	most := 2.0
	if distinct {
		most = 4 // as bad as a page can be, not as bad as a fleet is
	}
	require.Less(t, worked, most, "what the page works until it is shown, whatever else the machine does")
	require.Less(t, loaded, 4000*most, "the page must open in under 2 s; a busy machine gets four times that")
	require.Less(t, filtered, 4000.0)
	require.Less(t, sorted, 4000.0)
	b.requireQuiet()
}

// busy is the time in seconds that the page's main thread has worked, without the time
// that it waited for a processor.
func (b *browser) busy() float64 {
	b.t.Helper()
	var answer struct {
		Metrics []struct {
			Name  string
			Value float64
		}
	}
	b.call("Performance.getMetrics", nil, &answer)
	for _, m := range answer.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value
		}
	}
	b.t.Fatal("the browser does not tell how long it worked")
	return 0
}

// picture is what the README shows.
func (b *browser) picture(page []byte) {
	b.show(1280, 1120, "light", "screen")
	b.open(page)
	require.NoError(b.t, os.MkdirAll("../docs", 0o755))
	require.NoError(b.t, os.WriteFile("../docs/report.png", b.screenshot(false), 0o644))
}
