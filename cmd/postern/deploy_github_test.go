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
)

// A step of a workflow or of a composite action.
type step struct {
	ID, Name, If, Uses, Run, Shell string
	With, Env                      map[string]string
}

type workflow struct {
	Jobs map[string]struct {
		If       string
		Strategy struct {
			Matrix map[string][]int
		}
		Steps []step
	}
}

type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct{ Steps []step }
}

// hub runs the jobs of a workflow as the service does, as far as these files use it: shell
// steps for real, this repository's own action step by step, and artifacts in folders.
type hub struct {
	*site
	action   action
	outputs  map[string]string // of the steps of a job, "postern.complete"
	failed   bool              // a step of the job
	status   int               // of the step that failed
	uploaded []string          // what was taken to code scanning, and the artifacts, in order
	index    int               // of the job in its matrix
	total    int
}

func newHub(t *testing.T) *hub {
	h := &hub{site: newSite(t)}
	readYAML(t, "action.yml", &h.action)
	// gh lists one run if there is a baseline, and unpacks it from the same store.
	h.write(t, "bin/gh", `#!/bin/bash
[ ! -e "$SITE/gh-is-down" ] || { echo "HTTP 502" >&2; exit 1; }
case $1 in
api) [ ! -e "$SITE/artifacts/gateways-baseline" ] || echo 4711 ;;
run) [ "$3" = 4711 ] && cp "$SITE"/artifacts/gateways-baseline/* "${*: -1}" ;;
esac
`, 0o755)
	return h
}

// job runs one job and returns the exit status that failed it, or 0.
func (h *hub) job(t *testing.T, w workflow, name string) int {
	t.Helper()
	job, ok := w.Jobs[name]
	require.True(t, ok, name)
	h.outputs, h.failed, h.status, h.uploaded = map[string]string{}, false, 0, nil
	h.write(t, "summary.md", "", 0o644)
	for _, s := range job.Steps {
		if h.holds(t, s.If) {
			h.step(t, s, nil)
		}
	}
	return h.status
}

// holds evaluates the conditions that these workflows use.
func (h *hub) holds(t *testing.T, condition string) bool {
	t.Helper()
	switch condition {
	case "":
		return !h.failed
	case "${{ !cancelled() }}":
		return true
	case "${{ !cancelled() && steps.postern.outputs.complete == 'true' }}":
		return h.outputs["postern.complete"] == "true"
	}
	t.Fatalf("no such condition: %s", condition)
	return false
}

var expression = regexp.MustCompile(`\$\{\{ *([^}]*?) *\}\}`)

// expand replaces the expressions that these files use.
func (h *hub) expand(t *testing.T, text string, inputs map[string]string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(match string) string {
		name := expression.FindStringSubmatch(match)[1]
		if input, ok := strings.CutPrefix(name, "inputs."); ok {
			value, known := inputs[input]
			require.True(t, known, "no input %s", input)
			return value
		}
		values := map[string]string{
			"github.token": "secret", "github.action_path": h.dir,
			"strategy.job-index": fmt.Sprint(h.index), "strategy.job-total": fmt.Sprint(h.total),
		}
		value, known := values[name]
		require.True(t, known, "no value for %s", match)
		return value
	})
}

func (h *hub) step(t *testing.T, s step, inputs map[string]string) {
	t.Helper()
	with := map[string]string{}
	for name, value := range s.With {
		with[name] = h.expand(t, value, inputs)
	}
	switch uses, _, _ := strings.Cut(s.Uses, "@"); uses {
	case "":
		require.NotContains(t, s.Run, "${{", "an expression in a script is a way in for its value")
		h.shell(t, s, inputs)
	case "./":
		h.composite(t, s, with)
	case "actions/checkout", "actions/setup-go":
	case "github/codeql-action/upload-sarif":
		require.Contains(t, h.read(t, with["sarif_file"]), `"version": "2.1.0"`)
		h.uploaded = append(h.uploaded, "sarif")
	case "actions/upload-artifact":
		files, err := filepath.Glob(h.path(with["path"]))
		require.NoError(t, err)
		if len(files) == 0 {
			h.failed = h.failed || with["if-no-files-found"] == "error"
			return
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			h.write(t, "artifacts/"+with["name"]+"/"+filepath.Base(file), string(data), 0o644)
		}
		h.uploaded = append(h.uploaded, with["name"])
	case "actions/download-artifact":
		require.NoError(t, os.RemoveAll(h.path(with["path"])))
		require.NoError(t, os.MkdirAll(h.path(with["path"]), 0o755))
		folders, err := filepath.Glob(h.path("artifacts/" + with["pattern"]))
		require.NoError(t, err)
		for _, folder := range folders {
			require.NoError(t, os.CopyFS(filepath.Join(h.path(with["path"]), filepath.Base(folder)), os.DirFS(folder)))
		}
	default:
		t.Fatalf("no such action: %s", s.Uses)
	}
}

// composite runs the steps of action.yml.
func (h *hub) composite(t *testing.T, s step, with map[string]string) {
	t.Helper()
	inputs := map[string]string{}
	for name, input := range h.action.Inputs {
		inputs[name] = input.Default
	}
	for name, value := range with {
		_, known := inputs[name]
		require.True(t, known, "action.yml has no input %s", name)
		inputs[name] = strings.ReplaceAll(value, maxAge, "")
	}
	for _, inner := range h.action.Runs.Steps {
		if h.failed {
			return
		}
		for name, value := range s.Env {
			if inner.Env == nil {
				inner.Env = map[string]string{}
			}
			inner.Env[name] = value
		}
		if inner.ID != "" {
			inner.ID = s.ID
		}
		h.step(t, inner, inputs)
	}
}

