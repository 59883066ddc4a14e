package scanner

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
	"postern/scanner/finding"
)

// httpOnce answers every request of a connection in plain HTTP with what text says, and
// closes it when that is nothing.
func httpOnce(text func() string) func(conn net.Conn) {
	return func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			if _, err := http.ReadRequest(in); err != nil {
				return
			}
			answer := text()
			if _, err := conn.Write([]byte(answer)); err != nil || answer == "" {
				return
			}
		}
	}
}

// brokenTLS ends every handshake with an alert.
func brokenTLS(conn net.Conn) {
	_, _ = conn.Read(make([]byte, 4096))
	_, _ = conn.Write([]byte{21, 3, 1, 0, 2, 2, 40})
	_, _ = conn.Read(make([]byte, 1))
}

// summaries writes "port outcome reason" for each result.
func summaries(results []finding.Result) []string {
	var out []string
	for _, r := range results {
		out = append(out, strings.TrimSpace(strings.TrimPrefix(r.Target, "127.0.0.1:")+" "+string(r.Outcome)+" "+r.Reason))
	}
	return out
}

func TestTargetWithoutPort(t *testing.T) {
	_, gate := serve(t, gatePage)
	_, plain := serve(t, plainPage)
	broken := listen(t, brokenTLS)
	closed, silent := closedPort(t), silentPort(t)
	name := strconv.Itoa
	tests := []struct {
		name  string
		ports []int
		want  []string
	}{
		{"each port that answers", []int{gate, closed, plain}, []string{name(gate) + " identified", name(plain) + " unidentified"}},
		{"silence is left out", []int{silent, plain}, []string{name(plain) + " unidentified"}},
		{"a broken handshake is not", []int{closed, broken, plain}, []string{name(broken) + " unreachable tls", name(plain) + " unidentified"}},
		{"refused everywhere", []int{closed}, []string{"127.0.0.1 unreachable refused"}},
		{"the most telling reason", []int{closed, silent}, []string{"127.0.0.1 unreachable timeout"}},
		{"no answer and a broken handshake", []int{closed, broken, silent}, []string{"127.0.0.1 unreachable tls"}},
		{"no port at all", []int{}, []string{"127.0.0.1 unreachable excluded"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Ports: tt.ports, Timeout: 1500 * time.Millisecond})
			results := collect(t, s, Target{Host: "127.0.0.1"})
			require.Equal(t, tt.want, summaries(results))
		})
	}
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Ports: []int{closed, silent}, Timeout: time.Second})
	r := collect(t, s, Target{Host: "127.0.0.1"})[0]
	require.Equal(t, fmt.Sprintf("%d refused, %d timeout", closed, silent), r.Detail)
	require.Empty(t, r.URL)
}

// Six silent ports cost one timeout together, and a gateway on the last is still found.
func TestSilentPortsShareOneTimeout(t *testing.T) {
	_, gate := serve(t, gatePage)
	var ports []int
	for range 5 {
		ports = append(ports, silentPort(t))
	}
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Ports: append(ports, gate), Timeout: 1800 * time.Millisecond})
	start := time.Now()
	require.Equal(t, []string{strconv.Itoa(gate) + " identified"}, summaries(collect(t, s, Target{Host: "127.0.0.1"})))
	require.Less(t, time.Since(start), 3*time.Second)
}

func TestNameWithoutAddressIsAskedOnce(t *testing.T) {
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{})
	results := collect(t, s, Target{Host: "gateway.invalid"})
	require.Equal(t, []string{"gateway.invalid unreachable dns"}, summaries(results))
	require.NotContains(t, results[0].Detail, "4430")
}

func TestExposedPortIsAFinding(t *testing.T) {
	_, gate := serve(t, gatePage)
	_, second := serve(t, gatePage)
	_, plain := serve(t, plainPage)
	find := func(exposed int, targets Target, ports ...int) map[string]bool {
		s := New(acmeCatalog(t), acmeDB(t, strconv.Itoa(exposed)), Options{Ports: ports})
		found := map[string]bool{}
		for _, r := range collect(t, s, targets) {
			for _, p := range r.Products {
				for _, f := range p.Findings {
					if f.Advisory == "POSTERN-ACME-CONSOLE" {
						require.False(t, found[r.Target], "told twice")
						found[r.Target] = true
					}
				}
			}
		}
		return found
	}
	at := func(port int) map[string]bool { return map[string]bool{hostPort("127.0.0.1", port): true} }
	host := Target{Host: "127.0.0.1"}
	require.Equal(t, at(gate), find(gate, host, gate, plain), "the gateway is recognised on the port")
	require.Equal(t, at(second), find(second, host, gate, second), "it is recognised on both")
	require.Equal(t, at(gate), find(plain, host, gate, plain), "it is recognised on another port of the host")
	require.Equal(t, at(gate), find(plain, host, plain, gate), "also when the port comes first")
	require.Empty(t, find(closedPort(t), host, gate, plain), "the port does not answer")
	require.Equal(t, at(gate), find(gate, local(gate)), "the port is named by the list")
	require.Empty(t, find(second, local(gate)))
}

func TestExcludedPortsAndAddressesAreNotAsked(t *testing.T) {
	server, port := serve(t, plainPage)
	other, otherPort := serve(t, plainPage)
	list := func(target, exclude string) *List {
		x, err := ParseExclusions("", strings.NewReader(exclude))
		require.NoError(t, err)
		l, err := ParseArgs([]string{target}, ListOptions{Exclude: x})
		require.NoError(t, err)
		return l
	}
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Ports: []int{port, otherPort}})
	run := func(l *List) []finding.Result {
		var results []finding.Result
		for r := range s.Scan(t.Context(), l.All()) {
			results = append(results, r)
		}
		return results
	}
	require.Equal(t, []string{strconv.Itoa(otherPort) + " unidentified"},
		summaries(run(list("127.0.0.1", hostPort("127.0.0.1", port)))), "one port of a target without a port")
	require.Zero(t, server.Connections())
	require.Positive(t, other.Connections())

	// The name is not excluded, and leads to an address that is.
	results := run(list("localhost:"+strconv.Itoa(port), "127.0.0.0/8\n[::1]"))
	require.Equal(t, string(evidence.Excluded), results[0].Reason)
	require.Equal(t, finding.Unreachable, results[0].Outcome)
	require.Zero(t, server.Connections())
}

func TestRecordAsksWhatIsAlsoWanted(t *testing.T) {
	server, port := serve(t, gatePage)
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{})
	seen := s.Record(t.Context(), local(port), []evidence.Request{
		{Method: evidence.GET, Path: "/"}, {Method: evidence.GET, Path: "/more", Query: "a=b"},
	})
	require.Equal(t, []string{"GET /", "GET /more?a=b"}, server.Requests(), "nothing is asked twice")
	require.Len(t, seen.Exchanges, 2)
	require.Equal(t, 404, seen.Exchanges[1].Response.Status)
	require.Equal(t, "https", seen.Scheme)
	require.NotNil(t, seen.TLS)
}
