package fingerprints

import "testing"

// TestCheckFinds breaks one statement at a time and expects the exact problem.
func TestCheckFinds(t *testing.T) {
	const example = "    examples:\n      - response: |\n          HTTP/1.1 200 OK\n          Server: AcmeHTTPD\n\n          <html><title>Acme Gate</title>\n"
	const rejects = "    rejects:\n      - response: |\n          HTTP/1.1 200 OK\n\n          <html><title>Acme Gateway news</title>\n"
	tests := []struct{ name, from, to, want string }{
		{"name", "name: Acme Gate", "name: ''", `acme-gate/product.yaml:2: name is empty`},
		{"vendor", "vendor: Acme\n", "", `acme-gate/product.yaml:1: vendor is empty`},
		{"cpe", "vendor: Acme", "vendor: Acme\ncpe: [Acme Gate]", `acme-gate/product.yaml:4: cpe "Acme Gate" is not vendor:product in lower case`},
		{"port", "vendor: Acme", "vendor: Acme\nports: [443, 65536]", `acme-gate/product.yaml:4: port 65536 is not between 1 and 65535`},
		{"leave out", `["/admin: needs a login"]`, "[]", `acme-gate/product.yaml:5: leave_out is empty; say which requests must never be made, and why`},
		{"leave out nothing", `["/admin: needs a login"]`, `[""]`, `acme-gate/product.yaml:5: leave_out holds an empty entry`},
		{"unused request", "on: [root, login]", "on: [root]", `acme-gate/product.yaml:7: request login is read by no rule`},
		{"source", "source: TEST:gate.yaml", "source: ' '", `acme-gate/product.yaml:9: rule login-page: states no source`},
		{"no example", example, "", `acme-gate/product.yaml:9: rule login-page: has no example`},
		{"no reject", rejects, "", `acme-gate/product.yaml:9: rule login-page: identifies the product and has no reject: an answer close to it that it must not match`},
		{"not provable", "definitive", "strong", `acme-gate/product.yaml:8: nothing can identify the product: it needs a definitive rule or strong rules of two groups`},
		{"says nothing", "    identifies: definitive\n", "", `acme-gate/product.yaml:8: nothing can identify the product: it needs a definitive rule or strong rules of two groups
acme-gate/product.yaml:9: rule login-page: neither identifies nor reads a version or a model`},
		{"empty match", "match: {title: '^Acme Gate$'}", "match: {}", `acme-gate/product.yaml:12: rule login-page: match is empty; only a rule that needs another and reads a version may match every answer
acme-gate/product.yaml:21: rule login-page: reject 1 is matched: status 200`},
		{"empty unless", "    source:", "    unless: {}\n    source:", `acme-gate/product.yaml:13: rule login-page: unless is empty, so the rule would never hold
acme-gate/product.yaml:16: rule login-page: example 1 does not match: unless holds too: `},
		{"tls and a page", "on: [root, login]", "on: [tls, root, login]", `acme-gate/product.yaml:10: rule login-page: on tls reads the certificate alone; put other conditions on a request or "any"
acme-gate/product.yaml:15: rule login-page: example 1 is on tls and states no certificate
acme-gate/product.yaml:21: rule login-page: reject 1 is on tls and states no certificate`},
		{"example unmatched", "match: {title: '^Acme Gate$'}", "match: {header: {Server: '^nginx$'}}", `acme-gate/product.yaml:15: rule login-page: example 1 does not match: header Server is "AcmeHTTPD"`},
		{"reject", "match: {title: '^Acme Gate$'}", "match: {title: 'Acme Gate'}", `acme-gate/product.yaml:21: rule login-page: reject 1 is matched: title Acme Gateway news`},
		{"version of none", "      - response: |\n          HTTP/1.1 200 OK\n          Server", "      - version: '1.2'\n        response: |\n          HTTP/1.1 200 OK\n          Server", `acme-gate/product.yaml:15: rule login-page: example 1 states the version 1.2, and the rule reads none`},
		{"example elsewhere", "      - response: |\n          HTTP/1.1 200 OK\n          Server", "      - on: logon\n        response: |\n          HTTP/1.1 200 OK\n          Server", `acme-gate/product.yaml:15: rule login-page: example 1 is on "logon", which the rule does not read`},
		{"no response", "          HTTP/1.1 200 OK\n          Server", "          HTP/1.1 200 OK\n          Server", `acme-gate/product.yaml:15: rule login-page: example 1 cannot be read: line 1: "HTP/1.1 200 OK" is no status line such as "HTTP/1.1 200 OK"`},
		{"two bodies", "      - response: |\n          HTTP/1.1 200 OK\n          Server", "      - body_hex: '00'\n        response: |\n          HTTP/1.1 200 OK\n          Server", `acme-gate/product.yaml:15: rule login-page: example 1 states its body twice`},
		{"table of nothing", "requests:", "tables: [{id: t, file: tables/t.tsv, key: a, value: b}]\nrequests:", `acme-gate/product.yaml:6: table t: open acme-gate/tables/t.tsv: file does not exist`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			expectProblem(t, files("acme-gate/product.yaml", swap(t, tt.from, tt.to)), tt.want)
		})
	}
}

