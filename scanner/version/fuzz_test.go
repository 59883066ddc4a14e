package version

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzParse reads one text in every scheme: nothing panics, and what is read is written
// in a way that reads back as the same version.
func FuzzParse(f *testing.F) {
	for _, chain := range chains {
		for _, text := range chain {
			f.Add(text)
		}
	}
	for _, text := range []string{"13.1-FIPS and NDcPP 37.164", "v7.2.5,build1517,230606 (GA.F)", "5.36b0", "1.99(A.1)b1", "2147483646.1", "0.0r0p0", "\u202f7.2\u20115"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range Schemes() {
			v, err := s.Parse(text)
			if err != nil {
				if !v.IsZero() {
					t.Errorf("%s: Parse(%q) gives %s with its error", s, text, v)
				}
				continue
			}
			again, err := s.Parse(v.String())
			if err != nil || again != v {
				t.Errorf("%s: %q prints %q, which reads as %+v, %v", s, text, v, again, err)
			}
			if g := grammars[s]; g.real != nil {
				if k, ok := g.real(v.key); !ok || k != v.key {
					t.Errorf("%s: %q has a key that no version has: %v", s, text, v.key)
				}
			}
			checkPlaces(t, v)
		}
	})
}

// checkPlaces holds a version against the sets made from it.
func checkPlaces(t *testing.T, v Version) {
	t.Helper()
	exactly, prefix := Exactly(v), Prefix(v)
	if !exactly.Contains(v) || !prefix.Contains(v) || !exactly.Within(prefix) || exactly.IsEmpty() {
		t.Errorf("%s: %s is not in its own sets %s and %s", v.Scheme(), v, exactly, prefix)
	}
	if c, ok := exactly.Candidates(); !ok || len(c) != 1 || c[0].Compare(v) != 0 || !Exactly(c[0]).Equal(exactly) {
		t.Errorf("%s: candidates of Exactly(%s) are %v, %t", v.Scheme(), v, c, ok)
	}
	for _, s := range []Set{exactly, prefix, All(v.Scheme()).Minus(exactly), All(v.Scheme()).Minus(prefix)} {
		again, err := ParseSet(v.Scheme(), s.String())
		if err != nil || !again.Equal(s) || again.String() != s.String() {
			t.Errorf("%s: %q reads back as %q, %v", v.Scheme(), s, again, err)
		}
		if s.Describe() == "" {
			t.Errorf("%s: %q has no description", v.Scheme(), s)
		}
	}
}

// FuzzParseSet reads one text as a set in every scheme: nothing panics, and what is read
// is written in a way that reads back as the same set.
func FuzzParseSet(f *testing.F) {
	for _, text := range []string{"*", "none", "7.2.4 || 7.2.5", ">=7.2.0 <7.2.7", "<10.2.9-h1", ">22.7R2 <=22.7R2.4", "13.1-FIPS.*", "<13.1-37.164 || >=14.1-4.42",
		"R81.20 || R81.10-JHF94", "15.1X49.*||21.4R3-S5", ">=4.60 <=5.36 Patch 1", "12.5.12_U1", ">=M6.1 <M7.6.8R2", "6.5.4.4-44v-21-2457||7.0.1-R579", "<>=1", "|| ||", ">=0.0-FIPS"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, s := range Schemes() {
			got, err := ParseSet(s, text)
			if err != nil {
				if !got.IsEmpty() {
					t.Errorf("%s: ParseSet(%q) gives %s with its error", s, text, got)
				}
				continue
			}
			again, err := ParseSet(s, got.String())
			if err != nil || !again.Equal(got) || again.String() != got.String() {
				t.Errorf("%s: %q prints %q, which reads back as %q, %v", s, text, got, again, err)
			}
			if rest := All(s).Minus(got); !rest.Union(got).IsAll() || !rest.Intersect(got).IsEmpty() {
				t.Errorf("%s: %s and its complement %s are not all, or overlap", s, got, rest)
			}
		}
	})
}

