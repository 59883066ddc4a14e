package main

import (
	"strings"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/testscript"
)

// inert fails when a terminal or a log would act on what a file holds: controls other than
// line ends, characters that reorder or hide, broken UTF-8, openings of commands;
// with "controls" commands may stand, because the file is a recording.
func inert(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 || len(args) > 1 && args[1] != "controls" {
		ts.Fatalf("usage: inert FILE [controls]")
	}
	text := ts.ReadFile(args[0])
	if !utf8.ValidString(text) {
		ts.Fatalf("%s is not UTF-8", args[0])
	}
	for i, r := range text {
		control := r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0
		hides := r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x2069 || r == 0xfeff || r == 0x061c
		if control || hides {
			ts.Fatalf("%s: %U after %q", args[0], r, text[max(0, i-60):i])
		}
	}
	for line := range strings.Lines(text) {
		if len(args) > 1 {
			break
		}
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##vso[") || strings.Contains(line, "##[") {
			ts.Fatalf("%s: a log would take this for a command: %q", args[0], line)
		}
	}
}
