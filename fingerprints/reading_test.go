package fingerprints

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"postern/scanner/evidence"
)

const hashes = "# source: TEST\nhash\tversion\tnote\nAA11\t9.1\t\nbb22\t9.2\t\ncc33\tnot known\tunknown\n\t9.3\t\n"

// TestReading reads one answer by one Reading.
func TestReading(t *testing.T) {
	packed := string(zip(t, "a.json", time.Unix(1690383490, 0), nil, "{}"))
	const body = "HTTP/1.1 200 OK\nServer: Acme/9.1\nX-V: x\nX-V: 9.4\nSet-Cookie: ver=9.5; path=/\n\n<title>Acme 9.2</title>v=9.3 r=7,2 hash=AA11 other=dd44 new"
	tests := []struct{ name, version, on, says, raw string }{
		{"header", `{from: 'header:server', pattern: '/(?P<version>.+)$'}`, body, "9.1", ""},
		{"the value that the pattern matches", `{from: 'header:X-V', pattern: '^(?P<version>[0-9.]+)$'}`, body, "9.4", ""},
		{"cookie", `{from: 'cookie:ver'}`, body, "9.5", ""},
		{"title", `{from: title, pattern: '^Acme (?P<version>.+)'}`, body, "9.2", ""},
		{"body", `{from: body, pattern: 'v=(?P<version>[0-9.]+)'}`, body, "9.3", ""},
		{"location", `{from: location, pattern: 'v=(?P<version>.+)'}`, "HTTP/1.1 302 Found\nLocation: /a?v=9.6\n\n", "9.6", ""},
		{"joined", `{from: body, pattern: 'r=(?P<v1>\d),(?P<v2>\d)', join: '{v1}.{v2}.0'}`, body, "7.2", ""},
		{"prefix", `{from: title, pattern: '^Acme (?P<version>.+)', precision: prefix}`, body, "9.2.*", ""},
		{"not a version", `{from: body, pattern: '(?P<version>new)'}`, body, "", "new"},
		{"not there", `{from: body, pattern: 'w=(?P<version>[0-9.]+)'}`, body, "-", ""},
		{"no such header", `{from: 'header:X-W'}`, body, "-", ""},
		{"means alone", `{means: [{from: "9.2"}]}`, body, ">=9.2", ""},
		{"union of ranges", `{means: [{before: "7"}, {from: "8", through: "8.1"}, {prefix: "9"}]}`, body, "<7 || >=8 <=8.1 || 9.*", ""},
		{"means after a pattern", `{from: body, pattern: 'hash=[A-Z0-9]+', means: [{after: "9"}]}`, body, ">9", ""},
		{"means and no match", `{from: body, pattern: 'nothing', means: [{after: "9"}]}`, body, "-", ""},
		{"table", `{from: body, pattern: 'hash=(?P<version>\w+)', table: t}`, body, "9.1", ""},
		{"table does not know", `{from: body, pattern: 'other=(?P<version>\w+)', table: t}`, body, "", "dd44: not in the table"},
		{"means for what the table does not know", `{from: body, pattern: 'other=(?P<version>\w+)', table: t, means: [{from: "9"}]}`, body, ">=9", "dd44: not in the table"},
		{"means narrows the table", `{from: body, pattern: 'hash=(?P<version>\w+)', table: t, means: [{from: "9.2"}]}`, body, "none", ""},
		{"row left out", `{from: body, table: t, pattern: '(?P<version>cc33)'}`, ok("cc33"), "", "cc33: not in the table"},
		{"gzip time", `{from: gzip_mtime, table: t}`, ok(packed), "", "stamp 1690383490: not in the table"},
		{"gzip time of none", `{from: gzip_mtime, table: t}`, body, "-", ""},
		{"digest", `{from: body_md5, table: t}`, ok("x"), "", "body_md5 9dd4e461268c8034f5c8564e155c67a6: not in the table"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, `
requests: []
tables: [{id: t, file: tables/t.tsv, key: hash, value: version, skip_if: {column: note, contains: unknown}}]
rules:
  - {id: read, on: [root], match: {}, source: TEST, version: `+tt.version+`}
`, "acme-gate/tables/t.tsv", hashes)
			x := seenOf(answer(t, "GET /", tt.on))
			o, found := c.products[0].rules[0].reading.read(newView(&x).answers[0])
			if !found {
				if tt.says != "-" {
					t.Fatal("nothing was read")
				}
				return
			}
			got := ""
			if o.narrows() {
				got = o.says.String()
			}
			if tt.says == "" && got != "" || tt.says != "" && (got == "" || !o.says.Equal(parseSet(t, "dotted", tt.says))) {
				t.Errorf("says %q, want %q", got, tt.says)
			}
			if o.raw != tt.raw {
				t.Errorf("raw %q, want %q", o.raw, tt.raw)
			}
		})
	}
}

