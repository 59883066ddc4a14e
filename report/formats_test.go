package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// written is the format of those results.
func written(t *testing.T, format string, h finding.Header, results []finding.Result) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := New(format, &out, h, Options{})
	require.NoError(t, err)
	s := finding.Summary{Complete: true}
	for _, r := range results {
		s.Add(r)
		require.NoError(t, w.Write(r))
	}
	require.NoError(t, w.Close(s))
	return out.Bytes()
}

// table reads the csv format back, a map of column to cell for each line.
func table(t *testing.T, data []byte) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	require.NoError(t, err)
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestCSVHasEveryTargetAndFinding(t *testing.T) {
	rows := table(t, convert(t, "csv", Options{}))
	targets, affected := map[string]bool{}, map[string]bool{}
	for _, row := range rows {
		targets[row["target"]] = true
		if row["verdict"] == "affected" && row["kind"] == "" {
			affected[row["target"]+" "+row["advisory"]] = true
		}
		if row["version_state"] == "unknown" && row["verdict"] == "possible" {
			require.Empty(t, row["advisory"], "an unread version has one line, not one for each advisory")
			require.Contains(t, row["why"], "could not be excluded")
		}
	}
	require.True(t, affected["vpn1.example.org:443 CVE-2024-21762"])
	require.False(t, affected["vpn2.example.org:10443 CVE-2024-21762"], "that one is possible")
	require.True(t, targets["slow.example.org:443"], "unreachable ones are in the table")
}

func TestCSVWithoutResultsHasItsHeader(t *testing.T) {
	require.Equal(t, strings.Join(csvColumns[:], ",")+"\n", string(written(t, "csv", finding.Header{}, nil)))
}

func TestCSVCellsAreNoFormulas(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\t=1", "\r=1", "|x", "%0a=1", "=cmd|' /C calc'!A0"} {
		r := finding.Result{Target: text, Reason: text, Input: finding.Input{Owner: text, Tags: []string{text}}}
		for column, c := range table(t, written(t, "csv", finding.Header{}, []finding.Result{r}))[0] {
			require.NotContains(t, "=+-@|%\t\r", strings.TrimLeft(c+"x", " ")[:1], "%q in %s", c, column)
		}
	}
	require.Equal(t, "a=1", cell("a=1"))
}

func TestJUnitPassesNothingThatWasNotJudged(t *testing.T) {
	var suites junitSuites
	require.NoError(t, xml.Unmarshal(convert(t, "junit", Options{}), &suites))
	s := suites.Suite
	require.Equal(t, len(s.Cases), s.Tests)
	failed, skipped := 0, 0
	for _, c := range s.Cases {
		require.False(t, c.Failure != nil && c.Skipped != nil)
		if c.Failure != nil {
			failed++
		}
		if c.Skipped != nil {
			skipped++
		}
		if c.Class == "postern.unreachable" || c.Class == "postern.interrupted" {
			require.True(t, c.Skipped != nil || c.Failure != nil, c.Name)
		}
	}
	require.Equal(t, s.Failures, failed)
	require.Equal(t, s.Skipped, skipped)
	require.Equal(t, "vpn1.example.org:443", s.Cases[0].Name)
	require.Contains(t, s.Cases[0].Failure.Message, "CVE-2024-21762 (critical, known to be exploited)")
}

func TestDefectDojoTakesEveryFinding(t *testing.T) {
	var file struct {
		Name, Type string
		Findings   []dojoFinding
	}
	decoder := json.NewDecoder(bytes.NewReader(convert(t, "defectdojo", Options{})))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&file))
	first := file.Findings[0]
	require.Equal(t, "Critical", first.Severity)
	require.Equal(t, "CVE-2024-21762", first.CVE)
	require.True(t, first.Active && first.Verified && first.KnownExploited && first.FixAvailable)
	require.Equal(t, "7.2.7", first.FixVersion)
	require.Equal(t, []dojoEndpoint{{Protocol: "https", Host: "vpn1.example.org", Port: 443}}, first.Endpoints)
	ids := map[string]bool{}
	for _, f := range file.Findings {
		require.LessOrEqual(t, len(f.Title), 511)
		require.Contains(t, []string{"Critical", "High", "Medium", "Low", "Info"}, f.Severity)
		require.NotEmpty(t, f.Description)
		require.False(t, ids[f.UniqueID+f.ComponentVersion], "%s twice", f.Title)
		ids[f.UniqueID+f.ComponentVersion] = true
	}
	require.JSONEq(t, `{"name": "Postern ", "type": "Postern", "findings": []}`, string(written(t, "defectdojo", finding.Header{}, nil)))
}

func TestMarkdownStaysInItsBudget(t *testing.T) {
	_, hostile := poisoned()
	var many []finding.Result
	for i := range 20_000 {
		r := hostile[i%len(hostile)]
		r.Target = fmt.Sprintf("h%d.example.org:443", i)
		many = append(many, r)
	}
	text := string(written(t, "markdown", finding.Header{}, many))
	require.Less(t, len(text), maxMarkdown)
	require.Contains(t, text, " more: see the other formats.")
	require.NotContains(t, text, "https://evil")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "|") {
			bars := strings.Count(line, "|") - strings.Count(line, `\|`)
			require.Contains(t, []int{5, 6}, bars, line)
		}
	}
}
