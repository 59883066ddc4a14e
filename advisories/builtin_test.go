package advisories

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/scanner/version"
)

// builtinOrders is what the product folders in fingerprints say. It reads that one line of
// them, so that advisories can be worked on while a fingerprint is broken.
func builtinOrders(product string) (version.Scheme, bool) {
	product, model, named := strings.Cut(product, "/")
	data, err := os.ReadFile(filepath.Join("..", "fingerprints", filepath.Base(product), "product.yaml"))
	if err != nil || named && !strings.Contains(string(data), "- {name: "+model+", ") {
		return "", false
	}
	for line := range strings.Lines(string(data)) {
		if name, ok := strings.CutPrefix(line, "versions:"); ok {
			scheme := version.Scheme(strings.Trim(strings.TrimSpace(name), `"'`))
			return scheme, scheme.Known()
		}
	}
	return "", false
}

func TestBuiltin(t *testing.T) {
	db, err := Builtin(builtinOrders)
	if err != nil {
		t.Fatalf("shipped advisories:\n%v", err)
	}
	if err := db.Check(builtinOrders); err != nil {
		t.Errorf("shipped advisories:\n%v", err)
	}
	if len(db.All()) == 0 {
		t.Error("no advisories")
	}
}
