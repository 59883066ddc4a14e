package fingerprints

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// requireAgreement compares what a visit says with what the catalog says of the same.
func requireAgreement(t *testing.T, c *Catalog, visit *Visit, seen evidence.Seen) (evidence.Request, bool) {
	t.Helper()
	ask, why, more := visit.NextBecause(seen)
	wantAsk, wantWhy, wantMore := c.NextBecause(seen)
	require.Equal(t, wantAsk, ask)
	require.Equal(t, wantWhy, why)
	require.Equal(t, wantMore, more)
	require.Equal(t, c.Identify(seen), visit.Identify(seen))
	return ask, more
}

// A visit says after every answer what the catalog says of all answers so far, for every
// host that answers one question as in an example of a shipped rule.
func TestVisitAgreesWithCatalog(t *testing.T) {
	catalog, err := Load(embedded)
	require.NoError(t, err)
	missing := answer(t, "GET /", "HTTP/1.1 404 Not Found\n\n").Response
	hosts := 0
	for _, p := range catalog.products {
		k := &checker{catalog: catalog, product: p}
		for _, r := range p.rules {
			_, f, err := k.example(r, r.Examples[0])
			require.NoError(t, err)
			if f.response == nil {
				continue
			}
			hosts++
			seen, visit := seenOf(), catalog.Begin()
			seen.TLS = f.tls
			for {
				q, more := requireAgreement(t, catalog, visit, seen)
				if !more {
					break
				}
				x := evidence.Exchange{Request: q, Response: missing}
				if q.Key() == f.request.Key() {
					x.Response = f.response
				}
				seen.Exchanges = append(seen.Exchanges, x)
			}
		}
	}
	require.Greater(t, hosts, 100)
}

// Evidence that differs from the last in one thing is looked at afresh.
func TestVisitOfOtherEvidence(t *testing.T) {
	c := one(t, `
requests:
  - {id: portal, get: /portal}
rules:
  - {id: front, on: [root], identifies: definitive, match: {body: [acme gate]}, source: TEST}
  - {id: certificate, on: [root], identifies: definitive, match: {cert_subject: '^CN=acme$'}, source: TEST}
  - {id: page, on: [portal], identifies: definitive, match: {title: '^Portal$'}, source: TEST}
`)
	gate, other := answer(t, "GET /", ok("<p>An Acme Gate</p>")), answer(t, "GET /", ok(strings.Repeat("text ", 50)))
	moved := answer(t, "GET /", "HTTP/1.1 302 Found\nLocation: https://vpn.example.com/home\n\n")
	portal, same := answer(t, "GET /portal", ok("<title>Portal</title>")), answer(t, "GET /a8f1c2", ok("<title>Portal</title>"))

	seen, visit := seenOf(other), c.Begin()
	said := ""
	for _, step := range []struct {
		what   string
		change func()
	}{
		{"nothing", func() {}},
		{"the answer", func() { seen.Exchanges = []evidence.Exchange{gate} }},
		{"the answer, in place", func() { seen.Exchanges[0] = other }},
		{"the certificate", func() { seen.TLS = &evidence.TLS{Subject: "CN=acme"} }},
		{"no certificate", func() { seen.TLS = nil }},
		{"a redirect", func() { seen.Exchanges = []evidence.Exchange{moved} }},
		{"another host", func() { seen.Host = "www.example.com" }},
		{"the host again", func() { seen.Host = "vpn.example.com" }},
		{"another scheme", func() { seen.Scheme = "http" }},
		{"the scheme again", func() { seen.Scheme = "https" }},
		{"another port", func() { seen.Port = 8443 }},
		{"a page that the decoy has not", func() {
			seen.Decoy, seen.Exchanges = "/other", []evidence.Exchange{other, portal, same, answer(t, "GET /other", ok(""))}
		}},
		{"a decoy that has it", func() { seen.Decoy = decoyPath }},
		{"less", func() { seen.Exchanges = nil }},
	} {
		step.change()
		ask, more := requireAgreement(t, c, visit, seen)
		says := fmt.Sprint(ask, more, c.Identify(seen))
		require.NotEqual(t, said, says, "%s changes nothing, so that this test proves nothing", step.what)
		said = says
	}
}

// Each answer is unpacked once and the same evidence weighed once.
func TestVisitReadsOnce(t *testing.T) {
	catalog, err := Load(embedded)
	require.NoError(t, err)
	seen, visit := seenOf(answer(t, "GET /", ok("<title>Welcome</title>"+strings.Repeat("text ", 50)))), catalog.Begin()
	visit.NextBecause(seen)
	view, first := visit.view, visit.facts[0]
	require.NotNil(t, first.found, "the body was not searched")
	visit.Identify(seen)
	require.Same(t, view, visit.view, "the same evidence is weighed again")
	seen.Exchanges = append(slices.Clone(seen.Exchanges), answer(t, "GET /remote/login", ok("")))
	visit.Identify(seen)
	require.NotSame(t, view, visit.view)
	require.Same(t, first, visit.facts[0], "the first answer is read again")
}
