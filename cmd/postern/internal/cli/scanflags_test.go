package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"postern/scanner"
)

func scanOptionsOf(t *testing.T, env map[string]string, args ...string) (scanner.Options, error) {
	t.Helper()
	c := &Command{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Getenv: func(name string) string { return env[name] }}
	f, v := defineScanFlags("postern scan")
	if _, err := f.parse(c, args); err != nil {
		t.Fatal(err)
	}
	return c.scanOptions(v)
}

// What is given wins over a preset, and a preset over the defaults.
func TestPresets(t *testing.T) {
	type limits struct {
		parallel int
		rate     float64
		gap      time.Duration
		perNet   int
		timeout  time.Duration
	}
	tests := []struct {
		args string
		want limits
	}{
		{"", limits{64, 500, 100 * time.Millisecond, 8, 15 * time.Second}},
		{"-polite", limits{8, 20, time.Second, 2, 30 * time.Second}},
		{"-fast", limits{256, 2000, 20 * time.Millisecond, 32, 10 * time.Second}},
		{"-gap 3s -polite -rate 500", limits{8, 500, 3 * time.Second, 2, 30 * time.Second}},
		{"-fast -parallel 64 -timeout 15s", limits{64, 2000, 20 * time.Millisecond, 32, 15 * time.Second}},
		{"-gap 0 -per-net 0 -rate 0", limits{64, -1, -1, -1, 15 * time.Second}},
	}
	for _, tt := range tests {
		o, err := scanOptionsOf(t, nil, strings.Fields(tt.args)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := (limits{o.Parallel, o.Rate, o.Gap, o.PerNet, o.Timeout}); got != tt.want {
			t.Errorf("%q: %+v, want %+v", tt.args, got, tt.want)
		}
	}
}

func TestScanOptionsThatAreRefused(t *testing.T) {
	tests := []struct{ args, want string }{
		{"-polite -fast", "-polite and -fast: choose one"},
		{"-gap -1s", "-gap -1s: must be 0 to 10m"},
		{"-per-net -1", "-per-net -1: must be 0 or more"},
		{"-max-outage 0", "-max-outage 0s: must be at least 1s"},
		{"-resolver dns.example.org", "-resolver dns.example.org: write the address of a name server, such as 10.0.0.53 or [2001:db8::53]:5353"},
		{"-resolver 192.0.2.53 -deny 192.0.2.0/24", "-resolver 192.0.2.53: is denied, or has port 0"},
		{"-deny deny.txt", "-deny deny.txt: neither an address nor a range, nor a file that can be read: open deny.txt: "},
		{"-deny 192.0.2.256", "-deny 192.0.2.256: neither an address"},
		{"-client-cert a.pem", "-client-cert and -client-key: give both"},
		{"-client-cert no.pem -client-key no.pem", "-client-cert: open no.pem: "},
		{"-proxy ftp://user:secret@proxy.example.org", "-proxy …@proxy.example.org: write http://host:port"},
	}
	for _, tt := range tests {
		_, err := scanOptionsOf(t, nil, strings.Fields(tt.args)...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.args, err, tt.want)
		}
	}
	if _, err := scanOptionsOf(t, map[string]string{"POSTERN_DENY": "gone.txt"}); err == nil || !strings.Contains(err.Error(), "POSTERN_DENY: open gone.txt") {
		t.Errorf("a denial that cannot be read is passed over: %v", err)
	}
}

func TestResolverAndProxyForms(t *testing.T) {
	for value, want := range map[string]string{
		"192.0.2.53": "192.0.2.53:53", "192.0.2.53:5353": "192.0.2.53:5353",
		"2001:db8::53": "[2001:db8::53]:53", "[2001:db8::53]": "[2001:db8::53]:53", "[2001:db8::53]:5353": "[2001:db8::53]:5353",
	} {
		o, err := scanOptionsOf(t, nil, "-resolver", value)
		if err != nil || o.Resolver.String() != want {
			t.Errorf("-resolver %s: %s, %v", value, o.Resolver, err)
		}
	}
	for _, value := range []string{"http://proxy.example.org:3128", "https://proxy.example.org", "socks5://user:password@proxy.example.org:1080", "socks5h://proxy.example.org:1080"} {
		if _, err := scanOptionsOf(t, nil, "-proxy", value); err != nil {
			t.Errorf("-proxy %s: %v", value, err)
		}
	}
}

func TestParallelFitsTheDescriptors(t *testing.T) {
	tests := []struct {
		parallel int
		limit    uint64
		want     int
	}{
		{64, 0, 64}, {64, 1024, 64}, {64, 160, 64}, {64, 159, 63}, {4096, 1024, 496}, {64, 64, 16}, {64, 20, 1}, {1, 8, 1},
	}
	for _, tt := range tests {
		var said bytes.Buffer
		c := &Command{Stderr: &said}
		if got := c.fitParallel(tt.parallel, tt.limit); got != tt.want {
			t.Errorf("-parallel %d with %d: %d, want %d", tt.parallel, tt.limit, got, tt.want)
		}
		if lowered := tt.want != tt.parallel; lowered != (said.Len() > 0) && tt.limit > 8 {
			t.Errorf("-parallel %d with %d: said %q", tt.parallel, tt.limit, said.String())
		}
	}
}

// The table of limits in README.md is what the flags say.
func TestReadmeLimits(t *testing.T) {
	text := read(t, "../../../../README.md")
	f, _ := defineScanFlags("")
	for name, polite := range politeLimits() {
		row := fmt.Sprintf(" | `-%s` | %s | %s | %s |\n", name, f.Lookup(name).DefValue, polite, fastLimits()[name])
		if !strings.Contains(text, row) {
			t.Errorf("README.md has no row that ends in %q", row)
		}
		for preset, value := range map[string]string{"polite": polite, "fast": fastLimits()[name]} {
			if about := f.Lookup(preset).Usage; !strings.Contains(about, "-"+name+" "+value) {
				t.Errorf("the help of -%s does not say -%s %s", preset, name, value)
			}
		}
	}
}
