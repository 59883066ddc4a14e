package cli

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"
	"time"

	"postern/scanner"
	"postern/scanner/evidence"
)

func TestParseShare(t *testing.T) {
	for value, want := range map[string]float64{"95%": 0.95, "0.95": 0.95, "0": 0, "100%": 1, "1": 1} {
		if got, err := parseShare("x", value); err != nil || got != want {
			t.Errorf("parseShare(%s) = %v, %v, want %v", value, got, err, want)
		}
	}
	for _, bad := range []string{"", "95", "101%", "-1", "NaN", "x%"} {
		if got, err := parseShare("x", bad); err == nil {
			t.Errorf("parseShare(%q) = %v, want an error", bad, got)
		}
	}
}

func TestRuleAge(t *testing.T) {
	now := time.Date(2026, 8, 30, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		age    string
		status int
	}{
		{"", 0}, {"31d", 0}, {"30d", 0}, {"29d", ExitStale}, {"48h", ExitStale},
	}
	for _, tt := range tests {
		age, err := parseAge("max-rules-age", tt.age)
		if err != nil {
			t.Fatal(err)
		}
		err = checkAge("2026-08-01", age, now)
		if got, ok := err.(statusError); (tt.status != 0) != ok || got.code != tt.status {
			t.Errorf("rules of 2026-08-01 with -max-rules-age %q: %v, want status %d", tt.age, err, tt.status)
		}
	}
	for _, bad := range []string{"d", "0d", "-3d", "month"} {
		if _, err := parseAge("max-rules-age", bad); err == nil {
			t.Errorf("-max-rules-age %q is accepted", bad)
		}
	}
}

func TestProgressLine(t *testing.T) {
	at := scanner.Progress{Done: 50, Gateways: 7, Affected: 2}
	got := progressLine(at, 200, 10*time.Second)
	if want := "50 of 200 targets, 5/s, 7 gateways, 2 affected, about 30s left"; got != want {
		t.Errorf("progressLine = %q, want %q", got, want)
	}
	at.Done = 200
	if got := progressLine(at, 200, 10*time.Second); strings.Contains(got, "left") {
		t.Errorf("a finished scan still counts down: %q", got)
	}
}

func TestRedactor(t *testing.T) {
	clean := newRedactor("sslvpn.example.net", &evidence.TLS{
		Subject: "CN=FG100ETK18123456,OU=FortiGate,O=Fortinet",
		SAN:     []string{"ra.corp.example.com", "203.0.113.9", "2001:db8:5::7"},
	})
	tests := []struct{ in, want string }{
		{"https://sslvpn.example.net/", "https://vpn.example.org/"},
		{"ra.corp.example.com and 203.0.113.9", "vpn.example.org and 192.0.2.1"},
		{"[2001:db8:5::7]", "[2001:db8::1]"},
		{"fe80::1 at 12:34:56", "2001:db8::1 at 12:34:56"},
		{"gateway 192.168.4.5", "gateway 192.0.2.1"},
		{"firmware 10.2.1.9", "firmware 10.2.1.9"}, // may be a version
		{"CN=FG100ETK18123456", "CN=FG100ETK00000000"},
		{"write to ops@corp.example.com", "write to user@example.org"},
		{"<CSRF_RAND_CODE>7730512984</CSRF_RAND_CODE>", "<CSRF_RAND_CODE>REMOVED</CSRF_RAND_CODE>"},
		{`name="csrf_token" value="c2VjcmV0LXRva2Vu"`, `name="csrf_token" value="REMOVED"`},
		{"/css/login.css?v=26df0e65fba681faaeb333058a8b28bf", "/css/login.css?v=26df0e65fba681faaeb333058a8b28bf"},
		{"<VPNVERSION>M7.6.8R2</VPNVERSION>", "<VPNVERSION>M7.6.8R2</VPNVERSION>"},
	}
	for _, tt := range tests {
		if got := clean.text(tt.in); got != tt.want {
			t.Errorf("text(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got, want := clean.header("Set-Cookie", "TWFID=5c7f1e0a9b3d2846; path=/"), "TWFID=REMOVED; path=/"; got != want {
		t.Errorf("header = %q, want %q", got, want)
	}
	if got, want := clean.header("Set-Cookie", "SVPNCOOKIE=; path=/"), "SVPNCOOKIE=; path=/"; got != want {
		t.Errorf("an empty cookie is a signal: %q, want %q", got, want)
	}
	if got := strings.Join(clean.left, " "); got != "10.2.1.9" {
		t.Errorf("kept and told: %q, want 10.2.1.9", got)
	}
}

// A page with a line that looks like a section of an appliance is encoded, and cleaned
// before.
func TestRecordingIsCleanedBeforeItIsEncoded(t *testing.T) {
	seen := evidence.Seen{Host: "sslvpn.example.net", Exchanges: []evidence.Exchange{{
		Request:  evidence.Request{Method: evidence.GET, Path: "/"},
		Response: &evidence.Response{Status: 200, Body: []byte("sslvpn.example.net\n-- signed --\n")},
	}}}
	text := applianceText(seen, newRedactor(seen.Host, nil))
	_, encoded, found := strings.Cut(text, "-- GET / base64 --\nHTTP/1.1 200\n\n")
	if !found {
		t.Fatalf("not encoded:\n%s", text)
	}
	body, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if want := "vpn.example.org\n-- signed --\n"; err != nil || string(body) != want {
		t.Errorf("body = %q, %v, want %q", body, err, want)
	}
}

func TestAtomicFileLeavesTheOldReportUntilDone(t *testing.T) {
	name := t.TempDir() + "/scan.json"
	for _, text := range []string{"old", "new"} {
		file, err := createAtomic(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if text == "new" {
			if got := read(t, name); got != "old" {
				t.Errorf("half a report is visible: %q", got)
			}
		}
		if err := file.commit(); err != nil {
			t.Fatal(err)
		}
		if got := read(t, name); got != text {
			t.Errorf("report = %q, want %q", got, text)
		}
	}
	if _, err := createAtomic(t.TempDir()); err == nil {
		t.Error("a folder is accepted as a file")
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
