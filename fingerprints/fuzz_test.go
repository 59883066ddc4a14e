package fingerprints

import (
	"bytes"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"postern/scanner/evidence"
)

// hostile makes a host of bytes: each answer is a few bytes for its kind, and a
// line that is cut at the next zero byte.
type hostile struct{ data []byte }

func (h *hostile) next() byte {
	if len(h.data) == 0 {
		return 0
	}
	b := h.data[0]
	h.data = h.data[1:]
	return b
}

func (h *hostile) text() string {
	text, rest, _ := bytes.Cut(h.data, []byte{0})
	h.data = rest
	return string(text)
}

// snippets are what gateways answer with, so that the fuzzer comes near them at once.
var snippets = []string{
	`<script>top.location="/remote/login";</script>`, "Server: xxxxxxxx-xxxxx", "Location: /remote/login", `ETag: "83-63d8872d"`,
	"Location: /+CSCOE+/logon.html", "Set-Cookie: tg=; path=/", "Location: /dana-na/auth/url_default/welcome.cgi", "Set-Cookie: DSSignInURL=/",
	"<title>Citrix Gateway</title>", "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x00rdx_en.json\x00", "Content-Encoding: gzip", "Location: //other.example/",
	"<title>GlobalProtect Portal</title>", "Server: Check Point SVN foundation", "<VPNVERSION>M7.6.8R2</VPNVERSION>", "Last-Modified: Mon, 10 Jul 2023 17:41:17 GMT",
}

// exchange answers one question.
func (h *hostile) exchange(q evidence.Request) evidence.Exchange {
	kind := h.next()
	if kind%8 == 7 {
		kinds := []evidence.FailureKind{evidence.Reset, evidence.NotHTTP, evidence.Timeout, evidence.Refused}
		return evidence.Exchange{Request: q, Failure: &evidence.Failure{Kind: kinds[h.next()%4]}}
	}
	statuses := []int{200, 200, 302, 404, 403, 303, 500}
	r := &evidence.Response{Status: statuses[int(kind%8)%len(statuses)], Header: http.Header{}, Truncated: kind&0x80 != 0}
	var body strings.Builder
	for range h.next() % 8 {
		line := snippets[int(h.next())%len(snippets)]
		if h.next()%3 == 0 {
			line += h.text()
		}
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Add(name, value)
		} else {
			body.WriteString(line)
		}
	}
	body.WriteString(h.text())
	r.Body = []byte(body.String())
	return evidence.Exchange{Request: q, Response: r}
}

// FuzzIdentify plays hosts that answer anything. Next ends within its cap, repeats
// nothing and asks nothing that is not plain; Identify always says the same of the
// same, states only what was shown, and changes nothing that it is given.
func FuzzIdentify(f *testing.F) {
	catalog, err := Builtin()
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add([]byte{0, 2, 1, 1, 0, 1, 3, 1, 0, 0})
	f.Add([]byte{2, 1, 2, 1, 0, 0, 3, 1, 1, 3, 1, 0, 1, 0, 7, 1})
	f.Add(bytes.Repeat([]byte{7, 0}, 20))
	f.Add(bytes.Repeat([]byte{0, 5, 9, 1, 10, 1, 8, 1, 12, 1, 14, 1, 0}, 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		h := &hostile{data}
		seen := seenOf()
		if len(data)%2 == 1 {
			seen.TLS = &evidence.TLS{Subject: string(data[:min(len(data), 60)]), SAN: []string{string(data)}}
		}
		for n := 0; ; n++ {
			q, more := catalog.Next(seen)
			if !more {
				break
			}
			if n >= maxRequests {
				t.Fatalf("more than %d questions", maxRequests)
			}
			if err := q.Validate(); err != nil {
				t.Fatal(err)
			}
			if seen.Find(q.Key()) != nil {
				t.Fatalf("%s is asked twice", q.Key())
			}
			seen.Exchanges = append(seen.Exchanges, h.exchange(q))
		}
		checkIdentified(t, catalog, seen)
	})
}

func checkIdentified(t *testing.T, catalog *Catalog, seen evidence.Seen) {
	t.Helper()
	ids := catalog.Identify(seen)
	if again := catalog.Identify(seen); !reflect.DeepEqual(ids, again) {
		t.Fatalf("%v, then %v", ids, again)
	}
	answered := seen.TLS != nil
	for _, x := range seen.Exchanges {
		answered = answered || x.Response != nil
	}
	if !answered && len(ids) > 0 {
		t.Fatalf("identified from nothing: %v", ids)
	}
	for _, id := range ids {
		if len(id.Because) == 0 || id.Because[0].Identifies.rank() < id.Confidence.rank() {
			t.Fatalf("%s is %s because of %+v", id.Product, id.Confidence, id.Because)
		}
		for _, r := range id.Because {
			if len(r.Shows) > maxShows || r.Shows == "" {
				t.Fatalf("%s %s shows %d bytes", id.Product, r.Rule, len(r.Shows))
			}
		}
		for _, raw := range id.Raw {
			if len(raw) > maxShows {
				t.Fatalf("%s keeps %d bytes", id.Product, len(raw))
			}
		}
	}
}
