package probe

import (
	"bufio"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// lenientLimits are small, so that a fuzzer reaches them.
var lenientLimits = reading{header: 4096, fields: 20, body: 256}

// TestReadTolerantly checks what is kept of answers that break HTTP, what is said about
// them, and when their connection may serve another request.
func TestReadTolerantly(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, test := range []struct {
		name, method, text string
		status             int
		body               string
		malformed          []evidence.Malformation
		truncated, keep    bool
		field, value       string
	}{
		{name: "proper", text: ok + "Content-Length: 2\r\n\r\nhi", status: 200, body: "hi", keep: true},
		{name: "HTTP 0.9", text: "<html>old", status: 200, body: "<html>old", malformed: wrong(evidence.BadStatusLine)},
		{name: "no version", text: "HTTP 200 OK\r\n\r\nhi", status: 200, body: "hi", malformed: wrong(evidence.BadStatusLine)},
		{name: "ICY", text: "ICY 200 OK\r\nicy-name: x\r\n\r\nhi", status: 200, body: "hi", malformed: wrong(evidence.BadStatusLine), field: "Icy-Name", value: "x"},
		{name: "line feeds only", text: "HTTP/1.1 200 OK\nServer: x\nContent-Length: 2\n\nhi", status: 200, body: "hi", keep: true, field: "Server", value: "x"},
		{name: "space in a name", text: ok + "My Name: x\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", malformed: wrong(evidence.BadHeader), field: "My-Name", value: "x"},
		{name: "space before the colon", text: ok + "Server : x\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", malformed: wrong(evidence.BadHeader), field: "Server", value: "x"},
		{name: "no colon", text: ok + "nonsense\r\nServer: x\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", malformed: wrong(evidence.BadHeader), field: "Server", value: "x"},
		{name: "NUL in a value", text: ok + "Server: a\x00b\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", malformed: wrong(evidence.BadHeader), field: "Server", value: "a b"},
		{name: "folded field", text: ok + "Server: a\r\n  b\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", keep: true, field: "Server", value: "a b"},
		{name: "ends in the header", text: ok + "Server: x\r\n", status: 200, malformed: wrong(evidence.BadHeader), field: "Server", value: "x"},
		{name: "equal lengths", text: ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", status: 200, body: "hi", keep: true},
		{name: "two lengths", text: ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!", status: 200, body: "hi!", malformed: wrong(evidence.BadLength)},
		{name: "length too large", text: ok + "Content-Length: 9\r\n\r\nhi", status: 200, body: "hi", malformed: wrong(evidence.BadLength), truncated: true},
		{name: "length too small", text: ok + "Content-Length: 1\r\n\r\nhi", status: 200, body: "h"},
		{name: "length over the limit", text: ok + "Content-Length: 300\r\n\r\n" + strings.Repeat("x", 300), status: 200, body: strings.Repeat("x", 256), truncated: true},
		{name: "chunks", text: ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", status: 200, body: "hi", keep: true},
		{name: "chunk garbage", text: ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhi", status: 200, body: "zz\nhi", malformed: wrong(evidence.BadChunking), truncated: true},
		{name: "chunk breaks off", text: ok + "Transfer-Encoding: chunked\r\n\r\n9\r\nhi", status: 200, body: "hi", malformed: wrong(evidence.BadChunking), truncated: true},
		{name: "interim answer", text: "HTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nhi", status: 200, body: "hi", keep: true},
		{name: "HEAD with a body", method: "HEAD", text: ok + "Content-Length: 2\r\n\r\nhi", status: 200},
		{name: "204 with a body", text: "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi", status: 204},
		{name: "304 with a body", text: "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nhi", status: 304},
		{name: "length and chunks", text: ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", status: 200, body: "hi", malformed: []evidence.Malformation{evidence.BadLength}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.method == "" {
				test.method = "GET"
			}
			resp, keep, err := readTolerantly(bufio.NewReader(strings.NewReader(test.text)), test.method, lenientLimits)
			require.NoError(t, err)
			require.Equal(t, test.status, resp.Status)
			require.Equal(t, test.body, string(resp.Body))
			require.Equal(t, test.malformed, resp.Malformed)
			require.Equal(t, test.truncated, resp.Truncated)
			if resp.Status == 200 && test.method == "GET" {
				require.Equal(t, test.keep, keep)
			}
			if test.field != "" {
				require.Equal(t, test.value, resp.Header.Get(test.field))
			}
		})
	}
}

func wrong(m ...evidence.Malformation) []evidence.Malformation { return m }

// TestReadTolerantlyRefuses checks that what is too much, or no HTTP, is an error.
func TestReadTolerantlyRefuses(t *testing.T) {
	var fields strings.Builder
	for i := range 30 {
		fmt.Fprintf(&fields, "X-%d: y\r\n", i)
	}
	for name, test := range map[string]struct {
		text string
		err  error
	}{
		"a line of 65 kB":      {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 65<<10) + "\r\n\r\n", errTooMuch},
		"too many fields":      {"HTTP/1.1 200 OK\r\n" + fields.String() + "\r\n", errTooMuch},
		"a flood of 100":       {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000), errTooMuch},
		"another protocol":     {"SSH-2.0-OpenSSH_9.2\r\n", errNoHTTP},
		"a status of no digit": {"HTTP/1.1 OK\r\n\r\n", errNoHTTP},
	} {
		t.Run(name, func(t *testing.T) {
			_, keep, err := readTolerantly(bufio.NewReader(strings.NewReader(test.text)), "GET", lenientLimits)
			require.ErrorIs(t, err, test.err)
			require.False(t, keep)
		})
	}
}

// FuzzReadTolerantly checks that no answer makes the reader panic or keep more than its
// limits, and that a connection is kept only behind a sound answer.
func FuzzReadTolerantly(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
		"HTTP 200\n a\n:\n\x00\n\n", "<html>", "ICY 200 OK\r\n\r\n", "HTTP/1.1 100 x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP\r\n\r\n", "HTTP",
	} {
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, head bool) {
		method := map[bool]string{false: "GET", true: "HEAD"}[head]
		resp, keep, err := readTolerantly(bufio.NewReader(strings.NewReader(string(text))), method, lenientLimits)
		if err != nil {
			require.Nil(t, resp)
			require.False(t, keep)
			return
		}
		require.LessOrEqual(t, int64(len(resp.Body)), lenientLimits.body)
		fields := 0
		for _, values := range resp.Header {
			fields += len(values)
		}
		require.LessOrEqual(t, fields, lenientLimits.fields)
		if keep {
			require.Empty(t, resp.Malformed)
			require.False(t, resp.Truncated)
		}
	})
}
