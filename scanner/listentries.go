package scanner

import (
	"hash/maphash"
	"iter"
	"slices"

	"postern/scanner/finding"
)

// entries are what a list says, in its order, before it is decided who asks for what.
type entries interface {
	all() iter.Seq[entry]
}

// parsed are entries that are kept.
type parsed []entry

func (p parsed) all() iter.Seq[entry] { return slices.Values(p) }

// asWritten are lines that have no mistake in them. They are parsed each time that somebody
// goes through them: a million entries that are kept take a gigabyte.
type asWritten struct {
	file, text string
	largest    int // see parseEntry
}

func (w asWritten) all() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for l := range cutLines(w.text, nil) {
			if l.text == "" {
				continue
			}
			e, err := parseLine(l, w.largest)
			if err != nil {
				continue // it was read before
			}
			e.input.File = w.file
			if !yield(e) {
				return
			}
		}
	}
}

// all numbers the entries of every part of the list.
func (l *List) all() iter.Seq2[int, entry] {
	return func(yield func(int, entry) bool) {
		i := 0
		for _, part := range l.parts {
			for e := range part.all() {
				if !yield(i, e) {
					return
				}
				i++
			}
		}
	}
}

// single reports whether the entry is one endpoint and no range.
func (e *entry) single() bool { return e.host != "" || e.prefix.IsSingleIP() }

// repeated finds the endpoints that several single entries may name. It keeps four bytes an
// entry while it looks.
func (l *List) repeated() map[endpointKey]bool {
	seed := maphash.MakeSeed()
	hash := func(k endpointKey) uint32 { return uint32(maphash.Comparable(seed, k)) }
	size := 0
	for range l.all() {
		size++
	}
	hashes := make([]uint32, 0, size)
	for _, e := range l.all() {
		if e.single() {
			hashes = append(hashes, hash(e.key()))
		}
	}
	slices.Sort(hashes)
	twice := map[uint32]bool{}
	for i := 1; i < len(hashes); i++ {
		if hashes[i] == hashes[i-1] {
			twice[hashes[i]] = true
		}
	}
	if len(twice) == 0 {
		return nil
	}
	same := map[endpointKey]bool{}
	for _, e := range l.all() {
		if e.single() && twice[hash(e.key())] {
			same[e.key()] = true
		}
	}
	return same
}

// bits has one for each entry.
type bits []uint64

func (b bits) has(i int) bool { return i/64 < len(b) && b[i/64]&(1<<(i%64)) != 0 }

func (b *bits) set(i int) {
	for i/64 >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

// declaration is what the list states of the endpoint of a target.
func (l *List) declaration(host, address string, port int) *finding.Declaration {
	if len(l.declared) == 0 {
		return nil
	}
	return l.declared[endpointKey{host, address, port}]
}
