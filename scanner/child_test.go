package scanner

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/finding"
)

// childEnv makes the test binary scan what it reads on standard input, so that what a scan
// needs is measured without the servers.
const childEnv = "POSTERN_TEST_SCAN"

// childScan is what the child is told.
type childScan struct {
	List     string
	Parallel int
	Timeout  time.Duration
}

// childReport is what it answers.
type childReport struct {
	Results []finding.Result
	Took    time.Duration
	// PeakKiB is the most memory that it had, HeapKiB what is in use at the end.
	PeakKiB, HeapKiB int
	BaseKiB          int // the most before the first request
	// Goroutines and Descriptors are how many more there are afterwards than before.
	Goroutines, Descriptors int
}

// scanInChild scans a list in another process with all that is built in.
func scanInChild(t testing.TB, scan childScan) childReport {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	in, err := json.Marshal(scan)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childEnv+"=1", "HTTPS_PROXY=", "HTTP_PROXY=")
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(in)), os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var report childReport
	require.NoError(t, json.Unmarshal(out, &report))
	return report
}

// runChild is the child's side; it returns its exit status.
func runChild() int {
	report, err := childWork()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(report)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func childWork() (*childReport, error) {
	var scan childScan
	if err := json.NewDecoder(os.Stdin).Decode(&scan); err != nil {
		return nil, err
	}
	catalog, err := fingerprints.Builtin()
	if err != nil {
		return nil, err
	}
	db, err := advisories.Builtin(catalog.Order)
	if err != nil {
		return nil, err
	}
	list, err := ParseList("targets", strings.NewReader(scan.List), ListOptions{})
	if err != nil {
		return nil, err
	}
	s := New(catalog, db, Options{Parallel: scan.Parallel, Timeout: scan.Timeout, Rate: -1})
	debug.SetMemoryLimit(64 << 20) // as the command does
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = l.Close() // the runtime opens its own descriptors with the first socket
	}
	routines, files := runtime.NumGoroutine(), descriptors()
	report := &childReport{}
	report.BaseKiB = peakMemory()
	start := time.Now()
	for r := range s.Scan(context.Background(), list.All()) {
		r.Products, r.TLS = nil, nil // a scan does not keep results either
		report.Results = append(report.Results, r)
	}
	report.Took = time.Since(start)
	for range 100 { // closed connections take a moment
		report.Goroutines, report.Descriptors = runtime.NumGoroutine()-routines, descriptors()-files
		if report.Goroutines <= 0 && report.Descriptors <= 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	report.PeakKiB = peakMemory()
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	report.HeapKiB = int(memory.HeapAlloc >> 10)
	return report, nil
}

// descriptors counts the open files of this process; 0 where the system does not say.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// peakMemory is the most memory that this process had, in KiB; 0 where the system does not
// say.
func peakMemory() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib int
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kib); n == 1 {
			return kib
		}
	}
	return 0
}
