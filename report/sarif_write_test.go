package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/report/internal/sarif"
	"postern/scanner/finding"
)

// gateway is a result with one product, for tests that vary a little of it.
func gateway(target string, state finding.VersionState, findings ...finding.Finding) finding.Result {
	return finding.Result{
		Target: target, Outcome: finding.Identified,
		Input: finding.Input{Text: target, File: "list.txt", Line: 1, Column: 1, EndColumn: 1 + len(target)},
		Products: []finding.Product{{ID: "acme-gate", Name: "Gate", Vendor: "Acme", Confidence: "definitive",
			Version: finding.Version{State: state, Text: "9.1"}, Findings: findings}},
	}
}

func advisory(id string, verdict finding.Verdict, severity string, score float64) finding.Finding {
	return finding.Finding{Advisory: id, Verdict: verdict, Severity: severity, Score: score, Title: "Bad thing in the gate", Reason: "it is so"}
}

// sarifOf writes results, checks that everybody takes the file, and decodes it.
func sarifOf(t *testing.T, s finding.Summary, results ...finding.Result) map[string]any {
	t.Helper()
	h := finding.Header{Version: "1.0.0", Started: time.Date(2026, 11, 22, 21, 0, 3, 0, time.UTC)}
	out := write(t, "sarif", Options{}, h, s, results...)
	acceptable(t, out)
	return decode(t, out)
}

// brief is what a file says, in one line a result and one a notification.
func brief(log map[string]any) []string {
	var all []string
	for _, r := range list(log, "runs", 0, "results") {
		all = append(all, text(r, "level")+" "+text(r, "ruleId")+" "+text(r, "locations", 0, "logicalLocations", 0, "fullyQualifiedName"))
	}
	for _, n := range list(log, "runs", 0, "invocations", 0, "toolExecutionNotifications") {
		all = append(all, text(n, "descriptor", "id")+": "+text(n, "message", "text"))
	}
	return all
}

func TestSARIFWithoutResults(t *testing.T) {
	log := sarifOf(t, finding.Summary{Complete: true, Targets: 3})
	require.Empty(t, brief(log))
	require.Equal(t, true, at(log, "runs", 0, "invocations", 0, "executionSuccessful"))
	require.Equal(t, "postern/targets/20261122T210003Z", at(log, "runs", 0, "automationDetails", "id"))
}

// TestSARIFKeepsMaybesApart is the table of what becomes a result.
func TestSARIFKeepsMaybesApart(t *testing.T) {
	done := finding.Summary{Complete: true}
	kev := advisory("CVE-2024-0002", finding.Possible, "critical", 9.8)
	kev.KEV = &finding.KEV{Added: "2024-02-09"}
	tests := []struct {
		name string
		in   finding.Result
		want []string
	}{
		{"affected", gateway("a:443", finding.Exact, advisory("CVE-2024-0001", finding.Affected, "critical", 9.8)), []string{"error CVE-2024-0001 a:443"}},
		{"high", gateway("a:443", finding.Exact, advisory("CVE-2024-0001", finding.Affected, "high", 7.5)), []string{"error CVE-2024-0001 a:443"}},
		{"medium", gateway("a:443", finding.Exact, advisory("CVE-2024-0001", finding.Affected, "medium", 5)), []string{"warning CVE-2024-0001 a:443"}},
		{"low", gateway("a:443", finding.Exact, advisory("CVE-2024-0001", finding.Affected, "low", 2)), []string{"note CVE-2024-0001 a:443"}},
		{"affected whatever the version", gateway("a:443", finding.Unknown, advisory("POSTERN-1", finding.Affected, "medium", 0)), []string{"warning POSTERN-1 a:443"}},
		{"possible, exact version", gateway("a:443", finding.Exact, kev), []string{"note CVE-2024-0002/possible a:443"}},
		{"possible, candidates", gateway("a:443", finding.Candidates, kev), []string{"note CVE-2024-0002/possible a:443"}},
		{"possible, range", gateway("a:443", finding.InRange, kev), []string{"note CVE-2024-0002/possible a:443"}},
		{"possible, version unknown", gateway("a:443", finding.Unknown, kev, advisory("CVE-2024-0003", finding.Possible, "low", 1)),
			[]string{"version-not-read: 'a:443' runs Acme Gate, version not shown: 2 advisories could not be excluded, 1 of them known to be exploited."}},
		{"possible, rules contradict", gateway("a:443", finding.Contradictory, kev),
			[]string{"version-not-read: 'a:443' runs Acme Gate, version contradictory: 1 advisory could not be excluded, known to be exploited."}},
		{"not affected", gateway("a:443", finding.Exact, advisory("CVE-2024-0001", finding.NotAffected, "high", 7)), nil},
		{"unknown product version without advisories", gateway("a:443", finding.Unknown), nil},
		{"unidentified", finding.Result{Target: "a:443", Outcome: finding.Unidentified}, nil},
		{"unreachable", finding.Result{Target: "a:443", Outcome: finding.Unreachable, Reason: "refused"}, []string{"unreachable: 'a:443' could not be judged: refused."}},
		{"interrupted", finding.Result{Target: "a:443", Outcome: finding.Interrupted}, []string{"interrupted: The scan was stopped before 'a:443' was judged."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, brief(sarifOf(t, done, tt.in))) })
	}
}

