package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"postern/scanner/scannertest"
)

// A site is a folder as a job finds it: a checkout with deploy/nightly and a list of gateways
// that are served on loopback.
type site struct {
	dir, root string
	gates     []string // addresses
}

// newSite serves one affected gateway and some ordinary hosts.
func newSite(t *testing.T) *site {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil || runtime.GOOS == "windows" {
		t.Skip("needs bash")
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	s := &site{dir: t.TempDir(), root: root}
	for i, name := range []string{"fortios-7.2.4-login", "nginx-welcome", "nginx-welcome", "nginx-welcome", "nginx-welcome", "nginx-welcome"} {
		data, err := os.ReadFile(filepath.Join(root, "testdata/appliances", name+".txtar"))
		require.NoError(t, err)
		appliance, err := scannertest.Parse(name, data)
		require.NoError(t, err)
		server, err := appliance.StartAt(fmt.Sprintf("127.11.0.%d", i+1))
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		s.gates = append(s.gates, server.Address())
	}
	s.write(t, "gateways.txt", strings.Join(s.gates, "\n")+"\n", 0o644)
	nightly, err := os.ReadFile(filepath.Join(root, "deploy/nightly"))
	require.NoError(t, err)
	s.write(t, "deploy/nightly", string(nightly), 0o755)
	self, err := os.Executable()
	require.NoError(t, err)
	s.write(t, "postern", "#!/bin/bash\nexec -a postern "+self+" \"$@\"\n", 0o755)
	s.write(t, "bin/go", `#!/bin/bash
[ "$*" = "build -trimpath -o ${*:4:1} ./cmd/postern" ] || { echo "go $*" >&2; exit 1; }
[ "$CGO_ENABLED" = 0 ]
cp "$SITE/postern" "$4.new" && mv "$4.new" "$4"
`, 0o755)
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(s.path(name)), 0o755))
	require.NoError(t, os.WriteFile(s.path(name), []byte(text), mode))
}

func (s *site) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(s.path(name))
	require.NoError(t, err)
	return string(data)
}

// bash runs a script in a folder of the site and returns its exit status.
func (s *site) bash(t *testing.T, dir string, env []string, script string, options ...string) int {
	t.Helper()
	cmd := exec.Command("bash", append(append([]string{"--noprofile", "--norc"}, options...), "-c", script)...)
	cmd.Dir = s.path(dir)
	cmd.Env = append([]string{"PATH=" + s.path("bin") + ":" + os.Getenv("PATH"), "HOME=" + s.dir, "SITE=" + s.dir, "NO_PROXY=*"}, env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	t.Logf("exit %d of:\n%s\n%s", cmd.ProcessState.ExitCode(), script, out)
	return cmd.ProcessState.ExitCode()
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../..", name))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(data, into))
}

// The rules of a checkout may be older than an example allows.
const maxAge = " -max-rules-age 30d"

func TestDeployNightly(t *testing.T) {
	s := newSite(t)
	night := func(args string) int { return s.bash(t, "", nil, "deploy/nightly ./postern nights scan "+args) }
	require.Equal(t, 1, night("-l gateways.txt"))
	first := s.read(t, "nights/baseline.json")
	require.Equal(t, first, s.read(t, "nights/scan.json"))
	require.Contains(t, first, `"change": "new"`)
	for _, format := range []string{"sarif", "md", "html", "junit.xml"} {
		require.FileExists(t, s.path("nights/scan."+format))
	}

	require.Equal(t, 0, night("-l gateways.txt -fail-on new"), "nothing is new in the second night")
	require.Contains(t, s.read(t, "nights/baseline.json"), `"change": "unchanged"`)

	// A night that goes wrong leaves no reports that look like its own, and the baseline as it is.
	second := s.read(t, "nights/baseline.json")
	require.Equal(t, 2, night("-l no.txt"))
	require.NoFileExists(t, s.path("nights/scan.json"))
	require.Equal(t, second, s.read(t, "nights/baseline.json"))
	require.Equal(t, 2, s.bash(t, "", nil, "deploy/nightly ./postern nights"))
	require.Equal(t, 2, s.bash(t, "", nil, "deploy/nightly ./postern nights demo"))

	// Nor does one of which a part is missing become the baseline.
	require.Equal(t, 0, s.bash(t, "", nil, "./postern scan -l gateways.txt -shard 1/2 -fail-on none -o json=one.json"))
	require.Equal(t, 1, s.bash(t, "", nil, "deploy/nightly ./postern nights merge -partial one.json"))
	require.Contains(t, s.read(t, "nights/scan.json"), `"complete": false`)
	require.Equal(t, second, s.read(t, "nights/baseline.json"))
}

func TestDeployGitLab(t *testing.T) {
	type job struct {
		Extends      string
		BeforeScript []string `yaml:"before_script"`
		Script       []string
		Parallel     int
		Cache        struct {
			Paths []string
			When  string
		}
		Artifacts struct {
			Paths []string
			When  string
		}
	}
	var template map[string]job
	var rest map[string]yaml.Node
	readYAML(t, "deploy/gitlab/postern.gitlab-ci.yml", &rest)
	delete(rest, "variables")
	template = map[string]job{}
	for name, node := range rest {
		var j job
		require.NoError(t, node.Decode(&j))
		template[name] = j
	}
	s := newSite(t)
	run := func(name string, env ...string) int {
		t.Helper()
		before := template[".postern"].BeforeScript
		require.NotEmpty(t, before)
		script := strings.Join(append(before, template[name].Script...), "\n")
		require.NotEmpty(t, template[name].Script, name)
		return s.bash(t, "", env, strings.ReplaceAll(script, maxAge, ""), "-eo", "pipefail")
	}
	require.Equal(t, 1, run("postern"), "the gate is crossed in the first night")
	require.Contains(t, s.read(t, "nights/scan.json"), `"change": "new"`)
	require.Equal(t, 1, run("postern"), "and in the second")
	require.Contains(t, s.read(t, "nights/scan.json"), `"change": "unchanged"`)
	night := template[".postern-night"]
	require.Equal(t, []string{"nights/baseline.json"}, night.Cache.Paths)
	require.Equal(t, "always", night.Cache.When, "a night that finds something is the baseline of the next too")
	require.Equal(t, "always", night.Artifacts.When)

	shards := template["postern-shard"]
	require.Equal(t, "always", shards.Artifacts.When)
	for i := range shards.Parallel {
		status := run("postern-shard", fmt.Sprintf("CI_NODE_INDEX=%d", i+1), fmt.Sprintf("CI_NODE_TOTAL=%d", shards.Parallel))
		require.Zero(t, status, "a shard fails on no finding")
	}
	require.Equal(t, 1, run("postern-merge"))
	require.Contains(t, s.read(t, "nights/baseline.json"), `"shards": [`)
	require.NoError(t, os.RemoveAll(s.path("shards")))
	require.Equal(t, 3, run("postern-merge"), "every shard is lost")
}

func TestDeploySystemd(t *testing.T) {
	s := newSite(t)
	s.write(t, "etc/postern.yaml", strings.ReplaceAll(s.rootFile(t, "deploy/systemd/postern.yaml"), "/etc/postern/", s.path("")+"/"), 0o644)
	s.write(t, "etc/postern.yaml", strings.ReplaceAll(s.read(t, "etc/postern.yaml"), "max-rules-age: 30d", "max-rules-age: 3000d"), 0o644)
	_, command, ok := strings.Cut(s.rootFile(t, "deploy/systemd/postern.service"), "\nExecStart=")
	require.True(t, ok)
	command, _, _ = strings.Cut(command, "\n")
	for from, to := range map[string]string{
		"/usr/local/libexec/postern-nightly": s.path("deploy/nightly"), "/usr/local/bin/postern": s.path("postern"),
		"/var/lib/postern": s.path("state"), "/etc/postern/": s.path("etc") + "/",
	} {
		require.Contains(t, command, from)
		command = strings.ReplaceAll(command, from, to)
	}
	require.Equal(t, 1, s.bash(t, "", nil, command))
	require.Equal(t, 1, s.bash(t, "", nil, command))
	require.Contains(t, s.read(t, "state/baseline.json"), `"change": "unchanged"`)
}

func (s *site) rootFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.root, name))
	require.NoError(t, err)
	return string(data)
}

