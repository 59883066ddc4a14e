package scanner

import "strings"

// sharedNames knows the names that a list asks for at addresses of its own choice, as
// name@address does, and tells whether such an entry is the only one of its name. The nodes
// of a cluster have one name; without their addresses their results would look the same, and
// be taken for one.
type sharedNames map[namedPort]*whereabouts

// namedPort is a name with a port; 0 where none is named, anyPort for all entries of the name.
type namedPort struct {
	host string
	port int
}

const anyPort = -1

// whereabouts are the addresses that a name is asked at: one, which is empty if it is looked
// up, or several.
type whereabouts struct {
	address string
	several bool
}

// sharedNames looks at the entries that ask for something, and keeps only what it is told to
// have an address behind it, which is little in most lists.
func (l *List) sharedNames(pinned map[string]bool) sharedNames {
	if len(pinned) == 0 {
		return nil
	}
	names := sharedNames{}
	for i, e := range l.all() {
		if pinned[e.host] && l.left.has(i) {
			names.add(namedPort{e.host, e.port}, e.address)
			names.add(namedPort{e.host, anyPort}, e.address)
		}
	}
	return names
}

func (s sharedNames) add(at namedPort, address string) {
	switch known := s[at]; {
	case known == nil:
		s[at] = &whereabouts{address: address}
	case known.address != address:
		known.several = true
	}
}

// among reports whether an entry asks at an address for what another entry asks elsewhere. An
// entry without a port may ask on any.
func (s sharedNames) among(e *entry) bool {
	elsewhere := func(port int) bool {
		at := s[namedPort{e.host, port}]
		return at != nil && (at.several || at.address != e.address)
	}
	if e.address == "" || s == nil {
		return false
	}
	if e.port == 0 {
		return elsewhere(anyPort)
	}
	return elsewhere(e.port) || elsewhere(0)
}

// shownAt is what results add to a target that is asked at an address, "host" or "host:port".
func shownAt(address string) string {
	if strings.Count(address, ":") > 1 && !strings.HasPrefix(address, "[") {
		address = "[" + address + "]"
	}
	return "@" + address
}
