package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"postern/cmd/postern/internal/config"
)

// settled is what the flags of a command are with a file, an environment and arguments.
func settled(t *testing.T, file string, env map[string]string, args ...string) (map[string]effectiveFlag, string, error) {
	t.Helper()
	if file != "" {
		name := filepath.Join(t.TempDir(), "postern.yaml")
		require.NoError(t, os.WriteFile(name, []byte(file), 0o600))
		args = slices.Insert(args, 1, "-config", name)
	}
	var said bytes.Buffer
	c := &Command{Stdout: &bytes.Buffer{}, Stderr: &said, Getenv: func(name string) string { return env[name] }, Environ: func() []string {
		var pairs []string
		for name, value := range env {
			pairs = append(pairs, name+"="+value)
		}
		return pairs
	}}
	f := c.flagsOf(args[0])
	if _, err := f.parse(c, args[1:]); err != nil {
		return nil, said.String(), err
	}
	err := f.preset()
	flags := map[string]effectiveFlag{}
	for _, fl := range newEffective(args[0], f).Flags {
		flags[fl.Flag] = fl
	}
	return flags, said.String(), err
}

// The command line wins over the environment, that over the file, and that over the default.
func TestPrecedence(t *testing.T) {
	const file = "scan:\n  parallel: 3\n  fail-on: possible\n  l: [file.txt]\n  gap: 3s\n  v: true\n"
	env := map[string]string{"POSTERN_PARALLEL": "2", "POSTERN_FAIL_ON": "kev", "POSTERN_L": "a.txt, b.txt", "POSTERN_GAP": "2s", "POSTERN_V": "false"}
	type values = map[string]any
	tests := []struct {
		name, file string
		env        map[string]string
		args       string
		from       string
		want       values
	}{
		{"nothing", "", nil, "scan", "default", values{"parallel": 64, "fail-on": "affected", "l": []string{}, "gap": "100ms", "v": false}},
		{"file", file, nil, "scan", "file", values{"parallel": 3, "fail-on": "possible", "gap": "3s", "v": true}},
		{"environment", file, env, "scan", "environment", values{"parallel": 2, "fail-on": "kev", "l": []string{"a.txt", "b.txt"}, "gap": "2s", "v": false}},
		{"flags that equal the defaults", file, env, "scan -parallel 64 -fail-on affected -l a -gap 100ms -v=false", "flag", values{"parallel": 64, "fail-on": "affected", "l": []string{"a"}, "gap": "100ms", "v": false}},
	}
	for _, tt := range tests {
		flags, _, err := settled(t, tt.file, tt.env, strings.Fields(tt.args)...)
		require.NoError(t, err, tt.name)
		for name, want := range tt.want {
			require.Equal(t, want, flags[name].Value, "%s: -%s", tt.name, name)
			require.Equal(t, tt.from, flags[name].From, "%s: -%s", tt.name, name)
		}
	}
}

func TestPlacesOfSettings(t *testing.T) {
	flags, _, err := settled(t, "scan:\n  polite: true\n  rate: 7\n  deny: [192.0.2.0/24]\n", map[string]string{"POSTERN_CONTACT": "soc@example.org"}, "scan", "-deny", "198.51.100.0/24", "-timeout", "20s")
	require.NoError(t, err)
	for name, want := range map[string]string{
		"rate": `^.*postern\.yaml:3:9$`, "contact": `^POSTERN_CONTACT$`, "timeout": `^-timeout$`, "gap": `^-polite$`, "ports": `^$`, "deny": `^-deny, .*postern\.yaml:4:9$`,
	} {
		require.Regexp(t, want, flags[name].At, name)
	}
	require.Equal(t, []string{"198.51.100.0/24", "192.0.2.0/24"}, flags["deny"].Value)
}

