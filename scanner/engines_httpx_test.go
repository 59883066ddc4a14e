//go:build httpx

package scanner

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// allowed lists where the answers of the two engines may differ over the recorded
// appliances, by appliance and request, and why. A difference that is not listed fails the
// test, and so does an entry that is not needed any more.
var allowed = map[string]string{}

// Every appliance gives both engines the same answers, and the same is concluded.
func TestEnginesAgreeOnAppliances(t *testing.T) {
	catalog, db := shipped(t)
	own := New(catalog, db, Options{Rate: -1})
	other := New(catalog, db, Options{Rate: -1, Engine: "httpx"})
	seen := map[string]bool{}
	for _, a := range appliances(t) {
		t.Run(a.Name, func(t *testing.T) {
			_, target := switchOn(t, a)
			want, got := own.Record(t.Context(), target, nil), other.Record(t.Context(), target, nil)
			require.Equal(t, asJSON(want.TLS), asJSON(got.TLS), "TLS")
			require.Equal(t, len(want.Exchanges), len(got.Exchanges), "exchanges")
			for i, x := range want.Exchanges {
				place := a.Name + " " + strings.ReplaceAll(x.Request.Key(), want.Decoy, "/decoy")
				w, g := settledExchange(x, want.Decoy), settledExchange(got.Exchanges[i], got.Decoy)
				if reason, listed := allowed[place]; listed {
					seen[place] = true
					require.NotEqual(t, w, g, "%s: is listed (%s), and does not differ", place, reason)
					continue
				}
				require.Equal(t, w, g, "%s", place)
			}
			require.Equal(t, asJSON(catalog.Identify(want)), asJSON(catalog.Identify(got)), "conclusions")
		})
	}
	for place := range allowed {
		require.True(t, seen[place], "%s is listed, and is not asked", place)
	}
}

// Both engines scan all appliances at once, and report the same products, versions and
// verdicts.
func TestEnginesReportTheSame(t *testing.T) {
	catalog, db := shipped(t)
	var targets []Target
	for _, a := range appliances(t) {
		_, target := switchOn(t, a)
		targets = append(targets, target)
	}
	own := collect(t, New(catalog, db, Options{Rate: -1, Parallel: 16}), targets...)
	other := collect(t, New(catalog, db, Options{Rate: -1, Parallel: 16, Engine: "httpx"}), targets...)
	require.Len(t, own, len(targets))
	require.Len(t, other, len(targets))
	for i := range own {
		require.Equal(t, asJSON(comparable(own[i])), asJSON(comparable(other[i])))
	}
}

// settledExchange writes an exchange without what differs from one scan to the next.
func settledExchange(x evidence.Exchange, decoy string) string {
	if x.Response != nil {
		x.Response.Header.Del("Date")
	}
	return strings.ReplaceAll(asJSON(x), decoy, "/decoy")
}

