package finding

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	firstNight = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)
	hole       = Finding{Advisory: "CVE-2024-0001", Verdict: Affected, Severity: "high"}
)

// night applies the results of a scan to a baseline and returns its report.
func night(baseline *Report, began time.Time, results ...Result) *Report {
	report := &Report{Header: Header{Started: began}}
	var c *Comparison
	if baseline != nil {
		c = NewComparison(baseline.Header)
		for _, r := range baseline.Results {
			c.Before(r)
		}
	}
	take := func(results []Result) {
		for _, r := range results {
			report.Summary.Add(r)
			report.Results = append(report.Results, r)
		}
	}
	for _, r := range results {
		take(c.Apply(r))
	}
	take(c.Rest())
	report.Summary.Complete = true
	report.Summary.Compare(c)
	return report
}

func at(r Result, target, text string) Result {
	r.Target, r.Input.Text = target, text
	return r
}

// TestEarlierFindingsAge plays nights on which a gateway cannot be judged: what was found
// stands, with the day of the first night, until it is judged again.
func TestEarlierFindingsAge(t *testing.T) {
	seen := gate(Exact, "9.1", nil, hole)
	gone := Result{Target: "gate.example:443", Outcome: Unreachable, Reason: "timeout"}
	one := night(nil, firstNight, seen)
	require.Nil(t, one.Summary.Changes)
	two := night(one, firstNight.AddDate(0, 0, 1), gone)
	three := night(two, firstNight.AddDate(0, 0, 2), gone)
	for i, r := range []*Report{two, three} {
		earlier := r.Results[0].Earlier
		require.NotNil(t, earlier, "night %d", i+2)
		f := earlier.Products[0].Findings[0]
		require.Equal(t, NotEvaluated, f.Change)
		require.Equal(t, firstNight, *f.Seen, "night %d", i+2)
		require.Equal(t, &ChangeCounts{NotEvaluated: 1}, r.Summary.Changes)
		require.Equal(t, 0, r.Summary.Affected)
		require.Equal(t, 1, r.Summary.StillAffected)
		require.Empty(t, r.Summary.Gone)
	}
	again := night(three, firstNight.AddDate(0, 0, 3), seen)
	require.Equal(t, Unchanged, again.Results[0].Products[0].Findings[0].Change, "it was known all the time")
	require.Nil(t, again.Results[0].Earlier)
	fixed := night(three, firstNight.AddDate(0, 0, 3), gate(Exact, "9.2", []string{"CVE-2024-0001"}))
	require.Nil(t, fixed.Results[0].Earlier)
	require.Equal(t, IsFixed, fixed.Summary.Gone[0].Status)
	require.Equal(t, &ChangeCounts{Fixed: 1}, fixed.Summary.Changes)
}

// TestNoEndpointGoesMissing is about entries of the list that name no port: what was found
// behind one must not vanish with the port.
func TestNoEndpointGoesMissing(t *testing.T) {
	const text = "gate.example"
	known := night(nil, firstNight,
		at(gate(Exact, "9.1", nil, hole), "gate.example:443", text), at(gate(Exact, "9.1", nil, hole), "gate.example:10443", text))
	silent := Result{Target: "gate.example", Input: Input{Text: text}, Outcome: Unreachable, Reason: "timeout", Asked: []Asked{{Request: "GET /"}}}
	page := at(Result{Outcome: Unidentified}, "gate.example:443", text)
	tests := []struct {
		name    string
		results []Result
		targets []string
		gone    int
	}{
		{"no port answers", []Result{silent}, []string{"gate.example:443", "gate.example:10443"}, 0},
		{"one port answers", []Result{page}, []string{"gate.example:443", "gate.example:10443"}, 0},
		{"another entry follows", []Result{page, at(page, "b.example:443", "b.example")}, []string{"gate.example:443", "gate.example:10443", "b.example:443"}, 0},
		{"its address is given now", []Result{at(page, "gate.example:443", "gate.example:443@192.0.2.1")}, []string{"gate.example:443"}, 1},
		{"not in the list", []Result{at(page, "b.example:443", "b.example")}, []string{"b.example:443"}, 2},
		{"one of them is listed by itself now", []Result{at(page, "gate.example:443", "gate.example:443")}, []string{"gate.example:443"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := night(known, firstNight.AddDate(0, 0, 1), tt.results...)
			var targets []string
			requests, earlier := 0, 0
			for _, r := range got.Results {
				targets = append(targets, r.Target)
				requests += len(r.Asked)
				if r.Earlier != nil {
					earlier++
				}
			}
			require.Equal(t, tt.targets, targets)
			require.Len(t, got.Summary.Gone, tt.gone)
			require.Equal(t, 2-tt.gone, earlier)
			require.Equal(t, 2, got.Summary.Changes.NotEvaluated)
			require.Equal(t, len(tt.results[0].Asked), requests, "no request is counted twice")
		})
	}

	back := night(night(nil, firstNight, silent), firstNight.AddDate(0, 0, 1), page)
	require.Len(t, back.Results, 1, "a host that was silent has an endpoint now")
}