// What must not be touched cannot be taken back by something stronger.
func TestExclusionsAddUp(t *testing.T) {
	flags, _, err := settled(t, "scan:\n  exclude: [a.example]\n  exclude-file: [a.txt]\n  deny: [192.0.2.1]\n",
		map[string]string{"POSTERN_EXCLUDE": "b.example"}, "scan", "-exclude", "c.example", "-exclude-file", "c.txt", "-deny", "192.0.2.3")
	require.NoError(t, err)
	require.Equal(t, []string{"c.example", "b.example", "a.example"}, flags["exclude"].Value)
	require.Len(t, flags["exclude-file"].Value, 2)
	require.Equal(t, []string{"192.0.2.3", "192.0.2.1"}, flags["deny"].Value)
}

// Somebody who names targets means those alone.
func TestTargetsTakeThePlaceOfLists(t *testing.T) {
	const file = "scan:\n  l: [file.txt]\n"
	env := map[string]string{"POSTERN_L": "env.txt"}
	flags, _, err := settled(t, file, env, "scan", "vpn.example.org")
	require.NoError(t, err)
	require.Empty(t, flags["l"].Value)
	flags, _, err = settled(t, file, env, "scan", "vpn.example.org", "-l", "flag.txt")
	require.NoError(t, err)
	require.Equal(t, []string{"flag.txt"}, flags["l"].Value)
}