// A cronJob is what the manifest says of a job.
type cronJob struct {
	Kind     string
	Metadata struct{ Name string }
	Spec     struct {
		JobTemplate struct {
			Spec struct {
				Completions int
				Template    struct {
					Spec struct {
						Containers []struct{ Args []string }
					}
				}
			}
		} `yaml:"jobTemplate"`
	}
}

func (s *site) cronJobs(t *testing.T) map[string]cronJob {
	t.Helper()
	jobs := map[string]cronJob{}
	decoder := yaml.NewDecoder(strings.NewReader(s.rootFile(t, "deploy/kubernetes/cronjob.yaml")))
	for {
		var j cronJob
		err := decoder.Decode(&j)
		if errors.Is(err, io.EOF) {
			return jobs
		}
		require.NoError(t, err)
		jobs[j.Kind+" "+j.Metadata.Name] = j
	}
}

func TestDeployKubernetes(t *testing.T) {
	s := newSite(t)
	jobs := s.cronJobs(t)
	run := func(name string, env ...string) (int, string) {
		t.Helper()
		containers := jobs[name].Spec.JobTemplate.Spec.Template.Spec.Containers
		require.Len(t, containers, 1, name)
		var args []string
		for _, arg := range containers[0].Args {
			for _, pair := range env {
				key, value, _ := strings.Cut(pair, "=")
				arg = strings.ReplaceAll(arg, "$("+key+")", value)
			}
			arg = strings.ReplaceAll(strings.ReplaceAll(arg, "/etc/postern/", s.dir+"/"), "/nights/", s.dir+"/")
			args = append(args, arg)
		}
		status, _, stderr := postern(t, s.dir, append(env, "NO_PROXY=*"), args...)
		return status, stderr
	}
	scan, merge := "CronJob postern-scan", "CronJob postern-merge"
	pods := jobs[scan].Spec.JobTemplate.Spec.Completions
	require.Equal(t, 4, pods)
	for i := range pods {
		status, stderr := run(scan, fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i))
		require.Zero(t, status, stderr)
	}
	status, stderr := run(merge)
	require.Equal(t, 1, status, stderr)
	require.Contains(t, s.read(t, "scan.json"), `"change": "new"`)

	// The pod of the gateway is lost: what was found stays, also over the night after.
	lost := ""
	for i := range pods {
		if name := fmt.Sprintf("shard-%d.json", i); strings.Contains(s.read(t, name), s.gates[0]) {
			lost = name
		}
	}
	kept := s.read(t, lost)
	require.NoError(t, os.Remove(s.path(lost)))
	for range 2 {
		status, stderr = run(merge)
		require.Equal(t, 1, status, stderr)
		require.Contains(t, stderr, "is missing")
		require.Contains(t, s.read(t, "scan.json"), `"not_evaluated"`)
	}
	s.write(t, lost, kept, 0o644)
	status, stderr = run(merge)
	require.Equal(t, 1, status, stderr)
	require.NotContains(t, s.read(t, "scan.json"), `"change": "new"`)
}
