package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
	"postern/scanner/scannertest"
	"postern/testdata"
)

// postern runs the program in a folder and returns its exit status and what it said.
func postern(t *testing.T, dir string, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	var out, said strings.Builder
	cmd := exec.Command(self)
	cmd.Args = append([]string{"postern"}, args...) // which TestMain runs the program for
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(os.Environ(), env...), &out, &said
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), said.String()
}

// shardFleet serves gateways and ordinary hosts on addresses of loopback and writes a list of
// n targets in every form: names, addresses, ranges, and hosts with several open ports.
func shardFleet(t *testing.T, dir string, n int) (ports string) {
	t.Helper()
	files, err := fs.Glob(testdata.Appliances, "appliances/*.txtar")
	require.NoError(t, err)
	var lines []string
	for i, file := range files {
		if i%5 != 0 {
			continue
		}
		data, err := fs.ReadFile(testdata.Appliances, file)
		require.NoError(t, err)
		appliance, err := scannertest.Parse(filepath.Base(file), data)
		require.NoError(t, err)
		server, err := appliance.StartAt(fmt.Sprintf("127.8.%d.%d", i/200, i%200+1))
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		line := fmt.Sprintf("gate%d.example:443@%s # owner=team%d", i, server.Address(), i%3)
		if i%2 == 0 {
			line = server.Address()
		}
		lines = append(lines, line)
	}
	var open []string
	for range 2 { // one host, two results
		data, err := fs.ReadFile(testdata.Appliances, "appliances/fortios-7.2.4-login.txtar")
		require.NoError(t, err)
		appliance, err := scannertest.Parse("two", data)
		require.NoError(t, err)
		server, err := appliance.StartAt("127.8.9.9")
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		_, port, err := net.SplitHostPort(server.Address())
		require.NoError(t, err)
		open = append(open, port)
	}
	lines = append(lines, "127.8.9.9", "127.9.0.0/23:"+open[0], "127.9.1.0/24:"+open[0])
	for i := 512 + len(lines) - 2; i < n; i++ { // nobody is there
		lines = append(lines, fmt.Sprintf("host%d.example:%s@127.10.%d.%d", i, open[1], i/250, i%250+1))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "list.txt"), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	return strings.Join(open, ",")
}

func readReport(t *testing.T, dir, name string) finding.Report {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	var r finding.Report
	require.NoError(t, json.Unmarshal(data, &r))
	return r
}

// timeless is a report as data, without what differs between two scans of the same fleet:
// when they began and ended, how long each endpoint took, the path that each scan makes up to
// see what a host says to nonsense, and the shards.
func timeless(t *testing.T, dir, name string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	data = regexp.MustCompile(`"GET /[0-9a-f]{8}\.html"`).ReplaceAll(data, []byte(`"GET /made-up.html"`))
	var doc map[string]any
	require.NoError(t, json.Unmarshal(data, &doc))
	delete(doc, "started")
	delete(doc, "shards")
	delete(doc["summary"].(map[string]any), "ended")
	for _, r := range doc["results"].([]any) {
		delete(r.(map[string]any), "seconds")
	}
	return doc
}

// Seven machines find exactly what one finds, and a machine that is lost is noticed.
func TestSevenShardsAreTheOneScan(t *testing.T) {
	const targets, shards = 1000, 7
	dir := t.TempDir()
	ports := shardFleet(t, dir, targets)
	scan := func(env []string, args ...string) {
		t.Helper()
		args = append([]string{"scan", "-l", "list.txt", "-proxy", "none", "-rate", "0", "-fail-on", "none", "-ports", ports}, args...)
		status, _, stderr := postern(t, dir, env, args...)
		require.Zero(t, status, stderr)
	}
	scan(nil, "-o", "json=one.json")
	one := readReport(t, dir, "one.json")
	require.Equal(t, targets, one.Summary.Targets)
	require.Greater(t, one.Summary.Identified, 20)
	require.Greater(t, one.Summary.Affected, 5)

	var files []string
	for i := 1; i <= shards; i++ {
		file := fmt.Sprintf("shard-%d.json", i)
		env := []string{"CI_NODE_INDEX=" + strconv.Itoa(i), "CI_NODE_TOTAL=" + strconv.Itoa(shards)}
		scan(env, "-shard", "auto", "-o", "json="+file)
		r := readReport(t, dir, file)
		require.NotEmpty(t, r.Results)
		require.Equal(t, i, r.Shard.Index)
		files = append([]string{file}, files...) // in whatever order
	}
	merge := func(want int, args ...string) string {
		t.Helper()
		status, _, stderr := postern(t, dir, nil, append([]string{"merge"}, args...)...)
		require.Equal(t, want, status, stderr)
		return stderr
	}
	merge(0, append(files, "-fail-on", "none", "-o", "json=merged.json")...)
	whole, joined := timeless(t, dir, "one.json"), timeless(t, dir, "merged.json")
	for i, r := range whole["results"].([]any) { // one at a time, for a difference that can be read
		require.Equal(t, r, joined["results"].([]any)[i], "result %d", i)
	}
	require.Equal(t, whole, joined)
	merged := readReport(t, dir, "merged.json")
	require.Len(t, merged.Shards, shards)
	sum := 0
	for i, s := range merged.Shards {
		require.Equal(t, i+1, s.Index)
		require.True(t, s.Summary.Complete)
		sum += s.Summary.Targets
	}
	require.Equal(t, targets, sum)
	merge(1, append(files, "-o", "json=merged.json")...) // something is affected

	checkLostShard(t, dir, files[1:], merge)
}

// checkLostShard merges all shards but the last, beside the report of all of them.
func checkLostShard(t *testing.T, dir string, lost []string, merge func(int, ...string) string) {
	t.Helper()
	merged := readReport(t, dir, "merged.json")
	last := len(merged.Shards) - 1
	stderr := merge(3, append(lost, "-o", "json=lost.json")...)
	require.Contains(t, stderr, "shard 7 of 7 is missing; nothing was written")
	require.NoFileExists(t, filepath.Join(dir, "lost.json"))
	merge(3, append(lost, "-partial", "-fail-on", "none", "-o", "json=lost.json", "-o", "markdown=lost.md")...)
	partial := readReport(t, dir, "lost.json")
	require.False(t, partial.Summary.Complete)
	require.Equal(t, 3, partial.Summary.ExitStatus)
	require.Nil(t, partial.Shards[last].Summary)
	require.Equal(t, merged.Summary.Targets, partial.Summary.Targets)
	require.Equal(t, merged.Shards[last].Summary.Results, merged.Summary.Results-len(partial.Results))
	require.Less(t, partial.Summary.Coverage, merged.Summary.Coverage)
	markdown, err := os.ReadFile(filepath.Join(dir, "lost.md"))
	require.NoError(t, err)
	require.Contains(t, string(markdown), "shard 7 of 7 is missing")
}