func TestSARIFHasOneResultForTargetAndAdvisory(t *testing.T) {
	r := gateway("a:443", finding.Exact, advisory("CVE-2024-0001", finding.Possible, "high", 8))
	r.Products = append(r.Products, gateway("", finding.Exact, advisory("CVE-2024-0001", finding.Affected, "high", 8)).Products...)
	r.Products = append(r.Products, gateway("", finding.Exact, advisory("CVE-2024-0001", finding.Possible, "high", 8)).Products...)
	require.Equal(t, []string{"error CVE-2024-0001 a:443"}, brief(sarifOf(t, finding.Summary{Complete: true}, r)))
}

// TestSARIFRuleOfAMaybeIsNotCritical: severity belongs to the rule, so a maybe needs its
// own.
func TestSARIFRuleOfAMaybeIsNotCritical(t *testing.T) {
	f := advisory("CVE-2024-0001", finding.Affected, "critical", 9.8)
	f.KEV = &finding.KEV{Added: "2024-02-09", Ransomware: true}
	maybe := f
	maybe.Verdict = finding.Possible
	rules := rulesOf(sarifOf(t, finding.Summary{}, gateway("a:443", finding.Exact, f), gateway("b:443", finding.Exact, maybe), gateway("c:443", finding.Exact, f)))
	require.Len(t, rules, 2)
	require.Equal(t, []any{"security", "kev"}, list(rules[0], "properties", "tags"))
	require.Equal(t, "9.8", text(rules[0], "properties", "security-severity"))
	require.Equal(t, []any{"security"}, list(rules[1], "properties", "tags"))
	require.Nil(t, at(rules[1], "properties", "security-severity"))
	require.Equal(t, "note", text(rules[1], "defaultConfiguration", "level"))
}

func TestSARIFNotificationsEnd(t *testing.T) {
	var results []finding.Result
	for i := range maxSARIFNotifications + 7 {
		results = append(results, finding.Result{Target: fmt.Sprintf("a%d:443", i), Outcome: finding.Unreachable, Reason: "timeout"})
	}
	results = append(results, finding.Result{Target: "z:443", Outcome: finding.Interrupted})
	got := brief(sarifOf(t, finding.Summary{}, results...))
	require.Len(t, got, maxSARIFNotifications+3)
	require.Equal(t, []string{"interrupted: The scan was stopped before 'z:443' was judged.", "unreachable: And 7 more of this kind.",
		"incomplete: The scan is incomplete: what is not listed was not judged."}, got[maxSARIFNotifications:])
}

func TestPlace(t *testing.T) {
	tests := []struct {
		name, target string
		in           finding.Input
		uri          string
		region       sarif.Region
	}{
		{"list", "vpn:443", finding.Input{Text: "vpn", File: "assets/gateways.txt", Line: 3, Column: 5, EndColumn: 8}, "assets/gateways.txt", sarif.Region{StartLine: 3, StartColumn: 5, EndLine: 3, EndColumn: 8}},
		{"no columns", "vpn:443", finding.Input{Text: "vpné", File: "a", Line: 3}, "a", sarif.Region{StartLine: 3, StartColumn: 1, EndLine: 3, EndColumn: 5}},
		{"columns backwards", "vpn:443", finding.Input{Text: "", File: "a", Column: 9, EndColumn: 2}, "a", sarif.Region{StartLine: 1, StartColumn: 9, EndLine: 1, EndColumn: 10}},
		{"argument", "VPN.example.org:443", finding.Input{Text: "vpn"}, "postern/targets/vpn.example.org_443", sarif.Region{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 2}},
		{"standard input", "[2001:db8::1]:443", finding.Input{Text: "x", File: "-", Line: 7}, "postern/targets/2001_db8__1_443", sarif.Region{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 2}},
	}
	for _, tt := range tests {
		got := place(finding.Result{Target: tt.target, Input: tt.in}).PhysicalLocation
		require.Equal(t, sarif.PhysicalLocation{ArtifactLocation: sarif.ArtifactLocation{URI: tt.uri}, Region: tt.region}, got, tt.name)
	}
}

