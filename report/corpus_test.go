package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// corpusCase is a report that every format has to write well.
type corpusCase struct {
	name    string
	header  finding.Header
	summary finding.Summary
	results []finding.Result
	// shows is what every format in which there is room for it has to say.
	shows   []string
	missing []string // formats in which there is no room
	// hides is what none may say, because it is not known.
	hides []string
}

func corpusHeader() finding.Header {
	return finding.Header{
		Format: finding.Format, Tool: "postern", Version: "1.0.0", Started: time.Date(2026, 11, 22, 21, 0, 3, 0, time.UTC),
		Rules: finding.Rules{Digest: "sha256:" + strings.Repeat("ab", 32), Date: "2026-08-07", Products: 1, Advisories: 4}, Inputs: []string{"list.txt"},
	}
}

// summed is the summary of results, as a scan makes it.
func summed(complete bool, results []finding.Result) finding.Summary {
	s := finding.Summary{Targets: len(results)}
	for _, r := range results {
		s.Add(r)
	}
	s.Complete = complete
	s.Finish(time.Date(2026, 11, 22, 21, 5, 0, 0, time.UTC))
	return s
}

// manyGateways is gateways with so many findings each, of which the results fill in the rest.
func manyGateways(gateways, findings int, change func(*finding.Finding)) []finding.Result {
	var all []finding.Result
	for i := range gateways {
		var list []finding.Finding
		for j := range findings {
			f := advisory(fmt.Sprintf("CVE-2024-%04d", 1+(i+j)%200), []finding.Verdict{finding.Affected, finding.Possible}[j%2], []string{"critical", "high", "medium", "low"}[(i+j)%4], []float64{9.8, 7.5, 5, 2}[(i+j)%4])
			f.Fixed, f.URL, f.CWE = "9.2", "https://vendor.example/advisories/1", []string{"CWE-787"}
			f.Vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
			if j == 0 && i%10 == 0 {
				f.KEV = &finding.KEV{Added: "2024-02-09", Due: "2024-02-16", Ransomware: true}
			}
			if change != nil {
				change(&f)
			}
			list = append(list, f)
		}
		r := gateway(fmt.Sprintf("vpn%d.example.org:443", i), finding.Exact, list...)
		r.URL = "https://" + r.Target + "/"
		r.Input.Line, r.Input.Owner, r.Input.Tags = i+1, "netops", []string{"edge"}
		p := &r.Products[0]
		p.Version.Set, p.Version.Candidates, p.Upgrade = "9.1", []string{"9.1"}, "9.2"
		p.CPE = []string{"cpe:2.3:o:acme:gate:9.1:*:*:*:*:*:*:*"}
		p.Because = []finding.Reason{{Rule: "acme-title", Request: "GET /", Shows: "Acme Gate 9.1", Says: "9.1", Source: "https://vendor.example/doc"}}
		p.NotAffected = []string{"CVE-2020-0001"}
		all = append(all, r)
	}
	return all
}