// TestTwoGatewaysOfOneName: a name may be asked at two addresses, and one of them being
// patched says nothing of the other.
func TestTwoGatewaysOfOneName(t *testing.T) {
	first, second := "gate.example:443@192.0.2.1", "gate.example:443@192.0.2.2"
	known := night(nil, firstNight, at(gate(Exact, "9.1", nil, hole), "gate.example:443", first), at(gate(Exact, "9.1", nil, hole), "gate.example:443", second))
	got := night(known, firstNight.AddDate(0, 0, 1),
		at(gate(Exact, "9.2", []string{"CVE-2024-0001"}), "gate.example:443", first), at(Result{Outcome: Unreachable, Reason: "refused"}, "gate.example:443", second))
	require.Equal(t, &ChangeCounts{Fixed: 1, NotEvaluated: 1}, got.Summary.Changes)
	require.Nil(t, got.Results[0].Earlier)
	require.NotNil(t, got.Results[1].Earlier)

	alone := night(nil, firstNight, at(gate(Exact, "9.1", nil, hole), "gate.example:443", first))
	moved := night(alone, firstNight.AddDate(0, 0, 1), at(gate(Exact, "9.2", []string{"CVE-2024-0001"}), "gate.example:443", second))
	require.Equal(t, &ChangeCounts{Fixed: 1}, moved.Summary.Changes, "one gateway may get another address")
	healthy := night(nil, firstNight, at(gate(Exact, "9.1", nil, hole), "gate.example:443", first), at(gate(Exact, "9.2", []string{"CVE-2024-0001"}), "gate.example:443", second))
	half := night(healthy, firstNight.AddDate(0, 0, 1), at(gate(Exact, "9.2", []string{"CVE-2024-0001"}), "gate.example:443", second))
	require.Equal(t, &ChangeCounts{NotEvaluated: 1}, half.Summary.Changes, "the healthy one says nothing of the other")
}

// TestNodesOfOneName: whether a report names the nodes of a cluster by their addresses depends
// on which of them the list has, and the comparison must not.
func TestNodesOfOneName(t *testing.T) {
	const first, second = "gate.example@192.0.2.1", "gate.example@[2001:db8::2]"
	gateway := func(target, text string) Result { return at(gate(Exact, "9.1", nil, hole), target, text) }
	silent := func(target, text string) Result {
		return at(Result{Outcome: Unreachable, Reason: "timeout"}, target, text)
	}
	shown := []Result{gateway("gate.example:443@192.0.2.1", first), gateway("gate.example:443@[2001:db8::2]", second)}
	plain := []Result{gateway("gate.example:443", first), gateway("gate.example:443", second)}
	tests := []struct {
		name          string
		before, after []Result
		targets       []string
		changes       ChangeCounts
	}{
		{"named now", plain, shown, []string{"gate.example:443@192.0.2.1", "gate.example:443@[2001:db8::2]"}, ChangeCounts{Unchanged: 2}},
		{"another joins", plain[1:], shown, []string{"gate.example:443@192.0.2.1", "gate.example:443@[2001:db8::2]"}, ChangeCounts{New: 1, Unchanged: 1}},
		{"one leaves", shown, plain[1:], []string{"gate.example:443"}, ChangeCounts{Unchanged: 1, NotEvaluated: 1}},
		{"one is silent on every port", shown, []Result{silent("gate.example@192.0.2.1", first), shown[1]},
			[]string{"gate.example:443@192.0.2.1", "gate.example:443@[2001:db8::2]"}, ChangeCounts{Unchanged: 1, NotEvaluated: 1}},
		{"both are, of several addresses of a name", []Result{gateway("gate.example:443@192.0.2.1", "gate.example"), gateway("gate.example:443@[2001:db8::2]", "gate.example")},
			[]Result{silent("gate.example@[2001:db8::2]", "gate.example"), silent("gate.example@192.0.2.1", "gate.example")},
			[]string{"gate.example:443@[2001:db8::2]", "gate.example:443@192.0.2.1"}, ChangeCounts{NotEvaluated: 2}},
		{"and comes back on one", []Result{gateway("gate.example@192.0.2.1", first)}, shown[:1],
			[]string{"gate.example:443@192.0.2.1"}, ChangeCounts{Unchanged: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := night(night(nil, firstNight, tt.before...), firstNight.AddDate(0, 0, 1), tt.after...)
			var targets []string
			for _, r := range got.Results {
				targets = append(targets, r.Target)
			}
			require.Equal(t, tt.targets, targets)
			require.Equal(t, &tt.changes, got.Summary.Changes)
		})
	}
}

