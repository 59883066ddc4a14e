package scanner

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

func parseList(t *testing.T, text string, opts ListOptions) *List {
	t.Helper()
	l, err := ParseList("hosts.txt", strings.NewReader(text), opts)
	require.NoError(t, err)
	return l
}

// written lists the targets of a list as a person would write them.
func written(l *List) []string {
	var out []string
	for t := range l.All() {
		text := t.Host
		if t.Port != 0 {
			text = hostPort(t.Host, t.Port)
		}
		if t.Address != "" {
			text += "@" + t.Address
		}
		out = append(out, text)
	}
	return out
}

func TestParseListLines(t *testing.T) {
	l := parseList(t, "\ufeff# the branch offices\r\n"+
		"\r\n"+
		"  vpn.example.com # owner=netops tag=prod tag=paris;edge site=\"Paris Nord\" old one = x\r\n"+
		"\t192.0.2.1:4430\t#no=words\r\n"+
		"https://a.example/#/login # tags=a,b", ListOptions{})
	var inputs []finding.Input
	for target := range l.All() {
		inputs = append(inputs, target.Input)
	}
	require.Equal(t, []finding.Input{
		{Text: "vpn.example.com", File: "hosts.txt", Line: 3, Column: 3, EndColumn: 18, Owner: "netops",
			Tags: []string{"prod", "paris", "edge"}, Meta: map[string]string{"site": "Paris Nord"}},
		{Text: "192.0.2.1:4430", File: "hosts.txt", Line: 4, Column: 2, EndColumn: 16, Meta: map[string]string{"no": "words"}},
		{Text: "https://a.example/#/login", File: "hosts.txt", Line: 5, Column: 1, EndColumn: 26, Tags: []string{"a", "b"}},
	}, inputs)
	require.Equal(t, []string{"vpn.example.com", "192.0.2.1:4430", "a.example:443"}, written(l))
}

func TestParseListCSV(t *testing.T) {
	l := parseList(t, "# from the inventory\n"+
		"Host,Port,Owner,Tags,Site\n"+
		"vpn.example.com,8443,netops,prod; edge,Paris\n"+
		"# gone: old.example.com\n"+
		"\n"+
		"\"a.example\",,\"Nord, West\",,\n"+
		"  b.example:4430,4430,,,\n", ListOptions{})
	require.Equal(t, []string{"vpn.example.com:8443", "a.example", "b.example:4430"}, written(l))
	var inputs []finding.Input
	for target := range l.All() {
		inputs = append(inputs, target.Input)
	}
	require.Equal(t, finding.Input{Text: "vpn.example.com", File: "hosts.txt", Line: 3, Column: 1, EndColumn: 16,
		Owner: "netops", Tags: []string{"prod", "edge"}, Meta: map[string]string{"site": "Paris"}}, inputs[0])
	require.Equal(t, finding.Input{Text: "a.example", File: "hosts.txt", Line: 6, Column: 2, EndColumn: 11, Owner: "Nord, West"}, inputs[1])
	require.Equal(t, finding.Input{Text: "b.example:4430", File: "hosts.txt", Line: 7, Column: 3, EndColumn: 17}, inputs[2])
}

func TestParseListCSVColumns(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"semicolons", "owner;url\nä;https://a.example\n", []string{"a.example:443"}},
		{"tabs", "ip\tnote\n192.0.2.1\tx, y\n", []string{"192.0.2.1"}},
		{"first filled column", "ip,host\n192.0.2.1,\n192.0.2.2,a.example\n", []string{"192.0.2.1", "a.example"}},
		{"target first of all", "host,target\na.example,b.example:1\n", []string{"b.example:1"}},
		{"a name is no header", "localhost\nip\n", []string{"localhost", "ip"}},
		{"range", "target,port\n192.0.2.0/31,8443\n", []string{"192.0.2.0:8443", "192.0.2.1:8443"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, written(parseList(t, tt.text, ListOptions{})))
		})
	}
	l := parseList(t, "owner;url\nä;https://a.example\n", ListOptions{})
	for target := range l.All() {
		require.Equal(t, 3, target.Input.Column, "columns are counted in characters, not bytes")
	}
}

func TestParseListHTTPX(t *testing.T) {
	l := parseList(t, `
{"timestamp":"2026-01-01T00:00:00Z","port":"8443","url":"https://vpn.example.com:8443","input":"vpn.example.com","scheme":"https","host":"192.0.2.1","tls":{"tls_version":"tls12","subject_cn":"vpn","subject_an":["a"],"wildcard_certificate":false}}
{"url":"http://b.example","port":80}
{"input":"c.example","port":"443"}
`, ListOptions{})
	require.Equal(t, []string{"vpn.example.com:8443", "b.example:80", "c.example:443"}, written(l))
	for target := range l.All() {
		require.Equal(t, "https", target.Scheme)
		require.Equal(t, finding.Input{Text: "https://vpn.example.com:8443", File: "hosts.txt", Line: 2, Column: 58, EndColumn: 86,
			Meta: map[string]string{"input": "vpn.example.com", "host": "192.0.2.1", "tls_tls_version": "tls12", "tls_subject_cn": "vpn", "tls_wildcard_certificate": "false"}}, target.Input)
		break
	}
}