func asJSON(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Where answers break HTTP the engines differ, each for a reason.
func TestEnginesDifferWhereSaid(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for name, c := range map[string]struct {
		answer     string // to every request, after which the connection is closed
		method     string
		own, httpx string // status, body and what is said of it, or the kind of failure
		reason     string // empty where both see the same
	}{
		"plain":               {answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", own: "200 2", httpx: "200 2"},
		"head":                {answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", method: "HEAD", own: "200 0", httpx: "200 0"},
		"body over the limit": {answer: "HTTP/1.1 200 OK\r\n\r\n" + long, own: "200 2048 truncated", httpx: "200 2048 truncated"},
		"early hints":         {answer: "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", own: "200 2", httpx: "200 2"},
		"switching protocols": {answer: "HTTP/1.1 101 Switching Protocols\r\n\r\n", own: "101 0", httpx: "101 0"},
		"redirect":            {answer: "HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n", own: "302 0", httpx: "302 0"},
		"header over the limit": {
			answer: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n\r\n",
			own:    "not_http", httpx: "not_http",
		},
		"length over the body": {
			answer: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
			own:    "200 2 truncated [content-length]", httpx: "not_http",
			reason: "httpx gives no answer whose body is shorter than its length",
		},
		"line that is no field": {
			answer: "HTTP/1.1 200 OK\r\nno field\r\nContent-Length: 2\r\n\r\nok",
			own:    "200 2 [header]", httpx: "not_http",
			reason: "there is no tolerant client behind the engine httpx",
		},
		"chunks break off": {
			answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz",
			own:    "200 2 truncated", httpx: "200 2",
			reason: "httpx returns what came, and no error",
		},
	} {
		t.Run(name, func(t *testing.T) {
			port := listen(t, func(conn net.Conn) { respond(conn, c.answer) })
			if c.method == "" {
				c.method = evidence.GET
			}
			own, other := answerOf(t, "", port, c.method), answerOf(t, "httpx", port, c.method)
			require.Equal(t, c.own, own)
			require.Equal(t, c.httpx, other)
			require.Equal(t, c.reason == "", c.own == c.httpx, "a difference needs a reason, and nothing else has one")
		})
	}
}

// respond sends an answer to one request.
func respond(conn net.Conn, answer string) {
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Read(make([]byte, 4096)); err == nil {
		_, _ = conn.Write([]byte(answer)) // whoever asked may be gone
	}
}

// answerOf asks a port of loopback one question in plain HTTP, and sums the answer up.
func answerOf(t *testing.T, engine string, port int, method string) string {
	t.Helper()
	x := askOnce(t, engine, port, method)
	if x.Failure != nil {
		return string(x.Failure.Kind)
	}
	text := fmt.Sprintf("%d %d", x.Response.Status, len(x.Response.Body))
	if x.Response.Truncated {
		text += " truncated"
	}
	if len(x.Response.Malformed) > 0 {
		text += fmt.Sprintf(" %v", x.Response.Malformed)
	}
	return text
}

func askOnce(t *testing.T, engine string, port int, method string) evidence.Exchange {
	t.Helper()
	s := New(acmeCatalog(t), acmeDB(t, "1"), Options{Engine: engine, MaxBody: 2048, Timeout: 3 * time.Second, Gap: -1})
	target := local(port)
	target.Scheme = "http"
	session := s.prober.Open((&scan{Scanner: s}).endpoint(target, 0))
	defer session.Close()
	return session.Do(t.Context(), evidence.Request{Method: method, Path: "/"})
}

// A malformed answer makes httpx ask again with a client that follows redirects. What it
// brings back from there is not taken for the endpoint's.
func TestEngineTakesNothingFromElsewhere(t *testing.T) {
	elsewhere := listen(t, func(conn net.Conn) {
		respond(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")
	})
	first := make(chan bool, 1)
	first <- true
	port := listen(t, func(conn net.Conn) {
		select {
		case <-first:
			respond(conn, "nonsense\r\n\r\n")
		default:
			respond(conn, fmt.Sprintf("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n", elsewhere))
		}
	})
	x := askOnce(t, "httpx", port, evidence.GET)
	require.NotNil(t, x.Failure)
	require.Contains(t, x.Failure.Detail, "led away")
}

// httpx removes old directories with the program's name in theirs from where it keeps its
// files, so it gets a place of its own, which is gone afterwards.
func TestEngineLeavesTemporaryFilesAlone(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	program := strings.TrimSuffix(filepath.Base(os.Args[0]), filepath.Ext(os.Args[0]))
	kept := filepath.Join(dir, "evidence-"+program+"-2024")
	require.NoError(t, os.Mkdir(kept, 0o700))
	old := time.Now().Add(-100 * time.Hour)
	require.NoError(t, os.Chtimes(kept, old, old))
	port := listen(t, func(conn net.Conn) { respond(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") })
	require.Equal(t, "200 2", answerOf(t, "httpx", port, evidence.GET))
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{kept}, left)
	require.Equal(t, dir, os.Getenv("TMPDIR"))
}