// A preset is as strong as what switches it on.
func TestPresetsAndFiles(t *testing.T) {
	tests := []struct {
		file, args string
		rate       string
		gap        string
		err        string
	}{
		{"scan: {polite: true, rate: 7}", "scan", "7", "1s", ""},
		{"scan: {polite: true, rate: 7}", "scan -rate 500", "500", "1s", ""},
		{"scan: {rate: 2000}", "scan -polite", "20", "1s", ""},
		{"scan: {rate: 2000}", "scan -polite -rate 30", "30", "1s", ""},
		{"scan: {fast: true}", "scan -polite", "20", "1s", ""},
		{"scan: {polite: true}", "scan -fast", "2000", "20ms", ""},
		{"scan: {polite: true}", "scan -polite=false", "500", "100ms", ""},
		{"scan: {polite: true, fast: true}", "scan", "", "", "-polite and -fast: choose one"},
		{"scan: {}", "scan -polite -fast", "", "", "-polite and -fast: choose one"},
	}
	for _, tt := range tests {
		flags, _, err := settled(t, tt.file, nil, strings.Fields(tt.args)...)
		if tt.err != "" {
			require.EqualError(t, err, tt.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, []any{tt.rate, tt.gap}, []any{flags["rate"].Value, flags["gap"].Value}, "%s %s", tt.file, tt.args)
	}
}

// record takes what it has in common with scan from there, and nothing else.
func TestRecordIsConfiguredAsScan(t *testing.T) {
	flags, _, err := settled(t, "scan: {rate: 7, proxy: none, l: [a.txt], fail-on: kev}", map[string]string{"POSTERN_CONTACT": "soc@example.org"}, "record", "vpn.example.org")
	require.NoError(t, err)
	require.Equal(t, []any{"7", "none", "soc@example.org"}, []any{flags["rate"].Value, flags["proxy"].Value, flags["contact"].Value})
	require.NotContains(t, flags, "l")
	require.NotContains(t, flags, "form")
}

func TestSectionsAreApart(t *testing.T) {
	const file = "scan: {fail-on: kev}\nconvert: {fail-on: possible}\n"
	env := map[string]string{"POSTERN_FAIL_ON": "eol", "POSTERN_DIFF_FAIL_ON": "new"}
	for command, want := range map[string]string{"scan": "eol", "convert": "possible", "diff": "new", "match": "affected", "merge": "affected"} {
		flags, _, err := settled(t, file, env, command)
		require.NoError(t, err)
		require.Equal(t, want, flags["fail-on"].Value, command)
	}
}

func TestPathsAreRelativeToTheFile(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "postern.yaml")
	abs := filepath.Join(folder, "abs")
	text := "scan:\n  l: [gateways.txt, '-', " + abs + "]\n  o: [text, json=out/scan.json, sarif=-]\n  deny: [192.0.2.1, '2001:db8::/32', deny.txt]\n" +
		"  rules: rules\n  trace: t.har\n  journal: ../j\n  client-cert: c.pem\n  client-key: k.pem\n  exclude-file: [x]\n  exclude: [x]\n  contact: c\n"
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	flags, _, err := settled(t, "", nil, "scan", "-config", name)
	require.NoError(t, err)
	in := func(p string) string { return filepath.Join(folder, p) }
	for flag, want := range map[string]any{
		"l": []string{in("gateways.txt"), "-", abs}, "o": []string{"text", "json=" + in("out/scan.json"), "sarif=-"}, "deny": []string{"192.0.2.1", "2001:db8::/32", in("deny.txt")},
		"rules": in("rules"), "trace": in("t.har"), "journal": in("../j"), "client-cert": in("c.pem"), "client-key": in("k.pem"),
		"exclude-file": []string{in("x")}, "exclude": []string{"x"}, "contact": "c",
	} {
		require.Equal(t, want, flags[flag].Value, flag)
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		file string
		env  map[string]string
		want string
	}{
		{"", map[string]string{"POSTERN_POLITE": "maybe"}, `POSTERN_POLITE: "maybe": write true or false`},
		{"", map[string]string{"POSTERN_PARALLEL": "1.5"}, `POSTERN_PARALLEL: "1.5": write a whole number`},
		{"", map[string]string{"POSTERN_TIMEOUT": "15"}, `POSTERN_TIMEOUT: "15" is no duration; write one such as 30s or 5m`},
		{"", map[string]string{"POSTERN_L": "a.txt,"}, `POSTERN_L: is empty`},
		{"", map[string]string{"POSTERN_CONFIG": "gone.yaml"}, `POSTERN_CONFIG gone.yaml: no such file or directory`},
		{"", map[string]string{"POSTERN_CONFIG": "."}, `POSTERN_CONFIG .: is no plain file`},
		{"scan: {l: ['']}", nil, `postern.yaml:1:12: l: "": is empty`},
		{"scan: {parallel: 99999999999999999999}", nil, `postern.yaml:1:18: parallel: "99999999999999999999"`},
		{"scan: {dry: true}\nmatch: {l: x}", map[string]string{"POSTERN_V": "x"}, "write true or false\n"},
	} {
		_, _, err := settled(t, tt.file, tt.env, "scan")
		require.ErrorContains(t, err, tt.want)
	}
	_, _, err := settled(t, "", map[string]string{"POSTERN_CONFIG": "gone.yaml"}, "scan", "-config", "none")
	require.NoError(t, err)
}

// Names that nobody knows are told, and those of others are left alone.
func TestUnknownVariables(t *testing.T) {
	env := map[string]string{
		"POSTERN_FAIL_NO": "1", "POSTERN_LOGLEVEL": "1", "POSTERN_CONVERT_FAIL": "1",
		"POSTERN_DENY": "", "POSTERN_CONFIG": "none", "POSTERN_FULL": "1", "POSTERN_REQUIRE_SERVERS": "1", "POSTERN_TEST_X": "1", "POSTERN_MATCH_FAIL_ON": "kev",
		"POSTERN_PORT": "tcp://10.0.0.1:443", "POSTERN_PORT_443_TCP_ADDR": "1", "POSTERN_SERVICE_HOST": "1", "POSTERN_SERVICE_PORT_HTTPS": "1", "POSTERN_WEB_PORT": "1",
		"HOME": "/", "POSTERNX": "1",
	}
	_, said, err := settled(t, "", env, "scan")
	require.NoError(t, err)
	require.Equal(t, `postern: POSTERN_CONVERT_FAIL is no setting; did you mean POSTERN_CONVERT_FAIL_ON?
postern: POSTERN_FAIL_NO is no setting; did you mean POSTERN_FAIL_ON?
postern: POSTERN_LOGLEVEL is no setting; postern config lists those that are
`, said)
}

