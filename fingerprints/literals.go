package fingerprints

import (
	mathbits "math/bits"
	"strings"
	"sync"
)

// maxLiteralBytes is how long the literals are together that one pass looks for, so that the
// states of its [automaton] can be counted in 16 bits. Each byte takes some 260 bytes of
// memory. Those of all shipped products are 7,300 bytes long; only rules of others could come
// near.
const maxLiteralBytes = 1<<16 - 1

// literals are the texts that the rules of a catalog look for in bodies, each once. A body
// is searched for all of them in one pass; see [automaton].
type literals struct {
	texts     []string // in ASCII lower case
	known     map[string]literal
	bytes     int // in all texts
	build     sync.Once
	automaton *automaton
}

// literal is a text that rules look for in bodies, without regard to ASCII case.
type literal struct {
	text  string    // in lower case
	among *literals // nil: it is looked for by itself
	index int       // in among
}

// add takes a literal in, in lower case. It must not be called any more once a body was
// searched.
func (l *literals) add(text string) literal {
	if known, ok := l.known[text]; ok {
		return known
	}
	if text == "" || l.bytes+len(text) > maxLiteralBytes {
		return literal{text: text}
	}
	if l.known == nil {
		l.known = map[string]literal{}
	}
	added := literal{text: text, among: l, index: len(l.texts)}
	l.known[text] = added
	l.texts = append(l.texts, text)
	l.bytes += len(text)
	return added
}

// addAll takes the literals of a pattern over bodies in.
func (l *literals) addAll(p *pattern) {
	if p == nil {
		return
	}
	if p.literals == nil {
		p.literals = bodyLiterals(p.text)
	}
	for _, group := range p.literals {
		var found []literal
		for _, text := range group {
			found = append(found, l.add(text))
		}
		p.required = append(p.required, found)
	}
}

// search finds the literals that text holds. The automaton is built for the first text:
// many commands never see one.
func (l *literals) search(text string) literalSet {
	l.build.Do(func() { l.automaton = newAutomaton(l.texts) })
	return l.automaton.search(text)
}

// literalSet has a bit for each literal that was found.
type literalSet []uint64

func (s literalSet) has(index int) bool { return s[index/64]&(1<<(index%64)) != 0 }

// each passes on what a list has for the literals that were found.
func (s literalSet) each(list [][]int, take func([]int)) {
	for word, bits := range s {
		for ; bits != 0; bits &= bits - 1 {
			if i := word*64 + mathbits.TrailingZeros64(bits); i < len(list) {
				take(list[i])
			}
		}
	}
}

// holds reports whether the body holds a literal.
func (f *facts) holds(l literal) bool {
	if l.among == nil {
		return strings.Contains(f.lower(), l.text)
	}
	return f.literals(l.among).has(l.index)
}

// literals are those of a catalog that the body holds.
func (f *facts) literals(all *literals) literalSet {
	if f.found == nil {
		f.found = all.search(f.body())
	}
	return f.found
}
