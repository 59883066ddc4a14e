package scanner

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// A network that goes away in the middle of a scan is waited for, and no target is called
// unreachable for it; if it stays away, the scan ends with the rest as interrupted.
func TestNetworkGoesAway(t *testing.T) { inOwnNetwork(t, inOutage) }

func inOutage(t *testing.T) {
	const address = "198.51.100.1"
	connect := func() { ip(t, "addr", "add", address+"/32", "dev", "lo") }
	cut := func() { ip(t, "addr", "del", address+"/32", "dev", "lo") }
	connect()
	var asked atomic.Int32
	var away atomic.Int64 // how long the network goes away at the fifth request
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 5 {
			cut()
			time.AfterFunc(time.Duration(away.Load()), connect)
		}
		http.NotFound(w, r)
	}))
	require.NoError(t, server.Listener.Close())
	listener, err := net.Listen("tcp", address+":0")
	require.NoError(t, err)
	server.Listener = listener
	server.StartTLS()
	defer server.Close()
	targets := slices.Repeat([]Target{{Host: "vpn.example.org", Port: 443, Address: server.Listener.Addr().String()}}, 40)

	scan := func(gone, patience time.Duration) (outcomes map[finding.Outcome]int, said []string) {
		asked.Store(0)
		away.Store(int64(gone))
		notices := make(chan string, 100)
		s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Timeout: 2 * time.Second, PerNet: 2, Gap: 20 * time.Millisecond, MaxOutage: patience, Notice: func(text string) { notices <- text }})
		outcomes = map[finding.Outcome]int{}
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		for r := range s.Scan(ctx, slices.Values(targets)) {
			outcomes[r.Outcome]++
		}
		close(notices)
		for text := range notices {
			said = append(said, text)
		}
		return outcomes, said
	}
	outcomes, said := scan(4*time.Second, time.Minute) // longer than what is under way may wait
	require.Equal(t, map[finding.Outcome]int{finding.Unidentified: 40}, outcomes, "%q", said)
	require.Contains(t, said, "this machine has lost its network; the scan waits for it up to 1m0s")
	require.Contains(t, said, "the network is back; the scan goes on")

	outcomes, said = scan(8*time.Second, time.Second)
	require.Zero(t, outcomes[finding.Unreachable], "%q", said)
	require.Equal(t, 40, outcomes[finding.Unidentified]+outcomes[finding.Interrupted])
	require.Positive(t, outcomes[finding.Interrupted])
	require.Contains(t, said, "the network did not come back; the scan ends incomplete")
}
