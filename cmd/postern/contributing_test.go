package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What CONTRIBUTING.md shows works as it stands: its shell, run one block after the other
// in a copy of the rules, adds a product and an advisory that the command then knows.
func TestContributingAddsAProductAndAnAdvisory(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, folder := range []string{"fingerprints", "advisories"} {
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join("..", "..", folder))); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"acme-gate", "affected  CVE-2099-0001"}
	blocks := shellBlocks(string(text))
	if len(blocks) != len(want) {
		t.Fatalf("CONTRIBUTING.md has %d blocks of shell, want %d", len(blocks), len(want))
	}
	for i, block := range blocks {
		if n := strings.Count(block, "\n"); n > 10 {
			t.Errorf("block %d has %d lines; it shows that ten are enough", i+1, n)
		}
		run := exec.CommandContext(t.Context(), shell, "-e", "-c", block)
		run.Dir = dir
		out, err := run.CombinedOutput()
		if err != nil {
			t.Fatalf("block %d: %v\n%s", i+1, err, out)
		}
		if !strings.Contains(string(out), "hold what they state") || !strings.Contains(string(out), want[i]) {
			t.Errorf("block %d says nothing of %q:\n%s", i+1, want[i], out)
		}
	}
}

// shellBlocks are the fenced blocks of shell in a Markdown text.
func shellBlocks(text string) []string { return blocksOf(text, "sh") }

// blocksOf are the fenced blocks of a language.
func blocksOf(text, language string) []string {
	var blocks []string
	for _, part := range strings.Split(text, "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, block)
	}
	return blocks
}