func (h *hub) shell(t *testing.T, s step, inputs map[string]string) {
	t.Helper()
	h.write(t, "output", "", 0o644)
	env := []string{
		"GITHUB_ACTION_PATH=" + h.dir, "RUNNER_TEMP=" + h.path("temp"), "GITHUB_REPOSITORY=example/gateways", "GITHUB_REF_NAME=main",
		"GITHUB_OUTPUT=" + h.path("output"), "GITHUB_STEP_SUMMARY=" + h.path("summary.md"),
	}
	require.NoError(t, os.MkdirAll(h.path("temp"), 0o755))
	for name, value := range s.Env {
		env = append(env, name+"="+h.expand(t, value, inputs))
	}
	options := []string{"-e"} // what the service adds where no shell is named
	if s.Shell == "bash" {
		options = []string{"-eo", "pipefail"}
	}
	status := h.bash(t, "", env, s.Run, options...)
	for line := range strings.Lines(h.read(t, "output")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		h.outputs[s.ID+"."+name] = value
	}
	if status != 0 {
		h.failed, h.status = true, status
	}
}

func TestDeployGitHub(t *testing.T) {
	h := newHub(t)
	var w workflow
	readYAML(t, "deploy/github/gateways.yml", &w)

	require.Equal(t, 1, h.job(t, w, "scan"), "the first night fails on what it finds")
	require.Equal(t, []string{"sarif", "gateways-baseline", "gateways-reports"}, h.uploaded, "and uploads all the same")
	require.Equal(t, "1", h.outputs["postern.status"])
	require.Contains(t, h.read(t, "nights/scan.json"), `"change": "new"`)
	require.True(t, strings.HasPrefix(h.read(t, "summary.md"), "# Postern"))

	require.NoError(t, os.RemoveAll(h.path("nights"))) // another machine
	require.Equal(t, 1, h.job(t, w, "scan"))
	require.Contains(t, h.read(t, "nights/scan.json"), `"change": "unchanged"`)

	h.write(t, "gh-is-down", "", 0o644)
	require.NoError(t, os.RemoveAll(h.path("nights")))
	require.Equal(t, 1, h.job(t, w, "scan"))
	require.Empty(t, h.uploaded, "without the baseline nothing is scanned, let alone as if it were the first night")
	require.NoFileExists(t, h.path("nights/scan.json"))
	require.NoError(t, os.Remove(h.path("gh-is-down")))

	before := h.read(t, "artifacts/gateways-baseline/baseline.json")
	h.write(t, "gateways.txt", "not a target\n", 0o644)
	require.NoError(t, os.RemoveAll(h.path("nights")))
	require.Equal(t, 2, h.job(t, w, "scan"))
	require.Empty(t, h.uploaded)
	require.Equal(t, before, h.read(t, "artifacts/gateways-baseline/baseline.json"))
}

func TestDeployGitHubShards(t *testing.T) {
	h := newHub(t)
	var w workflow
	readYAML(t, "deploy/github/gateways-sharded.yml", &w)
	h.total = len(w.Jobs["shard"].Strategy.Matrix["machine"])
	require.Equal(t, 4, h.total)
	require.Equal(t, "${{ !cancelled() }}", w.Jobs["merge"].If, "what there is is merged when a shard is lost")
	night := func() int {
		t.Helper()
		for h.index = range h.total {
			require.NoError(t, os.RemoveAll(h.path("nights")))
			require.Zero(t, h.job(t, w, "shard"))
			require.Equal(t, []string{fmt.Sprintf("gateways-shard-%d", h.index)}, h.uploaded)
			require.Empty(t, h.read(t, "summary.md"))
		}
		require.NoError(t, os.RemoveAll(h.path("nights")))
		return h.job(t, w, "merge")
	}
	require.Equal(t, 1, night())
	require.Equal(t, []string{"sarif", "gateways-baseline", "gateways-reports"}, h.uploaded)
	require.Contains(t, h.read(t, "nights/scan.json"), `"change": "new"`)
	require.Equal(t, 1, night())
	require.Contains(t, h.read(t, "nights/scan.json"), `"change": "unchanged"`)

	require.NoError(t, os.RemoveAll(h.path("artifacts/gateways-shard-2")))
	require.NoError(t, os.RemoveAll(h.path("nights")))
	require.Equal(t, 1, h.job(t, w, "merge"))
	require.Equal(t, []string{"gateways-reports"}, h.uploaded, "no alert closes and no baseline is replaced by a part of the list")
	require.Contains(t, h.read(t, "summary.md"), "shard 3 of 4 is missing")

	require.NoError(t, os.RemoveAll(h.path("artifacts")))
	require.NoError(t, os.RemoveAll(h.path("nights")))
	require.Equal(t, 2, h.job(t, w, "merge"), "nothing was scanned")
}

// The shell steps pass shellcheck too, where it is installed; deploy/check sees to the scripts.
func TestDeployStepsPassShellcheck(t *testing.T) {
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("needs shellcheck")
	}
	var a action
	readYAML(t, "action.yml", &a)
	steps := a.Runs.Steps
	for _, name := range []string{"gateways.yml", "gateways-sharded.yml"} {
		var w workflow
		readYAML(t, "deploy/github/"+name, &w)
		for _, job := range w.Jobs {
			steps = append(steps, job.Steps...)
		}
	}
	checked := 0
	for _, s := range steps {
		if s.Run == "" {
			continue
		}
		cmd := exec.Command(shellcheck, "-s", "bash", "-e", "SC2153,SC2154,SC2164", "-") // variables come from env, and -e is on
		cmd.Stdin = strings.NewReader(s.Run)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", s.Name, out)
		checked++
	}
	require.Equal(t, 4, checked)
}
