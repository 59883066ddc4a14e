package scanner

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// ownNetwork names the variable that tells a test that it runs in a network of its own.
const ownNetwork = "POSTERN_TEST_NAMESPACE"

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
			t.Skip("needs ", tool)
		}
	}
	if err := exec.Command("unshare", "--map-root-user", "--net", "true").Run(); err != nil {
		t.Skip("no network namespace can be made here: ", err)
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
