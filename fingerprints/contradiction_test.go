package fingerprints

import (
	"slices"
	"strings"
	"testing"
)

// vendorProduct is a product of a vendor that a word on the front page proves, and whose
// version is on another page.
func vendorProduct(id, vendor string) string {
	return "id: " + id + "\nname: N\nvendor: " + vendor + "\nversions: dotted\nleave_out: [none]\n" + `requests:
  - {id: info, get: /` + id + `}
rules:
  - id: front
    on: [root]
    identifies: definitive
    match: {body: ["` + id + `!"]}
    source: TEST
    examples: [{response: "HTTP/1.1 200 OK\n\n` + id + `!"}]
    rejects: [{response: "HTTP/1.1 200 OK\n\n` + id + `"}]
  - id: info
    on: [info]
    needs: [front]
    match: {}
    version: {from: body, pattern: 'v(?P<version>[0-9.]+)'}
    source: TEST
    examples: [{version: "1.2", response: "HTTP/1.1 200 OK\n\nv1.2"}]
`
}

// TestContradiction: two vendors at one endpoint are a gateway and what stands before it,
// also when each shows two products; three are nothing that exists.
func TestContradiction(t *testing.T) {
	catalog := mustLoad(t, files(
		"acme-gate/product.yaml", vendorProduct("acme-gate", "Acme"),
		"acme-proxy/product.yaml", vendorProduct("acme-proxy", "Acme"),
		"blue-tunnel/product.yaml", vendorProduct("blue-tunnel", "Blue"),
		"coral-vpn/product.yaml", vendorProduct("coral-vpn", "Coral"),
	))
	tests := []struct{ page, vendors, asked string }{
		{"nothing", "", "/"},
		{"acme-gate!", "", "/, /acme-gate"},
		{"acme-gate! acme-proxy!", "", "/, /acme-gate, /acme-proxy"},
		{"acme-gate! blue-tunnel!", "", "/, /acme-gate, /blue-tunnel"},
		{"acme-gate! acme-proxy! blue-tunnel!", "", "/, /acme-gate, /acme-proxy, /blue-tunnel"},
		{"acme-gate! blue-tunnel! coral-vpn!", "Acme, Blue, Coral", "/"},
		{"acme-gate! acme-proxy! blue-tunnel! coral-vpn!", "Acme, Blue, Coral", "/"},
	}
	for _, tt := range tests {
		asked, seen := ask(t, catalog, map[string]string{"GET /": ok("<title>x</title>" + tt.page)})
		asked = slices.DeleteFunc(asked, func(key string) bool { return strings.HasSuffix(key, decoyPath) })
		if got := strings.Join(asked, ", "); got != tt.asked {
			t.Errorf("%s: asked %s, want %s", tt.page, got, tt.asked)
		}
		if got := strings.Join(catalog.Contradiction(catalog.Identify(seen)), ", "); got != tt.vendors {
			t.Errorf("%s: vendors %q, want %q", tt.page, got, tt.vendors)
		}
	}
}
