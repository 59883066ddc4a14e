package scanner

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/scannertest"
)

// crowd is a list of loopback targets, with what must come out of each line.
type crowd struct {
	list strings.Builder
	want [][]string // as in [scannertest.Hostile.Want]
	size int
}

func (f *crowd) add(address string, want []string) {
	fmt.Fprintf(&f.list, "gw%05d.example:443@%s\n", f.size, address)
	f.want = append(f.want, want)
	f.size++
}

// newCrowd switches on what a fleet of so many targets needs: of ten, one is a tarpit, one
// is closed, one is hostile, and the others are recorded gateways and ordinary pages. Each
// kind of server has an address of its own.
func newCrowd(t *testing.T, size int) *crowd {
	t.Helper()
	kinds, err := scannertest.Hostiles()
	require.NoError(t, err)
	var hostile []string
	for i, kind := range kinds {
		server, err := kind.Start(fmt.Sprintf("127.7.%d.1", i))
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		hostile = append(hostile, server.Address())
	}
	var ordinary []string
	var conclusion [][]string
	for _, a := range appliances(t) {
		if len(a.Expect) > 1 || len(ordinary) == 40 {
			continue
		}
		server, err := a.Start()
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		ordinary = append(ordinary, server.Address())
		want := strings.TrimSpace("unidentified " + a.Reason)
		if len(a.Expect) == 1 {
			want = "identified"
		}
		conclusion = append(conclusion, []string{want})
	}
	tarpit := fmt.Sprintf("127.0.0.1:%d", silentPort(t))
	f := &crowd{}
	for i := range size {
		switch i % 10 {
		case 3:
			f.add(tarpit, []string{"unreachable timeout"})
		case 5:
			f.add(fmt.Sprintf("127.9.%d.%d:9", i/250%250, 1+i%250), []string{"unreachable refused"})
		case 7:
			n := i / 10 % len(kinds)
			f.add(hostile[n], kinds[n].Want)
		default:
			n := i % len(ordinary)
			f.add(ordinary[n], conclusion[n])
		}
	}
	return f
}

// TestFiveThousandTargets wants one true result a line, in the time that deadlines and
// parallelism allow, twice the same.
func TestFiveThousandTargets(t *testing.T) {
	size, parallel, timeout := 1000, 192, 8*time.Second
	switch {
	case os.Getenv("POSTERN_FULL") != "": // takes the machine for itself, see CONTRIBUTING.md
		// Each place sees two or three deadlines: with one, the last tarpits alone would
		// leave the other places empty for half of the time.
		size, parallel, timeout = 5000, 96, 4*time.Second
	case testing.Short() || underRace:
		size = 300
	}
	if l, err := net.Listen("tcp", "127.7.0.1:0"); err != nil {
		t.Skip("this system has one loopback address: ", err)
	} else {
		require.NoError(t, l.Close())
	}
	f := newCrowd(t, size)
	var first []string
	for run := range 2 {
		report := scanInChild(t, childScan{List: f.list.String(), Parallel: parallel, Timeout: timeout})
		require.Len(t, report.Results, size)
		busy := time.Duration(0)
		var got []string
		for i, r := range report.Results {
			require.Equal(t, fmt.Sprintf("gw%05d.example:443", i), r.Target)
			require.Equal(t, i+1, r.Input.Line)
			if !slices.Contains(f.want[i], outcome(r)) {
				t.Errorf("line %d: %q (%s), want one of %q; asked %v", i+1, outcome(r), r.Detail, f.want[i], r.Asked)
			}
			took := time.Duration(r.Seconds * float64(time.Second))
			require.Less(t, took, timeout+timeout/2, "line %d", i+1)
			busy += took
			got = append(got, outcome(r))
		}
		allowed := max(busy/time.Duration(parallel), timeout)
		t.Logf("%d targets in %s, %s allowed; %d KiB at most", size, report.Took.Round(time.Millisecond), allowed.Round(time.Millisecond), report.PeakKiB)
		if size < 5000 { // the end of a short list counts more
			allowed += timeout / 5
		}
		require.Less(t, report.Took, allowed*13/10, "the last ones leave places empty")
		requireNothingLeft(t, report)
		if run == 0 {
			first = got
			continue
		}
		for i := range got {
			if len(f.want[i]) == 1 { // the others may end in two ways
				require.Equal(t, first[i], got[i], "line %d in a second run", i+1)
			}
		}
	}
}
