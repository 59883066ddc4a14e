package config

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// table is a small program.
func table() Commands {
	return Commands{
		"scan": {
			"l": {Kind: List}, "o": {Kind: List}, "fail-on": {}, "rate": {}, "min-coverage": {}, "proxy": {},
			"parallel": {Kind: Number, Check: func(s string) error { _, err := strconv.Atoi(s); return err }},
			"timeout":  {Kind: Duration, Check: func(s string) error { _, err := time.ParseDuration(s); return err }},
			"polite":   {Kind: Switch},
		},
		"convert": {"from": {}, "fail-on": {}, "rejudge": {Kind: Switch}},
	}
}

func TestParse(t *testing.T) {
	file, err := Parse("postern.yaml", []byte(`# every kind of value
scan:
  l: [gateways.txt, "more list.txt"]
  o:
    - text
    - json=scan.json
  fail-on: affected,kev
  rate: 7.10     # as it is written
  min-coverage: 95%
  parallel: 16
  timeout: 30s
  polite: true
convert: {rejudge: false}
ignore:
  - advisory: CVE-2024-21762
    target: vpn*.example.org:443
    reason: >
      SSL-VPN is switched off there;
      ticket 4711
    owner: netops
    expires: 2027-01-31
    justification: vulnerable_code_not_in_execute_path
  - {advisory: POSTERN-EOL, tag: branch offices, reason: replaced in spring, owner: netops@example.org, expires: "2026-11-22"}
`), table(), today)
	require.NoError(t, err)
	require.Equal(t, []Setting{
		{"l", []string{"gateways.txt", "more list.txt"}, 3, 6}, {"o", []string{"text", "json=scan.json"}, 5, 5}, {"fail-on", []string{"affected,kev"}, 7, 12},
		{"rate", []string{"7.10"}, 8, 9}, {"min-coverage", []string{"95%"}, 9, 17}, {"parallel", []string{"16"}, 10, 13}, {"timeout", []string{"30s"}, 11, 12}, {"polite", []string{"true"}, 12, 11},
	}, file.Settings["scan"])
	require.Equal(t, []Setting{{"rejudge", []string{"false"}, 13, 20}}, file.Settings["convert"])
	target, err := finding.ParseTargetPattern("vpn*.example.org:443")
	require.NoError(t, err)
	require.Equal(t, []finding.Risk{
		{Advisory: "CVE-2024-21762", Target: target, Place: "postern.yaml:15", Acceptance: finding.Acceptance{
			Reason: "SSL-VPN is switched off there; ticket 4711", Owner: "netops", Expires: "2027-01-31", Justification: "vulnerable_code_not_in_execute_path",
		}},
		{Advisory: "POSTERN-EOL", Tag: "branch offices", Place: "postern.yaml:23", Acceptance: finding.Acceptance{
			Reason: "replaced in spring", Owner: "netops@example.org", Expires: "2026-11-22",
		}},
	}, file.Ignore)
}

func TestFilesThatSayNothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# a comment\n", "---\n", "ignore: []\n", "scan: {}\n"} {
		file, err := Parse("postern.yaml", []byte(text), table(), today)
		require.NoError(t, err, "%q", text)
		require.Empty(t, file.Settings["scan"])
		require.Empty(t, file.Ignore)
	}
}

// entry is an accepted risk with one line replaced, put in or left out.
func entry(key, line string) string {
	lines := map[string]string{"advisory": "advisory: CVE-2024-1", "target": "target: a.example", "reason": "reason: why", "owner": "owner: netops", "expires": "expires: 2027-01-31"}
	lines[key] = line
	var all []string
	for _, k := range []string{"advisory", "target", "reason", "owner", "expires", "more"} {
		if lines[k] != "" {
			all = append(all, lines[k])
		}
	}
	return "ignore:\n- " + strings.Join(all, "\n  ") + "\n"
}

