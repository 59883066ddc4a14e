package finding

import (
	"errors"
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"
)

// TargetPattern names endpoints: a name, in which a star stands for any characters between
// two dots; an address; or a range of addresses. With a port it is only that port, and
// a range has none. The zero value covers nothing.
//
// Names are not looked up: an address covers what a list names by its address, or what
// a report shows behind "@".
type TargetPattern struct {
	text   string
	labels []string     // of a name, in lower case
	prefix netip.Prefix // of an address or range
	port   int          // 0: every port
}

// ParseTargetPattern reads "vpn.example.org", "*.example.org:443", "192.0.2.1",
// "[2001:db8::1]:443" or "192.0.2.0/24".
func ParseTargetPattern(text string) (TargetPattern, error) {
	p := TargetPattern{text: text}
	if strings.Contains(text, "://") || strings.ContainsAny(text, "@?# \t") {
		return TargetPattern{}, errors.New("write a name, an address or a range, with a port or without, as in vpn.example.org:443")
	}
	if strings.Contains(text, "/") {
		var err error
		p.prefix, err = parseRange(text)
		return p, err
	}
	name, port := parseEndpoint(text)
	p.port = port
	if addr, err := netip.ParseAddr(name); err == nil {
		if addr.Zone() != "" {
			return TargetPattern{}, errors.New("has a zone; write the plain address")
		}
		addr = addr.Unmap()
		p.prefix = netip.PrefixFrom(addr, addr.BitLen())
		return p, nil
	}
	if strings.Contains(name, ":") {
		return TargetPattern{}, fmt.Errorf("%q is neither a name with a port nor an address", text)
	}
	p.labels = strings.Split(name, ".")
	return p, checkPattern(name, p.labels)
}

func parseRange(text string) (netip.Prefix, error) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || prefix.Addr().Is4In6():
		return netip.Prefix{}, errors.New("is no range of addresses; write one such as 192.0.2.0/24")
	case prefix.Bits() == 0:
		return netip.Prefix{}, errors.New("covers every address; name those that are meant")
	case prefix != prefix.Masked():
		return netip.Prefix{}, fmt.Errorf("begins inside the range; write %s", prefix.Masked())
	}
	return prefix, nil
}

// checkPattern refuses what cannot match, and what matches more than somebody can mean.
func checkPattern(name string, labels []string) error {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	last := labels[len(labels)-1]
	switch {
	case name == "" || len(name) > 253:
		return errors.New("is no name of a host")
	case strings.Trim(name, letters+"0123456789-_.*") != "":
		return errors.New("a name has letters, digits, hyphens and dots, and stars where it is a pattern")
	case strings.Trim(name, "*.") == "":
		return errors.New("covers every name; name those that are meant, or a tag")
	case !strings.ContainsAny(last, letters) && len(labels) > 1:
		return errors.New("ends in no name; for addresses write a range such as 192.0.2.0/24")
	}
	for _, label := range labels {
		if label == "" {
			return errors.New("has an empty part between its dots")
		}
	}
	return nil
}

// parseEndpoint splits "name:port" and "[address]:port"; the port is 0 where there is none.
// The name is in lower case, without a final dot, and an address without brackets.
func parseEndpoint(text string) (name string, port int) {
	name = text
	if i := strings.LastIndexByte(text, ':'); i >= 0 && (strings.Count(text, ":") == 1 || strings.HasSuffix(text[:i], "]")) {
		if n, err := strconv.Atoi(text[i+1:]); err == nil && n >= 1 && n <= 65535 && text[i+1] != '+' {
			name, port = text[:i], n
		}
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		name = name[1 : len(name)-1]
	}
	return strings.ToLower(strings.TrimSuffix(name, ".")), port
}

// String is the pattern as it was written.
func (p TargetPattern) String() string { return p.text }

// Covers reports whether an endpoint, as [Result.Target] has it, is meant.
func (p TargetPattern) Covers(target string) bool { return p.covers(newEndpoint(target)) }

// SplitTarget returns what [Result.Target] names: a name in lower case, or an address without
// brackets, and the port, 0 where it has none. The address that a name was asked at, behind
// "@", is in neither.
func SplitTarget(target string) (host string, port int) {
	text, _, _ := strings.Cut(target, "@")
	return parseEndpoint(text)
}

// endpoint is a target in its parts.
type endpoint struct {
	labels []string     // of its name; nil for an address
	addrs  []netip.Addr // that the target shows
	port   int
}

func newEndpoint(target string) endpoint {
	name, port := SplitTarget(target)
	e := endpoint{port: port}
	if addr, err := netip.ParseAddr(name); err == nil {
		e.addrs = append(e.addrs, addr.Unmap())
	} else {
		e.labels = strings.Split(name, ".")
	}
	_, at, _ := strings.Cut(target, "@")
	at, _ = parseEndpoint(at)
	if addr, err := netip.ParseAddr(at); err == nil {
		e.addrs = append(e.addrs, addr.Unmap())
	}
	return e
}

func (p TargetPattern) covers(e endpoint) bool {
	if p.port != 0 && p.port != e.port {
		return false
	}
	if p.labels == nil {
		return p.prefix.IsValid() && slices.ContainsFunc(e.addrs, p.prefix.Contains)
	}
	return slices.EqualFunc(p.labels, e.labels, func(pattern, label string) bool {
		same, err := path.Match(pattern, label)
		return err == nil && same
	})
}
