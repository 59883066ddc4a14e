package scanner

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
	"postern/scanner/scannertest"
)

// scopeEnv makes the test run inside the network namespace that it made for itself.
const scopeEnv = "POSTERN_TEST_SCOPE"

// requireNetns, set to 1, makes a machine that cannot make network namespaces fail the test
// instead of skipping it.
const requireNetns = "POSTERN_REQUIRE_NETNS"

// TestNothingOutsideTheListIsContacted runs a scan in a network namespace of its own, whose
// default route leads to an interface where every packet is looked at. Servers on that
// network redirect elsewhere, and their certificates, pages and headers name other hosts:
// any packet to an address or port that is not in the list, one to a name server included,
// fails the test.
func TestNothingOutsideTheListIsContacted(t *testing.T) {
	if os.Getenv(scopeEnv) != "" {
		scanInScope(t)
		return
	}
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestNothingOutsideTheListIsContacted$", "-test.v")
	cmd.Env = append(os.Environ(), scopeEnv+"=1", "HTTPS_PROXY=", "HTTP_PROXY=")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		if os.Getenv(requireNetns) == "1" {
			t.Fatalf("%s=1, and no network namespace can be made: %v", requireNetns, err)
		}
		t.Skip("no network namespace can be made here: ", err)
	}
	require.NoError(t, cmd.Wait(), "%s", &out)
	if strings.Contains(out.String(), "--- SKIP") {
		t.Skip(out.String())
	}
	require.Contains(t, out.String(), "packets to targets", "the test ran in the namespace")
}

// The network of the namespace: everything in it is this machine, everything else leads to
// one end of a cable with nobody at the other.
const (
	inside  = "10.77.0.1" // where servers listen
	tarpits = "10.77.1.9" // a target that nobody answers for: its packets are seen
)

// scanInScope is the part that runs in the namespace.
func scanInScope(t *testing.T) {
	for _, command := range []string{
		"link set lo up", "link add watched type veth peer name nobody", "link set watched arp off", "link set watched up", "link set nobody up",
		"addr add " + inside + "/32 dev lo", "addr add 10.77.9.1/32 dev watched", "route add default dev watched",
	} {
		out, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput()
		if err != nil && os.Getenv(requireNetns) != "1" {
			t.Skipf("ip %s: %v: %s", command, err, out)
		}
		require.NoError(t, err, "ip %s: %s", command, out)
	}
	allowed := map[netip.AddrPort]bool{}
	var targets []Target
	for _, text := range temptations {
		a, err := scannertest.Parse("tempting.txtar", []byte(text))
		require.NoError(t, err)
		server, err := a.StartAt(inside)
		require.NoError(t, err)
		t.Cleanup(func() { _ = server.Close() })
		at := netip.MustParseAddrPort(server.Address())
		allowed[at] = true
		targets = append(targets, Target{Host: "gateway.example", Port: int(at.Port()), Address: server.Address()})
	}
	tempting := netip.MustParseAddrPort(serveTemptingCertificate(t))
	allowed[tempting] = true
	targets = append(targets, Target{Host: "gateway.example", Port: int(tempting.Port()), Address: tempting.String()})
	silent := netip.MustParseAddrPort(tarpits + ":443")
	allowed[silent] = true
	targets = append(targets, Target{Host: tarpits, Port: 443})

	watch := watchPackets(t)
	catalog, db := shipped(t)
	results := collect(t, New(catalog, db, Options{Rate: -1, Gap: -1, Timeout: 3 * time.Second}), targets...)
	for i, r := range results {
		if i <= len(temptations) {
			require.NotEqual(t, finding.Unreachable, r.Outcome, "%s: %s %s", r.Target, r.Reason, r.Detail)
		}
	}
	require.Equal(t, finding.Unreachable, results[len(results)-1].Outcome)
	right, wrong := watch.verdict(allowed)
	require.Empty(t, wrong)
	require.Positive(t, right[silent], "the packets to the silent target are seen")
	require.Equal(t, len(temptations)+2, len(right), "packets to every target are seen")

	// The other direction: what leaves the list is noticed.
	if conn, err := net.Dial("udp", "192.0.2.53:53"); err == nil {
		_, _ = conn.Write([]byte("query"))
		_ = conn.Close()
	}
	require.Eventually(t, func() bool { _, wrong := watch.verdict(allowed); return len(wrong) == 1 }, 3*time.Second, 20*time.Millisecond)
	t.Logf("%d packets to targets, none elsewhere", len(right))
}