func TestFilesThatAreRefused(t *testing.T) {
	tests := []struct{ text, want string }{
		// the whole file
		{"scan: [", "1:1: is not YAML: did not find expected node content"},
		{"scan:\n\tl: [a]", "2:1: is not YAML: found character that cannot start any token"},
		{"- a\n- b", "1:1: the file: write lines of \"key: value\""},
		{"scan", "1:1: the file: write lines"},
		{"scan: {}\n---\nscan: {}", "2:1: a second document begins here; the file holds one"},
		{"scan: {}\n---\n[", "is not YAML"},
		{"scan: {}\nscan: {}", `2:1: key "scan" was given before, in line 1`},
		{"scna: {}", `1:1: unknown key "scna"; did you mean "scan"?`},
		{"targets: []", `1:1: unknown key "targets"; known are convert, scan, ignore`},
		{"fail-on: kev", `1:1: key "fail-on" belongs below one of convert, scan, as a flag of it, for example below "scan:"`},
		{"1: {}", "1:1: the file: a key is a plain word"},
		{"? [a]\n: b", "1:3: the file: a key is a plain word"},
		{"scan: kev", `1:7: scan: write lines of "key: value"`},
		{"scan:", `1:6: scan: write lines of "key: value"`},
		// flags
		{"scan:\n  fail-no: kev", `2:3: scan has no flag "fail-no"; did you mean "fail-on"?`},
		{"scan:\n  fail_on: kev", `2:3: scan has no flag "fail_on"; did you mean "fail-on"?`},
		{"scan:\n  -fail-on: kev", `2:3: scan has no flag "-fail-on"; did you mean "fail-on"?`},
		{"scan:\n  rejudge: true", `2:3: scan has no flag "rejudge"; known are fail-on, l, `},
		{"scan:\n  polite: true\n  polite: true", `3:3: key "polite" was given before, in line 2`},
		{"scan:\n  polite: yes", `2:11: polite: "yes": write true or false`},
		{"scan:\n  polite: 1", `2:11: polite: "1": write true or false`},
		{"scan:\n  parallel: many", `2:13: parallel: "many": write a whole number`},
		{"scan:\n  parallel: 1.5", `2:13: parallel: "1.5": write a whole number`},
		{"scan:\n  parallel: '16'", `2:13: parallel: "16": write a whole number`},
		{"scan:\n  timeout: 15", `2:12: timeout: "15": is no duration; write one such as 30s or 5m`},
		{"scan:\n  fail-on: [kev]", `2:12: fail-on: write a single value`},
		{"scan:\n  fail-on: {a: b}", `2:12: fail-on: write a single value`},
		{"scan:\n  fail-on:", `2:11: fail-on has no value; give one, or remove the key`},
		{"scan:\n  fail-on: ~", `2:12: fail-on has no value`},
		{"scan:\n  fail-on: true", `2:12: fail-on: "true": write a text; if that is one, put it in quotes`},
		{"scan:\n  fail-on: !!binary aGk=", `2:12: fail-on: "aGk=": a value of the type !!binary is not read here`},
		{"scan:\n  fail-on: !include x", `2:12: fail-on: "x": a value of the type !include is not read here`},
		{"scan:\n  l: gateways.txt", `2:6: l: write a list, as in l: [gateways.txt]`},
		{"scan:\n  l: {a: b}", `2:6: l: write a list, as in l: [A, B]`},
		{"scan:\n  l: [a, [b]]", `2:10: l: write a single value`},
		{"scan:\n  l: [a, ~]", `2:10: l has no value`},
		// references
		{"scan: &a\n  l: [x]\nconvert: *a", `1:7: &a is a name for other places to refer to`},
		{"scan:\n  l: &a [x]", `2:6: &a is a name`},
		{"scan:\n  l: [&a x, *a]", `2:13: *a refers to another place; write the value out`},
		{"scan:\n  fail-on: &a x", `2:12: &a is a name`},
		{"scan:\n  <<: {l: [x]}", `2:3: << merges another place`},
		// accepted risks
		{"ignore: CVE-2024-1", "1:9: ignore: write a list of entries"},
		{"ignore: [CVE-2024-1]", `1:10: ignore: write lines of "key: value"`},
		{entry("advisory", ""), "2:3: the entry has no advisory; every accepted risk needs one"},
		{entry("reason", ""), "2:3: the entry has no reason"},
		{entry("owner", ""), "2:3: the entry has no owner"},
		{entry("expires", ""), "2:3: the entry has no expires"},
		{entry("target", ""), "2:3: the entry has neither target nor tag"},
		{entry("more", "tag: prod"), "2:3: the entry has both target and tag"},
		{entry("more", "severity: low"), `7:3: unknown key "severity"; known are advisory, target, tag, reason, owner, expires, justification`},
		{entry("more", "expiry: 2027-01-31"), `7:3: unknown key "expiry"; did you mean "expires"?`},
		{entry("more", "owner: me"), `7:3: key "owner" was given before, in line 5`},
		{entry("advisory", "advisory: '*'"), `2:13: advisory: "*": is not the id of one advisory, such as CVE-2024-21762 or POSTERN-EOL; patterns are not taken here`},
		{entry("advisory", "advisory: CVE-2024-*"), "2:13: advisory:"},
		{entry("advisory", "advisory: 2024"), `2:13: advisory: "2024" is no text; put it in quotes`},
		{entry("advisory", "advisory: [CVE-2024-1]"), "2:13: advisory: write a single text"},
		{entry("target", "target: '*'"), `3:11: target: "*": covers every name`},
		{entry("target", "target: 192.0.2.5/24"), `3:11: target: "192.0.2.5/24": begins inside the range; write 192.0.2.0/24`},
		{entry("target", "tag: ' '"), "3:8: tag has no value"},
		{entry("reason", "reason: "), "4:10: reason has no value"},
		{entry("reason", "reason: \"\\e[2J\""), "4:11: reason: holds a character that cannot be printed"},
		{entry("reason", "reason: \"\\u202egpj\""), "4:11: reason: holds a character that cannot be printed"},
		{entry("reason", "reason: "+strings.Repeat("x", 1001)), "has 1001 characters; at most 1000 are shown"},
		{entry("expires", "expires: never"), `6:12: expires: "never": is no day; write one such as 2027-05-23`},
		{entry("expires", "expires: 2027-02-30"), "is no day"},
		{entry("expires", "expires: 2027-1-31"), "is no day"},
		{entry("expires", "expires: 2027-01-31T00:00:00Z"), "is no day"},
		{entry("expires", "expires: 2027-11-25"), "is more than 366 days ahead; the last day is 2027-11-24, then look at the risk again"},
		{entry("more", "justification: because"), "is none of OpenVEX's words: component_not_present, "},
		{entry("", "") + strings.TrimPrefix(entry("advisory", "advisory: cve-2024-1"), "ignore:\n"), "7:3: the entry is about the same as that in line 2"},
	}
	for _, tt := range tests {
		_, err := Parse("postern.yaml", []byte(tt.text), table(), today)
		require.ErrorContains(t, err, tt.want, "%s", tt.text)
		require.Regexp(t, `^postern\.yaml:\d+:\d+: `, err.Error())
	}
}

