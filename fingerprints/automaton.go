package fingerprints

import (
	"math/bits"
	"slices"
)

// automaton finds which of many literals a text holds, without regard to ASCII case, in one
// pass that looks at each byte once (Aho and Corasick, 1975).
//
// It is our own because it needs little: no places, no counts, no replacing. For the literals
// of the shipped products it takes 1.4 MB and reads a page of 39 KB in 0.1 ms. Of three
// libraries that were measured the best took 8 MB and 0.13 ms, with a copy of the page in
// lower case, and is not kept up; two take 35 to 40 ms to build.
type automaton struct {
	class [256]uint8 // of a byte: 0 for those in no literal, the same for a and A
	width int        // number of classes, made up to a power of two
	shift int        // which power
	// next is where each state leads, by class: width of them a state. States of 16 bits and
	// no place of their row make a page of 6 KiB take 4 µs more than 32 bits with the place
	// would, and half the memory. maxLiteralBytes bounds them.
	next []uint16
	ends []int32  // by state: the literal that ends there, or -1
	also []uint16 // by state: that of the longest literal that ends there besides, or 0
	note []bool   // by state: whether any literal ends there
	size int      // of a literalSet
}

// newAutomaton takes literals in ASCII lower case; no two are the same and none is empty.
// Together they have at most maxLiteralBytes.
func newAutomaton(literals []string) *automaton {
	a := &automaton{size: (len(literals) + 63) / 64}
	a.classify(literals)
	states := countStates(literals)
	a.next = make([]uint16, a.width, states*a.width)
	a.ends = append(make([]int32, 0, states), -1)
	for i, text := range literals {
		a.add(text, int32(i))
	}
	a.link()
	return a
}

// countStates is one for the beginning, and one for each different beginning of a literal.
func countStates(literals []string) int {
	states, before := 1, ""
	for _, text := range slices.Sorted(slices.Values(literals)) {
		shared := 0
		for shared < min(len(text), len(before)) && text[shared] == before[shared] {
			shared++
		}
		states += len(text) - shared
		before = text
	}
	return states
}

// classify numbers the bytes that stand in literals.
func (a *automaton) classify(literals []string) {
	a.width = 1
	for _, text := range literals {
		for i := range len(text) {
			if a.class[text[i]] == 0 {
				a.class[text[i]] = uint8(a.width) // there are fewer than 256: no capitals
				a.width++
			}
		}
	}
	for c := 'A'; c <= 'Z'; c++ {
		a.class[c] = a.class[c|0x20]
	}
	a.shift = bits.Len(uint(a.width - 1))
	a.width = 1 << a.shift
}

// add puts one literal into the tree of all.
func (a *automaton) add(text string, literal int32) {
	state := uint16(0)
	for i := range len(text) {
		at := int(state)<<a.shift | int(a.class[text[i]])
		if a.next[at] == 0 {
			a.next[at] = uint16(len(a.ends))
			a.ends = append(a.ends, -1)
			a.next = append(a.next, make([]uint16, a.width)...)
		}
		state = a.next[at]
	}
	a.ends[state] = literal
}

// link leads each state, where the tree does not go on, to where the longest end of the text
// so far goes on that begins a literal as well.
func (a *automaton) link() {
	a.also, a.note = make([]uint16, len(a.ends)), make([]bool, len(a.ends))
	shorter := make([]uint16, len(a.ends)) // by state: the state of that end
	queue := make([]uint16, 0, len(a.ends))
	for _, state := range a.next[:a.width] {
		if state != 0 {
			queue = append(queue, state)
		}
	}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		back := shorter[state]
		a.also[state] = a.also[back]
		if a.ends[back] >= 0 {
			a.also[state] = back
		}
		a.note[state] = a.ends[state] >= 0 || a.also[state] != 0
		own, others := a.row(state), a.row(back)
		for class, to := range own {
			if to == 0 {
				own[class] = others[class]
				continue
			}
			shorter[to] = others[class]
			queue = append(queue, to)
		}
	}
}

func (a *automaton) row(state uint16) []uint16 { return a.next[int(state)<<a.shift:][:a.width] }

// search finds the literals that text holds.
func (a *automaton) search(text string) literalSet {
	found := make(literalSet, a.size)
	next, note, shift, state := a.next, a.note, a.shift&31, uint16(0)
	for i := range len(text) {
		state = next[uint(state)<<shift|uint(a.class[text[i]])]
		if note[state] {
			a.take(state, found)
		}
	}
	return found
}

// take adds the literals that end in a state, up to one that was found before: the others
// were found with it.
func (a *automaton) take(state uint16, found literalSet) {
	for ; state != 0; state = a.also[state] {
		literal := a.ends[state]
		if literal < 0 {
			continue
		}
		bit := uint64(1) << (literal % 64)
		if found[literal/64]&bit != 0 {
			return
		}
		found[literal/64] |= bit
	}
}
