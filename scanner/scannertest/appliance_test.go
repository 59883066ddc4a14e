package scannertest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const sample = `# A gateway.
expect: identified acme-gate 9.1.4 || 9.1.5
expect: identified other-gate *
affected: A-1 A-2
affected: A-3
possible: B-1
not_affected: C-1
demo: vpn.example.com owner=netops tag=prod
tls: subject=CN=gate 1,OU=Gate\, Old,O=Acme issuer=CN=ca,O=Acme san=a.example,127.0.0.1

-- GET / --
HTTP/1.1 200 OK
Server: Acme

<html>
-- GET /file?a=1 base64 --
HTTP/1.1 200 OK

AAEC
Aw==
-- * --
HTTP/1.1 302 Found
Location: /
`

func TestParse(t *testing.T) {
	a, err := Parse("appliances/acme.txtar", []byte(sample))
	require.NoError(t, err)
	require.Equal(t, "acme", a.Name)
	require.Equal(t, []Expectation{{"acme-gate", "9.1.4 || 9.1.5"}, {"other-gate", "*"}}, a.Expect)
	require.Equal(t, []string{"A-1", "A-2", "A-3"}, a.Affected)
	require.Equal(t, []string{"B-1"}, a.Possible)
	require.Equal(t, []string{"C-1"}, a.NotAffected)
	require.Equal(t, Demo{Host: "vpn.example.com", Words: "owner=netops tag=prod"}, a.Demo)
	require.Equal(t, "<html>\n", string(a.answer("GET", "/").body))
	require.Equal(t, "<html>\n", string(a.answer("HEAD", "/").body))
	require.Equal(t, "\x00\x01\x02\x03", string(a.answer("GET", "/file?a=1").body))
	require.Equal(t, 302, a.answer("GET", "/file").status)
}

func TestParseBodyEnd(t *testing.T) {
	tests := []struct{ name, section, body string }{
		{"line break", "x\n", "x\n"},
		{"empty last line", "x\n\n", "x"},
		{"two empty last lines", "x\n\n\n", "x\n"},
		{"only an empty line", "\n", ""},
		{"no body", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := "expect: unidentified\n-- GET / --\nHTTP/1.1 200 OK\n\n" + tt.section + "-- GET /x --\nHTTP/1.1 200 OK\n"
			a, err := Parse("a.txtar", []byte(text))
			require.NoError(t, err)
			require.Equal(t, tt.body, string(a.answer("GET", "/").body))
		})
	}
}

func TestParseRefuses(t *testing.T) {
	const answers = "\n-- GET / --\nHTTP/1.1 200 OK\n"
	tests := []struct{ name, text, want string }{
		{"no expectation", "# x" + answers, "a.txtar:1: no expect line"},
		{"no answers", "expect: unidentified\n", "a.txtar:1: no answers"},
		{"unknown key", "expect: unidentified\nexpects: x" + answers, `a.txtar:2: unknown key "expects"`},
		{"no value", "expect:" + answers, `a.txtar:1: "expect:" is neither`},
		{"prose", "expect: unidentified\nhello" + answers, `a.txtar:2: "hello" is neither`},
		{"no versions", "expect: identified acme" + answers, `a.txtar:1: expect "identified acme"`},
		{"both", "expect: unidentified\nexpect: identified acme *" + answers, "a.txtar:2: identified beside unidentified"},
		{"both, turned round", "expect: identified acme *\nexpect: unidentified" + answers, "a.txtar:2: unidentified beside"},
		{"tls words", "expect: unidentified\ntls: yes" + answers, `a.txtar:2: tls "yes"`},
		{"tls name", "expect: unidentified\ntls: subject=gate" + answers, `a.txtar:2: tls: "gate" in name`},
		{"tls twice", "expect: unidentified\ntls: none\ntls: none" + answers, "a.txtar:3: a second tls line"},
		{"section without method", "expect: unidentified\n-- / --\nHTTP/1.1 200 OK\n", `a.txtar:2: section "/"`},
		{"post", "expect: unidentified\n-- POST / --\nHTTP/1.1 200 OK\n", `could never be asked for: method is "POST"`},
		{"twice", "expect: unidentified" + answers + "-- GET / --\nHTTP/1.1 200 OK\n", `a.txtar:4: a second section "GET /"`},
		{"no status line", "expect: unidentified\n-- GET / --\nServer: x\n", `a.txtar:2: section "GET /": of the section, line 1`},
		{"base64", "expect: unidentified\n-- GET / base64 --\nHTTP/1.1 200 OK\n\n!!\n", "a.txtar:2: section \"GET /\": body is not base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("a.txtar", []byte(tt.text))
			require.ErrorContains(t, err, tt.want)
		})
	}
	_, err := Parse("a.txtar", []byte("hello\n-- x --\n"))
	require.Equal(t, 4, strings.Count(err.Error(), "a.txtar:"), "every mistake is listed: %v", err)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("expect: unidentified\ntls: subject=CN=a\\,b san=\n-- * base64 --\nHTTP/1.1 200 OK\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := Parse("a.txtar", data)
		if (a == nil) == (err == nil) {
			t.Errorf("appliance %v with error %v", a, err)
		}
	})
}
