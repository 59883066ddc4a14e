package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStartIsLight: no package does much before main. What is counted does not depend on
// the machine; a package that allocates as much as this takes about a millisecond.
func TestStartIsLight(t *testing.T) {
	const maxBytes, maxAllocs = 1_000_000, 1500
	program := filepath.Join(t.TempDir(), "postern")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	run := exec.Command(program, "version")
	run.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var trace bytes.Buffer
	run.Stderr = &trace
	if err := run.Run(); err != nil {
		t.Fatal(err)
	}
	packages := 0
	for line := range strings.Lines(trace.String()) {
		var name string
		var at, clock float64
		var bytes, allocs int
		if n, _ := fmt.Sscanf(line, "init %s @%f ms, %f ms clock, %d bytes, %d allocs", &name, &at, &clock, &bytes, &allocs); n != 5 {
			continue
		}
		packages++
		if bytes > maxBytes || allocs > maxAllocs {
			t.Errorf("%s allocates %d bytes in %d pieces before main; have it done when it is needed", name, bytes, allocs)
		}
	}
	if packages < 10 {
		t.Errorf("%d packages in the trace:\n%s", packages, trace.String())
	}
}