// TestCheckInstead says for every kind of condition what stands there instead.
func TestCheckInstead(t *testing.T) {
	tests := []struct{ match, want string }{
		{"{status: [404]}", `status is 200`},
		{"{header: {X-A: b}}", `there is no header X-A`},
		{"{header: {X-Two: b}}", `header X-Two is "1" and 1 more`},
		{"{cookie: {sid: b}}", `cookie sid is "1"`},
		{"{cookie: {'z*': ''}}", `there is no cookie z*`},
		{"{location: b}", `there is no location`},
		{"{title: b}", `title is "Acme Gate"`},
		{"{body: [b c]}", `the body does not hold "b c"`},
		{"{body_pattern: 'b+c'}", `body_pattern b+c matches nothing`},
		{"{cert_subject: b}", `there is no cert_subject`},
		{"{gzip_name: b}", `there is no gzip_name`},
		{"{favicon_mmh3: [1]}", `favicon_mmh3 is 432850230`},
		{"{body_md5: [00000000000000000000000000000000]}", `body_md5 is c887b165f97d931d83b4ac3965aafe1b`},
	}
	for _, tt := range tests {
		c := one(t, `
requests: []
rules:
  - id: a
    on: [root]
    identifies: definitive
    match: `+tt.match+`
    source: TEST
`)
		r := c.products[0].rules[0]
		x := answer(t, "GET /", "HTTP/1.1 200 OK\nX-Two: 1\nX-Two: 2\nSet-Cookie: sid=1; path=/\n\n<title>Acme Gate</title>")
		seen := seenOf(x)
		if got := r.match.instead(newView(&seen).answers[0]); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.match, got, tt.want)
		}
	}
}

const reader = `
requests: []
rules:
  - id: a
    on: [root]
    identifies: definitive
    match: {title: 'Acme'}
    version: {from: body, pattern: 'v=(?P<version>[0-9a-z.]+)'}
    source: TEST
    examples: [EXAMPLE]
    rejects: [{response: "HTTP/1.1 200 OK\n\n<title>Blue</title>v=9.1"}]
`

// TestCheckVersions compares what an example states with what its rule reads.
func TestCheckVersions(t *testing.T) {
	tests := []struct{ name, example, want string }{
		{"right", `{version: "9.1", response: "HTTP/1.1 200 OK\n\n<title>Acme</title>v=9.1"}`, ""},
		{"nothing there", `{version: "*", response: "HTTP/1.1 200 OK\n\n<title>Acme</title>"}`, ""},
		{"not parsed", `{version: "*", response: "HTTP/1.1 200 OK\n\n<title>Acme</title>v=new"}`, ""},
		{"not stated", `{response: "HTTP/1.1 200 OK\n\n<title>Acme</title>v=9.1"}`, `example 1 states no version; the rule reads 9.1`},
		{"other", `{version: "9.2", response: "HTTP/1.1 200 OK\n\n<title>Acme</title>v=9.1"}`, `example 1 reads 9.1, not 9.2 as stated`},
		{"too wide", `{version: "9.1 || 9.2", response: "HTTP/1.1 200 OK\n\n<title>Acme</title>v=9.1"}`, `example 1 reads 9.1, not 9.1 || 9.2 as stated`},
		{"stated and not there", `{version: "9.1", response: "HTTP/1.1 200 OK\n\n<title>Acme</title>"}`, `example 1 reads *, not 9.1 as stated`},
		{"stated and not parsed", `{version: "9.1", response: "HTTP/1.1 200 OK\n\n<title>Acme</title>v=new"}`, `example 1 reads * (new), not 9.1 as stated`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := files("acme-gate/product.yaml", yamlProduct("acme-gate", replaceOnce(t, reader, "EXAMPLE", tt.example)))
			if tt.want == "" {
				if problems := mustLoad(t, tree).Check(); len(problems) > 0 {
					t.Errorf("problems: %v", problems)
				}
				return
			}
			expectProblem(t, tree, "acme-gate/product.yaml:14: rule a: "+tt.want)
		})
	}
}

// TestCheckOtherProduct refuses an example that another product would claim.
func TestCheckOtherProduct(t *testing.T) {
	blue := yamlProduct("blue-tunnel", `
requests: []
rules:
  - id: portal
    on: [root]
    identifies: definitive
    match: {header: {Server: Acme}}
    source: TEST
    examples: [{response: "HTTP/1.1 200 OK\nServer: Acme\n\n"}]
    rejects: [{response: "HTTP/1.1 200 OK\nServer: nginx\n\n"}]
`)
	expectProblem(t, files("acme-gate/product.yaml", gate, "blue-tunnel/product.yaml", blue),
		"acme-gate/product.yaml:15: rule login-page: example 1 is also identified as blue-tunnel: rule portal")
}

func TestCheckStrayTable(t *testing.T) {
	expectProblem(t, files("acme-gate/product.yaml", gate, "acme-gate/tables/old.tsv", "# source: TEST\na\tb\n"),
		"acme-gate/tables/old.tsv: no table of the product names this file")
}
