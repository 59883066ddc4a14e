package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The default program links nothing of the httpx library: it opens files and sockets as
// soon as it is linked in, and does not keep to a list of targets.
func TestDefaultBuildHasNoHTTPX(t *testing.T) {
	for _, tags := range []string{"", "netgo,osusergo"} {
		out, err := exec.Command("go", "list", "-deps", "-tags", tags, ".").Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		deps := strings.Fields(string(out))
		if len(deps) < 100 {
			t.Fatalf("go list names only %d packages", len(deps))
		}
		for _, path := range deps {
			for _, part := range []string{"/httpx", "/fastdialer", "/retryablehttp-go", "/networkpolicy", "/cdncheck", "/rawhttp", "/tlsx"} {
				if strings.HasPrefix(path, "github.com/projectdiscovery"+part) {
					t.Errorf("the default build links %s", path)
				}
			}
		}
	}
}
