package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// TestWhatHadNoRoomIsToldOnStandardError converts one result more than code scanning takes.
func TestWhatHadNoRoomIsToldOnStandardError(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 25,001 results")
	}
	r := finding.Report{Header: finding.Header{Format: finding.Format, Tool: "postern", Version: "1.0.0", Started: time.Date(2026, 11, 22, 21, 0, 3, 0, time.UTC)}}
	f := finding.Finding{Advisory: "CVE-2024-0001", Verdict: finding.Affected, Severity: "high", Title: "Bad", Reason: "it is so"}
	for i := range 25_001 {
		name := fmt.Sprintf("vpn%d.example.org:443", i)
		r.Results = append(r.Results, finding.Result{Target: name, Input: finding.Input{Text: name}, Outcome: finding.Identified, Products: []finding.Product{{
			ID: "acme-gate", Name: "Gate", Vendor: "Acme", Version: finding.Version{State: finding.Exact, Text: "9.1"}, Because: []finding.Reason{}, Findings: []finding.Finding{f}}}})
	}
	b, err := json.Marshal(r)
	require.NoError(t, err)
	dir := t.TempDir()
	from, to := filepath.Join(dir, "scan.json"), filepath.Join(dir, "scan.sarif")
	require.NoError(t, os.WriteFile(from, b, 0o600))
	var out, complaints bytes.Buffer
	c := Command{Stdout: &out, Stderr: &complaints, Stdin: strings.NewReader(""), Getenv: func(string) string { return "" }}
	require.Equal(t, 0, c.Main(t.Context(), []string{"convert", "-config", "none", "-from", from, "-o", "sarif=" + to, "-o", "text"}), complaints.String())
	require.Equal(t, "postern: sarif: 1 result was left out: a run may hold at most 25,000 results and 10 MB when it is packed, and the worst were kept.\n", complaints.String())
}
