package report

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// night is a scan that was compared with the one before: a gateway with something new, one
// that did not answer, one that hid its version, one whose risk is accepted, one with less
// than a weakness; two that were patched or are not in the list any more; and an accepted
// risk that is none any more.
func night() (finding.Header, finding.Summary, []finding.Result) {
	began := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	seen := began.AddDate(0, 0, -3)
	h := finding.Header{
		Format: finding.Format, Tool: "postern", Version: "1.0.0", Started: began, Inputs: []string{"gateways.txt"},
		Rules:    finding.Rules{Date: "2026-11-22", Products: 2, Advisories: 3},
		Baseline: &finding.Baseline{Started: began.AddDate(0, 0, -1)},
	}
	hole := known("CVE-2024-0001", "9.2", true)
	hole.Change, hole.Reason = finding.Unchanged, "9.1 is in the affected range <9.2; fixed in 9.2"
	fresh := advisory("CVE-2024-0002", finding.Affected, "high", 8.1)
	fresh.Change, fresh.Fixed = finding.IsNew, "9.3"
	standing := hole
	standing.Change, standing.Seen = finding.NotEvaluated, &seen
	accepted := hole
	accepted.Accepted = &finding.Acceptance{Reason: "the portal is filtered", Owner: "ciso", Expires: "2027-01-31", Justification: "inline_mitigations_already_exist"}
	maybe := hole
	maybe.Verdict, maybe.Change, maybe.Reason = finding.Possible, finding.IsNew, "1 of 2 candidate versions is in the affected range"
	tls := finding.Finding{Advisory: "POSTERN-LEGACY-TLS", Kind: finding.LegacyTLS, Verdict: finding.Affected, Severity: "low", Title: "The endpoint speaks outdated TLS or HTTP", Reason: "a client has to accept: tls1.0", Change: finding.IsNew}
	oldTLS := tls
	oldTLS.Change, oldTLS.Seen = finding.NotEvaluated, &seen

	of := func(target, owner string, r finding.Result) finding.Result {
		r.Target, r.Input = target, finding.Input{Text: target, File: "gateways.txt", Line: 1, Owner: owner, Tags: []string{"prod"}}
		products := []finding.Product{}
		if r.Earlier != nil {
			products = r.Earlier.Products
		}
		for _, list := range [][]finding.Product{r.Products, products} {
			for i := range list {
				list[i].Upgrade, list[i].Version.Set = "9.3", "9.1"
			}
		}
		return r
	}
	down := finding.Result{Outcome: finding.Unreachable, Reason: "timeout", Earlier: &finding.Earlier{Products: gateway("", finding.Exact, standing).Products, Findings: []finding.Finding{oldTLS}}}
	hidden := gateway("", finding.Unknown)
	hidden.Earlier = &finding.Earlier{Products: gateway("", finding.Exact, standing).Products}
	noted := finding.Result{Outcome: finding.Unidentified, Findings: []finding.Finding{tls}}
	model := gateway("", finding.Exact, hole, fresh)
	model.Products[0].Models = []string{"G100", "G200"}
	results := []finding.Result{
		of("new.example:443", "netops", model),
		of("down.example:443", "netops", down),
		of("hidden.example:443", "", hidden),
		of("accepted.example:443", "branch", gateway("", finding.Exact, accepted)),
		of("maybe.example:443", "branch", gateway("", finding.Candidates, maybe)),
		of("noted.example:443", "", noted),
	}
	s := finding.Summary{Targets: 6, Complete: true, Changes: &finding.ChangeCounts{New: 3, Unchanged: 2, Fixed: 2, NotEvaluated: 4}}
	for _, r := range results {
		s.Add(r)
	}
	s.Finish(began.Add(time.Minute))
	gone := finding.Change{Status: finding.IsFixed, Target: "patched.example:443", Product: "acme-gate", Name: "Acme Gate", Advisory: "CVE-2024-0001", Severity: "critical", KEV: true, Was: finding.Affected, WasVersion: "9.1", Version: "9.3", Reason: "the version rules it out", Owner: "netops"}
	second, lost := gone, gone
	second.Advisory = "CVE-2024-0002"
	lost.Target, lost.Status, lost.Version, lost.Reason = "sold.example:443", finding.NotEvaluated, "", "the endpoint is not in the later scan"
	s.Gone = []finding.Change{lost, gone, second}
	s.Acceptances = []finding.IdleAcceptance{{Advisory: "CVE-2024-0003", Tag: "prod", Owner: "ciso", Expires: "2026-10-31", Expired: true, Place: "postern.yaml:12"}}
	return h, s, results
}

