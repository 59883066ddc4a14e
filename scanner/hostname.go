package scanner

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// parseHost reads a name or a single address, without port or brackets.
func parseHost(text string) (entry, error) {
	if strings.Contains(text, "%") {
		return entry{}, errors.New("has a zone or an escape, which cannot be scanned; write the plain name or address")
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap()
		prefix, err := plainPrefix(netip.PrefixFrom(addr, addr.BitLen()))
		return entry{prefix: prefix}, err
	}
	if strings.Contains(text, ":") {
		return entry{}, fmt.Errorf("%q is no IPv6 address; with a port, write [address]:port", cut(text))
	}
	name := strings.ToLower(strings.TrimSuffix(text, "."))
	return entry{host: name}, checkName(name)
}

// plainPrefix refuses addresses that no single host has, and clears the host bits.
func plainPrefix(prefix netip.Prefix) (netip.Prefix, error) {
	if prefix.Addr().Is4In6() {
		if prefix.Bits() < 96 {
			return prefix, errors.New("is no range of IPv6 hosts")
		}
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
	}
	prefix = prefix.Masked()
	switch addr := prefix.Addr(); {
	case addr.IsUnspecified():
		return prefix, fmt.Errorf("begins at %s, which stands for this machine or for everything", addr)
	case addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return prefix, fmt.Errorf("%s is not the address of a single host", addr)
	}
	return prefix, nil
}

// checkName follows RFC 1123, and allows the underscore that internal names have.
func checkName(name string) error {
	if name == "" {
		return errors.New("has no host")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }) {
		return fmt.Errorf("%q is not ASCII; write the name in its xn-- form", cut(name))
	}
	if strings.HasPrefix(name, "*") {
		return fmt.Errorf("%q is a pattern; list the names", cut(name))
	}
	if len(name) > 253 {
		return fmt.Errorf("name has %d characters; at most 253 are possible", len(name))
	}
	if strings.Trim(name, "0123456789.-") == "" {
		return fmt.Errorf("%q is no IPv4 address; for several, write a range such as 10.0.0.0/28", cut(name))
	}
	for label := range strings.SplitSeq(name, ".") {
		if err := checkLabel(label); err != nil {
			return err
		}
	}
	if last := name[strings.LastIndexByte(name, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return fmt.Errorf("%q ends in a number, as no name does", cut(name))
	}
	return nil
}

func checkLabel(label string) error {
	if label == "" {
		return errors.New("name has an empty part between its dots")
	}
	if len(label) > 63 {
		return fmt.Errorf("name has a part of %d characters; at most 63 are possible", len(label))
	}
	for _, c := range []byte(label) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
			return fmt.Errorf("name holds %q", c)
		}
	}
	if label[0] == '-' || label[len(label)-1] == '-' {
		return fmt.Errorf("part %q of the name begins or ends with a hyphen", label)
	}
	return nil
}
