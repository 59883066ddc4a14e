package scanner

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ownNetwork names the variable that tells a test that it runs in a network of its own.
const ownNetwork = "POSTERN_TEST_NAMESPACE"

// lack skips a test that cannot run here, because a Debian package is missing, or the machine
// gives no "root", "tun" or "netns". With POSTERN_REQUIRE_SERVERS=1 it fails, unless
// POSTERN_WITHOUT names what is lacking.
func lack(t *testing.T, what, reason string) {
	t.Helper()
	if os.Getenv("POSTERN_REQUIRE_SERVERS") == "1" && !slices.Contains(strings.Fields(os.Getenv("POSTERN_WITHOUT")), what) {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// inOwnNetwork runs a test in a network namespace that has loopback alone, which the test
// may give any address. It needs unshare and ip, of util-linux and iproute2.
func inOwnNetwork(t *testing.T, test func(*testing.T)) {
	t.Helper()
	if os.Getenv(ownNetwork) != "" {
		ip(t, "link", "set", "lo", "up")
		test(t)
		return
	}
	for _, tool := range []string{"unshare", "ip"} {
		if _, err := exec.LookPath(tool); err != nil {
			lack(t, "netns", tool+" is missing; the Debian packages iproute2 and util-linux have it")
		}
	}
	if err := exec.Command("unshare", "--map-root-user", "--net", "true").Run(); err != nil {
		lack(t, "netns", "no network namespace can be made here: "+err.Error())
	}
	cmd := exec.Command("unshare", "--map-root-user", "--net", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), ownNetwork+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Errorf("ip %v: %v: %s", args, err, out)
	}
}
