package fingerprints

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"postern/scanner/evidence"
)

// follow is the request that a redirect asks for: on the same scheme, host and port,
// plain enough to be asked, and at most the third in a row. Where else a redirect
// points is evidence, and nothing to follow.
func (v *view) follow(f *facts) (evidence.Request, bool) {
	if !f.redirects() || len(f.keys) > maxRedirects || f == v.decoy {
		return evidence.Request{}, false
	}
	target, err := v.resolve(f)
	if err != nil || !v.sameOrigin(target) || target.User != nil || target.Opaque != "" {
		return evidence.Request{}, false
	}
	path := target.EscapedPath()
	if path == "" {
		path = "/"
	}
	ask := evidence.Request{Method: f.request.Method, Path: path, Query: target.RawQuery, MaxBytes: f.request.MaxBytes, Via: f.request.Key()}
	return ask, ask.Validate() == nil
}

// redirects reports whether the answer sends the client elsewhere.
func (f *facts) redirects() bool {
	switch f.response.Status {
	case 301, 302, 303, 307, 308:
		return len(f.header("Location")) > 0
	}
	return false
}

// resolve is the address that Location names, seen from the page that names it.
func (v *view) resolve(f *facts) (*url.URL, error) {
	location, err := url.Parse(strings.TrimSpace(f.header("Location")[0]))
	if err != nil {
		return nil, err
	}
	host := v.seen.Host
	if strings.Contains(host, ":") { // an IPv6 address
		host = "[" + host + "]"
	}
	base := &url.URL{Scheme: v.seen.Scheme, Host: host + ":" + strconv.Itoa(v.seen.Port), Path: f.request.Path, RawQuery: f.request.Query}
	return base.ResolveReference(location), nil
}

func (v *view) sameOrigin(u *url.URL) bool {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme == v.seen.Scheme && port == strconv.Itoa(v.seen.Port) &&
		strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), strings.TrimSuffix(v.seen.Host, "."))
}

// elsewhere reports a redirect from one name to another: a web site that says where it is.
// From an address to a name is nothing of the kind, since gateways send visitors to their
// own name.
func (v *view) elsewhere(f *facts) bool {
	if _, err := netip.ParseAddr(v.seen.Host); err == nil {
		return false
	}
	target, err := v.resolve(f)
	return err == nil && !strings.EqualFold(target.Hostname(), v.seen.Host)
}
