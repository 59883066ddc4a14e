package scanner

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

func TestScanOneOfEachOutcome(t *testing.T) {
	_, gate := serve(t, gatePage)
	_, plain := serve(t, "expect: unidentified\ntls: none\n-- GET / --\nHTTP/1.1 200 OK\n\n<title>Welcome</title>\n")
	closed := closedPort(t)
	s := New(acmeCatalog(t), acmeDB(t, strconv.Itoa(gate)), Options{})
	results := collect(t, s, local(gate), local(plain), local(closed))
	require.Len(t, results, 3)

	r := results[0]
	require.Equal(t, finding.Identified, r.Outcome)
	require.Equal(t, hostPort("127.0.0.1", gate), r.Target)
	require.Equal(t, "https://"+r.Target+"/", r.URL)
	require.Equal(t, local(gate).Input, r.Input)
	require.Equal(t, []finding.Asked{{Request: "GET /", Status: 200, Bytes: 31}}, r.Asked)
	require.Equal(t, "CN=test", r.TLS.Subject)
	require.Len(t, r.Products, 1)
	require.Equal(t, "9.1.4", r.Products[0].Version.Text)
	require.Equal(t, []string{"CVE-2024-0001 affected", "POSTERN-ACME-CONSOLE affected"}, verdicts(r.Products[0]))
	require.Positive(t, r.Seconds)

	r = results[1]
	require.Equal(t, finding.Unidentified, r.Outcome)
	require.Equal(t, "http://"+r.Target+"/", r.URL)
	require.Nil(t, r.TLS)
	require.Empty(t, r.Reason)
	require.Empty(t, r.Products)

	r = results[2]
	require.Equal(t, finding.Unreachable, r.Outcome)
	require.Equal(t, "refused", r.Reason)
	require.Equal(t, "connection refused", r.Detail)
	require.Empty(t, r.URL)
	require.Equal(t, []finding.Asked{{Request: "GET /", Failure: "refused"}}, r.Asked)
}

func verdicts(p finding.Product) []string {
	var out []string
	for _, f := range p.Findings {
		out = append(out, f.Advisory+" "+string(f.Verdict))
	}
	slices.Sort(out)
	return out
}

// An endpoint that answers and then breaks may have been recognised otherwise: that is said.
func TestUnidentifiedSaysWhatWentWrong(t *testing.T) {
	var n atomic.Int32
	port := listen(t, httpOnce(func() string {
		if n.Add(1) == 1 {
			return "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n"
		}
		return ""
	}))
	target := local(port)
	target.Scheme = "http"
	r := collect(t, New(acmeCatalog(t), acmeDB(t, "1"), Options{}), target)[0]
	require.Equal(t, finding.Unidentified, r.Outcome)
	require.Equal(t, "reset", r.Reason)
	require.Equal(t, "GET /login: connection closed without an answer", r.Detail)
}

// mixed is a list of targets of every outcome, all on loopback.
func mixed(t testing.TB, n int) []Target {
	t.Helper()
	_, gate := serve(t, gatePage)
	_, plain := serve(t, plainPage)
	_, other := serve(t, "expect: unidentified\ntls: none\n-- GET / --\nHTTP/1.1 302 Found\nLocation: /x\n-- GET /x --\nHTTP/1.1 200 OK\n\n<title>Acme Gate 9.1.5</title>\n")
	slow := listen(t, httpOnce(func() string {
		time.Sleep(50 * time.Millisecond)
		return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
	}))
	ports := []int{gate, plain, other, plain, closedPort(t), gate}
	var targets []Target
	for i := range n {
		target := Target{Host: fmt.Sprintf("host-%d.example", i), Port: 443, Address: hostPort("127.0.0.1", ports[i%len(ports)])}
		if i%29 == 0 {
			target.Scheme, target.Address = "http", hostPort("127.0.0.1", slow)
		}
		targets = append(targets, target)
	}
	return targets
}

func TestScanKeepsTheOrder(t *testing.T) {
	targets := mixed(t, 200)
	var before []finding.Result
	for _, parallel := range []int{1, 3, 64} {
		s := New(acmeCatalog(t), acmeDB(t, "443"), Options{Parallel: parallel, Rate: -1})
		results := collect(t, s, targets...)
		require.Len(t, results, len(targets))
		for i, r := range results {
			require.Equal(t, hostPort(targets[i].Host, 443), r.Target)
			results[i] = comparable(r)
		}
		if before != nil {
			require.Equal(t, before, results, "the results depend on how many targets are asked at once")
		}
		before = results
	}
}

var decoyPath = regexp.MustCompile(`/[0-9a-f]{8}\.html`)

// comparable takes out what differs from scan to scan: times and the decoy.
func comparable(r finding.Result) finding.Result {
	r.Seconds = 0
	for i := range r.Asked {
		r.Asked[i].Request = decoyPath.ReplaceAllString(r.Asked[i].Request, "/DECOY.html")
	}
	for _, p := range r.Products {
		for i := range p.Because {
			p.Because[i].Request = decoyPath.ReplaceAllString(p.Because[i].Request, "/DECOY.html")
		}
	}
	return r
}