// TestWorseIsNew: who waits for new findings also wants those that have become urgent.
func TestWorseIsNew(t *testing.T) {
	maybe, exploited := hole, hole
	maybe.Verdict = Possible
	exploited.KEV = &KEV{Added: "2026-11-21"}
	tests := []struct {
		name string
		was  Finding
		is   Finding
		want Status
	}{
		{"same", hole, hole, Unchanged},
		{"certain now", maybe, hole, IsNew},
		{"exploited now", hole, exploited, IsNew},
		{"less certain", hole, maybe, Unchanged},
		{"out of the catalogue", exploited, hole, Unchanged},
	}
	for _, tt := range tests {
		got := night(night(nil, firstNight, gate(Candidates, "9.1 or 9.2", nil, tt.was)), firstNight, gate(Candidates, "9.1 or 9.2", nil, tt.is))
		require.Equal(t, tt.want, got.Results[0].Products[0].Findings[0].Change, tt.name)
	}
}

// TestComparisonsAgree holds diff against what a scan with a baseline says, and a second
// comparison of its report against the first.
func TestComparisonsAgree(t *testing.T) {
	other := hole
	other.Advisory = "CVE-2024-0002"
	before := []Result{at(gate(Exact, "9.1", nil, hole), "a:443", "a:443"), at(gate(Exact, "9.1", nil, hole), "b:443", "b:443"), at(gate(Exact, "9.1", nil, hole), "c:443", "c:443"), at(gate(Exact, "9.1", nil, hole, other), "d", "d")}
	after := []Result{at(gate(Exact, "9.1", nil, other), "a:443", "a:443"), at(Result{Outcome: Unreachable}, "b:443", "b:443"), at(gate(Exact, "9.2", []string{"CVE-2024-0001"}), "c:443", "c:443"), at(Result{Outcome: Unreachable}, "d", "d")}
	one := night(nil, firstNight, before...)
	two := night(one, firstNight.AddDate(0, 0, 1), after...)
	require.Equal(t, &ChangeCounts{New: 1, Fixed: 1, NotEvaluated: 4}, two.Summary.Changes)
	require.Len(t, two.Summary.Gone, 2, "fixed, and an advisory that no rule knows any more")
	for _, later := range [][]Result{after, two.Results} {
		var counts ChangeCounts
		for _, change := range compare(one.Results, later) {
			switch change.Status {
			case IsNew:
				counts.New++
			case IsFixed:
				counts.Fixed++
			case NotEvaluated:
				counts.NotEvaluated++
			default:
				counts.Unchanged++
			}
		}
		require.Equal(t, *two.Summary.Changes, counts)
	}
	again := night(one, two.Started, two.Results...)
	first, err := json.Marshal(two)
	require.NoError(t, err)
	second, err := json.Marshal(again)
	require.NoError(t, err)
	require.JSONEq(t, string(first), string(second), "a report compared with its own baseline stays what it is")
}

// TestComparisonDoesNotChangeWhatItIsGiven: results are shared with the journal and the
// baseline's results with each other.
func TestComparisonDoesNotChangeWhatItIsGiven(t *testing.T) {
	before, after := gate(Exact, "9.1", nil, hole), gate(Exact, "9.1", nil, hole)
	night(night(nil, firstNight, before), firstNight, after)
	require.Empty(t, before.Products[0].Findings[0].Change)
	require.Empty(t, after.Products[0].Findings[0].Change)
	c := NewComparison(Header{})
	require.Nil(t, (*Comparison)(nil).Rest())
	require.Empty(t, c.Rest())
}

