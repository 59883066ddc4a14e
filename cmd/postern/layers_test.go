package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// imports is the whole layout: what each package may import of this module. The command
// line is on top; nothing below scanner knows of it, and report sees only results.
var imports = map[string][]string{
	"cmd/bench":                   {"advisories", "fingerprints", "scanner", "scanner/evidence", "scanner/finding", "scanner/scannertest", "scanner/version", "testdata"},
	"cmd/postern":                 {"cmd/postern/internal/cli"},
	"cmd/postern/internal/cli":    {"advisories", "advisories/importer", "cmd/postern/internal/config", "fingerprints", "report", "scanner", "scanner/evidence", "scanner/finding", "scanner/journal", "scanner/scannertest", "scanner/version", "testdata"},
	"cmd/postern/internal/config": {"scanner/finding"},
	"report":                      {"report/internal/sarif", "scanner/finding"},
	"report/internal/sarif":       {},
	"scanner":                     {"advisories", "fingerprints", "scanner/evidence", "scanner/finding", "scanner/internal/probe"},
	"scanner/finding":             {"advisories", "fingerprints", "scanner/evidence", "scanner/version"},
	"fingerprints":                {"scanner/evidence", "scanner/version"},
	"advisories":                  {"scanner/version"},
	"advisories/importer":         {"advisories", "scanner/version"},
	"scanner/internal/probe":      {"scanner/evidence"},
	"scanner/journal":             {"scanner/finding"},
	"scanner/scannertest":         {"scanner/evidence"},
	"scanner/version":             {},
	"scanner/evidence":            {},
	"testdata":                    {},
}

// dialers may import package net; nobody else can reach a network. scannertest listens
// on loopback, for the demo and the tests; bench does both there.
var dialers = []string{"scanner/internal/probe", "scanner/scannertest", "cmd/bench"}

func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "postern/...", "postern/testdata").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			ImportPath string
			Imports    []string
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(pkg.ImportPath, "postern/")
		allowed, listed := imports[name]
		if !listed {
			t.Errorf("package %s is not in the table of layers", name)
		}
		seen[name] = true
		for _, path := range pkg.Imports {
			if own, ok := strings.CutPrefix(path, "postern/"); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s imports %s, which is not below it", name, own)
			}
			if (path == "net" || path == "crypto/tls") && !slices.Contains(dialers, name) {
				t.Errorf("%s imports %s; only %s may open connections", name, path, strings.Join(dialers, " and "))
			}
		}
	}
	for name := range imports {
		if !seen[name] {
			t.Errorf("package %s is in the table of layers and does not exist", name)
		}
	}
}
