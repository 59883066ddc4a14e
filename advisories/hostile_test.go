package advisories

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/version"
)

// laughs is a file of a few hundred bytes that is huge when its aliases are followed. What
// is at the end of it stands under the key last.
func laughs(last string) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return b.String() + last + ": *a11\n"
}

func anyOrder(string) (version.Scheme, bool) { return version.Dotted, true }

// Advisory files are read from folders that users name, and must neither hang nor fill
// memory.
func TestHostileAdvisoryFilesAreRefused(t *testing.T) {
	const file = "acme/CVE-2024-0001.yaml"
	branches := strings.Repeat("      - {branch: \"7.4\", status: unaffected}\n", 10_000)
	tests := []struct{ name, data, want string }{
		{"alias bomb", laughs("cwe"), file + ":2:"},
		{"alias that holds itself", "id: &a [*a]\n", file + ":1:"},
		{"deep nesting", strings.Repeat("[", 200_000), file + ":"},
		{"deep mapping", strings.Repeat("{a: ", 50_000), file + ":"},
		{"a key twice", strings.Replace(gate, "severity:", "title: x\nseverity:", 1), file + ":7:"},
		{"NUL", strings.Replace(gate, "overflow", "over\x00flow", 1), file + ":"},
		{"UTF-16", "\xff\xfei\x00d\x00:\x00 \x00a\x00\n\x00", file + ":"},
		{"invalid UTF-8", strings.Replace(gate, "overflow", "\xff\xfe\xfd", 1), file + ":"},
		{"2 MB", "# " + strings.Repeat("x", 2<<20), file + ": goes on after 1048576 bytes"},
		{"many branches", strings.Replace(gate, "      - {branch: \"6.4\"", branches+"      - {branch: \"6.4\"", 1), file + ":15:5: the entry has"},
		{"a version of many parts", strings.Replace(gate, "7.2.7\"", strings.Repeat("7.", 50_000)+"1\"", 1), file + ":"},
		{"escapes in a key", "\"\\e[2J\": x\n", file + ":1:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := Load(fstest.MapFS{file: {Data: []byte(tt.data)}}, anyOrder)
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, tt.want)
			require.Less(t, len(err.Error()), 4<<20)
			require.Less(t, time.Since(start), 10*time.Second)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(512<<20), "bytes allocated in all")
		})
	}
}

func TestHostileOverlaysAreRefused(t *testing.T) {
	const file = "acme/CVE-2024-0001.yaml"
	tests := []struct{ name, overlay, data, want string }{
		{"40 MB", EPSSOverlay, strings.Repeat("x", 40<<20), "goes on after"},
		{"nested", KEVOverlay, strings.Repeat("[", 1<<20), KEVOverlay},
		{"cut short", KEVOverlay, `{"catalogVersion":`, KEVOverlay},
		{"NUL", EPSSOverlay, "cve,epss\x00\n", EPSSOverlay},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{file: {Data: []byte(gate)}, tt.overlay: {Data: []byte(tt.data)}}, anyOrder)
			require.ErrorContains(t, err, tt.want)
			require.Less(t, len(err.Error()), 64<<10)
		})
	}
}

// FuzzLoad reads any bytes as an advisory: it is loaded, or refused with the file's name.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(gate))
	f.Add([]byte(laughs("cwe")))
	for _, name := range []string{"fortinet/CVE-2023-27997.yaml", "checkpoint/CVE-2024-24919.yaml", "cisco/CVE-2018-0125.yaml"} {
		if data, err := builtin.ReadFile(name); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Load(fstest.MapFS{"acme/CVE-2024-0001.yaml": {Data: data}}, anyOrder)
		if err != nil && !strings.Contains(err.Error(), "acme/CVE-2024-0001.yaml") {
			t.Errorf("error names no file: %v", err)
		}
	})
}

// FuzzOverlays reads any bytes as the lists of CISA and FIRST.
func FuzzOverlays(f *testing.F) {
	for _, name := range []string{KEVOverlay, EPSSOverlay} {
		if data, err := builtin.ReadFile(name); err == nil {
			f.Add(data)
		}
	}
	f.Add([]byte("#model_version:v1,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\nCVE-2024-0001,0.5,0.9\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var o overlay
		_ = o.readKEV(data)
		_ = o.readEPSS(data)
		for id, score := range o.epss {
			if !(score.Score >= 0 && score.Score <= 1) {
				t.Errorf("%s has the score %v", id, score.Score)
			}
		}
	})
}
