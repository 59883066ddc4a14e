package scanner

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Asset lists come from other systems, and some of those from strangers.
func TestHostileListsAreRefused(t *testing.T) {
	tests := []struct{ name, list, want string }{
		{"line of 10 MB", "a.example\n" + strings.Repeat("x", 10<<20) + "\nb.example\n", "list:2: line has 10485760 bytes; at most 65536 are read"},
		{"100 MB without a line end", strings.Repeat("x", 100<<20), "the list goes on after 67108864 bytes; cut it into several"},
		{"100 MB of lines", strings.Repeat("a.example\n", 10<<20), "the list goes on after 67108864 bytes; cut it into several"},
		{"100 MB of empty lines", strings.Repeat("\n", 100<<20), "the list goes on after 67108864 bytes; cut it into several"},
		{"empty lines alone", strings.Repeat("\n", 1<<20), "list"},
		{"NUL", "a\x00b.example\n", "list:1:1: \"a\\x00b.example\": holds a space or control byte"},
		{"UTF-16", "\xff\xfea\x00.\x00b\x00\n\x00", "list:1: the list is UTF-16; save it as UTF-8"},
		{"UTF-16, the other way round", "\xfe\xff\x00a\x00.\x00b\x00\n", "list:1: the list is UTF-16; save it as UTF-8"},
		{"invalid UTF-8", "\xff\xfd.example\n", "list:1:1: "},
		{"all of IPv4", "0.0.0.0/0\n", "list:1:1: \"0.0.0.0/0\": "},
		{"all of IPv6", "::/0\n", "list:1:1: \"::/0\": "},
		{"many large ranges", strings.Repeat("10.0.0.0/8\n", 1000), "and 950 more"},
		{"label of 64 characters", strings.Repeat("a", 64) + ".example\n", "list:1:1: "},
		{"name of 10,000 characters", strings.Repeat("a.", 5000) + "example\n", "list:1:1: "},
		{"bidi controls", "a\u202eb.example\n", "list:1:1: "},
		{"CSV with a million columns", "host" + strings.Repeat(",x", 20_000) + "\na.example\n", "list:1"},
		{"CSV with a quote that never ends", "host,port\n\"a.example,443\n" + strings.Repeat("b.example,443\n", 100_000), "list:2"},
		{"JSON nested 30,000 deep", "{\"url\":\"https://a.example\"}\n{\"tls\":" + strings.Repeat("{\"a\":", 10_000) + "\n", "list:2: no JSON line"},
		{"a terminal's escapes", "\x1b]0;x\x07\n", "list:1:1: \"\\x1b]0;x\\a\": holds a space or control byte"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := ParseList("list", strings.NewReader(tt.list), ListOptions{})
			runtime.ReadMemStats(&after)
			require.ErrorContains(t, err, tt.want)
			require.Less(t, len(err.Error()), 64<<10, "an error is for people")
			for _, r := range err.Error() {
				require.True(t, r == '\n' || r >= ' ' && r != 0x7f && r != '\u202e', "%q", r)
			}
			require.Less(t, time.Since(start), 30*time.Second) // a fraction of a second on a machine with nothing else to do
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(800<<20), "bytes allocated in all")
		})
	}
}

// endlessReader never ends, as a device node or a broken pipe may not.
type endlessReader struct{ read int }

func (r *endlessReader) Read(p []byte) (int, error) {
	r.read += len(p)
	return copy(p, strings.Repeat("\n", len(p))), nil
}

func TestListThatNeverEndsIsCut(t *testing.T) {
	r := &endlessReader{}
	_, err := ParseList("list", r, ListOptions{})
	require.ErrorContains(t, err, "the list goes on after")
	require.Less(t, r.read, 2*maxList)
}

// A million targets cost memory for what stands in the list, and none for each address.
func TestMillionTargets(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const names = 500_000
	list := io.MultiReader(strings.NewReader("10.0.0.0/8\n"), &namesReader{left: names})
	l, err := ParseList("list", list, ListOptions{AllowLarge: true})
	require.NoError(t, err)
	require.EqualValues(t, 1<<24+names, l.Count())
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	inUse := memory.HeapAlloc
	n := 0
	for range l.All() {
		if n++; n == 3_000_000 {
			break
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&memory)
	t.Logf("%d MiB for %d names and a range", inUse>>20, names)
	require.Less(t, memory.HeapAlloc, inUse+(8<<20), "expanding a range keeps nothing")
	require.Less(t, inUse/names, uint64(700), "bytes a name")
	runtime.KeepAlive(l)
}

// namesReader is a long list that is made while it is read.
type namesReader struct {
	left int
	rest string
}

func (r *namesReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.rest = fmt.Sprintf("h%d.example:443 # owner=ops\n", r.left)
		r.left--
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