func corpus() []corpusCase {
	h := corpusHeader()
	var silent, stopped []finding.Result
	for i := range 30 {
		in := finding.Input{Text: fmt.Sprintf("vpn%d.example.org", i), File: "list.txt", Line: i + 1, Column: 1, EndColumn: 18}
		silent = append(silent, finding.Result{Target: in.Text + ":443", Input: in, Outcome: finding.Unreachable, Reason: "timeout", Detail: "dial tcp 192.0.2.1:443: i/o timeout"})
		stopped = append(stopped, finding.Result{Target: in.Text + ":443", Input: in, Outcome: finding.Interrupted})
	}
	accepted := manyGateways(20, 2, func(f *finding.Finding) {
		f.Accepted = &finding.Acceptance{Reason: "portal switched off", Owner: "riskboard", Expires: "2027-01-31"}
	})
	acceptedSummary := summed(true, accepted)
	acceptedSummary.Accepted = 40
	baseline := h
	baseline.Baseline = &finding.Baseline{Started: time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), Rules: h.Rules}
	seen := baseline.Baseline.Started
	carriedOver := manyGateways(20, 2, func(f *finding.Finding) { f.Change, f.Seen = finding.NotEvaluated, &seen })
	for i := range carriedOver {
		r := &carriedOver[i]
		r.Outcome, r.Reason, r.URL = finding.Unreachable, "timeout", ""
		r.Earlier, r.Products = &finding.Earlier{Products: r.Products}, nil
	}
	carriedSummary := summed(true, carriedOver)
	carriedSummary.StillAffected, carriedSummary.Changes = 20, &finding.ChangeCounts{NotEvaluated: 40}
	merged, part := h, summed(true, manyGateways(2, 1, nil))
	for i := 1; i <= 3; i++ {
		run := finding.ShardRun{Shard: finding.Shard{Index: i, Of: 3, List: "sha256:00", Targets: 6}, Summary: &part}
		if i == 2 {
			run.Summary = nil
		}
		merged.Shards = append(merged.Shards, run)
	}
	return []corpusCase{
		{name: "no results", header: h, summary: summed(true, nil), hides: []string{"CVE-"}},
		{name: "30,000 findings", header: h, results: manyGateways(6_000, 5, nil)},
		{name: "only unreachable", header: h, results: silent, shows: []string{"vpn7.example.org:443"}, missing: []string{"defectdojo"}, hides: []string{"CVE-"}},
		{name: "everything accepted", header: h, results: accepted, summary: acceptedSummary, shows: []string{"portal switched off", "riskboard", "2027-01-31"}},
		{name: "everything carried over", header: baseline, results: carriedOver, summary: carriedSummary, shows: []string{"CVE-2024-0002", "2026-11-20"}},
		{name: "interrupted", header: h, results: append(manyGateways(3, 1, nil), stopped...), shows: []string{"complete"}, missing: []string{"jsonl"}}, // has no place for what is about the whole
		{name: "a shard is missing", header: merged, results: manyGateways(4, 1, nil), shows: []string{"missing"}, missing: []string{"json", "jsonl"}},
	}
}

// TestCorpusIsValidInEveryFormat writes reports of every kind in every format.
func TestCorpusIsValidInEveryFormat(t *testing.T) {
	valid := validators(t)
	for _, c := range corpus() {
		if len(c.results) > 1_000 && testing.Short() {
			continue
		}
		if c.summary.Ended.IsZero() {
			c.summary = summed(!slices.Contains([]string{"interrupted", "a shard is missing"}, c.name), c.results)
		}
		for _, format := range Formats() {
			t.Run(c.name+"/"+format, func(t *testing.T) {
				require.Contains(t, valid, format, "a format without validator")
				out := write(t, format, Options{}, c.header, c.summary, c.results...)
				valid[format](t, out)
				for _, want := range c.shows {
					require.True(t, slices.Contains(c.missing, format) || strings.Contains(flat(out), strings.ToLower(want)), "does not say %q", want)
				}
				for _, not := range c.hides {
					require.NotContains(t, string(out), not)
				}
				if len(c.results) < 1_000 {
					require.Equal(t, out, write(t, format, Options{}, c.header, c.summary, c.results...), "a second time")
				}
			})
		}
	}
}

// flat joins what was wrapped to fit a page, in lower case.
func flat(out []byte) string { return strings.ToLower(strings.Join(strings.Fields(string(out)), " ")) }

// TestHostileReportIsValidInEveryFormat: whatever a device, a list or an edited file says,
// the file is one that its readers take.
func TestHostileReportIsValidInEveryFormat(t *testing.T) {
	valid := validators(t)
	h, results := poisoned()
	h.Started = corpusHeader().Started
	for i := range results { // as a scan would have them: different endpoints, outcomes of ours
		results[i].Target += fmt.Sprint(i)
	}
	for _, format := range Formats() {
		if format == "json" || format == "jsonl" {
			continue // keep the words of the file, also where the schema has a list of them
		}
		for _, mark := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, accepted marked: %t", format, mark), func(t *testing.T) {
				valid[format](t, write(t, format, Options{MarkAccepted: mark}, h, summed(true, results), results...))
			})
		}
	}
}
