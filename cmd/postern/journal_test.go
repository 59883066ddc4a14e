package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
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
}

func newFleet(t *testing.T) *fleet {
	f := &fleet{asked: map[string]int{}}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := strings.Cut(r.Host, ":")
		f.mu.Lock()
		f.asked[host]++
		f.mu.Unlock()
		w.Header().Set("Server", "nginx")
		fmt.Fprintf(w, "<html><title>%s</title><p>It works.", host)
	}))
	f.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that were killed
	f.StartTLS()
	t.Cleanup(f.Close)
	return f
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
	killed := 0
	for killed < kills {
		cmd := exec.Command(postern, args...)
		require.NoError(t, cmd.Start())
		if !waitOrKill(cmd, time.Duration(rand.IntN(500))*time.Millisecond) {
			break // it came to its end first
		}
		killed++
		check(fmt.Sprintf("after %d kills", killed))
	}
	require.Greater(t, killed, kills/2, "the scan was too short to be killed")
	t.Logf("killed %d times; %d of %d targets finished by then", killed, len(before), targets)

	if len(before) < targets {
		last, err := exec.Command(postern, args...).CombinedOutput()
		require.NoError(t, err, string(last))
	}
	check("after the last run")
	checkReport(t, fleet, report, targets)
}

// waitOrKill reports whether the command had to be killed.
func waitOrKill(cmd *exec.Cmd, after time.Duration) bool {
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	return err != nil
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
