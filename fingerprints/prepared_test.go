package fingerprints

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write prepared.tsv anew")

// TestPreparedIsFresh: every built-in product has a line that was made from its files.
func TestPreparedIsFresh(t *testing.T) {
	catalog, err := Load(embedded)
	require.NoError(t, err)
	var want strings.Builder
	for _, p := range catalog.products {
		line, err := prepare(embedded, p)
		require.NoError(t, err)
		want.WriteString(line)
	}
	if *update {
		require.NoError(t, os.WriteFile("prepared.tsv", []byte(want.String()), 0o644))
		return
	}
	if want.String() != prepared {
		t.Error("prepared.tsv is of other files: run go generate ./fingerprints. Without it everything works, and starts more slowly")
	}
}

// TestPreparedSaysWhatTheFilesSay: a line has all of a product but its examples, asks the
// same, and draws the same conclusions from every example.
func TestPreparedSaysWhatTheFilesSay(t *testing.T) {
	if testing.Short() {
		t.Skip("reads every file twice")
	}
	fast, err := Builtin()
	require.NoError(t, err)
	slow, err := Load(embedded)
	require.NoError(t, err)
	require.True(t, fast.prepared)
	require.Len(t, fast.products, len(slow.products))
	require.Equal(t, slow.guesses, fast.guesses)
	require.Equal(t, slow.wanted, fast.wanted)
	for i, want := range slow.products {
		got := fast.products[i]
		require.Equal(t, asPrepared(t, want), asPrepared(t, got))
		require.Equal(t, want.order, got.order, want.ID)
		require.Equal(t, want.requests, got.requests, want.ID)
		sameTables(t, want, got)
		sameLifecycle(t, want.Lifecycle, got.Lifecycle)
		k := &checker{catalog: slow, product: want}
		for j, r := range want.rules {
			require.Equal(t, r.pathless, got.rules[j].pathless)
			for _, e := range append(r.Examples, r.Rejects...) {
				if v, _, err := k.example(r, e); err == nil {
					require.Equal(t, slow.Identify(*v.seen), fast.Identify(*v.seen), "%s %s", want.ID, r.ID)
				}
			}
		}
	}
}

func asPrepared(t *testing.T, p *product) string {
	t.Helper()
	plain := p.Product
	plain.Rules = nil
	for _, r := range p.Rules {
		r.Examples, r.Rejects = nil, nil
		plain.Rules = append(plain.Rules, r)
	}
	data, err := json.Marshal(plain)
	require.NoError(t, err)
	return string(data)
}

func sameTables(t *testing.T, want, got *product) {
	t.Helper()
	require.Len(t, got.tables, len(want.tables))
	for id, table := range want.tables {
		require.Equal(t, table.used, got.tables[id].used, "%s %s", want.ID, id)
		require.Equal(t, table.read(), got.tables[id].read(), "%s %s", want.ID, id)
	}
}

func sameLifecycle(t *testing.T, want, got *Lifecycle) {
	t.Helper()
	if want == nil {
		require.Nil(t, got)
		return
	}
	require.Equal(t, want.Source+want.Note, got.Source+got.Note)
	for _, model := range append(want.NamedModels(), "") {
		a, b := want.Of(model), got.Of(model)
		require.Len(t, b, len(a))
		for i := range a {
			require.Equal(t, a[i].Branch+a[i].Ends+a[i].Versions.String(), b[i].Branch+b[i].Ends+b[i].Versions.String())
		}
	}
}

// TestStaleLineIsNotUsed: a product whose files were changed after its line was made is
// read from its files.
func TestStaleLineIsNotUsed(t *testing.T) {
	const folder = "fortinet-fortios"
	ready := readPrepared(prepared)
	line := ready[folder]
	line.product = strings.Replace(line.product, `"Vendor":"Fortinet"`, `"Vendor":"Somebody"`, 1)
	for _, stale := range []bool{false, true} {
		want := "Somebody"
		if stale {
			line.digest, want = strings.Repeat("0", len(line.digest)), "Fortinet"
		}
		ready[folder] = line
		catalog, problems := load(embedded, ready)
		require.Empty(t, problems)
		p, _ := catalog.Product(folder)
		require.Equal(t, want, p.Vendor)
	}
}
