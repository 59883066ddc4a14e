package advisories

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/version"
)

var update = flag.Bool("update", false, "write prepared.tsv anew")

// TestPreparedIsFresh: every built-in file has a line that was made from it.
func TestPreparedIsFresh(t *testing.T) {
	orders := builtinOrders
	var want strings.Builder
	names, problems, err := find(builtin)
	require.NoError(t, err)
	require.Empty(t, problems)
	for _, name := range names {
		data, err := readFile(builtin, name, maxFile)
		require.NoError(t, err)
		in := &source{name: name}
		a := in.read(data, orders, map[string]string{})
		require.NoError(t, joined(in.problems))
		line, err := prepare(name, data, a)
		require.NoError(t, err)
		want.WriteString(line)
	}
	if *update {
		require.NoError(t, os.WriteFile("prepared.tsv", []byte(want.String()), 0o644))
		return
	}
	if want.String() != prepared {
		t.Error("prepared.tsv is of other files: run go generate ./advisories. Without it everything works, and starts more slowly")
	}
}

// TestPreparedSaysWhatTheFilesSay: a line says of every version what the YAML says.
func TestPreparedSaysWhatTheFilesSay(t *testing.T) {
	if testing.Short() {
		t.Skip("reads every file twice")
	}
	orders := builtinOrders
	fast, err := load(builtin, orders, false, readPrepared(prepared))
	require.NoError(t, err)
	slow, err := load(builtin, orders, false, nil)
	require.NoError(t, err)
	require.Equal(t, slow.Date(), fast.Date())
	require.Len(t, fast.All(), len(slow.All()))
	for i, want := range slow.All() {
		got := fast.All()[i]
		requireSameJSON(t, want, got)
		for j := range want.Affected {
			a, b := want.Affected[j].Ranges(), got.Affected[j].Ranges()
			if a == nil {
				require.Nil(t, b)
				continue
			}
			require.Equal(t, a.Affected.String(), b.Affected.String(), want.ID)
			require.Equal(t, a.Unknown.String(), b.Unknown.String(), want.ID)
			require.Len(t, b.Lines, len(a.Lines), want.ID)
			for k := range a.Lines {
				require.Equal(t, a.Lines[k].String(), b.Lines[k].String(), want.ID)
				require.Equal(t, a.Lines[k].Note+a.Lines[k].Fix, b.Lines[k].Note+b.Lines[k].Fix, want.ID)
			}
		}
	}
	count, date, err := BuiltinExtent()
	require.NoError(t, err)
	require.Equal(t, len(slow.All()), count)
	require.Equal(t, slow.Date(), date)
}

func requireSameJSON(t *testing.T, want, got any) {
	t.Helper()
	a, err := json.Marshal(want)
	require.NoError(t, err)
	b, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, string(a), string(b))
}

// TestStaleLineIsNotUsed: a file that was changed after its line was made is read itself.
func TestStaleLineIsNotUsed(t *testing.T) {
	orders := builtinOrders
	const name = "fortinet/CVE-2024-21762.yaml"
	ready := readPrepared(prepared)
	line := ready[name]
	require.Contains(t, line.advisory, "CVE-2024-21762")
	line.advisory = strings.ReplaceAll(line.advisory, "CVE-2024-21762", "CVE-2099-0001")
	ready[name] = line
	db, err := load(builtin, orders, false, ready)
	require.NoError(t, err)
	if _, used := db.Get("CVE-2099-0001"); !used {
		t.Fatal("the line is not used at all")
	}
	line.digest = strings.Repeat("0", len(line.digest))
	ready[name] = line
	db, err = load(builtin, orders, false, ready)
	require.NoError(t, err)
	_, stale := db.Get("CVE-2099-0001")
	require.False(t, stale)
	_, there := db.Get("CVE-2024-21762")
	require.True(t, there)
}

// TestRangesThatDoNotCompileDecideNothing: should a prepared entry be broken, no version
// is taken for affected, and none for clean.
func TestRangesThatDoNotCompileDecideNothing(t *testing.T) {
	e := &Affected{Product: "acme", Branches: []Branch{{Branch: "1"}}, UnlistedBranches: StatusUnaffected}
	r := compilePrepared("acme/CVE-2099-0001.yaml", e, "dotted")
	v, err := version.Scheme("dotted").Parse("1.0")
	require.NoError(t, err)
	require.True(t, r.Unknown.Contains(v))
	require.True(t, r.Affected.IsEmpty())
	require.Contains(t, r.Lines[0].Note, "states neither status nor events")
}