// TestComparisonMemory holds the comment of [Comparison] to its word.
func TestComparisonMemory(t *testing.T) {
	const gateways = 5000
	c := NewComparison(Header{})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range gateways {
		r := gate(Exact, fmt.Sprintf("9.%d", i%40), nil)
		r.Target = fmt.Sprintf("gateway-%d.example:443", i)
		r.Input.Text = fmt.Sprintf("gateway-%d.example", i)
		for j := range 24 {
			f := Finding{Advisory: fmt.Sprintf("CVE-2024-%04d", j), Verdict: Affected, Severity: "high", Reason: fmt.Sprintf("9.%d is in the affected range >=9.0 <9.90", i%40), Title: "Something is wrong with it"}
			r.Products[0].Findings = append(r.Products[0].Findings, f)
		}
		c.Before(r)
	}
	each := (heap() - before) / gateways
	runtime.KeepAlive(c)
	t.Logf("%d bytes a gateway", each)
	require.Less(t, each, uint64(1800))
}

// TestRejudgeWhatStands judges what an earlier scan found, and keeps the day on which it was
// seen: an advisory that came out since is new, and one that is mended is not carried on.
func TestRejudgeWhatStands(t *testing.T) {
	db := load(t, advisory("CVE-2024-0001", unlistedUnaffected()))
	stood := func(set string) Result {
		mended := hole
		mended.Advisory, mended.Seen, mended.Change = "CVE-2024-0001", &firstNight, NotEvaluated
		gone := mended
		gone.Advisory = "CVE-2024-0009"
		return Result{Target: "gate.example:443", Outcome: Unreachable, Reason: "timeout", Earlier: &Earlier{Products: []Product{{
			ID: "acme-gate", Name: "Acme Gate", Version: Version{State: Exact, Text: set, Set: set}, Findings: []Finding{mended, gone}}}}}
	}
	rejudged := func(r Result) Result {
		got, err := Rejudge(r, catalog(t), db, time.Time{})
		require.NoError(t, err)
		return got
	}
	last := &Report{Header: Header{Started: firstNight.AddDate(0, 0, 1)}, Results: []Result{stood("7.2.7")}}
	got := night(last, firstNight.AddDate(0, 0, 2), rejudged(last.Results[0]))
	require.Equal(t, IsFixed, got.Summary.Gone[0].Status)
	require.Equal(t, "by the rules of today its version is not affected", got.Summary.Gone[0].Reason)
	require.NotNil(t, got.Results[0].Earlier, "what the rules do not know stands")
	require.Len(t, got.Results[0].Earlier.Products[0].Findings, 1)
	require.Equal(t, "CVE-2024-0009", got.Results[0].Earlier.Products[0].Findings[0].Advisory)

	last.Results[0] = stood("7.2.6")
	last.Results[0].Earlier.Products[0].Findings = last.Results[0].Earlier.Products[0].Findings[1:]
	got = night(last, firstNight.AddDate(0, 0, 2), rejudged(last.Results[0]))
	found := got.Results[0].Earlier.Products[0].Findings[0]
	require.Equal(t, "CVE-2024-0001", found.Advisory)
	require.Equal(t, IsNew, found.Change)
	require.Equal(t, firstNight, *found.Seen)
	require.Len(t, stood("7.2.6").Earlier.Products[0].Findings, 2)
	require.Nil(t, (*Comparison)(nil).Apply(rejudged(Result{Earlier: &Earlier{}}))[0].Earlier)
}

// TestAPatchedFleetIsCounted: what is gone is listed up to a bound and counted beyond it.
func TestAPatchedFleetIsCounted(t *testing.T) {
	var holes []Finding
	var ids []string
	for i := range 250 {
		f := hole
		f.Advisory = fmt.Sprintf("CVE-2024-%04d", i)
		holes, ids = append(holes, f), append(ids, f.Advisory)
	}
	var before, after []Result
	for i := range 90 {
		target := fmt.Sprintf("g%d:443", i)
		before, after = append(before, at(gate(Exact, "9.1", nil, holes...), target, target)), append(after, at(gate(Exact, "9.2", ids), target, target))
	}
	got := night(night(nil, firstNight, before...), firstNight, after[:80]...)
	require.Equal(t, &ChangeCounts{Fixed: 80 * 250, NotEvaluated: 10 * 250}, got.Summary.Changes)
	require.Len(t, got.Summary.Gone, maxGone)
}
