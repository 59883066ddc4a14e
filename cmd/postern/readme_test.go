package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/scannertest"
)

// inlineCommand is a command with arguments that stands in a sentence and has no placeholder.
var inlineCommand = regexp.MustCompile("`(?:\\./)?(postern [a-z]+ [^`A-Z…]*)`")

// TestReadmeCommands runs every command of README.md as it stands, one after the other, in a
// folder with the asset list that the README shows. Its targets are replaced by appliances
// on loopback; that the list itself is read, -dry-run says.
func TestReadmeCommands(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	text := readFile(t, "../../README.md")
	dir := readmeFolder(t)
	_, list, found := strings.Cut(text, "\n```text\n")
	require.True(t, found, "the README shows no asset list")
	list, _, _ = strings.Cut(list, "```")
	write(t, dir, "gateways.txt", list)
	readme := readmeShell{t: t, shell: shell, dir: dir}
	readme.run("postern scan -l gateways.txt -dry-run")
	require.Equal(t, []string{"0 scan -l gateways.txt -dry-run"}, readme.statuses())

	write(t, dir, "gateways.txt", loopbackList(t))
	for _, block := range shellBlocks(text) {
		readme.run(block)
	}
	for _, name := range []string{"old.json", "new.json"} { // what two nights have left
		write(t, dir, name, readFile(t, filepath.Join(dir, "scan.json")))
	}
	for i, block := range blocksOf(text, "yaml") {
		if strings.HasPrefix(block, "scan:") { // a configuration
			name := fmt.Sprintf("readme%d.yaml", i)
			write(t, dir, name, block)
			readme.run("postern config -config " + name)
		}
	}
	for _, m := range inlineCommand.FindAllStringSubmatch(text, -1) {
		readme.run(m[1])
	}
	statuses := readme.statuses()
	require.Greater(t, len(statuses), 5, "hardly a command was run")
	for _, line := range statuses {
		if status, _, _ := strings.Cut(line, " "); status != "0" && status != "1" { // 1: something is affected
			t.Errorf("the README shows a command that ends with %s", line)
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(data)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

// loopbackList is a list of two gateways that answer here.
func loopbackList(t *testing.T) string {
	t.Helper()
	var list strings.Builder
	for i, name := range []string{"fortios-7.2.4-login", "sangfor-hidden"} {
		data, err := os.ReadFile(filepath.Join("../../testdata/appliances", name+".txtar"))
		require.NoError(t, err)
		appliance, err := scannertest.Parse(name, data)
		require.NoError(t, err)
		server, err := appliance.Start()
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		_, port, _ := strings.Cut(server.Address(), ":")
		fmt.Fprintf(&list, "vpn%d.example.org:%s@%s  # owner=netops tag=prod\n", i, port, server.Address())
	}
	return list.String()
}

// readmeFolder has what the README takes for granted: a checkout in which go builds
// postern, and an inventory.
func readmeFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "inventory.tsv", "fortinet-fortios\t7.2.6\ndraytek-vigor\t4.4.5.1\tVigor2865\n")
	real, err := exec.LookPath("postern")
	require.NoError(t, err)
	bin := filepath.Join(dir, "bin")
	require.NoError(t, os.Mkdir(bin, 0o700))
	script := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+text), 0o700))
	}
	script("postern", fmt.Sprintf("'%s' \"$@\"\ns=$?\necho \"$s $*\" >> '%s/statuses'\nexit $s\n", real, dir))
	// go test is what .ci/run does; go build and go run have the program here.
	script("go", `case "$1 $2" in
"build "*) cp "$(dirname "$0")/postern" . ;;
"run ./cmd/postern") shift 2; exec postern "$@" ;;
"test ./...") exit 0 ;;
*) exit 0 ;;
esac
`)
	return dir
}

// readmeShell runs what the README shows.
type readmeShell struct {
	t          *testing.T
	shell, dir string
}

func (r readmeShell) run(block string) {
	r.t.Helper()
	run := exec.CommandContext(r.t.Context(), r.shell, "-c", block)
	run.Dir = r.dir
	run.Env = append(os.Environ(), "PATH="+filepath.Join(r.dir, "bin")+":"+os.Getenv("PATH"), "NO_PROXY=*", "TMPDIR="+r.dir)
	if out, err := run.CombinedOutput(); err != nil {
		r.t.Logf("%s\n%v: %.300s", block, err, out)
	}
}

// statuses are the commands that were run, with their exit statuses.
func (r readmeShell) statuses() []string {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.dir, "statuses"))
	require.NoError(r.t, err)
	return strings.Split(strings.TrimSpace(string(data)), "\n")
}