func TestDecoyIsFreshForEachScan(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		path := randomPath()
		require.Regexp(t, `^`+decoyPath.String()+`$`, path)
		seen[path] = true
	}
	require.Len(t, seen, 50)
}

// counted yields targets and counts how many were taken.
func counted(targets iter.Seq[Target], taken *atomic.Int64) iter.Seq[Target] {
	return func(yield func(Target) bool) {
		for target := range targets {
			taken.Add(1)
			if !yield(target) {
				return
			}
		}
	}
}

// endless repeats one target.
func endless(target Target) iter.Seq[Target] {
	return func(yield func(Target) bool) {
		for yield(target) {
		}
	}
}

func TestScanLooksAheadByAWindow(t *testing.T) {
	_, plain := serve(t, plainPage)
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Parallel: 2, Rate: -1})
	var taken atomic.Int64
	yielded := int64(0)
	for range s.Scan(t.Context(), counted(endless(local(plain)), &taken)) {
		yielded++
		require.LessOrEqual(t, taken.Load(), yielded+2*ahead)
		if yielded == 30 {
			break
		}
	}
	require.EqualValues(t, 30, yielded)
}

func TestSlowTargetDoesNotHoldUpTheRest(t *testing.T) {
	_, plain := serve(t, plainPage)
	targets := append([]Target{local(silentPort(t))}, slices.Repeat([]Target{local(plain)}, 6)...)
	var done atomic.Int32
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Parallel: 2, Timeout: 2 * time.Second, DialTimeout: 2 * time.Second,
		OnProgress: func(p Progress) { done.Store(int32(p.Done)) }})
	for r := range s.Scan(t.Context(), slices.Values(targets)) {
		require.Equal(t, "timeout", r.Reason)
		require.EqualValues(t, 7, done.Load(), "the others are finished while the first is waited for")
		break
	}
}

func TestBreakStopsTheScan(t *testing.T) {
	targets := mixed(t, 6)
	silent := local(silentPort(t))
	settled(t, runtime.NumGoroutine()+20)
	before := runtime.NumGoroutine()
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Parallel: 8})
	for range 5 {
		start := time.Now()
		n := 0
		for range s.Scan(t.Context(), slices.Values(append(slices.Clone(targets), slices.Repeat([]Target{silent}, 30)...))) {
			if n++; n == 3 {
				break
			}
		}
		require.Less(t, time.Since(start), 4*time.Second, "targets that are being asked are given up")
	}
	settled(t, before+8) // the servers may still be noticing
}

func TestCanceledScanCallsNothingUnreachable(t *testing.T) {
	_, plain := serve(t, plainPage)
	targets := slices.Concat(slices.Repeat([]Target{local(plain)}, 5), slices.Repeat([]Target{local(silentPort(t)), {Host: "127.0.0.1"}}, 30))
	settled(t, runtime.NumGoroutine()+20)
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Parallel: 8, Ports: []int{silentPort(t)}})
	outcomes := map[finding.Outcome]int{}
	n := 0
	for r := range s.Scan(ctx, slices.Values(targets)) {
		outcomes[r.Outcome]++
		require.Empty(t, r.Reason)
		if n++; n == 5 {
			time.AfterFunc(50*time.Millisecond, cancel)
		}
	}
	require.Equal(t, map[finding.Outcome]int{finding.Unidentified: 5, finding.Interrupted: 60}, outcomes)
	settled(t, before+8)
}

func TestCanceledScanOfAnEndlessListEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var taken atomic.Int64
	n := 0
	for r := range New(acmeCatalog(t), acmeDB(t, "1"), Options{}).Scan(ctx, counted(endless(local(1)), &taken)) {
		require.Equal(t, finding.Interrupted, r.Outcome)
		n++
	}
	require.Equal(t, maxInterrupted, n)
	require.EqualValues(t, maxInterrupted, taken.Load())
}

func TestScanOfNothing(t *testing.T) {
	require.Empty(t, collect(t, New(acmeCatalog(t), acmeDB(t, "1"), Options{})))
}

func TestProgressCounts(t *testing.T) {
	targets := mixed(t, 60)
	var last Progress
	calls := 0
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Rate: -1, OnProgress: func(p Progress) { // one call at a time: the race detector agrees
		calls++
		if p.Done != calls || p.Requests <= last.Requests {
			t.Errorf("call %d says %+v after %+v", calls, p, last)
		}
		last = p
	}})
	want := Progress{Done: 60}
	for _, r := range collect(t, s, targets...) {
		want.Requests += len(r.Asked)
		if r.Outcome == finding.Identified {
			want.Gateways++
		}
		if affected(r) {
			want.Affected++
		}
	}
	require.Equal(t, want, last)
	require.Positive(t, want.Affected)
	require.Greater(t, want.Gateways, want.Affected)
}

func TestUserAgent(t *testing.T) {
	tests := []struct{ version, contact, want string }{
		{"", "", "Postern"},
		{"1.2.3", "", "Postern/1.2.3"},
		{"1.2.3", "mailto:soc@example.com", "Postern/1.2.3 (+mailto:soc@example.com)"},
		{"1\r\nX: y", "a)\x00ä(b", "Postern/1X: y (+ab)"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, userAgent(tt.version, tt.contact))
	}
}
