package fingerprints

import (
	"regexp"
	"strings"
	"testing"

	"postern/scanner/evidence"
)

// TestBuiltin holds every shipped product against its own examples and rejects.
func TestBuiltin(t *testing.T) {
	catalog, problems := load(embedded, nil)
	for _, problem := range append(problems, catalog.Check()...) {
		t.Error("fingerprints/" + problem.Error())
	}
	for _, p := range catalog.Products() {
		for _, table := range p.Tables {
			if table.SHA256 == "" {
				t.Errorf("fingerprints/%s: table %s states no sha256", p.ID, table.ID)
			}
		}
	}
}

// TestBuiltinLifecycles wants a page or a repository's file behind every day, and days of
// this trade: a slip like 2206-06-30 would keep a finding silent for good.
func TestBuiltinLifecycles(t *testing.T) {
	catalog, err := Load(embedded)
	if err != nil {
		t.Fatal(err)
	}
	source := regexp.MustCompile(`https?://[^\s/]+\.[^\s/]+/|[\w.-]+/[\w.-]+:[\w./-]+\.\w+`)
	for _, p := range catalog.Products() {
		if p.Lifecycle == nil {
			continue
		}
		if strings.TrimSpace(p.Lifecycle.Note) == "" {
			t.Errorf("fingerprints/%s: note is empty; say what the vendor means by the day", p.ID)
		}
		for _, b := range p.Lifecycle.Branches {
			if s := p.Lifecycle.SourceOf(b); !source.MatchString(s) {
				t.Errorf("fingerprints/%s: branch %s: source %q names no page and no file", p.ID, b.Branch, s)
			}
			if b.Ends < "1998" || b.Ends >= "2040" {
				t.Errorf("fingerprints/%s: branch %s ends %s", p.ID, b.Branch, b.Ends)
			}
		}
	}
}

// TestBuiltinLeavesOrdinaryServersAlone counts the questions that servers cost which
// are no gateways: on average at most one and a half, and none of them is identified.
func TestBuiltinLeavesOrdinaryServersAlone(t *testing.T) {
	catalog, err := Load(embedded)
	if err != nil {
		t.Fatal(err)
	}
	const text = "<p>Opening hours, directions and everything else that a page like this says to its readers.</p>"
	servers := map[string]map[string]string{
		"nginx welcome":      {"GET /": "HTTP/1.1 200 OK\nServer: nginx/1.24.0\nETag: \"65a1b2c3-267\"\n\n<html><title>Welcome to nginx!</title>" + text},
		"apache default":     {"GET /": "HTTP/1.1 200 OK\nServer: Apache/2.4.57 (Debian)\nETag: \"29cd-5f1e\"\n\n<html><title>Apache2 Debian Default Page: It works</title>" + text},
		"iis default":        {"GET /": "HTTP/1.1 200 OK\nServer: Microsoft-IIS/10.0\nX-Powered-By: ASP.NET\n\n<html><title>IIS Windows Server</title>" + text},
		"caddy":              {"GET /": "HTTP/1.1 200 OK\nServer: Caddy\n\n<html><title>Example</title>" + text},
		"shop":               {"GET /": "HTTP/1.1 200 OK\nSet-Cookie: PHPSESSID=1; path=/\n\n<html><title>Example Shop</title>" + text},
		"java application":   {"GET /": "HTTP/1.1 302 Found\nSet-Cookie: JSESSIONID=1; Path=/app\nLocation: /app/\n\n", "GET /app/": ok("<html><title>Sign in</title>" + text)},
		"page for all":       {"*": ok("<html><title>Single page</title><div id=root></div>" + text)},
		"blog about vpn":     {"GET /": ok("<html><title>How we set up SSL VPN</title><p>The portal is at /remote/login or /dana-na/auth/ or /+CSCOE+/logon.html.</p>" + text)},
		"www":                {"GET /": "HTTP/1.1 301 Moved Permanently\nServer: nginx\nLocation: https://www.vpn.example.com/\n\n"},
		"basic realm":        {"GET /": "HTTP/1.1 401 Unauthorized\nServer: nginx\nWWW-Authenticate: Basic realm=\"intern\"\n\n"},
		"repository":         {"GET /": "HTTP/1.1 302 Found\nServer: nginx\nLocation: /users/sign_in\n\n", "GET /users/sign_in": ok("<html><title>Sign in</title>" + text)},
		"mail":               {"GET /": ok("<html><title>Webmail</title><form action=\"/?_task=login\">" + text)},
		"wiki":               {"GET /": ok("<html><title>Main Page</title>" + text)},
		"monitoring":         {"GET /": ok("<html><title>Dashboard</title>" + text)},
		"static":             {"GET /": "HTTP/1.1 200 OK\nServer: AmazonS3\n\n<html><title>Docs</title>" + text},
		"behind a balancer":  {"GET /": "HTTP/1.1 200 OK\nServer: Apache\nSet-Cookie: BIGipServer~common~pool=1677787402.36895.0000; path=/\n\n<html><title>Intranet</title>" + text},
		"api":                {"GET /": ok(`{"service":"example","version":"2.1.0","documentation":"https://docs.example.com/","status":"ok"}`)},
		"printer":            {"GET /": "HTTP/1.1 200 OK\nServer: HP HTTP Server\n\n<html><title>Printer</title>" + text},
		"storage":            {"GET /": ok("<html><title>Storage</title><script src=/main.js></script>" + text)},
		"nothing there":      {"GET /": "HTTP/1.1 404 Not Found\nServer: nginx\n\n<html><title>404 Not Found</title>"},
		"another page there": {"GET /": "HTTP/1.1 200 OK\nX-Powered-By: Express\n\n<html><title>App</title>" + text},
	}
	questions := 0
	for name, host := range servers {
		asked, seen := ask(t, catalog, host)
		questions += len(asked)
		if ids := catalog.Identify(seen); len(ids) > 0 {
			t.Errorf("%s is identified as %s", name, ids[0].Product)
		}
		if len(asked) > 1+maxGuesses {
			t.Errorf("%s costs %q", name, asked)
		}
	}
	t.Logf("%d questions for %d servers", questions, len(servers))
	if mean := float64(questions) / float64(len(servers)); mean > 1.5 {
		t.Errorf("%.2f questions a server", mean)
	}
}