func TestParseListReportsEveryMistake(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"lines", "a b\nok.example\n  x:0 # y\n", []string{
			`hosts.txt:1:1: "a b": holds a space or control byte; write one target a line`,
			`hosts.txt:3:3: "x:0": port "0" is not a number from 1 to 65535`}},
		{"csv", "host,port\na!,1\nb.example,x\n,443\nc.example\nd.example:1,2\n", []string{
			`hosts.txt:2:1: "a!": name holds '!'`,
			`hosts.txt:3:1: "b.example": port "x" is not a number from 1 to 65535`,
			`hosts.txt:4: row names no target`,
			`hosts.txt:5: 1 fields under a header of 2; a field with a separator stands in double quotes`,
			`hosts.txt:6:1: "d.example:1": names port 1, and the port column says 2`}},
		{"csv quotes", "host,owner\na.example,\"x\" y\nb!,c\n", []string{
			`hosts.txt:2: extraneous or missing " in quoted-field`, `hosts.txt:3:1: "b!": name holds '!'`}},
		{"csv header", "host,owner,owner\na.example,b,c\n", []string{`hosts.txt:1: two columns are called "owner"`}},
		{"json", "{\"url\":\"https://a.example\"}\n{\"url\":\n{}\n{\"url\":\"https://a_b c\"}\n", []string{
			"hosts.txt:2: no JSON line as httpx -json writes it: unexpected end of JSON input",
			"hosts.txt:3: has none of url, input and host",
			`hosts.txt:4: "https://a_b c": holds a space or control byte; write one target a line`}},
		{"empty", "# nothing\n\n", []string{"no targets: hosts.txt holds no entry"}},
		{"csv without rows", "host,port\n", []string{"no targets: hosts.txt holds no entry"}},
		{"long line", "a.example\n" + strings.Repeat("a", maxLine+1) + "\n", []string{"hosts.txt:2: line has 65537 bytes; at most 65536 are read"}},
		{"utf-16", "\xff\xfea\x00", []string{"hosts.txt:1: the list is UTF-16; save it as UTF-8"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := ParseList("hosts.txt", strings.NewReader(tt.text), ListOptions{})
			require.Nil(t, l)
			require.EqualError(t, err, strings.Join(tt.want, "\n"))
		})
	}
}

func TestParseListCapsTheMistakes(t *testing.T) {
	_, err := ParseList("-", strings.NewReader(strings.Repeat("a b\n", 60)), ListOptions{})
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 51)
	require.Equal(t, `standard input:50:1: "a b": holds a space or control byte; write one target a line`, lines[49])
	require.Equal(t, "and 10 more", lines[50])
}

func TestParseArgs(t *testing.T) {
	l, err := ParseArgs([]string{"a.example", " [::1]:443 "}, ListOptions{})
	require.NoError(t, err)
	require.Equal(t, []string{"a.example", "[::1]:443"}, written(l))
	for target := range l.All() {
		require.Equal(t, finding.Input{Text: "a.example"}, target.Input)
		break
	}
	_, err = ParseArgs([]string{"a b", "x", "y:0"}, ListOptions{})
	require.EqualError(t, err, `target "a b": holds a space or control byte; write one target a line`+"\n"+
		`target "y:0": port "0" is not a number from 1 to 65535`)
	l, err = ParseArgs(nil, ListOptions{})
	require.NoError(t, err)
	require.Zero(t, l.Count())
}

