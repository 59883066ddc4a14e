package fingerprints

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGatesHideNothing: whatever matches on an example of a shipped rule has opened the gate
// of its product.
func TestGatesHideNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("looks at every product for every example")
	}
	catalog, err := Load(embedded)
	require.NoError(t, err)
	matched := 0
	for _, p := range catalog.products {
		k := &checker{catalog: catalog, product: p}
		for _, r := range p.rules {
			for _, e := range append(append([]Example{}, r.Examples...), r.Rejects...) {
				v, _, err := k.example(r, e)
				if err != nil {
					continue
				}
				open := map[int]bool{}
				for _, i := range catalog.candidates(v) {
					open[i] = true
				}
				for i, other := range catalog.products {
					s := newState(other, v)
					s.evaluate(v)
					if s.hint == "" && s.likely == "" {
						continue
					}
					matched++
					require.True(t, open[i], "a rule of %s matches an example of %s %s, and no gate leads there", other.ID, p.ID, r.ID)
				}
			}
		}
	}
	require.Greater(t, matched, 500)
}

// TestGateOf: what is asked of an answer first is the rarest of all that a match needs.
func TestGateOf(t *testing.T) {
	for _, tt := range []struct {
		match Match
		want  string
	}{
		{Match{Status: []int{200}}, "0 [] "},
		{Match{Body: []string{"Ab", "LONGER"}}, "3 [longer] "},
		{Match{Body: []string{"short"}, Title: "^much longer title$"}, "2 [much longer title] "},
		{Match{BodyPattern: "version (alpha|beta)"}, "3 [version alpha version beta] "},
		{Match{BodyPattern: "(alpha|beta)=.*"}, "3 [alpha= beta=] "},
		{Match{Header: map[string]string{"server": "^Acme/[0-9]"}}, "2 [acme/] "},
		{Match{Header: map[string]string{"x-acme": "^$"}}, "1 [] X-Acme"},
		{Match{Cookie: map[string]string{"SVPN*": ""}}, "2 [svpn] "},
		{Match{Subject: "^CN=acme$"}, "2 [cn=acme] "},
	} {
		got := gateOf(tt.match)
		require.Equal(t, tt.want, fmt.Sprintf("%d %v %s", got.place, got.literals, got.field))
	}
}

// TestManyRulesCostLittle: ten times as many products add a few allocations to an ordinary
// page, and no product to look at.
func TestManyRulesCostLittle(t *testing.T) {
	few, many := generated(t, 100), generated(t, 1000)
	page := answer(t, "GET /", ok("<title>Welcome</title>"+strings.Repeat("<p>An ordinary page.</p>\n", 200)))
	look := func(c *Catalog) float64 {
		return testing.AllocsPerRun(20, func() {
			visit := c.Begin()
			visit.NextBecause(seenOf(page))
			require.Empty(t, visit.states)
		})
	}
	require.LessOrEqual(t, look(many), look(few)+2)
}

// generated is a catalog of n products that look like shipped ones.
func generated(t testing.TB, n int) *Catalog {
	t.Helper()
	var args []string
	for i := range n {
		id := fmt.Sprintf("acme-gate%d", i)
		args = append(args, id+"/product.yaml", fmt.Sprintf(`id: %s
name: Acme Gate %d
vendor: Acme
versions: dotted
leave_out: ["/admin: needs a login"]
requests: [{id: login, get: /login%d}]
rules:
  - {id: title, on: [root], identifies: definitive, match: {title: '^Gate %d of Acme$'}, source: TEST}
  - {id: body, on: [root, login], identifies: strong, match: {body: ['acmegate%d.js']}, source: TEST}
  - {id: server, on: [any], identifies: strong, match: {header: {Server: '^Acme-%d/'}}, source: TEST}
  - {id: cookie, on: [any], identifies: weak, match: {cookie: {ACME%d: ''}}, source: TEST}
  - {id: script, on: [root], identifies: weak, match: {body_pattern: 'acme-%d\.js\?v=[0-9]+'}, source: TEST}
`, id, i, i, i, i, i, i, i))
	}
	c, problems := load(files(args...), nil)
	require.Empty(t, problems)
	return c
}

// BenchmarkManyRules is an ordinary page of 6 KiB against generated products.
func BenchmarkManyRules(b *testing.B) {
	for _, n := range []int{100, 1000} {
		c := generated(b, n)
		page := answer(b, "GET /", ok("<title>Welcome</title>"+strings.Repeat("<p>An ordinary page of some length.</p>\n", 150)))
		b.Run(fmt.Sprintf("products=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Begin().NextBecause(seenOf(page))
			}
		})
	}
}
