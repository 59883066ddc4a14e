package scanner

import (
	"encoding/binary"
	"iter"
	"net/netip"
	"slices"
)

// span is a run of addresses, both ends included.
type span struct{ first, last netip.Addr }

func spanOf(prefix netip.Prefix) span {
	last := prefix.Addr().As16()
	free := prefix.Addr().BitLen() - prefix.Bits()
	for i := 15; free > 0; i, free = i-1, free-8 {
		last[i] |= byte(1<<min(free, 8) - 1)
	}
	end := netip.AddrFrom16(last)
	if prefix.Addr().Is4() {
		end = end.Unmap()
	}
	return span{prefix.Addr(), end}
}

// size counts the addresses; a span never has more than 2^largeRange.
func (s span) size() uint64 {
	first, last := s.first.As16(), s.last.As16()
	return binary.BigEndian.Uint64(last[8:]) - binary.BigEndian.Uint64(first[8:]) + 1
}

// claim says that the addresses of a prefix belong to an earlier entry, or to nobody.
type claim struct {
	place
	index int // of the first entry that makes it
}

// place is what is claimed.
type place struct {
	prefix   netip.Prefix
	port     int  // 0: of an entry, that it names none; of an exclusion, every port
	excluded bool // by an exclusion, and by no entry
}

// claims answers what is left of a range once the entries before it and the exclusions
// have taken theirs. It holds ranges, never the addresses in them.
type claims struct {
	sorted []claim // by address
	first  map[place]int
	bits   []int // the lengths of prefixes that occur
}

// newClaims takes the ranges of a list and the addresses in them that stand for themselves;
// other addresses claim nothing from anybody.
func newClaims(list iter.Seq2[int, entry], exclude *Exclusions) *claims {
	c := &claims{first: map[place]int{}}
	ranges := &claims{first: map[place]int{}}
	for i, e := range list {
		if !e.single() {
			ranges.add(place{prefix: e.prefix, port: e.port}, i)
		}
	}
	if len(ranges.sorted) > 0 {
		for i, e := range list {
			if e.host == "" && (!e.single() || ranges.hold(e.prefix, e.port)) {
				c.add(place{prefix: e.prefix, port: e.port}, i)
			}
		}
	}
	if exclude != nil {
		for prefix, ports := range exclude.prefixes {
			for _, port := range ports {
				c.add(place{prefix, port, true}, 0)
			}
		}
	}
	slices.SortFunc(c.sorted, func(a, b claim) int { return a.prefix.Addr().Compare(b.prefix.Addr()) })
	return c
}

func (c *claims) add(p place, index int) {
	if _, taken := c.first[p]; taken {
		return
	}
	c.first[p] = index
	c.sorted = append(c.sorted, claim{p, index})
	if !slices.Contains(c.bits, p.prefix.Bits()) {
		c.bits = append(c.bits, p.prefix.Bits())
	}
}

// hold reports whether a range of the same port has the address.
func (c *claims) hold(address netip.Prefix, port int) bool {
	return slices.ContainsFunc(c.bits, func(bits int) bool {
		outer, err := address.Addr().Prefix(bits)
		_, ok := c.first[place{prefix: outer, port: port}]
		return err == nil && ok
	})
}

// left lists what remains of the range of entry number index.
func (c *claims) left(prefix netip.Prefix, port, index int) []span {
	if c.covered(prefix, port, index) {
		return nil
	}
	all := spanOf(prefix)
	at, _ := slices.BinarySearchFunc(c.sorted, all.first, func(a claim, first netip.Addr) int {
		return a.prefix.Addr().Compare(first)
	})
	var spans []span
	next := all.first // the first address that nobody has claimed so far
	for _, other := range c.sorted[at:] {
		if all.last.Less(other.prefix.Addr()) {
			break
		}
		if !other.goesBefore(port, index) {
			continue
		}
		hole := spanOf(other.prefix)
		if hole.last.Less(next) {
			continue // inside a hole before it
		}
		if next.Less(hole.first) {
			spans = append(spans, span{next, hole.first.Prev()})
		}
		if hole.last == all.last {
			return spans
		}
		next = hole.last.Next()
	}
	return append(spans, span{next, all.last})
}

// goesBefore reports whether a claim goes before that of entry number index.
func (c claim) goesBefore(port, index int) bool {
	if c.excluded {
		return c.port == 0 || c.port == port
	}
	return c.port == port && c.index < index
}

// covered reports whether one claim takes the whole prefix.
func (c *claims) covered(prefix netip.Prefix, port, index int) bool {
	for _, bits := range c.bits {
		if bits > prefix.Bits() {
			continue
		}
		outer, err := prefix.Addr().Prefix(bits)
		if err != nil {
			continue
		}
		for _, p := range []place{{outer, port, false}, {outer, port, true}, {outer, 0, true}} {
			if who, ok := c.first[p]; ok && (claim{p, who}).goesBefore(port, index) {
				return true
			}
		}
	}
	return false
}
