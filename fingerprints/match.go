package fingerprints

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// matcher is a Match, compiled: conditions that must all hold on one answer, the
// cheap ones first.
type matcher struct{ conditions []condition }

// condition is one line of a Match.
type condition struct {
	looksAt place
	holds   func(*facts) bool
	// shows is the device's own text that the condition rests on, once it holds.
	shows func(*facts) string
	// instead says what stands there when it does not hold.
	instead func(*facts) string
}

// place is the part of what was seen that a condition looks at.
type place int

const (
	onAnswer      place = iota // depends on the path that was asked
	onFields                   // headers and cookies, which many servers set on every path
	onCertificate              // the same for every answer
)

// holds reports whether every condition holds on one answer.
func (m *matcher) holds(f *facts) bool {
	for _, c := range m.conditions {
		if !c.holds(f) {
			return false
		}
	}
	return true
}

// instead says what stands in the way of the first condition that does not hold.
func (m *matcher) instead(f *facts) string {
	for _, c := range m.conditions {
		if !c.holds(f) {
			return c.instead(f)
		}
	}
	return ""
}

// shows is the device's text that the conditions rest on.
func (m *matcher) shows(f *facts) []string {
	var texts []string
	for _, c := range m.conditions {
		if text := c.shows(f); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// only reports whether every condition looks at one of the places.
func (m *matcher) only(places ...place) bool {
	for _, c := range m.conditions {
		if !slices.Contains(places, c.looksAt) {
			return false
		}
	}
	return true
}

var digestShape = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)

// compileMatch turns the keys of a Match into conditions.
func (c *compiler) compileMatch(m Match, at spot, rule string) *matcher {
	out := &matcher{}
	add := func(cond condition) { out.conditions = append(out.conditions, cond) }
	one := func(key, text string, build func(*pattern) condition) {
		if text == "" {
			return
		}
		if p := c.pattern(text, at.to(key), rule, key); p != nil {
			add(build(p))
		}
	}
	if len(m.Status) > 0 {
		c.checkStatus(m.Status, at, rule)
		add(statusIs(m.Status))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		if p := c.pattern(m.Header[name], at.to("header", name), rule, "header "+name); p != nil {
			add(headerMatches(http.CanonicalHeaderKey(name), p))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Cookie)) {
		if strings.TrimSuffix(name, "*") == "" {
			c.fail(at.to("cookie", name), rule, "cookie %q has no name", name)
		}
		if p := c.pattern(m.Cookie[name], at.to("cookie", name), rule, "cookie "+name); p != nil {
			add(cookieMatches(name, p))
		}
	}
	one("location", m.Location, locationMatches)
	one("cert_subject", m.Subject, subjectMatches)
	one("cert_issuer", m.Issuer, issuerMatches)
	one("cert_san", m.SAN, sanMatches)
	one("title", m.Title, titleMatches)
	for i, literal := range m.Body {
		if strings.TrimSpace(literal) == "" {
			c.fail(at.to("body", i), rule, "body holds an empty literal")
		}
		add(bodyHolds(c.literals.add(lowerASCII(literal)), literal))
	}
	one("body_pattern", m.BodyPattern, func(p *pattern) condition {
		c.literals.addAll(p)
		return bodyMatches(p)
	})
	one("gzip_name", m.GzipName, gzipNameMatches)
	if len(m.FaviconMMH3) > 0 {
		add(iconIs(m.FaviconMMH3))
	}
	if len(m.BodyMD5) > 0 {
		for i, digest := range m.BodyMD5 {
			if !digestShape.MatchString(digest) {
				c.fail(at.to("body_md5", i), rule, "body_md5 %q is not 32 hex digits", digest)
			}
		}
		add(digestIs(m.BodyMD5))
	}
	return out
}

// pattern compiles a pattern or notes why it cannot be.
func (c *compiler) pattern(text string, at spot, rule, what string) *pattern {
	if c.checked {
		return checkedPattern(text)
	}
	p, err := compilePattern(text)
	if err != nil {
		c.fail(at, rule, "%s: %v", what, err)
		return nil
	}
	return p
}

func (c *compiler) checkStatus(list []int, at spot, rule string) {
	for i, status := range list {
		if status < 100 || status > 599 {
			c.fail(at.to("status", i), rule, "status %d is not between 100 and 599", status)
		}
	}
}

// missing words an absent or differing value.
func missing(what string, values []string) string {
	switch len(values) {
	case 0:
		return "there is no " + what
	case 1:
		return fmt.Sprintf("%s is %q", what, cut(values[0], 80))
	}
	return fmt.Sprintf("%s is %q and %d more", what, cut(values[0], 80), len(values)-1)
}