// A wrong value is told with the place where it was given.
func TestPlaced(t *testing.T) {
	for _, tt := range []struct{ file, arg, want string }{
		{"scan: {gap: 1h}", "", "postern.yaml:1:13: -gap 1h0m0s: must be 0 to 10m\n"},
		{"scan: {fail-on: hvae}", "", "postern.yaml:1:17: -fail-on hvae: "},
		{"scan: {fail-on: hvae}", "-gap=1h", "postern: -gap 1h0m0s: must be"},
	} {
		var said bytes.Buffer
		c := Command{Stdout: &said, Stderr: &said, Getenv: func(string) string { return "" }}
		name := filepath.Join(t.TempDir(), "postern.yaml")
		require.NoError(t, os.WriteFile(name, []byte(tt.file), 0o600))
		args := []string{"scan", "-config", name, "192.0.2.1"}
		if tt.arg != "" {
			args = append(args, tt.arg)
		}
		require.Equal(t, ExitUsage, c.Main(t.Context(), args))
		require.Contains(t, said.String(), tt.want)
	}
}

// No two flags have the same variable, and none is the name of something else.
func TestVariablesAreDistinct(t *testing.T) {
	c := &Command{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Getenv: func(string) string { return "" }}
	owner := map[string]string{}
	for _, command := range configured() {
		f := c.flagsOf(command)
		f.VisitAll(func(fl *flag.Flag) {
			name := variable(f.section(fl.Name), fl.Name)
			require.Empty(t, owner[name], "%s is for -%s of %s and %s", name, fl.Name, command, owner[name])
			if name != "" {
				owner[name] = command
				require.False(t, ofOthers(name), name)
			}
		})
	}
	require.Equal(t, "scan", owner["POSTERN_FAIL_ON"])
	require.Equal(t, "convert", owner["POSTERN_CONVERT_FAIL_ON"])
	require.NotContains(t, owner, "POSTERN_DENY")
	require.NotContains(t, owner, "POSTERN_CONFIG")
}

func TestSecretsAreNotShown(t *testing.T) {
	for value, want := range map[string]string{
		"http://user:pa@ss@proxy.example.org:3128": "http://…@proxy.example.org:3128",
		"socks5://user:password@[2001:db8::1]:80":  "socks5://…@[2001:db8::1]:80",
		"user:password@proxy.example.org":          "…@proxy.example.org",
		"soc@example.org":                          "soc@example.org",
		"none":                                     "none",
	} {
		require.Equal(t, want, withoutSecret(value))
	}
}

func TestConfigShowsNoPassword(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		c := Command{Stdout: &out, Stderr: &out, Getenv: func(name string) string {
			return map[string]string{"POSTERN_PROXY": "http://user:s3cret@proxy.example.org:3128"}[name]
		}}
		require.Equal(t, ExitOK, c.Main(t.Context(), []string{"config", "-o", format}))
		require.NotContains(t, out.String(), "s3cret")
		require.Contains(t, out.String(), "proxy.example.org:3128")
		require.Contains(t, out.String(), "POSTERN_PROXY")
	}
}

