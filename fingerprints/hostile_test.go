package fingerprints

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

const hostileProduct = `id: acme-gate
name: Acme Gate
vendor: Acme
versions: dotted
leave_out: [nothing]
requests: [{id: login, get: /login}]
rules:
  - id: login-page
    on: [root]
    identifies: definitive
    match: {title: 'PATTERN'}
    source: example
`

// laughs is a file of a few hundred bytes that is huge when its aliases are followed.
func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return b.String()
}

// Rule files are read from folders that users name, and must neither hang nor fill memory.
func TestHostileRuleFilesAreRefused(t *testing.T) {
	pattern := func(text string) string { return strings.Replace(hostileProduct, "PATTERN", text, 1) }
	table := strings.Replace(hostileProduct, "rules:", "tables: [{id: t, file: tables/t.tsv, key: hash}]\nrules:", 1)
	tests := []struct {
		name, product, want string
		more                map[string]string // beside product.yaml
	}{
		{"alias bomb", strings.Replace(laughs(), "a11:", "leave_out:", 1), "acme-gate/product.yaml", nil},
		{"alias that holds itself", "id: &a [*a]\n", "acme-gate/product.yaml", nil},
		{"deep nesting", strings.Repeat("[", 200_000), "acme-gate/product.yaml", nil},
		{"deep mapping", strings.Repeat("{a: ", 50_000), "acme-gate/product.yaml", nil},
		{"a key twice", "id: a\nid: b\n", "acme-gate/product.yaml:2:1: mapping key \"id\" already defined", nil},
		{"NUL", "id: a\x00b\n", "control characters are not allowed", nil},
		{"UTF-16", "\xff\xfei\x00d\x00:\x00 \x00a\x00\n\x00", "acme-gate/product.yaml", nil},
		{"nothing but a marker of UTF-8", "\xef\xbb\xbf", "acme-gate/product.yaml", nil},
		{"invalid UTF-8", "id: \xff\xfe\xfd\n", "UTF-8", nil},
		{"5 MB", "# " + strings.Repeat("x", 5<<20), "goes on after 4194304 bytes", nil},
		{"repeat of repeats", pattern("(?:" + strings.Repeat("ab", 500) + "){1000}"), "parts when its repeats are written out", nil},
		{"repeat that Go refuses", pattern("((a{100}){100}){100}"), "invalid repeat count", nil},
		{"long pattern", pattern(strings.Repeat("ab", 5000)), "at most 4096 are allowed", nil},
		{"deep pattern", pattern(strings.Repeat("(", 1900) + strings.Repeat(")", 1900)), "expression nests too deeply", nil},
		{"large table", table, "goes on after 4194304 bytes", map[string]string{"tables/t.tsv": strings.Repeat("a\tb\n", 1<<21)}},
		{"lifecycle of aliases", strings.Replace(pattern("Acme"), "    source", "    examples: [{response: \"HTTP/1.1 200 OK\\n\\n<title>Acme</title>\"}]\n    rejects: [{response: \"HTTP/1.1 200 OK\\n\\n<title>x</title>\"}]\n    source", 1), "acme-gate/lifecycle.yaml", map[string]string{"lifecycle.yaml": strings.Replace(laughs(), "a11:", "branches:", 1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := fstest.MapFS{"acme-gate/product.yaml": {Data: []byte(tt.product)}}
			for name, text := range tt.more {
				files["acme-gate/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := Load(files)
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, tt.want)
			require.Less(t, len(err.Error()), 64<<10, "an error is for people")
			require.Less(t, time.Since(start), 5*time.Second)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(256<<20), "bytes allocated in all")
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(strings.Replace(hostileProduct, "PATTERN", "Acme", 1)), []byte("format: 1\n"))
	f.Add([]byte(laughs()), []byte(laughs()))
	files := embedded
	for _, name := range []string{"fortinet-fortios", "paloalto-globalprotect", "paloalto-pan-os", "sonicwall-sma100"} {
		product, err := files.ReadFile(name + "/product.yaml")
		if err != nil {
			continue // not every product has every file
		}
		life, _ := files.ReadFile(name + "/lifecycle.yaml")
		f.Add(product, life)
	}
	f.Fuzz(func(t *testing.T, product, lifecycle []byte) {
		tree := fstest.MapFS{"acme-gate/product.yaml": {Data: product}}
		if len(lifecycle) > 0 {
			tree["acme-gate/lifecycle.yaml"] = &fstest.MapFile{Data: lifecycle}
		}
		catalog, err := Load(tree)
		if err == nil {
			catalog.Check()
		} else if !strings.Contains(err.Error(), "acme-gate") {
			t.Errorf("error names no file: %v", err)
		}
	})
}
