package cli

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table in README.md")

// The table of products in README.md is what "postern products -o markdown" prints.
func TestReadmeTableIsFresh(t *testing.T) {
	const file, begin, end = "../../../../README.md", "<!-- products: begin -->\n", "<!-- products: end -->"
	var out bytes.Buffer
	c := Command{Stdout: &out, Stderr: &out, Getenv: os.Getenv}
	if status := c.Main(t.Context(), []string{"products", "-o", "markdown"}); status != ExitOK {
		t.Fatalf("exit status %d: %s", status, out.String())
	}
	text := read(t, file)
	before, rest, opened := strings.Cut(text, begin)
	table, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("README.md has no %q and %q", begin, end)
	}
	if table == out.String() {
		return
	}
	if !*update {
		t.Fatal("the table of products is not what the program prints; run: go test ./cmd/postern/internal/cli -run Readme -update")
	}
	if err := os.WriteFile(file, []byte(before+begin+out.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