func TestListNamesEverythingOnce(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"names", "a.example\nA.example.\na.example:443\nhttps://a.example/x\nhttps://a.example:443\nhttp://a.example", []string{"a.example", "a.example:443", "a.example:80"}},
		{"addresses", "192.0.2.1\n::ffff:192.0.2.1\n192.0.2.1:443\n[2001:db8::1]:443\nhttps://[2001:DB8:0::1]/", []string{"192.0.2.1", "192.0.2.1:443", "[2001:db8::1]:443"}},
		{"pinned", "a.example@192.0.2.1\na.example@192.0.2.2\na.example@192.0.2.1", []string{"a.example@192.0.2.1", "a.example@192.0.2.2"}},
		{"address before range", "192.0.2.2\n192.0.2.0/30", []string{"192.0.2.2", "192.0.2.0", "192.0.2.1", "192.0.2.3"}},
		{"address after range", "192.0.2.0/31\n192.0.2.1\n192.0.2.2", []string{"192.0.2.0", "192.0.2.1", "192.0.2.2"}},
		{"range in range", "192.0.2.0/30\n192.0.2.2/31", []string{"192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"}},
		{"range around range", "192.0.2.2/31\n192.0.2.0/30", []string{"192.0.2.2", "192.0.2.3", "192.0.2.0", "192.0.2.1"}},
		{"same range", "192.0.2.0/31\n192.0.2.1/31", []string{"192.0.2.0", "192.0.2.1"}},
		{"other port", "192.0.2.0/31\n192.0.2.0/31:8443\n192.0.2.1:8443", []string{"192.0.2.0", "192.0.2.1", "192.0.2.0:8443", "192.0.2.1:8443"}},
		{"v6", "2001:db8::1\n2001:db8::/126", []string{"2001:db8::1", "2001:db8::", "2001:db8::2", "2001:db8::3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := parseList(t, tt.text, ListOptions{})
			require.Equal(t, tt.want, written(l))
			require.EqualValues(t, len(tt.want), l.Count())
		})
	}
}

func TestListMerge(t *testing.T) {
	a := parseList(t, "192.0.2.1\na.example", ListOptions{})
	b := parseList(t, "a.example\n192.0.2.0/31\nb.example", ListOptions{})
	both := a.Merge(b)
	require.Equal(t, []string{"192.0.2.1", "a.example", "192.0.2.0", "b.example"}, written(both))
	require.EqualValues(t, 4, both.Count())
	require.Equal(t, []string{"192.0.2.1", "a.example"}, written(a), "merging leaves the parts alone")

	var none *List
	require.Same(t, a, none.Merge(a))
	require.Same(t, a, a.Merge(nil))
	require.Nil(t, none.Merge(nil))
	require.Zero(t, none.Count())
	require.Empty(t, written(none))
}

func TestListExclusions(t *testing.T) {
	tests := []struct {
		name, exclude, text string
		want                []string
	}{
		{"name", "A.example", "a.example\na.example:443\nb.example", []string{"b.example"}},
		{"name and port", "a.example:443", "a.example\na.example:443\nhttps://a.example\na.example:80", []string{"a.example", "a.example:80"}},
		{"url", "https://a.example/x", "a.example:443\na.example:80", []string{"a.example:80"}},
		{"address", "192.0.2.1", "192.0.2.0/30\n192.0.2.1:443\n192.0.2.1", []string{"192.0.2.0", "192.0.2.2", "192.0.2.3"}},
		{"range", "192.0.2.0/31 # ours not", "192.0.2.0/30\n192.0.2.1:443", []string{"192.0.2.2", "192.0.2.3"}},
		{"range around", "192.0.0.0/16", "192.0.2.0/30\n198.51.100.1", []string{"198.51.100.1"}},
		{"address and port", "192.0.2.1:443", "192.0.2.0/31:443\n192.0.2.0/31", []string{"192.0.2.0:443", "192.0.2.0", "192.0.2.1"}},
		{"pinned address", "192.0.2.1", "a.example@192.0.2.1\na.example@192.0.2.2:1", []string{"a.example:1@192.0.2.2:1"}},
		{"pinned address and port", "192.0.2.1:8443", "a.example:443@192.0.2.1:8443\na.example:443@192.0.2.1", []string{"a.example:443@192.0.2.1"}},
		{"large v6", "2001:db8::/32", "2001:db8::1\n2001:db9::1", []string{"2001:db9::1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x, err := ParseExclusions("exclude.txt", strings.NewReader(tt.exclude))
			require.NoError(t, err)
			l := parseList(t, tt.text, ListOptions{Exclude: x})
			require.Equal(t, tt.want, written(l))
			require.EqualValues(t, len(tt.want), l.Count())
		})
	}
}

func TestExclusionsMerge(t *testing.T) {
	parse := func(text string) *Exclusions {
		x, err := ParseExclusions("", strings.NewReader(text))
		require.NoError(t, err)
		return x
	}
	both := parse("a.example:1\n192.0.2.1").Merge(parse("a.example:2\n192.0.2.2:443"))
	for _, tt := range []struct {
		host string
		port int
		want bool
	}{
		{"a.example", 1, true}, {"a.example", 2, true}, {"a.example", 3, false}, {"a.example", 0, false},
		{"192.0.2.1", 0, true}, {"192.0.2.2", 443, true}, {"192.0.2.2", 80, false}, {"192.0.2.3", 443, false},
	} {
		require.Equal(t, tt.want, both.host(tt.host, tt.port), "%s:%d", tt.host, tt.port)
	}
	var none *Exclusions
	require.False(t, none.host("a.example", 1))
	require.Same(t, both, none.Merge(both))
	require.Same(t, both, both.Merge(nil))

	_, err := ParseExclusions("", strings.NewReader("a b\na.example@192.0.2.1"))
	require.EqualError(t, err, `exclusion "a b": holds a space or control byte; write one target a line`+"\n"+
		`exclusion "a.example@192.0.2.1": an exclusion is a name or an address, not both`)
}

