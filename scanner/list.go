package scanner

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"

	"postern/fingerprints"
	"postern/scanner/finding"
)

// List is the asset list of a scan, with every name, address and port in it once. It
// holds ranges as ranges. A nil *List is empty.
type List struct {
	parts   []entries
	exclude *Exclusions
	left    bits // the entries that ask for something, by number
	shared  sharedNames
	spans   map[int][]span // what is left of the addresses of a range, by number
	count   uint64
	// declared is what entries state of an endpoint, also those that ask for nothing
	// because an earlier one names it; declarations are the same in the order of the list.
	declared     map[endpointKey]*finding.Declaration
	declarations []stated
	shard        finding.Shard // zero for the whole list
}

// stated is what an entry states of an endpoint.
type stated struct {
	key      endpointKey
	input    finding.Input
	declared *finding.Declaration
}

// endpointKey is what makes two entries ask the same.
type endpointKey struct {
	host, address string // host is the address of an entry for a single one
	port          int
}

func (e *entry) key() endpointKey {
	host := e.host
	if host == "" {
		host = e.prefix.Addr().String()
	}
	return endpointKey{host, e.address, e.port}
}

// ListOptions say what a list may hold. The zero value is what the command line
// defaults to.
type ListOptions struct {
	// AllowLarge allows ranges of more than 65,536 addresses, up to 2^32.
	AllowLarge bool
	// Exclude is left out of the list; the targets carry it too, so that a name
	// which resolves to an excluded address is not connected to.
	Exclude *Exclusions
	// Catalog checks the products and versions that entries declare, and has them judged
	// so. Without it product=, version= and model= are metadata like any other.
	Catalog *fingerprints.Catalog
}

func (o ListOptions) largest() int {
	if o.AllowLarge {
		return largeRange
	}
	return smallRange
}

const (
	maxList    = 64 << 20 // bytes of a list
	maxEntries = 1 << 20  // entries of a list, before expansion
)

// ParseList reads an asset list: one entry a line, CSV with a header line, or the JSON
// lines of httpx, recognised by the first line. file is where the entries say that they
// come from, "-" for standard input. The error lists the mistakes with file, line and
// column; a list without entries is one.
func ParseList(file string, r io.Reader, opts ListOptions) (*List, error) {
	m := &mistakes{file: file}
	text := m.text(r)
	var list entries
	var declared []stated
	count := 0
	take := func(e *entry) {
		count++
		if e.declared != nil {
			e.declared.Place = fmt.Sprintf("%s:%d", m.place(), e.input.Line)
			declared = append(declared, stated{e.key(), e.input, e.declared})
		}
	}
	switch first, header := firstLine(cutLines(text, nil)); {
	case strings.HasPrefix(first.text, "{"), header != nil:
		lines := slices.Collect(cutLines(text, m.tooLong))
		var kept parsed
		if header != nil {
			kept = parseCSV(lines, first.number, header, m, opts)
		} else {
			kept = parseJSONLines(lines, m, opts)
		}
		for i := range kept {
			kept[i].input.File = file
			take(&kept[i])
		}
		list = kept
	default:
		checkLines(text, m, opts, take)
		list = asWritten{file, text, opts.largest()}
	}
	if count == 0 && m.total == 0 {
		return nil, fmt.Errorf("no targets: %s holds no entry", m.place())
	}
	if count > maxEntries {
		return nil, fmt.Errorf("%s: %d entries; at most %d can be scanned at once", m.place(), count, maxEntries)
	}
	compareDeclarations(declared, m)
	if err := m.err(); err != nil {
		return nil, err
	}
	return newList([]entries{list}, declared, opts.Exclude), nil
}

// ParseArgs reads targets from a command line, one an argument, in any form that a line
// of a list may have. No arguments are an empty list.
func ParseArgs(args []string, opts ListOptions) (*List, error) {
	m := &mistakes{what: "target"}
	var kept parsed
	for _, arg := range args {
		text := strings.TrimSpace(arg)
		e, err := parseEntry(text, opts.largest())
		if err != nil {
			m.add(0, 0, arg, err)
			continue
		}
		e.input = finding.Input{Text: text}
		kept = append(kept, e)
	}
	if err := m.err(); err != nil {
		return nil, err
	}
	return newList([]entries{kept}, nil, opts.Exclude), nil
}

// Merge returns the entries of l and then those of more that l does not have, less
// what either excludes; either may be nil.
func (l *List) Merge(more *List) *List {
	if l == nil || more == nil {
		if l == nil {
			return more
		}
		return l
	}
	return newList(slices.Concat(l.parts, more.parts), slices.Concat(l.declarations, more.declarations), l.exclude.Merge(more.exclude))
}

