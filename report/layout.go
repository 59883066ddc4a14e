package report

import (
	"strings"
	"unicode/utf8"
)

// style is the parameters of a terminal's "select graphic rendition"; empty is plain.
type style string

const (
	plainly style = ""
	bold    style = "1"
	faint   style = "2"
	alarm   style = "1;31"
	warning style = "33"
	heading style = "1;4"
)

// span is a piece of a line. Its text is made visible when it is laid out, so that no
// text can reach the page in another way.
type span struct {
	text  string
	style style
	pad   int // columns to fill up to, for tables
}

func say(text string) span             { return span{text: text} }
func styled(s style, text string) span { return span{text: text, style: s} }
func padded(width int, s span) span    { s.pad = width; return s }

// maxSpan is the most characters that one piece of text may take. Nothing of ours is as
// long.
const maxSpan = 1000

// page lays lines out in a number of columns. Characters beyond ASCII count as two
// columns, which some are; so no line is too long.
type page struct {
	buf   strings.Builder
	width int
	color bool

	// Where the current line stands.
	col, hang int
	tab       int  // where the next cell begins, if the text before it is shorter
	fresh     bool // nothing but indentation so far
}

func newPage(opts Options) *page {
	width := opts.Width
	if width == 0 {
		width = 80
	}
	return &page{width: max(width, 40), color: opts.Color}
}

// gap is an empty line.
func (p *page) gap() { p.buf.WriteByte('\n') }

// line writes spans with a space between them, from column indent on, and goes on at
// column hang when they are longer than the page.
func (p *page) line(indent, hang int, spans ...span) {
	p.spaces(indent)
	p.col, p.hang, p.tab, p.fresh = indent, hang, 0, true
	for _, s := range spans {
		begin := max(p.col+1, p.tab)
		if p.fresh {
			begin = indent
		}
		for word := range strings.FieldsSeq(visible(s.text, maxSpan)) {
			p.word(word, s.style)
		}
		if s.pad > 0 {
			p.tab = begin + s.pad + 1
		}
	}
	p.gap()
}

// word writes one word where there is room for it, in pieces if no line is long enough.
func (p *page) word(word string, s style) {
	lead := max(1, p.tab-p.col)
	switch {
	case p.fresh:
	case p.col+lead+columns(word) > p.width:
		p.wrap()
	default:
		p.spaces(lead)
		p.col += lead
	}
	for columns(word) > p.width-p.col {
		head := fitting(word, p.width-p.col)
		p.put(head, s)
		p.wrap()
		word = word[len(head):]
	}
	p.put(word, s)
	p.col, p.fresh = p.col+columns(word), false
}

func (p *page) wrap() {
	p.gap()
	p.spaces(p.hang)
	p.col, p.tab = p.hang, 0
}

func (p *page) spaces(n int) { p.buf.WriteString(strings.Repeat(" ", n)) }

func (p *page) put(word string, s style) {
	if !p.color || s == plainly {
		p.buf.WriteString(word)
		return
	}
	p.buf.WriteString("\x1b[" + string(s) + "m" + word + "\x1b[0m")
}

// columns is the most columns that visible text can take.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= utf8.RuneSelf {
			n++
		}
	}
	return n
}

// fitting is the longest beginning of a word that fits; at least one character.
func fitting(word string, width int) string {
	n := 0
	for i, r := range word {
		n++
		if r >= utf8.RuneSelf {
			n++
		}
		if n > width && i > 0 {
			return word[:i]
		}
	}
	return word
}
