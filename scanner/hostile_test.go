package scanner

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
	"postern/scanner/scannertest"
)

// maxMemory is what a scan may need at most, in KiB.
const maxMemory = 100 << 10

// TestEveryHostileServerAtOnce asks two of every kind of hostile server at the same time:
// each gets its own true outcome, in time, and nothing is left afterwards.
func TestEveryHostileServerAtOnce(t *testing.T) {
	kinds, err := scannertest.Hostiles()
	require.NoError(t, err)
	var list strings.Builder
	var asked []scannertest.Hostile // one a line of the list
	for i, kind := range kinds {
		server, err := kind.Start("127.0.0.1")
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		for j := range 2 {
			fmt.Fprintf(&list, "h%d-%d.example:443@%s\n", i, j, server.Address())
			asked = append(asked, kind)
		}
	}
	require.GreaterOrEqual(t, len(asked), 200)
	timeout, parallel := 9*time.Second, len(asked)
	if underRace {
		parallel = 32 // two cores cannot shake hands with all of them in time
	}
	report := scanInChild(t, childScan{List: list.String(), Parallel: parallel, Timeout: timeout})
	require.Len(t, report.Results, len(asked))
	late := 0
	for i, r := range report.Results {
		switch got := outcome(r); {
		case slices.Contains(asked[i].Want, got):
		case got == "unreachable timeout" && os.Getenv("POSTERN_FULL") == "":
			late++ // other tests had the machine
		default:
			t.Errorf("%s: %q (%s), want one of %q; asked %v", asked[i].Name, got, r.Detail, asked[i].Want, r.Asked)
		}
	}
	require.LessOrEqual(t, late, len(asked)/20, "targets that ended late")
	t.Logf("%d servers in %s, %d KiB at most, %d before, %d of heap left", len(asked), report.Took, report.PeakKiB, report.BaseKiB, report.HeapKiB)
	requireNothingLeft(t, report)
	if !underRace {
		require.Less(t, report.Took, 2*timeout, "the scan has one deadline a target")
	}
}

// outcome is a result in the words of [scannertest.Hostile.Want].
func outcome(r finding.Result) string {
	return strings.TrimSpace(string(r.Outcome) + " " + r.Reason)
}

func requireNothingLeft(t *testing.T, report childReport) {
	t.Helper()
	require.LessOrEqual(t, report.Goroutines, 0, "goroutines are left")
	require.LessOrEqual(t, report.Descriptors, 0, "descriptors are left")
	if !underRace {
		require.Less(t, report.PeakKiB, maxMemory, "KiB of memory")
	}
}
