package advisories

import (
	"strings"
	"testing"
	"testing/fstest"
)

// Each case changes the whole advisory in one place, and states every complaint.
func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name     string
		old, new string
		want     string // without the file's name; lines are separated by \n
	}{
		// The form of the file.
		{"unknown key", "summary:", "sumary: x\nsummary:", `4: key "sumary" is not known here; see advisories/README.md`},
		{"key twice", "summary:", "title: again\nsummary:", `4: key "title" was given before, in line 3`},
		{"no YAML", "summary: A", "summary: A: b: ", `4: mapping values are not allowed in this context`},
		{"list for text", "title: \"Acme Gate: overflow in the login page\"", "title: [a]", "3: cannot unmarshal !!seq into string; see advisories/README.md for what stands here"},
		{"second document", "source: vendor\n", "source: vendor\n---\nid: x\n", "42: a second document begins here; one file holds one advisory"},
		{"version as a number", `- branch: "7.2"`, `- branch: 7.2`, "17: branch: 7.2 is read as a number, not as text; quote it: branch: \"7.2\""},
		{"version in a list as a number", `["6.2.16"]`, `["6.2.16", 6.2]`, "33: possible: 6.2 is read as a number, not as text; quote it: possible: \"6.2\""},
		{"date without quotes", `published: "2024-02-08"`, `published: 2024-02-08`, "5: published: 2024-02-08 is read as a point in time, not as text; quote it: published: \"2024-02-08\""},
		{"title that is a truth value", `title: "Acme Gate: overflow in the login page"`, `title: true`, "3: title: true is read as true or false, not as text; quote it: title: \"true\""},
		{"truth value in quotes", "preauth: true", `preauth: "true"`, "13: preauth: \"true\" is not true or false; write it without quotes\n13: cannot unmarshal !!str `true` into bool; see advisories/README.md for what stands here"},
		{"key without value", "modified: \"2024-02-10\"", "modified:", "6: modified has no value; remove the key or give one"},
		{"anchor", "remediation: Upgrade.\nsource: vendor", "remediation: &a Upgrade.\nsource: *a", "41: *a refers to another place; write the value out"},

		// Who it is and what it says.
		{"id of another file", "id: CVE-2024-0001", "id: CVE-2024-0002", `1: id is "CVE-2024-0002" but the file is CVE-2024-0001.yaml; they must be the same`},
		{"title missing", "title: \"Acme Gate: overflow in the login page\"\n", "", "1: title is missing; give one line: product and weakness"},
		{"summary empty", "summary: A request that is too long runs code.", `summary: " "`, "4: summary is missing; give what an attacker can do, in your own words"},
		{"source missing", "source: vendor\n", "", "1: source is missing; give where the facts are from"},
		{"remediation missing", "remediation: Upgrade.\n", "", "1: remediation is missing; give what a defender should do"},
		{"published missing", "published: \"2024-02-08\"\n", "", "1: published is missing; give the day of the vendor's advisory"},
		{"preauth missing", "preauth: true\n", "", "1: preauth is missing; say true when no login is needed, or false"},
		{"day that does not exist", `"2024-02-08"`, `"2024-02-30"`, "5: published is \"2024-02-30\", which is no date; write \"2024-02-09\"\n6: modified 2024-02-10 is before published 2024-02-30"},
		{"modified before published", `modified: "2024-02-10"`, `modified: "2024-02-07"`, "6: modified 2024-02-07 is before published 2024-02-08"},
		{"weakness without number", `"CWE-787"`, `"787"`, `10: cwe is "787"; write it like CWE-787`},
		{"no reference", "references:\n  - {type: advisory, url: \"https://vendor.example/AG-24-001\"}\n", "", "1: references are missing; give the vendor's advisory at least"},
		{"kind of reference", "type: advisory", "type: blog", `12: type of the reference is "blog"; it is one of advisory, fix, article, kev`},
		{"reference that is no address", "https://vendor.example/", "vendor.example/", `12: url "vendor.example/AG-24-001" is no web address; write https://…`},
		{"reference that runs code", "https://vendor.example/", "javascript:", `12: url "javascript:AG-24-001" is no web address; write https://…`},

		{"draft", "source: vendor\n", "source: vendor\nreview: required\n", "42: this is a draft; read it against the record, then remove this line"},

		// Severity.
		{"severity unknown", "severity: critical", "severity: severe", `7: severity is "severe"; it is low, medium, high or critical`},
		{"severity too low", "severity: critical", "severity: high", "7: severity is high, but CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H scores 9.8, which is critical; change it or say why in severity_reason"},
		{"reason for nothing", "severity: critical", "severity: critical\nseverity_reason: because", "8: severity_reason is given, but severity critical is what CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H is rated; remove it"},
		{"vector cut short", "/A:H", "", "9: v31: vector \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H\": base metric A is not defined"},
		{"vector of another version", "v31:", "v40:", `9: v40: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H" does not begin with CVSS:4.0/`},

		// Exploitation.
		{"no date", `added: "2024-02-09", `, "", `35: kev has no added; give the day on which CISA added it`},
		{"no word on ransomware", `, ransomware: true`, "", "35: kev has no ransomware; say true when CISA knows of such use, or false"},
		{"due before added", `due: "2024-02-16"`, `due: "2024-02-06"`, "35: due 2024-02-06 is before added 2024-02-09"},
		{"claim by nobody", "      claimed_by: Someone\n", "", "37: campaign has no claimed_by; give who says so"},
		{"claim without source", "      source: \"https://news.example/night\"\n", "", "37: campaign has no source; give where they say it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { refused(t, gate, tt.old, tt.new, tt.want) })
	}
}