// The example has every flag of scan, loads, and is what the schema describes; so it does
// with everything in it that is a comment.
func TestExampleOfConfiguration(t *testing.T) {
	text := read(t, root+"/docs/postern.yaml")
	whole := regexp.MustCompile(`(?m)^  # ([a-z-]+: )`).ReplaceAllString(text, "  $1")
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	var out bytes.Buffer
	c := &Command{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }}
	require.Equal(t, ExitOK, c.Main(t.Context(), []string{"check", "-schema", "config"}))
	schema := schemaOf(t, out.Bytes())
	for name, text := range map[string]string{"as it is": text, "with everything": whole} {
		file, err := config.Parse("docs/postern.yaml", []byte(text), c.table(), day)
		require.NoError(t, err, name)
		require.Len(t, file.Ignore, 3)
		quoted := regexp.MustCompile(`expires: ([0-9-]+)`).ReplaceAllString(text, `expires: "$1"`) // a text for editors anyway
		require.NoError(t, schema.Validate(yamlValue(t, quoted)), name)
	}
	var missing []string
	f := c.flagsOf("scan")
	f.VisitAll(func(fl *flag.Flag) {
		if f.section(fl.Name) != "" && !regexp.MustCompile(`(?m)^  (# )?`+fl.Name+`:`).MatchString(text) {
			missing = append(missing, fl.Name)
		}
	})
	require.Empty(t, missing, "docs/postern.yaml lacks these flags of scan; add each with a word on what it is for")
}

// So does what the README shows.
func TestReadmeConfiguration(t *testing.T) {
	_, section, found := strings.Cut(read(t, root+"/README.md"), "\n## Configuration\n")
	require.True(t, found)
	_, text, _ := strings.Cut(section, "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	c := &Command{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Getenv: func(string) string { return "" }}
	file, err := config.Parse("README.md", []byte(text), c.table(), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Len(t, file.Settings["scan"], 4)
	require.Len(t, file.Ignore, 1)
}

func schemaOf(t *testing.T, data []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("postern.schema.json", doc))
	schema, err := compiler.Compile("postern.schema.json")
	require.NoError(t, err)
	return schema
}

// The schema and the reader take and refuse the same.
func TestConfigSchemaAgreesWithTheReader(t *testing.T) {
	var out bytes.Buffer
	c := &Command{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }}
	require.Equal(t, ExitOK, c.Main(t.Context(), []string{"check", "-schema", "config"}))
	require.True(t, json.Valid(out.Bytes()))
	schema := schemaOf(t, out.Bytes())
	const entry = "advisory: CVE-2024-1, reason: why, owner: o, expires: '2027-01-31'"
	for text, good := range map[string]bool{
		"{}": true, "scan: {l: [a], rate: 500, min-coverage: 95%, timeout: 1m30s, gap: 0, polite: true, parallel: 4}": true,
		"scan: {l: a}": false, "scan: {polite: 1}": false, "scan: {parallel: '4'}": false, "scan: {parallel: 1.5}": false, "scan: {timeout: 15}": false, "scan: {timeout: soon}": false,
		"scan: {fail-no: kev}": false, "scan: {config: x}": false, "scna: {}": false, "scan: {fail-on: [kev]}": false, "scan: {fail-on: true}": false, "scan: {fail-on: null}": false, "record: {}": false,
		"ignore: [{" + entry + ", target: a.example}]": true, "ignore: [{" + entry + ", tag: prod}]": true,
		"ignore: [{" + entry + "}]": false, "ignore: [{" + entry + ", target: a.example, tag: prod}]": false,
		"ignore: [{" + entry + ", tag: prod, justification: component_not_present}]": true, "ignore: [{" + entry + ", tag: prod, justification: x}]": false,
		"ignore: [{advisory: '*', tag: prod, reason: why, owner: o, expires: '2027-01-31'}]": false, "ignore: [{advisory: CVE-2024-1, tag: prod}]": false,
		"ignore: [{" + entry + ", tag: ''}]": false, "ignore: [{" + entry + ", tag: 7}]": false, "ignore: {}": false,
	} {
		_, err := config.Parse("postern.yaml", []byte(text), c.table(), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
		require.Equal(t, good, err == nil, "reader: %s: %v", text, err)
		err = schema.Validate(yamlValue(t, text))
		require.Equal(t, good, err == nil, "schema: %s: %v", text, err)
	}
}