// TestNight holds every format that people and trackers read against a night with changes.
func TestNight(t *testing.T) {
	h, s, results := night()
	for name, tt := range map[string]struct {
		format string
		opts   Options
	}{
		"night.txt": {"text", Options{}}, "night-owner.txt": {"text", Options{GroupBy: "owner"}},
		"night.md": {"markdown", Options{}}, "night-owner.md": {"markdown", Options{GroupBy: "owner"}},
		"night.csv": {"csv", Options{}}, "night-junit.xml": {"junit", Options{}}, "night-defectdojo.json": {"defectdojo", Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := write(t, tt.format, tt.opts, h, s, results...)
			name := filepath.Join("testdata", name)
			if *update {
				require.NoError(t, os.WriteFile(name, got, 0o644))
			}
			want, err := os.ReadFile(name)
			require.NoError(t, err)
			if !bytes.Equal(want, got) {
				t.Errorf("%s differs; run go test ./report -update -run Night and read the difference.\ngot:\n%s", name, got)
			}
			for line := range strings.Lines(string(got)) {
				if tt.format == "text" && len(line) > 81 {
					t.Errorf("more than 80 columns: %s", line)
				}
			}
		})
	}
}

// TestNothingOfANightIsLost: every format names each endpoint, and tells what was not judged
// again, what is accepted and what is new from the rest.
func TestNothingOfANightIsLost(t *testing.T) {
	h, s, results := night()
	for format, says := range map[string][]string{
		"text":       {"last seen 2026-11-20", "accepted: CVE-2024-0001", "inline_mitigations_already_exist", "patched.example:443", "sold.example:443", "expired on 2026-10-31", "G100 or G200", "owner netops; tags prod", "8.1 new fixed in 9.3"},
		"markdown":   {"2026-11-20", "the portal is filtered", "patched.example:443", "sold.example:443", "expired on 2026-10-31", "**3 new**"},
		"csv":        {",not_evaluated,2026-11-20,", "the portal is filtered (inline_mitigations_already_exist),ciso,2027-01-31", "patched.example:443", "sold.example:443", "G100 or G200,new", "POSTERN-LEGACY-TLS"},
		"junit":      {"Last seen on 2026-11-20", "accepted by ciso until 2027-01-31", "new, Acme Gate", "owner netops"},
		"defectdojo": {"Last seen on 2026-11-20", "risk_accepted\":true", "owner:netops"},
	} {
		out := strings.Join(strings.Fields(string(write(t, format, Options{}, h, s, results...))), " ")
		for _, r := range results {
			require.Contains(t, out, r.Target, format)
		}
		for _, text := range says {
			require.Contains(t, out, text, format)
		}
	}
	for _, row := range table(t, write(t, "csv", Options{}, h, s, results...)) {
		if row["kind"] != "" {
			require.NotContains(t, []string{"affected", "possible"}, row["verdict"], row["advisory"])
		}
		if row["change"] == "fixed" {
			require.Empty(t, row["verdict"], "it is no finding any more")
		}
	}
}

func TestGroups(t *testing.T) {
	two := finding.Result{Input: finding.Input{Owner: "netops", Tags: []string{"prod", "edge", "prod"}}, Products: append(gateway("", finding.Exact).Products, gateway("", finding.Exact).Products...)}
	require.Equal(t, []string{"netops"}, groupsOf("owner", two))
	require.Equal(t, []string{"edge", "prod"}, groupsOf("tag", two))
	require.Equal(t, []string{"Acme Gate"}, groupsOf("product", two))
	require.Equal(t, []string{""}, groupsOf("", two))
	for _, by := range []string{"owner", "tag", "product"} {
		require.Equal(t, []string{""}, groupsOf(by, finding.Result{}), by)
	}
	require.Equal(t, []string{"a", "b", ""}, sortedGroups(map[string]int{"": 1, "b": 1, "a": 1}))
	require.Equal(t, "No owner", groupTitle("owner", ""))
}

// TestMarkdownOfManyOwnersFits: as many parts as endpoints are as small as one.
func TestMarkdownOfManyOwnersFits(t *testing.T) {
	h, s, results := night()
	var many []finding.Result
	for i := range 20_000 {
		r := results[i%len(results)]
		r.Input.Owner = strings.Repeat("o", 1+i%190) + string(rune('a'+i%26)) + time.Duration(i).String()
		many = append(many, r)
	}
	text := string(write(t, "markdown", Options{GroupBy: "owner"}, h, s, many...))
	require.Less(t, len(text), maxMarkdown)
	require.Contains(t, text, " more by owner: see the other formats.")
}

// TestNightFitsItsSchema also shows that it reads back as it was.
func TestNightFitsItsSchema(t *testing.T) {
	h, s, results := night()
	whole, line := resultSchemas(t)
	document := write(t, "json", Options{}, h, s, results...)
	fitsSchema(t, whole, document)
	for l := range bytes.Lines(write(t, "jsonl", Options{}, h, s, results...)) {
		fitsSchema(t, line, l)
	}
	var again []finding.Result
	header, summary, err := Read(bytes.NewReader(document), func(r finding.Result) error {
		again = append(again, r)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, string(document), string(write(t, "json", Options{}, header, summary, again...)))
	require.Equal(t, h.Baseline, header.Baseline)
}
