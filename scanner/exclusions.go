package scanner

import (
	"errors"
	"io"
	"maps"
	"net/netip"
	"slices"
)

// Exclusions are what must not be asked, whatever a list says. A nil *Exclusions
// excludes nothing.
type Exclusions struct {
	names    map[string][]int       // ports by name in lower case; 0 is every port
	prefixes map[netip.Prefix][]int // the same by address range
}

// ParseExclusions reads one exclusion a line: host, address, range or URL, each with or
// without a port, and # comments. An exclusion without a port covers every port. name
// is used in errors; empty means that the lines were given on the command line.
func ParseExclusions(name string, r io.Reader) (*Exclusions, error) {
	m := &mistakes{file: name, what: "exclusion"}
	x := &Exclusions{names: map[string][]int{}, prefixes: map[netip.Prefix][]int{}}
	for line := range cutLines(m.text(r), m.tooLong) {
		if line.text == "" {
			continue
		}
		e, err := parseEntry(line.text, anyRange)
		if err == nil && e.address != "" {
			err = errors.New("an exclusion is a name or an address, not both")
		}
		if err != nil {
			m.add(line.number, line.column, line.text, err)
			continue
		}
		if e.host != "" {
			x.names[e.host] = append(x.names[e.host], e.port)
		} else {
			x.prefixes[e.prefix] = append(x.prefixes[e.prefix], e.port)
		}
	}
	if err := m.err(); err != nil {
		return nil, err
	}
	return x, nil
}

// Merge returns what x or y excludes; either may be nil.
func (x *Exclusions) Merge(y *Exclusions) *Exclusions {
	if x == nil || y == nil || x == y {
		if x == nil {
			return y
		}
		return x
	}
	merged := &Exclusions{names: maps.Clone(x.names), prefixes: maps.Clone(x.prefixes)}
	for name, ports := range y.names {
		merged.names[name] = slices.Concat(merged.names[name], ports)
	}
	for prefix, ports := range y.prefixes {
		merged.prefixes[prefix] = slices.Concat(merged.prefixes[prefix], ports)
	}
	return merged
}

// name reports whether a name is excluded at a port; port 0 asks for the whole name.
func (x *Exclusions) name(name string, port int) bool {
	return x != nil && covers(x.names[name], port)
}

// addr reports whether an address is excluded at a port; port 0 asks for all of it.
func (x *Exclusions) addr(addr netip.Addr, port int) bool {
	if x == nil || len(x.prefixes) == 0 {
		return false
	}
	for _, form := range forms(addr) {
		for bits := form.BitLen(); bits >= 0; bits-- {
			prefix, err := form.Prefix(bits)
			if err == nil && covers(x.prefixes[prefix], port) {
				return true
			}
		}
	}
	return false
}

// forms lists an address and the IPv4 address that it leads to: mapped (::ffff:0:0/96),
// translated (64:ff9b::/96 and 64:ff9b:1::/48, with the address at its end) or in 6to4
// (2002::/16). A translator with a prefix of its own cannot be known.
func forms(addr netip.Addr) []netip.Addr {
	addr = addr.Unmap().WithZone("")
	all := []netip.Addr{addr}
	if !addr.Is6() {
		return all
	}
	b := addr.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(addr), netip.MustParsePrefix("64:ff9b:1::/48").Contains(addr):
		all = append(all, netip.AddrFrom4([4]byte(b[12:16])))
	case netip.MustParsePrefix("2002::/16").Contains(addr):
		all = append(all, netip.AddrFrom4([4]byte(b[2:6])))
	}
	return all
}

// Covers reports whether an address is excluded at its port.
func (x *Exclusions) Covers(at netip.AddrPort) bool { return x.addr(at.Addr(), int(at.Port())) }

// byAddress reports whether anything but names is excluded.
func (x *Exclusions) byAddress() bool { return x != nil && len(x.prefixes) > 0 }

// host asks for what a target names, be it a name or an address.
func (x *Exclusions) host(host string, port int) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return x.addr(addr, port)
	}
	return x.name(host, port)
}

// endpoint reports whether a host is excluded, by itself or by the address, maybe empty,
// that it is pinned to; port 0 asks for all of it.
func (x *Exclusions) endpoint(host, address string, port int) bool {
	if x == nil {
		return false
	}
	if x.host(host, port) {
		return true
	}
	at, err := parseHostPort(address)
	if err != nil {
		return false // not pinned
	}
	if at.port == 0 {
		at.port = port
	}
	if at.host != "" {
		return x.name(at.host, at.port)
	}
	return x.addr(at.prefix.Addr(), at.port)
}

func covers(ports []int, port int) bool {
	return slices.Contains(ports, 0) || port != 0 && slices.Contains(ports, port)
}
