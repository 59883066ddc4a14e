package scanner

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"postern/scanner/finding"
)

// entry is one parsed entry of a list: a name, or addresses.
type entry struct {
	host    string       // the name in lower case; empty for addresses
	prefix  netip.Prefix // the addresses, a single one with all its bits; zero for a name
	port    int          // 0: none named
	scheme  string       // empty unless the entry is a URL
	address string       // where to connect instead, "host" or "host:port"
	input   finding.Input
	// declared is what the list states of the gateway; nil for nothing.
	declared *finding.Declaration
}

// How many addresses a range may have, as a power of two.
const (
	smallRange = 16  // without being told that a large one is meant
	largeRange = 32  // to be scanned at all: no scan of more would end
	anyRange   = 128 // to be excluded
)

// parseEntry reads one entry in any form: host, host:port, URL, [v6]:port, address, range,
// range:port, name@address. A range has at most 2^largest addresses.
func parseEntry(text string, largest int) (entry, error) {
	if i := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }); i >= 0 {
		return entry{}, errors.New("holds a space or control byte; write one target a line")
	}
	if strings.Contains(text, "://") {
		return parseURL(text)
	}
	if name, address, ok := strings.Cut(text, "@"); ok {
		return parsePinned(name, address)
	}
	if strings.Contains(text, "/") {
		return parseRange(text, largest)
	}
	if strings.Contains(text, ",") {
		return entry{}, errors.New("holds a comma; write one target a line, or begin the list with a header line such as \"host,port,owner\"")
	}
	return parseHostPort(text)
}

// parseURL takes host and port from a URL; the path means nothing, because the questions
// are always the same.
func parseURL(text string) (entry, error) {
	scheme, rest, _ := strings.Cut(text, "://")
	scheme = strings.ToLower(scheme)
	port := map[string]int{"https": 443, "http": 80}[scheme]
	if port == 0 {
		return entry{}, fmt.Errorf("scheme %q is neither https nor http", cut(scheme))
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	if strings.Contains(rest, "@") {
		return entry{}, errors.New("holds a user name; remove it, because nothing is ever logged in to")
	}
	e, err := parseHostPort(strings.TrimSuffix(rest, ":"))
	if err != nil {
		return entry{}, err
	}
	e.scheme = scheme
	if e.port == 0 {
		e.port = port
	}
	return e, nil
}

// parsePinned reads name[:port]@address[:port]: ask for the name, connect to the address.
func parsePinned(name, address string) (entry, error) {
	const form = "name[:port]@address[:port]"
	if strings.ContainsAny(name+address, "/,@") {
		return entry{}, fmt.Errorf("is not of the form %s", form)
	}
	e, err := parseHostPort(name)
	if err != nil {
		return entry{}, fmt.Errorf("before the @ of %s: %w", form, err)
	}
	at, err := parseHostPort(address)
	if err != nil {
		return entry{}, fmt.Errorf("after the @ of %s: %w", form, err)
	}
	if e.host == "" {
		e.host, e.prefix = e.prefix.Addr().String(), netip.Prefix{}
	}
	e.address = at.host
	if at.host == "" {
		e.address = at.prefix.Addr().String()
	}
	if at.port != 0 {
		e.address = hostPort(e.address, at.port)
	}
	if e.port == 0 {
		e.port = at.port
	}
	return e, nil
}

// parseRange reads an address range with an optional port: 10.0.0.0/24, 10.0.0.0/24:8443,
// 2001:db8::/120, [2001:db8::/120]:8443. Every address counts, the first and last of an
// IPv4 range too: in a routed or translated range they are ordinary hosts.
func parseRange(text string, largest int) (entry, error) {
	bits, port, err := cutRangePort(text)
	if err != nil {
		return entry{}, err
	}
	prefix, err := netip.ParsePrefix(bits)
	if err != nil {
		if addr, _, _ := strings.Cut(text, "/"); strings.Trim(addr, "0123456789.:abcdefABCDEF[]") != "" {
			return entry{}, errors.New("has a path; write https:// in front, or the host alone")
		}
		return entry{}, errors.New("is no address range such as 10.0.0.0/24 or 2001:db8::/120")
	}
	if prefix, err = plainPrefix(prefix); err != nil {
		return entry{}, err
	}
	switch free := prefix.Addr().BitLen() - prefix.Bits(); {
	case free <= largest:
	case free > largeRange:
		return entry{}, fmt.Errorf("has 2^%d addresses, more than any scan can ask; list what is in use", free)
	default:
		return entry{}, fmt.Errorf("has %d addresses; more than %d need -allow-large", uint64(1)<<free, 1<<smallRange)
	}
	return entry{prefix: prefix, port: port}, nil
}

func cutRangePort(text string) (bits string, port int, err error) {
	bits = text
	if inside, ok := strings.CutPrefix(text, "["); ok {
		var after string
		if bits, after, ok = strings.Cut(inside, "]"); !ok {
			return "", 0, errors.New("has no ] for its [")
		}
		if after == "" {
			return bits, 0, nil
		}
		text, ok = strings.CutPrefix(after, ":")
		if !ok {
			return "", 0, errors.New("goes on after the ]; write [range]:port")
		}
		port, err = parsePort(text)
		return bits, port, err
	}
	slash := strings.IndexByte(text, '/')
	if colon := strings.IndexByte(text[slash:], ':'); colon >= 0 {
		bits = text[:slash+colon]
		port, err = parsePort(text[slash+colon+1:])
	}
	return bits, port, err
}

// parseHostPort reads host, host:port, an address, [v6] or [v6]:port.
func parseHostPort(text string) (entry, error) {
	host, port, hasPort := text, "", false
	switch {
	case strings.HasPrefix(text, "["):
		var after string
		var ok bool
		if host, after, ok = strings.Cut(text[1:], "]"); !ok {
			return entry{}, errors.New("has no ] for its [")
		}
		if port, hasPort = strings.CutPrefix(after, ":"); after != "" && !hasPort {
			return entry{}, errors.New("goes on after the ]; write [address]:port")
		}
		if !strings.Contains(host, ":") {
			return entry{}, errors.New("has brackets around what is no IPv6 address")
		}
	case strings.Count(text, ":") > 1:
		if err := unbracketed(text); err != nil {
			return entry{}, err
		}
	default:
		host, port, hasPort = strings.Cut(text, ":")
	}
	e, err := parseHost(host)
	if err != nil {
		return entry{}, err
	}
	if hasPort {
		e.port, err = parsePort(port)
	}
	return e, err
}

// unbracketed refuses an IPv6 address that ends in what may be meant as a port.
func unbracketed(text string) error {
	colon := strings.LastIndexByte(text, ':')
	head, tail := text[:colon], text[colon+1:]
	if _, err := netip.ParseAddr(head); err != nil {
		return nil // the last group belongs to the address, if it is one
	}
	_, err := netip.ParseAddr(text)
	_, noPort := parsePort(tail)
	common := tail == "80" || tail == "443" || len(tail) >= 4
	if err != nil || noPort == nil && common {
		return fmt.Errorf("may be an IPv6 address with or without a port; write [%s]:%s or [%s]", head, tail, text)
	}
	return nil
}

func parsePort(text string) (int, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("port %q is not a number from 1 to 65535", cut(text))
	}
	return int(port), nil
}

// hostPort joins as a URL needs it, with brackets around an IPv6 address.
func hostPort(host string, port int) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host + ":" + strconv.Itoa(port)
}

// cut shortens hostile or mistaken text for an error message.
func cut(text string) string {
	if len(text) > 80 {
		return text[:80] + "…"
	}
	return text
}
