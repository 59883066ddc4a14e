package fingerprints

import (
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"postern/scanner/evidence"
	"postern/scanner/version"
)

// gate is a small product with one rule; tests change one line of it at a time.
const gate = `id: acme-gate
name: Acme Gate
vendor: Acme
versions: dotted
leave_out: ["/admin: needs a login"]
requests:
  - {id: login, get: /login}
rules:
  - id: login-page
    on: [root, login]
    identifies: definitive
    match: {title: '^Acme Gate$'}
    source: TEST:gate.yaml
    examples:
      - response: |
          HTTP/1.1 200 OK
          Server: AcmeHTTPD

          <html><title>Acme Gate</title>
    rejects:
      - response: |
          HTTP/1.1 200 OK

          <html><title>Acme Gateway news</title>
no_version: The page states none.
`

// files is a tree of pairs of names and contents.
func files(pairs ...string) fstest.MapFS {
	tree := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		tree[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return tree
}

// mustLoad compiles a tree that is expected to be right.
func mustLoad(t testing.TB, tree fstest.MapFS) *Catalog {
	t.Helper()
	catalog, err := Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// yamlProduct builds a product.yaml from its requests, rules and tables. One without a
// rule that reads a version says so on its last line.
func yamlProduct(id, body string) string {
	text := "id: " + id + "\nname: N\nvendor: V\nversions: dotted\nleave_out: [none]\n" + strings.TrimPrefix(body, "\n")
	if strings.Contains(text, "version: {") || strings.Contains(text, "version:\n") {
		return text
	}
	return strings.TrimSuffix(text, "\n") + "\nno_version: The answers state none.\n"
}

// one is a catalog of one product named acme-gate.
func one(t testing.TB, body string, more ...string) *Catalog {
	t.Helper()
	return mustLoad(t, files(append([]string{"acme-gate/product.yaml", yamlProduct("acme-gate", body)}, more...)...))
}

// answer is one exchange: "GET /login", the response as text, and optionally the key
// of the request whose redirect led there.
func answer(t testing.TB, key, response string, via ...string) evidence.Exchange {
	t.Helper()
	method, target, _ := strings.Cut(key, " ")
	path, query, _ := strings.Cut(target, "?")
	x := evidence.Exchange{Request: evidence.Request{Method: method, Path: path, Query: query, Via: strings.Join(via, "")}}
	if response == "" {
		x.Failure = &evidence.Failure{Kind: evidence.Reset}
		return x
	}
	parsed, err := evidence.ParseResponse([]byte(response))
	if err != nil {
		t.Fatal(err)
	}
	x.Response = parsed
	return x
}

const decoyPath = "/a8f1c2"

func seenOf(exchanges ...evidence.Exchange) evidence.Seen {
	return evidence.Seen{Scheme: "https", Host: "vpn.example.com", Port: 443, Decoy: decoyPath, Exchanges: exchanges}
}

func ok(body string) string { return "HTTP/1.1 200 OK\n\n" + body }

// names lists identified products with their grade and versions: "a-gate strong *".
func names(ids []Identification) string {
	var list []string
	for _, id := range ids {
		list = append(list, id.Product+" "+string(id.Confidence)+" "+id.Versions.String())
	}
	return strings.Join(list, ", ")
}

// named is text in the form of names, with the sets of versions in the spelling of
// package version.
func named(t testing.TB, text string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	list := strings.Split(text, ", ")
	for i, one := range list {
		parts := strings.SplitN(one, " ", 3)
		list[i] = parts[0] + " " + parts[1] + " " + parseSet(t, version.Dotted, parts[2]).String()
	}
	return strings.Join(list, ", ")
}

func parseSet(t testing.TB, scheme version.Scheme, text string) version.Set {
	t.Helper()
	set, err := version.ParseSet(scheme, text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func replaceOnce(t testing.TB, text, from, to string) string {
	t.Helper()
	if strings.Count(text, from) != 1 {
		t.Fatalf("%q stands %d times", from, strings.Count(text, from))
	}
	return strings.Replace(text, from, to, 1)
}

// parseError is what package version says of a text that is no dotted version.
func parseError(t testing.TB, text string) string {
	t.Helper()
	_, err := version.Dotted.Parse(text)
	if err == nil {
		t.Fatalf("%q is a version", text)
	}
	return err.Error()
}

func unixText(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
