package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// affectedBy is an endpoint with a version that is in the ranges of some advisories.
func affectedBy(target, owner, version string, ids ...string) finding.Result {
	p := finding.Product{ID: "example-gateway", Name: "Gateway", Vendor: "Example", Confidence: "certain", Upgrade: "9.9",
		Version: finding.Version{State: finding.Exact, Text: version, Set: version}}
	for _, id := range ids {
		p.Findings = append(p.Findings, finding.Finding{Advisory: id, Verdict: finding.Affected, Severity: "critical", Score: 9.8, Fixed: "9.9", Reason: version + " is in the affected range"})
	}
	return finding.Result{Target: target, Outcome: finding.Identified, Input: finding.Input{Owner: owner, Tags: []string{"prod", "dmz"}}, Products: []finding.Product{p}}
}

func pageOf(t *testing.T, opts Options, h finding.Header, s finding.Summary, results ...finding.Result) string {
	t.Helper()
	return strings.Join(strings.Fields(string(write(t, "html", opts, h, s, results...))), " ")
}

func TestHTMLSaysOnceWhatEndpointsShare(t *testing.T) {
	page := pageOf(t, Options{}, finding.Header{}, finding.Summary{}, affectedBy("a.example:443", "", "1.0", "CVE-2024-0001"),
		affectedBy("b.example:443", "", "1.0", "CVE-2024-0001"), affectedBy("c.example:443", "", "2.0", "CVE-2024-0001"))
	require.Equal(t, 1, strings.Count(page, "1.0 is in the affected range."))
	require.Equal(t, 1, strings.Count(page, "2.0 is in the affected range."))
	require.Equal(t, 2, strings.Count(page, `<a class="see" href="#b0">`))
	require.Contains(t, page, `id="b0"`)
	require.NotContains(t, page, `id="b1"`, "nobody shares it")
}

func TestHTMLKeepsTheWorstAndCountsTheRest(t *testing.T) {
	results := slices.Repeat([]finding.Result{{Target: "web.example:443", Outcome: finding.Unidentified}}, htmlMaxRows+7)
	results = append(results, affectedBy("late.example:443", "", "1.0", "CVE-2024-0001"))
	page := pageOf(t, Options{}, finding.Header{}, finding.Summary{}, results...)
	require.Contains(t, page, "late.example:443")
	require.Contains(t, page, fmt.Sprintf("This page shows 20,000 endpoints; left out are %d no gateway. The JSON report has all of it.", 8))
}

func TestHTMLBlocksHaveABound(t *testing.T) {
	b := newHTMLBlocks()
	first, second := b.add("", strings.Repeat("a", 70)), b.add("", strings.Repeat("b", 70))
	b.fit([]htmlSorted{{blocks: []int{first}}, {blocks: []int{second}}}, 100)
	require.Contains(t, b.of([]int{first}), "aaa")
	require.Contains(t, b.of([]int{second}), "Left out of this page")
	require.Equal(t, 1, b.leftOut())
	for i := range 5 {
		b.add("", fmt.Sprint(i)+strings.Repeat("c", htmlMaxBlocks))
	}
	require.True(t, b.all[len(b.all)-1].cut)
	require.Empty(t, b.all[len(b.all)-1].Text)
}

func TestHTMLTodosGoToTheirGroup(t *testing.T) {
	results := []finding.Result{affectedBy("a.example:443", "netops", "1.0", "CVE-2024-0001"), affectedBy("b.example:443", "netops", "2.0", "CVE-2024-0001"), affectedBy("c.example:443", "", "1.0", "CVE-2024-0001")}
	for by, want := range map[string][]string{"": {"netops", "No owner named"}, "owner": {"netops", "No owner named"}, "tag": {"dmz", "prod"}, "product": {"Example Gateway"}} {
		page := pageOf(t, Options{GroupBy: by}, finding.Header{}, finding.Summary{}, results...)
		todo := page[strings.Index(page, `<h2 id="todo">`):strings.Index(page, `<h2 id="all"`)]
		for _, name := range want {
			require.Contains(t, todo, "<h3>"+name+"</h3>", by)
		}
	}
	page := pageOf(t, Options{}, finding.Header{}, finding.Summary{}, results...)
	require.Contains(t, page, `<b>Upgrade</b> Example Gateway <span class="soft">1.0, 2.0</span>`)
	require.Contains(t, page, `<b>9.9 or later</b>`)
	require.Contains(t, page, "a.example:443, b.example:443</p>")
}