// refused loads a text with one place changed, and compares every complaint.
func refused(t *testing.T, text, old, new, want string) {
	t.Helper()
	if strings.Count(text, old) == 0 {
		t.Fatalf("%q is not in the text", old)
	}
	_, err := loadOne(t, strings.Replace(text, old, new, 1))
	if err == nil {
		t.Fatalf("loaded; want %s", want)
	}
	got := strings.ReplaceAll(withoutColumns(err), gateFile+":", "")
	if got != want {
		t.Errorf("complaints\n%s\nwant\n%s", got, want)
	}
}

func TestLoadRefusesTrees(t *testing.T) {
	other := strings.ReplaceAll(gate, "CVE-2024-0001", "CVE-2024-0002")
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"nothing", nil, "no advisories here; they lie in folders of their vendors, as in fortinet/CVE-2024-21762.yaml"},
		{"too high", map[string]string{"CVE-2024-0001.yaml": gate}, "CVE-2024-0001.yaml: does not lie in a vendor's folder; move it to vendor/CVE-2024-0001.yaml"},
		{"too deep", map[string]string{"a/b/CVE-2024-0001.yaml": gate}, "a/b/CVE-2024-0001.yaml: does not lie in a vendor's folder; move it to vendor/CVE-2024-0001.yaml"},
		{"suffix", map[string]string{"acme/CVE-2024-0001.yml": gate}, "acme/CVE-2024-0001.yml: ends in .yml; rename it to .yaml"},
		{"folder", map[string]string{"_Acme/CVE-2024-0001.yaml": gate}, `_Acme/CVE-2024-0001.yaml: folder "_Acme" is no vendor name; use a-z, 0-9 and hyphens`},
		{"empty file", map[string]string{"acme/CVE-2024-0001.yaml": "# nothing\n"}, "acme/CVE-2024-0001.yaml:1: holds no advisory; begin with \"id: CVE-…\""},
		{"one CVE in two files", map[string]string{gateFile: gate, "bcme/CVE-2024-0001.yaml": gate},
			"bcme/CVE-2024-0001.yaml:1: CVE-2024-0001 is also in acme/CVE-2024-0001.yaml; a CVE has one file, for all its products"},
		{"one CVE under two names", map[string]string{gateFile: gate, "acme/CVE-2024-0002.yaml": strings.Replace(other, "AG-24-001", "CVE-2024-0001", 1)},
			"acme/CVE-2024-0002.yaml:2: CVE-2024-0001 is also in acme/CVE-2024-0001.yaml; a CVE has one file, for all its products"},
		{"name that is no CVE", map[string]string{"acme/CVE-24-1.yaml": strings.ReplaceAll(gate, "CVE-2024-0001", "CVE-24-1")},
			`acme/CVE-24-1.yaml:1: id "CVE-24-1" is neither a CVE such as CVE-2024-21762 nor a name such as POSTERN-VENDOR-TOPIC`},
		{"problems of several files at once", map[string]string{
			"acme/CVE-2024-0002.yaml": strings.Replace(other, "source: vendor\n", "", 1),
			gateFile:                  strings.Replace(strings.Replace(gate, "CWE-787", "787", 1), "source: vendor\n", "", 1),
		}, "acme/CVE-2024-0001.yaml:1: source is missing; give where the facts are from\n" +
			"acme/CVE-2024-0001.yaml:10: cwe is \"787\"; write it like CWE-787\n" +
			"acme/CVE-2024-0002.yaml:1: source is missing; give where the facts are from"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for name, text := range tt.files {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			_, err := Load(tree, testOrders)
			if err == nil || withoutColumns(err) != tt.want {
				t.Errorf("complaints\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
	shared := fstest.MapFS{gateFile: {Data: []byte(gate)}, "acme/CVE-2024-0002.yaml": {Data: []byte(other)}}
	if _, err := Load(shared, testOrders); err != nil {
		t.Errorf("a bulletin about two CVEs: %v", err)
	}
}
