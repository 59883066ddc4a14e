package scanner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
	"postern/scanner/scannertest"
)

// Requests to one host on average, counted by the hosts themselves.
const (
	maxMeanGateway = 6.0
	maxMeanOther   = 1.5
)

// member is one host of a fleet.
type member struct {
	target  Target
	server  *scannertest.Server // nil: its port is closed
	gateway bool
}

// fleetGateways is how many of the 200 hosts of a fleet are gateways. TestAppliances counts
// the questions to each that is recorded.
const fleetGateways = 80

// newFleet is 200 hosts as an asset list has them: recorded gateways, and otherwise mostly ordinary web servers, every twentieth a recorded lookalike, some ports closed.
func newFleet(t testing.TB) []member {
	t.Helper()
	var fleet []member
	var gateways, lookalikes []*scannertest.Appliance
	add := func(a *scannertest.Appliance) {
		server, target := switchOn(t, a)
		fleet = append(fleet, member{target, server, len(a.Expect) > 0})
	}
	for _, a := range appliances(t) {
		if len(a.Expect) > 0 {
			gateways = append(gateways, a)
		} else {
			lookalikes = append(lookalikes, a)
		}
	}
	for i := range fleetGateways { // evenly over all
		add(gateways[i*len(gateways)/fleetGateways])
	}
	pages := ordinary()
	for i := 0; len(fleet) < 200; i++ {
		switch {
		case i%20 == 19:
			add(lookalikes[i/20*7%len(lookalikes)])
		case i%25 == 24:
			closed := Target{Host: fmt.Sprintf("closed-%d.example", i), Port: 443, Address: hostPort("127.0.0.1", closedPort(t))}
			fleet = append(fleet, member{target: closed})
		default:
			text := strings.ReplaceAll(pages[i%len(pages)], "{{i}}", fmt.Sprint(i))
			a, err := scannertest.Parse(fmt.Sprintf("ordinary-%d.txtar", i), []byte("expect: unidentified\n"+text))
			require.NoError(t, err)
			add(a)
		}
	}
	return fleet
}

// ordinary lists web servers that are no gateway: of 17, 12 have a page at the root
// and one more the same page everywhere; two redirect, one has nothing, one wants a password.
func ordinary() []string {
	page := func(header, title string) string {
		return "-- GET / --\nHTTP/1.1 200 OK\nContent-Type: text/html\n" + header + "\n" +
			"<!DOCTYPE html><html><head><title>" + title + "</title></head><body><p>Host {{i}}</p></body></html>\n"
	}
	return []string{
		page("Server: nginx\n", "Welcome to nginx!"),
		page("Server: Apache/2.4.58 (Debian)\nX-Powered-By: PHP/8.2.7\n", "Bakery number {{i}}"),
		page("Server: Microsoft-IIS/10.0\nSet-Cookie: ASP.NET_SessionId=abc{{i}}; path=/; HttpOnly\n", "IIS Windows Server"),
		"-- * --\nHTTP/1.1 200 OK\nContent-Type: text/html\n\n<!doctype html><title>App {{i}}</title><div id=root></div><script src=/static/main.{{i}}.js></script>\n",
		page("Server: cloudflare\nCF-RAY: 8{{i}}f-FRA\n", "News of the day {{i}}"),
		"-- GET / --\nHTTP/1.1 302 Found\nLocation: {{origin}}/start\n-- GET /start --\nHTTP/1.1 200 OK\n\n<title>Start {{i}}</title>\n",
		page("Server: gunicorn\nX-Frame-Options: DENY\n", "Sign in to the wiki"),
		"-- * --\nHTTP/1.1 404 Not Found\nServer: Kestrel\n",
		page("Set-Cookie: PHPSESSID=0{{i}}; path=/\n", "Webmail login"),
		page("Server: Apache\nETag: \"2aa6-5{{i}}\"\nLast-Modified: Tue, 01 Oct 2024 10:00:00 GMT\n", "It works!"),
		page("Server: openresty\nStrict-Transport-Security: max-age=63072000\n", "Shop {{i}}: log in to your account"),
		page("Server: Apache-Coyote/1.1\nSet-Cookie: JSESSIONID=A{{i}}; Path=/; Secure\n", "Remote administration"),
		page("Content-Security-Policy: default-src 'self'\n", "Customer portal {{i}}"),
		page("Server: Jetty(9.4.z)\nX-Jenkins: 2.426\n", "Dashboard"),
		"-- * --\nHTTP/1.1 301 Moved Permanently\nLocation: https://www.other-{{i}}.example/\nServer: nginx\n",
		"tls: none\n" + page("Server: lighttpd\n", "Camera {{i}}"),
		"-- * --\nHTTP/1.1 401 Unauthorized\nWWW-Authenticate: Basic realm=\"storage {{i}}\"\nServer: lighttpd\n",
	}
}

// A scan of a mixed fleet asks little, changes nothing, and concludes the same however many
// hosts are asked at once.
func TestBudget(t *testing.T) {
	catalog, db := shipped(t)
	fleet := newFleet(t)
	var targets []Target
	for _, m := range fleet {
		targets = append(targets, m.target)
	}
	var before []finding.Result
	asked := make([]int, len(fleet)) // by the scans so far
	for _, parallel := range []int{1, 64} {
		results := collect(t, New(catalog, db, Options{Parallel: parallel, Rate: -1}), targets...)
		require.Len(t, results, len(fleet))
		var sum, hosts [2]int // of others, of gateways
		for i, m := range fleet {
			requests := requestsOf(t, m)[asked[i]:]
			asked[i] += len(requests)
			kind := 0
			if m.gateway {
				kind = 1
			}
			sum[kind] += len(requests)
			hosts[kind]++
			require.LessOrEqual(t, len(requests), maxOther, "%s: %v", m.target.Host, requests)
			require.Equal(t, m.gateway, results[i].Outcome == finding.Identified, m.target.Host)
			require.Equal(t, m.server == nil, results[i].Outcome == finding.Unreachable, m.target.Host)
			results[i] = comparable(results[i])
		}
		other, gateway := float64(sum[0])/float64(hosts[0]), float64(sum[1])/float64(hosts[1])
		t.Logf("%d at once: %.2f requests to each of %d gateways, %.2f to each of %d others", parallel, gateway, hosts[1], other, hosts[0])
		require.LessOrEqual(t, other, maxMeanOther)
		require.LessOrEqual(t, gateway, maxMeanGateway)
		if before != nil {
			require.Equal(t, before, results, "the results depend on how many hosts are asked at once")
		}
		before = results
	}
}

func requestsOf(t testing.TB, m member) []string {
	t.Helper()
	if m.server == nil {
		return nil
	}
	requests := m.server.Requests()
	require.False(t, slices.ContainsFunc(requests, func(r string) bool {
		return !strings.HasPrefix(r, "GET ") && !strings.HasPrefix(r, "HEAD ")
	}), "%s was asked %v", m.target.Host, requests)
	return requests
}