// What could not be told is said loudly, and never passes for clean.
func TestHTMLWarns(t *testing.T) {
	seen := time.Date(2026, 9, 30, 2, 0, 0, 0, time.UTC)
	unread := affectedBy("unread.example:443", "", "", "CVE-2024-0001")
	unread.Products[0].Version = finding.Version{State: finding.Unknown, Text: "unknown", Set: "*"}
	unread.Products[0].Findings[0].Verdict = finding.Possible
	earlier := affectedBy("gone.example:443", "", "1.0", "CVE-2024-0001")
	earlier.Products[0].Findings[0].Change, earlier.Products[0].Findings[0].Seen = finding.NotEvaluated, &seen
	earlier.Outcome, earlier.Reason, earlier.Earlier, earlier.Products = finding.Unreachable, "timeout", &finding.Earlier{Products: earlier.Products}, nil
	accepted := affectedBy("known.example:443", "", "1.0", "CVE-2024-0001")
	accepted.Products[0].Findings[0].Accepted = &finding.Acceptance{Reason: "behind a filter", Owner: "netops", Expires: "2027-01-31"}

	h := finding.Header{Rules: finding.Rules{From: "rules"}, Shards: []finding.ShardRun{{Shard: finding.Shard{Index: 1, Of: 2}, Summary: &finding.Summary{Complete: true}}, {Shard: finding.Shard{Index: 2, Of: 2}}}}
	s := finding.Summary{Acceptances: []finding.IdleAcceptance{{Advisory: "CVE-2024-0002", Owner: "netops", Expires: "2026-01-31", Expired: true, Place: "postern.yaml:3"}}}
	for _, r := range []finding.Result{unread, earlier, accepted} {
		s.Add(r)
	}
	page := pageOf(t, Options{}, h, s, unread, earlier, accepted)
	for _, want := range []string{
		"shard 2 of 2 is missing", "The version of 1 gateway is not shown or understood", "1 endpoint could not be reached and may be anything",
		"1 gateway affected when last seen; nothing says that this has changed", "by the rules of the folder rules", "1 accepted risk holds no more",
		`data-state="affected when last seen"`, "not judged again since 2026-09-30", "last judged 2026-09-30", "Look up the version",
		`data-state="risk accepted"`, "Risk accepted by netops until 2027-01-31: Behind a filter.", "expired on 2026-01-31 and holds no more",
	} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, `data-state="ruled out"`)
}

func TestHTMLWithoutABaselineSaysNothingOfChange(t *testing.T) {
	r := affectedBy("a.example:443", "", "1.0", "CVE-2024-0001")
	require.NotContains(t, pageOf(t, Options{}, finding.Header{}, finding.Summary{}, r), "Since the last run")
	r.Products[0].Findings[0].Change = finding.IsNew
	page := pageOf(t, Options{}, finding.Header{Baseline: &finding.Baseline{}}, finding.Summary{Changes: &finding.ChangeCounts{New: 1, Fixed: 1}, Gone: []finding.Change{{Target: "b.example:443", Advisory: "CVE-2024-0002", Reason: "the version rules it out"}}}, r)
	require.Contains(t, page, "Since the last run")
	require.Contains(t, page, `<b>b.example:443</b>: CVE-2024-0002 <span class="soft">The version rules it out.</span>`)
	require.Contains(t, page, `<span class="critical">CVE-2024-0001 critical 9.8</span>`)
}

func TestNaturally(t *testing.T) {
	want := []string{"", "6.4.9", "6.4.10", "7.2.3", "7.2.04", "10.0", "22.7R2.4", "22.7R2.10", "M6.3R1"}
	for i, a := range want {
		for j, b := range want {
			require.Equal(t, i < j, naturally(a, b) < 0, "%q and %q", a, b)
		}
	}
}

// The year of an advisory is the least that is known of the age of what it affects.
func TestAgeIsOfWhatIsCertain(t *testing.T) {
	c := newHTMLCharts(finding.Header{Started: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	r := affectedBy("a.example:443", "", "1.0", "CVE-2024-0001", "CVE-2019-0001", "CVE-2017-0001", "CVE-2016-0001")
	f := r.Products[0].Findings
	f[0].KEV = &finding.KEV{Added: "2025-12-20"}
	f[2].Verdict = finding.Possible
	f[3].Accepted = &finding.Acceptance{}
	c.add(r)
	require.Equal(t, map[int]int{2019: 1}, c.years)
	require.Equal(t, 1, c.exposed[0])
}
