package fingerprints

// automaton finds which of many literals a text holds, without regard to ASCII case, in one
// pass that looks at each byte once (Aho and Corasick, 1975).
//
// It is our own because it needs little: no places, no counts, no replacing. For the literals
// of the shipped products it takes 1.5 MB and reads a page of 39 KB in 0.08 ms. Of three
// libraries that were measured the best took 8 MB and 0.13 ms, with a copy of the page in
// lower case, and is not kept up; two take 35 to 40 ms to build.
type automaton struct {
	class [256]uint8 // of a byte: 0 for those in no literal, the same for a and A
	width uint32     // number of classes
	// next is where each state leads, by class. A state is the place of its row in next;
	// ends is added where a literal ends.
	next []uint32
	ends []int32  // by row: the literal that ends there, or -1
	also []uint32 // by row: the row of the longest literal that ends there besides, or 0
	size int      // of a literalSet
}

// ending marks a state in which at least one literal ends.
const ending = 1 << 31

// newAutomaton takes literals in ASCII lower case; no two are the same and none is empty.
func newAutomaton(literals []string) *automaton {
	a := &automaton{size: (len(literals) + 63) / 64}
	a.classify(literals)
	rows := 1
	for _, text := range literals {
		rows += len(text)
	}
	a.next = make([]uint32, a.width, rows*int(a.width))
	a.ends = append(make([]int32, 0, rows), -1)
	for i, text := range literals {
		a.add(text, int32(i))
	}
	a.link()
	for i, row := range a.next {
		a.next[i] = row * a.width
		if a.ends[row] >= 0 || a.also[row] != 0 {
			a.next[i] |= ending
		}
	}
	return a
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
}

// add puts one literal into the tree of all; next still holds rows.
func (a *automaton) add(text string, literal int32) {
	row := uint32(0)
	for i := range len(text) {
		at := row*a.width + uint32(a.class[text[i]])
		if a.next[at] == 0 {
			a.next[at] = uint32(len(a.ends))
			a.ends = append(a.ends, -1)
			a.next = append(a.next, make([]uint32, a.width)...)
		}
		row = a.next[at]
	}
	a.ends[row] = literal
}

// link leads each state, where the tree does not go on, to where the longest end of the text
// so far goes on that begins a literal as well.
func (a *automaton) link() {
	a.also = make([]uint32, len(a.ends))
	shorter := make([]uint32, len(a.ends)) // by row: the row of that end
	queue := make([]uint32, 0, len(a.ends))
	for _, row := range a.next[:a.width] {
		if row != 0 {
			queue = append(queue, row)
		}
	}
	for len(queue) > 0 {
		row := queue[0]
		queue = queue[1:]
		back := shorter[row]
		a.also[row] = a.also[back]
		if a.ends[back] >= 0 {
			a.also[row] = back
		}
		own, others := a.next[row*a.width:][:a.width], a.next[back*a.width:][:a.width]
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

// search finds the literals that text holds.
func (a *automaton) search(text string) literalSet {
	found := make(literalSet, a.size)
	state := uint32(0)
	for i := range len(text) {
		state = a.next[state+uint32(a.class[text[i]])]
		if state&ending != 0 {
			state &^= ending
			a.note(state/a.width, found)
		}
	}
	return found
}

// note adds the literals that end in a row, up to one that was found before: the others
// were found with it.
func (a *automaton) note(row uint32, found literalSet) {
	for ; row != 0; row = a.also[row] {
		literal := a.ends[row]
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
