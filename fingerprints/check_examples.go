package fingerprints

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"postern/scanner/evidence"
	"postern/scanner/version"
)

// checkExample finds an example that its rule does not match, or reads otherwise than
// stated, or that is taken for another product.
func (k *checker) checkExample(r *rule, i int) {
	e := r.Examples[i]
	at := spot{"rules", r.index, "examples", i}
	fail := func(format string, args ...any) {
		k.fail(at, r.ID, fmt.Sprintf("example %d ", i+1)+format, args...)
	}
	v, f, err := k.example(r, e)
	if err != nil {
		fail("%v", err)
		return
	}
	switch {
	case !r.match.holds(f):
		fail("does not match: %s", r.match.instead(f))
	case r.unless != nil && r.unless.holds(f):
		fail("does not match: unless holds too: %s", strings.Join(r.unless.shows(f), "; "))
	default:
		k.checkReading(r, e, f, fail)
		k.checkModel(r, e, f, fail)
	}
	for _, id := range identify(k.catalog.evaluate(v)) {
		if id.Product != k.ID {
			fail("is also identified as %s: %s", id.Product, id.ruleNames())
		}
	}
}

// ruleNames lists the rules that identify.
func (id Identification) ruleNames() string {
	var names []string
	for _, reason := range id.Because {
		if reason.Identifies.rank() >= Strong.rank() {
			names = append(names, "rule "+reason.Rule)
		}
	}
	return strings.Join(names, ", ")
}

// checkReading compares what a rule reads from its example with what is stated.
func (k *checker) checkReading(r *rule, e Example, f *facts, fail func(string, ...any)) {
	if r.reading == nil {
		if e.Version != "" {
			fail("states the version %s, and the rule reads none", e.Version)
		}
		return
	}
	read := "*"
	o, ok := r.reading.read(f)
	switch {
	case !ok && r.Identifies == "":
		fail("holds no value that the rule could read")
		return
	case ok && o.narrows():
		read = o.says.String()
	case ok:
		read = fmt.Sprintf("* (%s)", o.raw)
	}
	if e.Version == "" {
		fail("states no version; the rule reads %s", read)
		return
	}
	want, err := version.ParseSet(k.Versions, e.Version)
	if err != nil {
		fail("states the version %q: %v", e.Version, err)
		return
	}
	got := o.says
	if !o.narrows() {
		got = version.All(k.Versions)
	}
	if !got.Equal(want) {
		fail("reads %s, not %s as stated", read, e.Version)
	}
}

// checkReject finds a reject that its rule matches after all.
func (k *checker) checkReject(r *rule, i int) {
	e := r.Rejects[i]
	fail := func(format string, args ...any) {
		k.fail(spot{"rules", r.index, "rejects", i}, r.ID, fmt.Sprintf("reject %d ", i+1)+format, args...)
	}
	if e.Version != "" {
		fail("states a version; what is not matched reads none")
	}
	_, f, err := k.example(r, e)
	if err != nil {
		fail("%v", err)
		return
	}
	if !r.matches(f) {
		return
	}
	if _, ok := r.outcome(f); ok {
		fail("is matched: %s", r.shows(hit{answer: f}))
	}
}

// example is what would have been seen if the example were the only answer, and the
// part of it that the rule reads.
func (k *checker) example(r *rule, e Example) (*view, *facts, error) {
	seen := &evidence.Seen{Scheme: "https", Host: "vpn.example.com", Port: 443}
	if e.Subject != "" || e.Issuer != "" || len(e.SAN) > 0 {
		seen.TLS = &evidence.TLS{Subject: e.Subject, Issuer: e.Issuer, SAN: e.SAN}
	}
	on, err := k.exampleOn(r, e)
	if err != nil {
		return nil, nil, err
	}
	if on == onTLS {
		if seen.TLS == nil {
			return nil, nil, errors.New("is on tls and states no certificate")
		}
		if e.Response+e.BodyHex+e.BodyBase64+e.BodyMD5 != "" || e.FaviconMMH3 != nil {
			return nil, nil, errors.New("is on tls and holds a response; the rule would not see it")
		}
		v := newView(seen)
		return v, v.handshake, nil
	}
	response, err := e.response()
	if err != nil {
		return nil, nil, err
	}
	seen.Exchanges = []evidence.Exchange{{Request: k.request(on), Response: response}}
	v := newView(seen)
	v.trusted = true // there is no decoy that could speak against it
	e.stateHashes(v.answers[0])
	return v, v.answers[0], nil
}

// exampleOn is the request that an example answers.
func (k *checker) exampleOn(r *rule, e Example) (string, error) {
	on := e.On
	if on == "" && len(r.On) > 0 {
		on = r.On[0]
	}
	if r.any {
		if on == onAny {
			return onRoot, nil
		}
		if _, known := k.keys[on]; !known {
			return "", fmt.Errorf("is on %q, which is no request of this product", on)
		}
		return on, nil
	}
	if !slices.Contains(r.On, on) {
		return "", fmt.Errorf("is on %q, which the rule does not read", on)
	}
	return on, nil
}

// request is the request of an id.
func (k *checker) request(id string) evidence.Request {
	for i, q := range k.Requests {
		if q.ID == id {
			return k.requests[i]
		}
	}
	return evidence.Request{Method: evidence.GET, Path: "/"}
}

// response is the recorded answer with its body.
func (e Example) response() (*evidence.Response, error) {
	hashed := e.FaviconMMH3 != nil || e.BodyMD5 != ""
	response := &evidence.Response{Status: http.StatusOK, Proto: "HTTP/1.1", Header: http.Header{}}
	if e.Response != "" {
		var err error
		if response, err = evidence.ParseResponse([]byte(e.Response)); err != nil {
			return nil, fmt.Errorf("cannot be read: %w", err)
		}
	} else if e.BodyHex == "" && e.BodyBase64 == "" && !hashed {
		return nil, errors.New("holds no response")
	}
	if e.BodyHex == "" && e.BodyBase64 == "" {
		return response, nil
	}
	if e.BodyHex != "" && e.BodyBase64 != "" || len(response.Body) > 0 {
		return nil, errors.New("states its body twice")
	}
	body, err := hex.DecodeString(strings.Join(strings.Fields(e.BodyHex), ""))
	if e.BodyBase64 != "" {
		body, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(e.BodyBase64), ""))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	response.Body = body
	return response, nil
}

// stateHashes puts the hashes that an example states in the place of computed ones.
func (e Example) stateHashes(f *facts) {
	if e.FaviconMMH3 != nil {
		f.icon = e.FaviconMMH3
	}
	if e.BodyMD5 != "" {
		digest := strings.ToLower(e.BodyMD5)
		f.digest = &digest
	}
}