// FuzzSets makes sets out of bytes and holds union, intersection and difference against
// membership, which is decided for each part by what its bound means and not by cuts.
func FuzzSets(f *testing.F) {
	f.Add(byte(0), []byte{0, 1, 2, 3, 0, 1, 1, 1, 2, 3, 0, 2}, []byte{2, 1, 2, 3, 3, 3, 1, 2})
	f.Add(byte(1), []byte{1, 2, 2, 0, 3, 1, 2, 1, 1}, []byte{3, 2, 2, 2, 2, 2, 4, 1, 1, 1, 1, 1})
	for i := range Schemes() {
		f.Add(byte(i), []byte{4, 1, 0, 1, 0, 1, 2, 2, 3, 1, 2, 3, 1, 1, 1, 0, 1}, []byte{5, 2, 1, 1, 1, 2, 1, 0, 2, 1, 2, 0, 1, 3, 1})
	}
	f.Fuzz(func(t *testing.T, scheme byte, first, second []byte) {
		s := Schemes()[int(scheme)%len(Schemes())]
		a, b := parts(t, s, first), parts(t, s, second)
		as, bs := a.set(s), b.set(s)
		union, both, rest := as.Union(bs), as.Intersect(bs), as.Minus(bs)
		for _, v := range samples(t, s, a, b) {
			ina, inb := a.contain(v), b.contain(v)
			for _, tt := range []struct {
				name string
				set  Set
				want bool
			}{
				{"a", as, ina}, {"b", bs, inb}, {"union", union, ina || inb},
				{"intersect", both, ina && inb}, {"minus", rest, ina && !inb},
			} {
				if got := tt.set.Contains(v); got != tt.want {
					t.Errorf("%s: a = %s, b = %s: %s %s contains %s: %t, want %t", s, as, bs, tt.name, tt.set, v, got, tt.want)
				}
			}
		}
		checkLaws(t, as, bs)
	})
}

func checkLaws(t *testing.T, a, b Set) {
	t.Helper()
	all := All(a.Scheme())
	for _, law := range []struct {
		name string
		ok   bool
	}{
		{"union commutes", a.Union(b).Equal(b.Union(a))},
		{"within is what is left is nothing", a.Within(b) == a.Minus(b).IsEmpty()},
		{"overlaps is the intersection is something", a.Overlaps(b) == !a.Intersect(b).IsEmpty()},
		{"intersect commutes", a.Intersect(b).Equal(b.Intersect(a))},
		{"a is both and rest", a.Equal(a.Intersect(b).Union(a.Minus(b)))},
		{"de Morgan", all.Minus(a.Union(b)).Equal(all.Minus(a).Intersect(all.Minus(b)))},
		{"within", a.Within(b) == a.Union(b).Equal(b)},
		{"both within", a.Intersect(b).Within(a) && a.Within(a.Union(b))},
		{"minus nothing", a.Minus(Set{}).Equal(a) && a.Minus(a).IsEmpty()},
	} {
		if !law.ok {
			t.Errorf("%s: %s does not hold for %s and %s", a.Scheme(), law.name, a, b)
		}
	}
	for _, s := range []Set{a, b, a.Union(b), a.Intersect(b), a.Minus(b)} {
		again, err := ParseSet(a.Scheme(), s.String())
		if err != nil || !again.Equal(s) {
			t.Errorf("%s: %s reads back as %s, %v", a.Scheme(), s, again, err)
		}
		points, ok := s.Candidates()
		var union Set
		for _, v := range points {
			union = union.Union(Exactly(v))
		}
		if ok && !union.Equal(s) {
			t.Errorf("%s: the candidates of %s are %v", a.Scheme(), s, points)
		}
	}
}

// A part is a simple set, by what it means.
type part struct {
	kind byte // index into partKinds
	v, w Version
}

const partKinds = 6

type partList []part

func (list partList) set(s Scheme) Set {
	union := Set{scheme: s}
	for _, p := range list {
		union = union.Union(p.set(s))
	}
	return union
}

func (list partList) contain(v Version) bool {
	for _, p := range list {
		if p.contains(v) {
			return true
		}
	}
	return false
}

func (p part) set(s Scheme) Set {
	var b Bounds
	switch p.kind {
	case 0:
		return Exactly(p.v)
	case 1:
		return Prefix(p.v)
	case 2:
		b = Bounds{From: p.v}
	case 3:
		b = Bounds{Through: p.v}
	case 4:
		b = Bounds{From: p.v, Before: p.w}
	case 5:
		b = Bounds{After: p.v, Through: p.w}
	}
	got, err := Range(s, b)
	if err != nil {
		return Set{scheme: s} // empty or across lines, and then it contains nothing
	}
	return got
}