func TestListPath(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "-": "", "gateways.txt": "gateways.txt", "./a/b.txt": "a/b.txt", "a//b.txt": "a/b.txt",
		`a\b.txt`: "a/b.txt", "/etc/gateways.txt": "gateways.txt", "../a/b.txt": "b.txt", "a/../../b.txt": "b.txt",
		`C:\lists\a.txt`: "a.txt", "C:a.txt": "a.txt", "file:///a/b.txt": "b.txt", "asset list#1.txt": "asset%20list%231.txt",
		"host:8000": "host%3A8000", "é.txt": "%C3%A9.txt", "\x1b\n.txt": "%1B%0A.txt", "..": "", "/": "", ".": "", "100%.txt": "100%25.txt",
	} {
		require.Equal(t, want, listPath(in), "%q", in)
	}
}

func TestFingerprintIsOfEndpointAndRule(t *testing.T) {
	base := fingerprint("vpn.example.org:443", "CVE-2024-0001")
	require.Equal(t, base, fingerprint("VPN.example.org:443", "CVE-2024-0001"))
	require.NotEqual(t, base, fingerprint("vpn.example.org:444", "CVE-2024-0001"))
	require.NotEqual(t, base, fingerprint("vpn.example.org:443", "CVE-2024-0002"))
	require.Equal(t, "767d3a243fcc066bb9a43c9de52499ab", fingerprint("vpn1.example.org:443", "CVE-2024-21762"), "a change reopens every alert there is")
}

func TestSecuritySeverity(t *testing.T) {
	for _, tt := range []struct {
		severity string
		score    float64
		want     string
	}{
		{"critical", 9.8, "9.8"}, {"critical", 9, "9.0"}, {"high", 8.9, "8.9"}, {"high", 7, "7.0"}, {"medium", 6.9, "6.9"}, {"medium", 4, "4.0"}, {"low", 3.9, "3.9"}, {"low", 0.1, "0.1"},
		{"critical", 8.8, "9.5"}, {"high", 9.8, "8.0"}, {"medium", 0, "5.5"}, {"low", 0, "2.0"}, {"critical", 99, "9.5"}, {"strange", 9.8, "5.5"}, {"none", 0, "5.5"},
	} {
		require.Equal(t, tt.want, securitySeverity(finding.Finding{Severity: tt.severity, Score: tt.score}), "%s %.1f", tt.severity, tt.score)
	}
}

func TestPascal(t *testing.T) {
	for in, want := range map[string]string{
		"Fortinet FortiOS Out-of-Bound Write Vulnerability": "FortinetFortiosOutOfBoundWriteVulnerability",
		"SSL VPN: 2 of 3": "SslVpn2Of3", "深信服": "GatewayAdvisory", "": "GatewayAdvisory", "9 a": "GatewayAdvisory", "A b cd": "Cd",
	} {
		require.Equal(t, want, pascal(in), in)
	}
}

func TestToolVersion(t *testing.T) {
	for in, want := range map[string][2]string{
		"0.1.0": {"0.1.0", "0.1.0"}, "v1.2.3-rc.1": {"1.2.3-rc.1", "1.2.3-rc.1"}, "(devel)": {"0.0.0-dev", "0.0.0-dev"}, "": {"0.0.0-dev", "0.0.0-dev"}, "2026-11": {"2026-11", ""},
	} {
		version, semver := toolVersion(in)
		require.Equal(t, want, [2]string{version, semver}, in)
	}
}

func TestRunID(t *testing.T) {
	at := time.Date(2026, 11, 22, 22, 0, 3, 0, time.FixedZone("", 3600))
	for want, in := range map[string][]string{
		"postern/targets/20261122T210003Z":       nil,
		"postern/a.txt/20261122T210003Z":         {"lists/a.txt"},
		"postern/a.txt+B_b.csv/20261122T210003Z": {"/x/a.txt", "-", `y\B b.csv`},
	} {
		require.Equal(t, want, runID(finding.Header{Inputs: in, Started: at}))
	}
}