func TestDaysOnTheBound(t *testing.T) {
	for _, day := range []string{"2027-11-24", "2026-11-23", "2000-02-29"} {
		_, err := Parse("postern.yaml", []byte(entry("expires", "expires: "+day)), table(), today)
		require.NoError(t, err)
	}
}

func TestAllProblemsAreTold(t *testing.T) {
	_, err := Parse("conf/postern.yaml", []byte(entry("expires", "expires: never")+"scan:\n  polite: 3\n  fial-on: kev\nscna: {}\n"), table(), today)
	require.EqualError(t, err, `conf/postern.yaml:6:12: expires: "never": is no day; write one such as 2027-05-23
conf/postern.yaml:8:11: polite: "3": write true or false
conf/postern.yaml:9:3: scan has no flag "fial-on"; did you mean "fail-on"?
conf/postern.yaml:10:1: unknown key "scna"; did you mean "scan"?`)
}

// A file cannot make much of little, or of much.
func TestFilesThatAreTooMuch(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for _, c := range "bcdefghij" {
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ",") + "]\n"
	}
	deep := "scan: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	wrong := strings.Repeat("x: y\n", 10000)
	many := "ignore:\n" + strings.Repeat("- {}\n", MaxIgnored+1)
	for name, tt := range map[string]struct{ text, want string }{
		"aliases":     {bomb, "unknown key"},
		"an alias":    {bomb + "scan: *j\n", "*j refers to another place"},
		"depth":       {deep, "scan: write lines"},
		"depth, open": {"scan: " + strings.Repeat("[", 500000), "is not YAML"},
		"problems":    {wrong, "postern.yaml: and 9950 more"},
		"entries":     {many, "ignore has 5001 entries; at most 5000 are read"},
		"bytes":       {strings.Repeat("#", MaxSize+1), "has more than 1048576 bytes"},
		"a long key":  {strings.Repeat("k", 1000) + ": x", "known are convert, scan, ignore"},
	} {
		start := time.Now()
		_, err := Parse("postern.yaml", []byte(tt.text), table(), today)
		require.ErrorContains(t, err, tt.want, name)
		require.Less(t, len(err.Error()), 20000, name)
		require.Less(t, time.Since(start), 5*time.Second, name)
	}
}

func TestNearest(t *testing.T) {
	names := []string{"fail-on", "gap", "l", "min-coverage", "o", "parallel", "per-net", "polite", "ports", "proxy", "rate"}
	for word, want := range map[string]string{
		"fail-no": "fail-on", "failon": "fail-on", "FAIL_ON": "fail-on", "min_covrage": "min-coverage", "paralel": "parallel", "port": "ports", "rates": "rate",
		"x": "", "": "", "list": "", "gpa": "gap", "severity": "",
	} {
		require.Equal(t, want, Nearest(word, names), word)
	}
}

// Whatever is in a file: no panic, errors name the file, and what is accepted is complete.
func FuzzParse(f *testing.F) {
	if text, err := os.ReadFile("../../../../docs/postern.yaml"); err == nil {
		f.Add(string(text))
	}
	f.Add(entry("", ""))
	f.Add("scan: {l: [a, b], polite: true, rate: 0x10, timeout: 1m}\nconvert:\n  from: x\n")
	f.Add("scan: &a {l: [*a]}\n")
	f.Add("a: &a [*a]\n--- \n<<: *a")
	f.Add("ignore: [{advisory: CVE-1, tag: \"\\x1b\", expires: 2027-01-31}]")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("f.yaml", []byte(text), table(), today)
		if err != nil {
			var p Problem
			if !errors.As(err, &p) && !strings.HasPrefix(err.Error(), "f.yaml") {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, settings := range file.Settings {
			for _, s := range settings {
				if s.Line < 1 || s.Column < 1 || s.Flag == "" {
					t.Fatalf("%+v", s)
				}
			}
		}
		for _, r := range file.Ignore {
			whole := r.Reason != "" && r.Owner != "" && len(r.Expires) == 10 && isAdvisory(r.Advisory) && (r.Tag == "") != (r.Target.String() == "")
			if !whole || strings.ContainsAny(r.Reason+r.Owner+r.Tag, "\x1b\n\u202e") {
				t.Fatalf("%+v", r)
			}
		}
	})
}
