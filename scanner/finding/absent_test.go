package finding

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What was found on endpoints of a missing part stands, once, and nothing of it is gone.
func TestAbsentEndpointsKeepTheirFindings(t *testing.T) {
	gate := func(target string, line int, verdict Verdict) Result {
		return Result{Target: target, Input: Input{Text: target, File: "list.txt", Line: line, Owner: "netops"}, Outcome: Identified, Products: []Product{{
			ID: "acme-gate", Version: Version{State: Exact, Text: "1"}, Findings: []Finding{{Advisory: "CVE-2024-0001", Verdict: verdict}},
		}}}
	}
	c := NewComparison(Header{})
	for _, r := range []Result{gate("a:443", 1, Affected), gate("c:443", 3, Affected), gate("b:443", 2, Possible), {Target: "d:443", Outcome: Unidentified}} {
		c.Before(r)
	}
	c.Apply(gate("a:443", 1, Affected))
	c.Rest()
	absent := c.Absent("list.txt", "its shard is missing")
	require.Len(t, absent, 2)
	for i, target := range []string{"b:443", "c:443"} {
		r := absent[i]
		require.Equal(t, target, r.Target)
		require.Equal(t, Interrupted, r.Outcome)
		require.Equal(t, Input{Text: target, File: "list.txt", Line: i + 2, Owner: "netops"}, r.Input)
		require.Equal(t, NotEvaluated, r.Earlier.Products[0].Findings[0].Change)
	}
	counts, gone := c.End(false)
	require.Equal(t, &ChangeCounts{Unchanged: 1, NotEvaluated: 2}, counts)
	require.Empty(t, gone)
	require.Empty(t, c.Absent("", ""))
	require.Nil(t, (*Comparison)(nil).Absent("", ""))
}