// TestBuiltinQuestions counts what hosts cost that answer one question as in an
// example of a shipped rule: at most six on average for those that are identified.
func TestBuiltinQuestions(t *testing.T) {
	catalog, err := Load(embedded)
	if err != nil {
		t.Fatal(err)
	}
	hosts, questions := 0, 0
	for _, p := range catalog.products {
		if p.NoSignals != "" {
			continue
		}
		found := 0
		k := &checker{catalog: catalog, product: p}
		for _, r := range p.rules {
			for _, e := range r.Examples {
				v, f, err := k.example(r, e)
				if err != nil || f.response == nil {
					continue // TestBuiltin has said so, or it is a certificate
				}
				asked, seen := askExample(t, catalog, v.seen.TLS, f)
				if ids := catalog.Identify(seen); len(ids) == 1 && ids[0].Product == p.ID {
					found++
					hosts, questions = hosts+1, questions+asked
				}
			}
		}
		if found == 0 && !identifiedTogether(k) {
			t.Errorf("%s: a host that answers as in its examples is never identified", p.ID)
		}
	}
	t.Logf("%d questions for %d gateways", questions, hosts)
	if mean := float64(questions) / float64(hosts); mean > 6 {
		t.Errorf("%.2f questions a gateway", mean)
	}
}

// identifiedTogether says whether a host is identified that gives the first example of
// every rule, for products of which no single answer is enough.
func identifiedTogether(k *checker) bool {
	all := &view{seen: &evidence.Seen{}, trusted: true}
	for _, r := range k.product.rules {
		if _, f, err := k.example(r, r.Examples[0]); err == nil && f.response != nil {
			all.answers = append(all.answers, f)
		}
	}
	ids := identify(k.catalog.evaluate(all))
	return len(ids) == 1 && ids[0].Product == k.product.ID
}

// askExample plays a host that gives one answer and 404 to everything else.
func askExample(t *testing.T, catalog *Catalog, tls *evidence.TLS, f *facts) (int, evidence.Seen) {
	t.Helper()
	missing, err := evidence.ParseResponse([]byte("HTTP/1.1 404 Not Found\n\n"))
	if err != nil {
		t.Fatal(err)
	}
	seen := seenOf()
	seen.TLS = tls
	for {
		q, more := catalog.Next(seen)
		if !more {
			return len(seen.Exchanges), seen
		}
		x := evidence.Exchange{Request: q, Response: missing}
		if q.Key() == f.request.Key() {
			x.Response = f.response
		}
		seen.Exchanges = append(seen.Exchanges, x)
	}
}