// packets is what was seen on the interfaces of the namespace.
type packets struct {
	mu   sync.Mutex
	sent map[string]map[netip.AddrPort]int // by protocol: how many to where
	own  map[netip.AddrPort]bool           // where connections came from
	odd  []string                          // what is neither TCP nor UDP on IPv4
}

// watchPackets looks at every packet that leaves.
func watchPackets(t *testing.T) *packets {
	t.Helper()
	const everything = 0x0003 // ETH_P_ALL
	network := binary.NativeEndian.Uint16([]byte{0, everything})
	fd, err := syscall.Socket(syscall.AF_PACKET, syscall.SOCK_DGRAM, int(network))
	if err != nil && os.Getenv(requireNetns) != "1" {
		t.Skip("no raw socket: ", err)
	}
	require.NoError(t, err)
	require.NoError(t, syscall.SetsockoptTimeval(fd, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &syscall.Timeval{Usec: 100_000}))
	require.NoError(t, syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 8<<20))
	p := &packets{sent: map[string]map[netip.AddrPort]int{"tcp": {}, "udp": {}}, own: map[netip.AddrPort]bool{}}
	stop := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		buffer := make([]byte, 1<<16)
		for {
			select {
			case <-stop:
				return
			default:
			}
			n, from, err := syscall.Recvfrom(fd, buffer, 0)
			if link, ok := from.(*syscall.SockaddrLinklayer); err == nil && ok && link.Pkttype == syscall.PACKET_OUTGOING {
				p.see(link.Protocol, buffer[:n])
			}
		}
	})
	t.Cleanup(func() {
		close(stop)
		reading.Wait()
		_ = syscall.Close(fd)
	})
	return p
}

// see notes one packet.
func (p *packets) see(protocol uint16, packet []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kind := binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, protocol))
	const ipv4, ipv6, tcp, udp, icmpv6 = 0x0800, 0x86dd, 6, 17, 58
	if kind == ipv6 && len(packet) > 40 && packet[6] != tcp && packet[6] != udp {
		return // the kernel's own: neighbours, routers and multicast groups of a new interface
	}
	if kind != ipv4 || len(packet) < 20 {
		p.odd = append(p.odd, fmt.Sprintf("protocol %#04x", kind))
		return
	}
	head := int(packet[0]&15) * 4
	name := map[byte]string{tcp: "tcp", udp: "udp"}[packet[9]]
	if name == "" || len(packet) < head+4 {
		p.odd = append(p.odd, fmt.Sprintf("IP protocol %d", packet[9]))
		return
	}
	addr := func(at int) netip.Addr { return netip.AddrFrom4([4]byte(packet[at : at+4])) }
	port := func(at int) uint16 { return binary.BigEndian.Uint16(packet[head+at:]) }
	from, to := netip.AddrPortFrom(addr(12), port(0)), netip.AddrPortFrom(addr(16), port(2))
	if name == "tcp" && len(packet) > head+13 && packet[head+13]&0x12 == 2 { // SYN without ACK
		p.own[from] = true
	}
	p.sent[name][to]++
}

// verdict parts what went to targets from what did not. What servers answer goes to where a
// connection came from.
func (p *packets) verdict(allowed map[netip.AddrPort]bool) (right map[netip.AddrPort]int, wrong []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	right, wrong = map[netip.AddrPort]int{}, append([]string(nil), p.odd...)
	for protocol, places := range p.sent {
		for to, n := range places {
			switch {
			case protocol == "tcp" && allowed[to]:
				right[to] += n
			case protocol == "tcp" && p.own[to]:
			default:
				text, _ := json.Marshal(to) // an address always can
				wrong = append(wrong, fmt.Sprintf("%d packets to %s %s", n, protocol, text))
			}
		}
	}
	return right, wrong
}
