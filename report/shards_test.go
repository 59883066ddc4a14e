package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// Every format that says that a report is incomplete names the shards that are missing.
func TestMissingShardsAreNamed(t *testing.T) {
	h := finding.Header{Format: finding.Format, Tool: "postern", Version: "1.0.0", Shards: []finding.ShardRun{
		{Shard: finding.Shard{Index: 1, Of: 4}, Summary: &finding.Summary{Complete: true}},
		{Shard: finding.Shard{Index: 2, Of: 4}},
		{Shard: finding.Shard{Index: 3, Of: 4}, Summary: &finding.Summary{}},
		{Shard: finding.Shard{Index: 4, Of: 4}},
	}}
	for _, format := range []string{"text", "markdown", "html", "sarif", "cyclonedx", "csv", "junit", "defectdojo"} {
		out := closed(t, format, h, finding.Summary{Targets: 10, Results: 5})
		require.Contains(t, out, "shards 2 and 4 of 4 are missing; shard 3 of 4 was stopped", format)
		whole := closed(t, format, finding.Header{Format: finding.Format, Shards: h.Shards[:1]}, finding.Summary{Targets: 10, Results: 10, Complete: true})
		require.NotContains(t, whole, "missing;", format)
	}
}

func closed(t *testing.T, format string, h finding.Header, s finding.Summary) string {
	t.Helper()
	var b bytes.Buffer
	w, err := New(format, &b, h, Options{})
	require.NoError(t, err)
	require.NoError(t, w.Close(s))
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestMissingShardsAreCounted(t *testing.T) {
	h := finding.Header{Shards: make([]finding.ShardRun, 20)}
	for i := range h.Shards {
		h.Shards[i].Index = i + 1
	}
	require.Equal(t, "shards 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 10 more of 20 are missing", shardGaps(h))
	require.Empty(t, shardGaps(finding.Header{}))
}