// newList decides which entry asks for what: the first that names it.
func newList(parts []entries, declared []stated, exclude *Exclusions) *List {
	l := &List{parts: parts, exclude: exclude, spans: map[int][]span{}, declared: map[endpointKey]*finding.Declaration{}, declarations: declared}
	for _, d := range declared {
		if l.declared[d.key] == nil {
			l.declared[d.key] = d.declared
		}
	}
	taken, repeated, seen := newClaims(l.all(), exclude), l.repeated(), map[endpointKey]bool{}
	pinned := map[string]bool{} // names with an address behind them
	for i, e := range l.all() {
		if !e.single() {
			if spans := taken.left(e.prefix, e.port, i); len(spans) > 0 {
				l.left.set(i)
				l.spans[i] = spans
				for _, s := range spans {
					l.count += s.size()
				}
			}
			continue
		}
		if repeated[e.key()] {
			if seen[e.key()] {
				continue
			}
			seen[e.key()] = true
		}
		if e.host != "" && exclude.endpoint(e.host, e.address, e.port) || e.host == "" && taken.covered(e.prefix, e.port, i) {
			continue
		}
		l.left.set(i)
		l.count++
		if e.address != "" {
			pinned[e.host] = true
		}
	}
	l.shared = l.sharedNames(pinned)
	return l
}

// Count is how many targets All yields.
func (l *List) Count() uint64 {
	if l == nil {
		return 0
	}
	return l.count
}

// Declarations yields what entries state of the gateways that run there, in the order of
// the list.
func (l *List) Declarations() iter.Seq[*finding.Declaration] {
	return func(yield func(*finding.Declaration) bool) {
		if l == nil {
			return
		}
		for _, d := range l.declarations {
			if !yield(d.declared) {
				return
			}
		}
	}
}

// All yields the targets in the order of the list, expanding ranges as it goes.
func (l *List) All() iter.Seq[Target] {
	return func(yield func(Target) bool) {
		if l == nil {
			return
		}
		number := int64(0) // of the target in the whole list
		next := func(t Target) Target {
			if l.shard.Of > 0 {
				t.Position = number
			}
			return t
		}
		for i, e := range l.all() {
			if !l.left.has(i) {
				continue
			}
			t := Target{Host: e.host, Port: e.port, Scheme: e.scheme, Address: e.address, Input: e.input, exclude: l.exclude}
			if e.host != "" {
				if l.shared.among(&e) {
					t.shown = shownAt(e.address)
				}
				t.Declared = l.declaration(t.Host, t.Address, t.Port)
				if number++; l.mine(e.connects()) && !yield(next(t)) {
					return
				}
				continue
			}
			spans, ranged := l.spans[i]
			if !ranged {
				spans = []span{spanOf(e.prefix)}
			}
			for _, s := range spans {
				for addr := s.first; ; addr = addr.Next() {
					if number++; l.mineAt(addr) {
						t.Host = addr.String()
						t.Declared = l.declaration(t.Host, t.Address, t.Port)
						if !yield(next(t)) {
							return
						}
					}
					if addr == s.last {
						break
					}
				}
			}
		}
	}
}

// mistakes collects what is wrong with a list, up to a readable number.
type mistakes struct {
	file  string // empty for the command line
	what  string // what one entry of the command line is
	shown []error
	total int
}

const maxMistakes = 50

// add notes one mistake. column 0 is none; text is the entry.
func (m *mistakes) add(line, column int, text string, err error) {
	m.total++
	if m.total > maxMistakes {
		return
	}
	if text != "" {
		err = fmt.Errorf("%q: %w", cut(text), err)
	}
	switch {
	case m.file == "":
		err = fmt.Errorf("%s %w", m.what, err)
	case column > 0:
		err = fmt.Errorf("%s:%d:%d: %w", m.place(), line, column, err)
	default:
		err = fmt.Errorf("%s:%d: %w", m.place(), line, err)
	}
	m.shown = append(m.shown, err)
}

func (m *mistakes) place() string {
	if m.file == "-" {
		return "standard input"
	}
	return m.file
}

func (m *mistakes) err() error {
	errs := m.shown
	if more := m.total - len(errs); more > 0 {
		errs = append(errs[:len(errs):len(errs)], fmt.Errorf("and %d more", more))
	}
	return errors.Join(errs...)
}

// columns sets where the entry stands on its line.
func columns(in *finding.Input, column int) {
	in.Column = column
	in.EndColumn = min(column+len([]rune(in.Text)), math.MaxInt32)
}