// Spans must agree with a map of single addresses, whatever overlaps.
func TestListAgreesWithSets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	prefix := func() string {
		addr := netip.AddrFrom4([4]byte{192, 0, 2, byte(random.IntN(64))})
		text := netip.PrefixFrom(addr, 26+random.IntN(7)).String()
		if random.IntN(3) == 0 {
			text += ":443"
		}
		return text
	}
	for range 500 {
		var list, excludes []string
		for range 1 + random.IntN(8) {
			list = append(list, prefix())
		}
		for range random.IntN(3) {
			excludes = append(excludes, prefix())
		}
		x, err := ParseExclusions("", strings.NewReader(strings.Join(excludes, "\n")))
		require.NoError(t, err)
		l := parseList(t, strings.Join(list, "\n"), ListOptions{Exclude: x})
		want := expand(t, list, x)
		require.Equal(t, want, written(l), "list %v without %v", list, excludes)
		require.EqualValues(t, len(want), l.Count())
	}
}

func expand(t *testing.T, list []string, x *Exclusions) []string {
	t.Helper()
	var want []string
	for _, text := range list {
		e, err := parseEntry(text, smallRange)
		require.NoError(t, err)
		for addr := e.prefix.Addr(); e.prefix.Contains(addr); addr = addr.Next() {
			one := addr.String()
			if e.port != 0 {
				one = hostPort(one, e.port)
			}
			if !x.addr(addr, e.port) && !slices.Contains(want, one) {
				want = append(want, one)
			}
		}
	}
	return want
}

func TestLargeListIsLazy(t *testing.T) {
	l := parseList(t, "10.0.0.0/8\n10.1.2.3\n2001:db8::/96\n0:0:1::/100", ListOptions{AllowLarge: true})
	require.EqualValues(t, 1<<24+1<<32+1<<28, l.Count())
	n := 0
	for target := range l.All() {
		require.Equal(t, fmt.Sprintf("10.0.0.%d", n), target.Host)
		if n++; n == 3 {
			break
		}
	}
	_, err := ParseList("x", strings.NewReader("10.0.0.0/8"), ListOptions{})
	require.EqualError(t, err, `x:1:1: "10.0.0.0/8": has 16777216 addresses; more than 65536 need -allow-large`)
}

func TestManyEntriesAreQuick(t *testing.T) {
	var text strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&text, "10.%d.%d.%d\nhost-%d.example\n", i>>16, i>>8&255, i&255, i)
		if i%50 == 0 {
			fmt.Fprintf(&text, "10.%d.%d.0/28\n", i>>16, i>>8&255)
		}
	}
	require.Positive(t, parseList(t, text.String(), ListOptions{}).Count())
}

func FuzzParseList(f *testing.F) {
	f.Add("a.example # owner=x\n10.0.0.0/30\n")
	f.Add("host,port,tags\na.example,443,x;y\n\"b\",,\n")
	f.Add("{\"url\":\"https://a.example\",\"tls\":{\"a\":1}}\n")
	f.Add("a.example # product=acme-gate version=9.1\nhost,product\n")
	catalog := acmeCatalog(f)
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseList("f", strings.NewReader(text), ListOptions{Catalog: catalog})
		if (l == nil) == (err == nil) {
			t.Fatalf("list %v with error %v", l, err)
		}
		if l == nil || l.Count() > 1000 {
			return
		}
		n := uint64(0)
		for target := range l.All() {
			n++
			if in := target.Input; in.Line < 1 || in.Column < 1 || in.EndColumn <= in.Column || in.Text == "" {
				t.Errorf("target %q comes from %+v", target.Host, in)
			}
		}
		if n != l.Count() {
			t.Errorf("%d targets, and Count says %d", n, l.Count())
		}
	})
}

// A line of a list takes little more memory than its bytes, however many there are.
func TestListKeepsLittle(t *testing.T) {
	const lines = 100_000
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "10.%d.%d.%d:443 # owner=team%d\n", i>>16, i>>8&255, i&255, i%7)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	list, err := ParseList("list", strings.NewReader(text.String()), ListOptions{})
	require.NoError(t, err)
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.EqualValues(t, lines, list.Count())
	kept := float64(after.HeapAlloc-before.HeapAlloc) / lines
	require.Less(t, kept, 2*float64(text.Len())/lines, "bytes a line")
	runtime.KeepAlive(list)
}
