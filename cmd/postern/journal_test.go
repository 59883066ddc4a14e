package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// A fleet is many names on one address. It counts what each was asked.
type fleet struct {
	*httptest.Server
	mu    sync.Mutex
	asked map[string]int // by host
	left  int            // answers until it falls silent
}

func newFleet(t *testing.T) *fleet {
	f := &fleet{asked: map[string]int{}, left: math.MaxInt}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := strings.Cut(r.Host, ":")
		f.mu.Lock()
		f.asked[host]++
		silent := f.left <= 0
		f.left--
		f.mu.Unlock()
		if silent {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Server", "nginx")
		fmt.Fprintf(w, "<html><title>%s</title><p>It works.", host)
	}))
	f.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that were killed
	f.StartTLS()
	t.Cleanup(f.Close)
	return f
}

// silentAfter has the fleet fall silent after n answers.
func (f *fleet) silentAfter(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = n
}

func (f *fleet) counts() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.asked)
}

func (f *fleet) host(n int) string { return fmt.Sprintf("h%d.example.org", n) }

// list writes an asset list of n names.
func (f *fleet) list(t *testing.T, n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "%s@%s\n", f.host(i), f.Listener.Addr())
	}
	path := filepath.Join(t.TempDir(), "list.txt")
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o600))
	return path
}

// finished reads a journal as a person would, with its torn end left out.
func finished(t *testing.T, path string) map[int]bool {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	require.NoError(t, err)
	done := map[int]bool{}
	for i, line := range bytes.Split(data, []byte("\n")) {
		var entry struct{ Target *int }
		if i > 0 && json.Unmarshal(line, &entry) == nil && entry.Target != nil {
			done[*entry.Target] = true
		}
	}
	return done
}

// A scan that is killed again and again asks no finished host again, and its report has
// every target once.
func TestKilledScanGoesOn(t *testing.T) {
	kills, targets := 50, 3000
	if testing.Short() {
		kills, targets = 6, 400
	}
	postern := filepath.Join(t.TempDir(), "postern")
	out, err := exec.Command("go", "build", "-o", postern, ".").CombinedOutput()
	require.NoError(t, err, string(out))

	fleet := newFleet(t)
	journal, report := filepath.Join(t.TempDir(), "scan.journal"), filepath.Join(t.TempDir(), "scan.json")
	args := []string{"scan", "-l", fleet.list(t, targets), "-journal", journal, "-resume", "-proxy", "none", "-parallel", "16", "-rate", "600", "-o", "json=" + report}
	before := map[int]int{} // what a host had been asked when it was finished
	check := func(when string) {
		counts := fleet.counts()
		for n := range finished(t, journal) {
			if was, known := before[n]; known {
				require.Equal(t, was, counts[fleet.host(n)], "%s: target %d was finished, and was asked again", when, n)
			}
			before[n] = counts[fleet.host(n)]
		}
	}
	// Each scan gets so few answers that none comes to its end, however fast the machine is.
	for kill := range kills {
		fleet.silentAfter(targets / kills)
		cmd := exec.Command(postern, args...)
		require.NoError(t, cmd.Start())
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
		require.NoError(t, cmd.Process.Kill(), "the scan ended before it was killed")
		require.Error(t, cmd.Wait())
		check(fmt.Sprintf("after %d kills", kill+1))
	}
	fleet.silentAfter(math.MaxInt)
	t.Logf("killed %d times; %d of %d targets finished by then", kills, len(before), targets)

	last, err := exec.Command(postern, args...).CombinedOutput()
	require.NoError(t, err, string(last))
	check("after the last run")
	checkReport(t, fleet, report, targets)
}

func checkReport(t *testing.T, fleet *fleet, path string, targets int) {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var report finding.Report
	require.NoError(t, json.Unmarshal(data, &report))
	require.Len(t, report.Results, targets)
	require.True(t, report.Summary.Complete)
	for n, result := range report.Results {
		require.True(t, strings.HasPrefix(result.Target, fleet.host(n)+":"), "result %d is about %s", n, result.Target)
		require.Equal(t, finding.Unidentified, result.Outcome, result.Target)
	}
}
