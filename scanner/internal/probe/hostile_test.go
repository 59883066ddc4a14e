package probe

import (
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
	"postern/scanner/scannertest"
)

func TestHostileAnswersAreBounded(t *testing.T) {
	endless := func(head, part string) func(*device, net.Conn) {
		part = strings.Repeat(part, 200)
		return func(_ *device, conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, err := conn.Write([]byte(head))
			for err == nil {
				_, err = conn.Write([]byte(part))
			}
		}
	}
	drip := func(head, part string) func(*device, net.Conn) {
		return func(_ *device, conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, err := conn.Write([]byte(head))
			for err == nil {
				time.Sleep(20 * time.Millisecond)
				_, err = conn.Write([]byte(part))
			}
		}
	}
	tests := []struct {
		name   string
		handle func(*device, net.Conn)
		kind   evidence.FailureKind // empty: a cut response
		detail string
	}{
		{"endless body", endless("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 100)), "", ""},
		{"huge announced body", endless("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000000000\r\n\r\n", "xxxx"), "", ""},
		{"endless chunks", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n"), "", ""},
		{"endless chunk extension", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;", "aaaaaaaa"), "", ""},
		{"dripping body", drip("HTTP/1.1 200 OK\r\n\r\n", "x"), "", ""},
		{"endless header", endless("HTTP/1.1 200 OK\r\n", "A: b\r\n"), evidence.NotHTTP, "headers exceeded"},
		{"endless header line", endless("HTTP/1.1 200 OK\r\nA: ", "bbbbbbbb"), evidence.NotHTTP, "headers exceeded"},
		{"endless status line", endless("HTTP/1.1 200 ", "OK"), evidence.NotHTTP, "headers exceeded"},
		{"flood of interim answers", endless("", "HTTP/1.1 100 Continue\r\n\r\n"), evidence.NotHTTP, ""},
		{"dripping header", drip("HTTP/1.1 200 OK\r\n", "A: b\r\n"), evidence.Timeout, "no whole answer in time"},
		{"silence", silent, evidence.Timeout, "no whole answer in time"},
		{"no HTTP", always("SSH-2.0-x\x1b[2J\r\n"), evidence.NotHTTP, "the answer is no HTTP"},
		{"speaks first", func(_ *device, conn net.Conn) {
			_, _ = conn.Write([]byte("* OK IMAP4\r\n"))
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Read(make([]byte, 1))
		}, evidence.NotHTTP, "the answer is no HTTP"},
		{"no header", always("HTTP/1.1 200 OK\r\n<html>\r\n\r\n"), "", ""},
		{"control bytes in the header", always("HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n"), "", ""},
		{"two lengths", always("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "", ""},
		{"closed early", func(_ *device, conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }, evidence.Reset, ""},
		{"closed in the header", always("HTTP/1.1 200 OK\r\nA"), evidence.Timeout, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := listen(t, nil, tt.handle)
			l := limits()
			l.Timeout = time.Second
			s := open(t, d, l, Endpoint{Scheme: "http"})
			start := time.Now()
			x := s.Do(t.Context(), get("/"))
			require.Less(t, time.Since(start), 3*time.Second)
			if tt.kind == "" {
				require.Nil(t, x.Failure)
				require.True(t, x.Response.Truncated)
				require.LessOrEqual(t, len(x.Response.Body), 1000)
				return
			}
			require.Nil(t, x.Response)
			require.Equal(t, tt.kind, x.Failure.Kind, x.Failure.Detail)
			require.Contains(t, x.Failure.Detail, tt.detail)
			requireClean(t, d, x.Failure.Detail)
		})
	}
}

// silent reads and says nothing, until the client goes.
func silent(_ *device, conn net.Conn) {
	_, _ = io.Copy(io.Discard, conn)
}

// requireClean wants text that can be shown anywhere and names no address.
func requireClean(t *testing.T, d *device, text string) {
	t.Helper()
	require.NotContains(t, text, d.addr.Addr().String())
	require.Equal(t, clean(text), text)
	require.NotEmpty(t, text)
}

func TestConnectionFailures(t *testing.T) {
	closed := listen(t, nil, nil)
	address, release, err := scannertest.ClosedPort()
	require.NoError(t, err)
	t.Cleanup(release)
	closed.addr = address
	tests := []struct {
		name   string
		device *device
		end    Endpoint
		kind   evidence.FailureKind
		detail string
	}{
		{"refused", closed, Endpoint{}, evidence.Refused, "connection refused"},
		{"reset in the handshake", listen(t, nil, func(_ *device, conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.(*net.TCPConn).SetLinger(0)
		}), Endpoint{}, evidence.Reset, "connection reset by peer"},
		{"closed in the handshake", listen(t, nil, func(_ *device, conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
		}), Endpoint{}, evidence.Reset, "connection closed without an answer"},
		{"silent in the handshake", listen(t, nil, silent), Endpoint{DialTimeout: 100 * time.Millisecond}, evidence.Timeout, "no TLS handshake in time"},
		{"alert", listen(t, nil, func(_ *device, conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Write([]byte{21, 3, 1, 0, 2, 2, 40})
			_, _ = conn.Read(make([]byte, 1))
		}), Endpoint{}, evidence.TLSFailed, "tls: handshake failure"},
		{"no TLS and no HTTP", listen(t, nil, func(_ *device, conn net.Conn) {
			_, _ = conn.Write([]byte("SSH-2.0-OpenSSH_9.6\r\n"))
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = conn.Read(make([]byte, 1))
		}), Endpoint{}, evidence.NotHTTP, "the answer is neither TLS nor HTTP"},
		{"excluded", closed, Endpoint{Refuse: func(at netip.AddrPort) bool { return at == closed.addr }}, evidence.Excluded, "the name leads to an address that is excluded"},
		{"no such name", closed, Endpoint{Host: "gateway.invalid"}, evidence.DNS, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := open(t, tt.device, limits(), tt.end).Do(t.Context(), get("/"))
			require.NotNil(t, x.Failure)
			require.Equal(t, tt.kind, x.Failure.Kind, x.Failure.Detail)
			require.Contains(t, x.Failure.Detail, tt.detail)
			requireClean(t, tt.device, x.Failure.Detail)
		})
	}
	_, conns := closed.seen()
	require.Zero(t, conns)
}
