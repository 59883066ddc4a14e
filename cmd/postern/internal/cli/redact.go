package cli

import (
	"net/netip"
	"regexp"
	"strings"

	"postern/scanner/evidence"
)

// redactor removes from a recording what says whose device it is, and what a session
// could be taken over with. It cannot know everything: the command says to read the
// recording before sharing it.
type redactor struct {
	names *strings.Replacer
	// Left is what looks like an address and was kept, because four numbers with dots
	// may as well be a version.
	left []string
}

const (
	redactedHost  = "vpn.example.org"
	redactedV4    = "192.0.2.1"
	redactedV6    = "2001:db8::1"
	redactedValue = "REMOVED"
)

var (
	cookieValue  = regexp.MustCompile(`(?i)^([^=;]+=)([^;]{9,})(;.*|)$`)
	secretField  = regexp.MustCompile(`(?i)((?:csrf|token|session|nonce|rand_code|twfid|key|secret|challenge|state)[\w-]*["'>\s]*(?:value)?\s*[=:>]\s*["']?(?:<!\[CDATA\[)?)([A-Za-z0-9+/=_.-]{8,})`)
	mailAddress  = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	serialNumber = regexp.MustCompile(`\b([A-Z]{2,}[A-Z0-9]{2,6}?)(\d{6,})\b`)
	ipv4Shape    = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b`)
	ipv6Shape    = regexp.MustCompile(`\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){2,7}\b`)
)

// newRedactor knows the names of the device: the target's own, and those on its
// certificate.
func newRedactor(host string, tls *evidence.TLS) *redactor {
	names := []string{host}
	if tls != nil {
		names = append(names, tls.SAN...)
		if cn, _, ok := strings.Cut(strings.TrimPrefix(tls.Subject, "CN="), ","); ok || cn != tls.Subject {
			names = append(names, cn)
		}
	}
	var pairs []string
	for _, name := range names {
		name = strings.TrimPrefix(name, "*.")
		switch addr, err := netip.ParseAddr(name); {
		case err == nil && addr.Is4():
			pairs = append(pairs, name, redactedV4)
		case err == nil:
			pairs = append(pairs, name, redactedV6)
		case strings.Contains(name, "."):
			pairs = append(pairs, name, redactedHost)
		}
	}
	return &redactor{names: strings.NewReplacer(pairs...)}
}

// text cleans a body or a header value.
func (r *redactor) text(s string) string {
	s = r.names.Replace(s)
	s = mailAddress.ReplaceAllString(s, "user@example.org")
	s = serialNumber.ReplaceAllStringFunc(s, func(match string) string {
		parts := serialNumber.FindStringSubmatch(match)
		return parts[1] + strings.Repeat("0", len(parts[2]))
	})
	s = secretField.ReplaceAllString(s, "${1}"+redactedValue)
	s = ipv6Shape.ReplaceAllStringFunc(s, func(match string) string {
		if addr, err := netip.ParseAddr(match); err == nil && addr.Is6() {
			return redactedV6
		}
		return match // a time of day, a fingerprint, a build stamp
	})
	return ipv4Shape.ReplaceAllStringFunc(s, func(match string) string {
		addr, err := netip.ParseAddr(match)
		if err != nil || match == redactedV4 {
			return match
		}
		if addr.IsPrivate() && !strings.HasPrefix(match, "10.") {
			return redactedV4
		}
		r.left = append(r.left, match)
		return match
	})
}

// header cleans one header field; what a cookie holds is a session unless it is short.
func (r *redactor) header(name, value string) string {
	if strings.EqualFold(name, "Set-Cookie") {
		value = cookieValue.ReplaceAllString(value, "${1}"+redactedValue+"${3}")
	}
	return r.text(value)
}
