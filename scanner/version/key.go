package version

import (
	"slices"
	"strconv"
)

const (
	// maxDepth is the longest key of any scheme.
	maxDepth = 8
	// maxNumber bounds one component. It is above what any vendor prints, which is a date
	// with its hour at most, and leaves room to count up without overflow.
	maxNumber int32 = 1<<31 - 2
)

// A key is a version as numbers, most significant first; a scheme uses as many as
// it has components, and the rest stay 0. Numbers of 32 bits keep sets of versions half
// the size of those of 64: a scan of many products holds thousands of keys.
type key [maxDepth]int32

// dotted writes components from (inclusive) to to (exclusive) with dots between.
func (k key) dotted(from, to int) string {
	var b []byte
	for i := from; i < to; i++ {
		if i > from {
			b = append(b, '.')
		}
		b = strconv.AppendInt(b, int64(k[i]), 10)
	}
	return string(b)
}

// used is how many leading components are needed to write the key: everything up
// to the last that is not 0, and at least least.
func (k key) used(least int) int { return k.usedOf(maxDepth, least) }

// usedOf is how many of the first n components are needed to write them, at least least.
func (k key) usedOf(n, least int) int {
	for n > least && k[n-1] == 0 {
		n--
	}
	return n
}

// zeroFrom reports whether every component from index i on is 0.
func (k key) zeroFrom(i int) bool { return k.used(i) <= i }

// next is the first key after every key that begins with the first depth
// components of k; ok is false when there is none.
func (k key) next(depth int) (n key, ok bool) {
	for i := depth - 1; i >= 0; i-- {
		if k[i] < maxNumber {
			copy(n[:i], k[:i])
			n[i] = k[i] + 1
			return n, true
		}
	}
	return key{}, false
}

// A cut is a place between versions: just before key, or after every version. Writing
// every range as two cuts leaves no open and closed ends to tell apart, and ranges
// that touch share a cut.
type cut struct {
	end bool // after every version; key is zero
	key key
}

func endCut() cut { return cut{end: true} }

// before is the cut just before the first version whose key is k or more.
func (g *grammar) before(k key) cut {
	if g.real != nil {
		var ok bool
		if k, ok = g.real(k); !ok {
			return endCut()
		}
	}
	return cut{key: k}
}

// after is the cut after every version whose key begins with the first depth
// components of k.
func (g *grammar) after(k key, depth int) cut {
	n, ok := k.next(depth)
	if !ok {
		return endCut()
	}
	return g.before(n)
}

func (c cut) compare(d cut) int {
	switch {
	case c.end && d.end:
		return 0
	case c.end:
		return 1
	case d.end:
		return -1
	}
	// The order of [Version.Compare], without making a number of the key each time:
	// sets of hundreds of listed versions compare thousands of cuts.
	return slices.Compare(c.key[:], d.key[:])
}

func earlier(c, d cut) cut {
	if c.compare(d) <= 0 {
		return c
	}
	return d
}

func later(c, d cut) cut {
	if c.compare(d) >= 0 {
		return c
	}
	return d
}