func TestReadingOfCertificate(t *testing.T) {
	c := one(t, `
requests: []
rules:
  - {id: a, on: [tls], identifies: definitive, match: {cert_issuer: '^O=Acme$', cert_subject: '^CN=gate-', cert_san: '^gate-'}, source: TEST,
     version: {from: cert_subject, pattern: 'gate-(?P<version>[0-9.]+)'}}
`)
	seen := seenOf()
	seen.TLS = &evidence.TLS{Subject: "CN=gate-9.1", Issuer: "O=Acme", SAN: []string{"a.example", "gate-1.example"}}
	got := c.Identify(seen)
	if names(got) != "acme-gate definitive 9.1" {
		t.Fatalf("got %s", names(got))
	}
	want := Reason{Rule: "a", Identifies: Definitive, Request: "tls", Shows: "certificate of CN=gate-9.1; certificate by O=Acme; certificate for gate-1.example", Says: got[0].Versions, Source: "TEST"}
	if r := got[0].Because[0]; r.Shows != want.Shows || r.Request != want.Request || r.Rule != want.Rule {
		t.Errorf("reason %+v, want %+v", r, want)
	}
	seen.TLS.SAN = nil
	if got := c.Identify(seen); len(got) > 0 {
		t.Errorf("identified without the name: %s", names(got))
	}
	seen.TLS = nil
	if got := c.Identify(seen); len(got) > 0 {
		t.Errorf("identified without a certificate: %s", names(got))
	}
}

func TestReadingLongValues(t *testing.T) {
	c := one(t, `
requests: []
rules:
  - {id: a, on: [root], identifies: definitive, match: {title: Acme}, source: TEST, version: {from: 'header:X-V'}}
`)
	ids := c.Identify(seenOf(answer(t, "GET /", "HTTP/1.1 200 OK\nX-V: "+strings.Repeat("9", 5000)+"\n\n<title>Acme</title>")))
	if len(ids) != 1 || ids[0].Read || len(ids[0].Raw) != 1 || len(ids[0].Raw[0]) > maxShows || len(ids[0].Because[0].Shows) > maxShows {
		t.Errorf("got %+v", ids)
	}
}