func (p part) contains(x Version) bool {
	g := grammars[x.scheme]
	exactly := func(v Version) bool { return begins(x, v, max(v.stated, g.identity)) }
	same := !g.lined || x.key[0] == p.v.key[0]
	bounded := same && (!g.lined || p.v.key[0] == p.w.key[0])
	switch p.kind {
	case 0:
		return exactly(p.v)
	case 1:
		return begins(x, p.v, p.v.stated) && x.Compare(p.v) >= 0
	case 2:
		return same && x.Compare(p.v) >= 0
	case 3:
		return same && (x.Compare(p.v) < 0 || exactly(p.v))
	case 4:
		return bounded && x.Compare(p.v) >= 0 && x.Compare(p.w) < 0
	}
	return bounded && x.Compare(p.v) > 0 && !exactly(p.v) && (x.Compare(p.w) < 0 || exactly(p.w))
}

func begins(x, v Version, depth int) bool {
	return slices.Equal(x.key[:depth], v.key[:depth])
}

// parts makes at most five parts out of bytes.
func parts(t *testing.T, s Scheme, data []byte) partList {
	var list partList
	for len(data) > 0 && len(list) < 5 {
		p := part{kind: data[0] % partKinds}
		data = data[1:]
		p.v, data = small(t, s, data)
		p.w, data = small(t, s, data)
		list = append(list, p)
	}
	return list
}

// numbers are few, so that versions often meet; the higher ones are where schemes have
// rules of their own.
var numbers = [...]int32{0, 1, 2, 3, 12, 13, 37, 55, 99, 100, 101}

// small makes a version out of numbers.
func small(t *testing.T, s Scheme, data []byte) (Version, []byte) {
	g := grammars[s]
	var k key
	next := func() int32 {
		if len(data) == 0 {
			return 0
		}
		n := data[0]
		data = data[1:]
		return int32(n)
	}
	depth := 1 + int(next())%len(g.components)
	for i := range depth {
		k[i] = numbers[next()%int32(len(numbers))]
	}
	return versionAt(t, s, k, depth), data
}

func versionAt(t *testing.T, s Scheme, k key, depth int) Version {
	g := grammars[s]
	if g.real != nil {
		var ok bool
		if k, ok = g.real(k); !ok {
			k, _ = g.real(key{})
		}
	}
	v, err := s.Parse(g.text(k, max(depth, k.used(g.shown))))
	if err != nil {
		t.Fatalf("%s: the key %v is written in a way that does not read back: %v", s, k, err)
	}
	if v.key != k {
		t.Fatalf("%s: the key %v is written %s, which reads as %v", s, k, v, v.key)
	}
	return v
}

// Ranges end at keys that no text was read for, such as the one after the last hotfix.
// Each has to be moved up to a version that exists, and to be written so that it reads
// back.
func TestEveryCutIsWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, s := range Schemes() {
		g := grammars[s]
		for range 3000 {
			var k key
			for i := range 1 + random.IntN(len(g.components)) {
				k[i] = numbers[random.IntN(len(numbers))]
			}
			c := g.before(k)
			if c.end {
				continue
			}
			n := k.number().Compare(c.key.number())
			if n > 0 {
				t.Fatalf("%s: the key %v is moved down to %v", s, k, c.key)
			}
			if order := slices.Compare(k[:], c.key[:]); order != n {
				t.Fatalf("%s: the keys %v and %v compare as %d, and as numbers %d", s, k, c.key, order, n)
			}
			if again := g.before(c.key); again.compare(c) != 0 {
				t.Fatalf("%s: the key %v is moved to %v and then to %v", s, k, c.key, again.key)
			}
			versionAt(t, s, c.key, 1)
		}
	}
}

// samples are the versions that the parts name, and those next to them.
func samples(t *testing.T, s Scheme, lists ...partList) []Version {
	g := grammars[s]
	var list []Version
	for _, parts := range lists {
		for _, p := range parts {
			for _, v := range []Version{p.v, p.w} {
				list = append(list, v)
				for depth := range g.components {
					if k, ok := v.key.next(depth + 1); ok {
						list = append(list, versionAt(t, s, k, depth+1))
					}
					if k := v.key; k[depth] > 0 {
						k[depth]--
						list = append(list, versionAt(t, s, k, depth+1))
					}
				}
			}
		}
	}
	return list
}
