package fingerprints

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// bodyFacts is an answer with a body and nothing else.
func bodyFacts(body string) *facts {
	return &facts{response: &evidence.Response{Status: 200, Body: []byte(body)}}
}

// One pass finds what looking for each literal by itself finds.
func TestLiterals(t *testing.T) {
	tests := []struct{ literals, body, want string }{
		{"he she his hers", "ushers", "he she hers"},
		{"he she his hers", "uSHErS hIs", "he she his hers"},
		{"abcd bc c", "xabce", "bc c"},
		{"abcd bcx", "abcx", "bcx"},
		{"abcd bcx", "abcbx", ""},
		{"aaa aa a", "aa", "aa a"},
		{"abab babb", "ababb", "abab babb"},
		{"ü [a @a", "Ü[A@A", "[a @a"}, // not ASCII case; @ and [ stand beside the capitals
		{"ü", "ü", "ü"},
		{"\xff\x00", "a\xff\x00b", "\xff\x00"},
		{"abc", "", ""},
		{"", "abc", ""},
	}
	for _, tt := range tests {
		all := &literals{}
		f := bodyFacts(tt.body)
		var of []literal
		for _, text := range strings.Fields(tt.literals) {
			of = append(of, all.add(text))
		}
		var found []string
		for _, l := range of {
			if f.holds(l) {
				found = append(found, l.text)
			}
		}
		require.Equal(t, tt.want, strings.Join(found, " "), "%q in %q", tt.literals, tt.body)
	}
}

// Rules that hold more literals than one pass looks for find them all the same.
func TestLiteralsOverTheBound(t *testing.T) {
	all := &literals{}
	long := strings.Repeat("x", maxLiteralBytes)
	first, second, third := all.add("portal"), all.add(long), all.add("login")
	require.NotNil(t, first.among)
	require.Nil(t, second.among, "it would take too much memory")
	require.NotNil(t, third.among)
	require.Equal(t, first, all.add("portal"), "the same literal twice")
	f := bodyFacts("the PORTAL " + strings.ToUpper(long))
	require.True(t, f.holds(first))
	require.True(t, f.holds(second))
	require.False(t, f.holds(third))
	require.False(t, bodyFacts(long[1:]).holds(second))
}

// Every literal of every shipped rule goes into the one pass.
func TestBuiltinLiterals(t *testing.T) {
	all := builtinLiterals(t)
	require.Greater(t, len(all), 200)
	for _, l := range all {
		require.NotNil(t, l.among, l.text)
	}
	require.Less(t, all[0].among.bytes, maxLiteralBytes/2, "the bound comes near")

	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		f := bodyFacts(randomBody(random, all))
		for _, l := range all {
			require.Equal(t, strings.Contains(lowerASCII(f.body()), l.text), f.holds(l), "%q in %q", l.text, f.body())
		}
	}
}

// builtinLiterals lists every literal that a shipped rule looks for in bodies.
func builtinLiterals(t testing.TB) []literal {
	t.Helper()
	catalog, err := Load(embedded)
	require.NoError(t, err)
	var among *literals
	patterns := 0
	for _, p := range catalog.products {
		for _, r := range p.rules {
			if r.reading == nil || r.reading.From != "body" {
				continue
			}
			patterns++
			require.Len(t, r.reading.pattern.required, len(r.reading.pattern.literals), "%s %s", p.ID, r.ID)
			for _, group := range r.reading.pattern.required {
				among = group[0].among
			}
		}
	}
	require.NotZero(t, patterns)
	require.NotNil(t, among)
	all := make([]literal, len(among.texts))
	for i, text := range among.texts {
		all[i] = among.known[text]
	}
	return all
}

// randomBody is made of whole literals, of parts of them and of noise, in mixed case.
func randomBody(random *rand.Rand, all []literal) string {
	var b strings.Builder
	for range random.IntN(40) {
		text := all[random.IntN(len(all))].text
		from := random.IntN(len(text))
		switch random.IntN(5) {
		case 0:
			b.WriteString(text)
		case 1:
			b.WriteString(strings.ToUpper(text))
		case 2:
			b.WriteString(text[from:])
		case 3:
			b.WriteString(text[:from])
		case 4:
			b.WriteByte(byte(random.IntN(256)))
		}
	}
	return b.String()
}

// FuzzLiterals holds one pass against looking for each literal by itself.
func FuzzLiterals(f *testing.F) {
	f.Add("he she his hers", "usHErs")
	f.Add("a aa aaa aab ab b", "aaab")
	f.Add("\x00 \xff \xff\x00", "\xff\x00\xff")
	f.Fuzz(func(t *testing.T, words, body string) {
		all := &literals{}
		var list []literal
		for _, word := range strings.FieldsFunc(lowerASCII(words), unicode.IsSpace) {
			list = append(list, all.add(word))
		}
		answer := bodyFacts(body)
		low := lowerASCII(answer.body())
		i := slices.IndexFunc(list, func(l literal) bool { return answer.holds(l) != strings.Contains(low, l.text) })
		if i >= 0 {
			t.Fatalf("%q of %q in %q: %t", list[i].text, words, body, answer.holds(list[i]))
		}
	})
}

// BenchmarkLiterals is what the first body costs besides: building the automaton.
func BenchmarkLiterals(b *testing.B) {
	all := builtinLiterals(b)
	for b.Loop() {
		newAutomaton(all[0].among.texts)
	}
}

// A pattern that ignores case matches the long s and the Kelvin sign too; no literal may
// hide that.
func TestLookalikesAreNotHidden(t *testing.T) {
	c := one(t, `
requests: []
rules:
  - {id: body, on: [root], identifies: definitive, match: {body_pattern: '(?i)acme ssl desk'}, source: TEST}
`)
	for _, page := range []string{"<p>ACME SSL DESK</p>", "<p>acme \u017fsl desk</p>", "<p>Acme SSL des\u212a</p>"} {
		require.Len(t, c.Identify(seenOf(answer(t, "GET /", ok(page)))), 1, page)
	}
	require.Empty(t, c.Identify(seenOf(answer(t, "GET /", ok("<p>acme sl de\u212a</p>")))))
}