// TestReadingRefuses wants the exact problem for every Reading that makes no sense.
func TestReadingRefuses(t *testing.T) {
	tests := []struct{ version, want string }{
		{"{}", "version needs from, or means alone"},
		{"{pattern: a}", "version needs from, or means alone"},
		{"{means: [{}]}", "means: a range needs from, after, before, through or prefix"},
		{`{means: [{from: "1", prefix: "2"}]}`, "means: prefix stands alone"},
		{`{means: [{from: "2", before: "1"}]}`, "means: no version is in the range >=2 <1"},
		{`{means: [{from: "x"}]}`, "means: " + parseError(t, "x")},
		{"{from: page}", `from is "page"; it is header:NAME, cookie:NAME, location, title, body, body_md5, gzip_mtime, cert_subject or cert_issuer`},
		{"{from: 'header:'}", `from is "header:"; it is header:NAME, cookie:NAME, location, title, body, body_md5, gzip_mtime, cert_subject or cert_issuer`},
		{"{from: body}", "from body needs a pattern: a whole page is no version"},
		{"{from: body, pattern: 'v=(.*)'}", `pattern has the groups []; it needs one, (?P<version>…), or v1, v2 … and a join`},
		{"{from: body, pattern: 'v=(?P<v1>.)'}", `pattern has the groups ["v1"]; it needs one, (?P<version>…), or v1, v2 … and a join`},
		{"{from: body, pattern: 'v=(?P<v1>.)', join: '{v2}'}", "group v1 of the pattern is not in join \"{v2}\"\nacme-gate/product.yaml:11: rule a: join \"{v2}\" names {v2}, which is no group of the pattern"},
		{"{from: body, pattern: 'v=', join: 'R'}", `join "R" has no slot such as {v1}`},
		{"{from: title, join: '{v1}'}", "join needs a pattern with groups v1, v2 …"},
		{"{from: title, precision: about}", `precision is "about"; it is exact or prefix`},
		{"{from: title, precision: prefix, table: t}", "precision of a version from a table is stated by the table"},
		{"{from: title, as: unix}", "as unix is a date and needs a table of dates"},
		{"{from: title, as: unix, table: t}", "as unix is a date, and table t holds none"},
		{"{from: title, as: epoch, table: t}", `as is "epoch"; it is text or one of unix, unixhex, usechex, httpdate, stamp`},
		{"{from: title, table: d}", "table d holds dates; say by as how the date is written: unix, unixhex, usechex, httpdate, stamp"},
		{"{from: title, table: other}", `table "other" is no table of this product`},
	}
	for _, tt := range tests {
		t.Run(tt.version, func(t *testing.T) {
			_, problems := load(files("acme-gate/product.yaml", yamlProduct("acme-gate", `
requests: []
tables:
  - {id: t, file: tables/t.tsv, key: hash, value: version, skip_if: {column: note, contains: unknown}}
  - {id: d, file: tables/d.tsv, key: day, value: version, dates: {gaps: none}}
rules:
  - {id: a, on: [root], match: {title: a}, source: TEST, version: `+tt.version+`}
`), "acme-gate/tables/t.tsv", hashes, "acme-gate/tables/d.tsv", "# source: TEST\nday\tversion\n2024-01-01\t9\n"), nil)
			want := "acme-gate/product.yaml:11: rule a: " + tt.want
			if got := joinProblems(problems); got == nil || withoutColumns(got) != want {
				t.Errorf("problems:\n%v\nwant\n%s", got, want)
			}
		})
	}
}

// TestExampleBodies reads bodies that are written in hex and in base64, and a hash
// whose bytes are not shipped.
func TestExampleBodies(t *testing.T) {
	packed := base64.StdEncoding.EncodeToString(zip(t, "a.json", time.Unix(1, 0), nil, "{}"))
	c := one(t, `
requests: []
rules:
  - {id: hex, on: [root], identifies: definitive, match: {body: [Acme]}, source: TEST, examples: [{body_hex: "41 63 6d 65"}], rejects: [{body_hex: ""  , response: "HTTP/1.1 200 OK\n\n"}]}
  - {id: base64, on: [root], identifies: definitive, match: {gzip_name: '^a.json$'}, source: TEST, examples: [{body_base64: "`+packed+`"}], rejects: [{body_base64: "QWNtZQ=="}]}
  - {id: icon, on: [root], identifies: strong, match: {favicon_mmh3: [-5]}, source: TEST, examples: [{favicon_mmh3: -5}], rejects: [{favicon_mmh3: 5}]}
  - {id: md5, on: [root], identifies: strong, match: {status: [200], body_md5: [00000000000000000000000000000aaa]}, source: TEST,
     examples: [{body_md5: 00000000000000000000000000000AAA}], rejects: [{body_md5: 00000000000000000000000000000aab}]}
`)
	if problems := c.Check(); len(problems) > 0 {
		t.Errorf("problems: %v", joinProblems(problems))
	}
}
