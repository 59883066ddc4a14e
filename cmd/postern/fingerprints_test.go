package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// fingerprints writes what code scanning tells the alerts of a SARIF file apart by, a line
// each: fingerprints SARIF FILE.
func fingerprints(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fingerprints SARIF FILE")
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID              string            `json:"ruleId"`
				PartialFingerprints map[string]string `json:"partialFingerprints"`
			} `json:"results"`
		} `json:"runs"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &log))
	var lines []string
	for _, run := range log.Runs {
		for _, r := range run.Results {
			lines = append(lines, fmt.Sprintln(r.RuleID, r.PartialFingerprints))
		}
	}
	if len(lines) == 0 {
		ts.Fatalf("%s has no result", args[0])
	}
	slices.Sort(lines)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Join(lines, "")), 0o600))
}
