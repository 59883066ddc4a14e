package scannertest

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
)

const (
	okHead  = "HTTP/1.1 200 OK\r\n"
	chunked = okHead + "Transfer-Encoding: chunked\r\n\r\n"
)

// page is a whole answer.
func page(fields, body string) string {
	return fmt.Sprintf("%s%sContent-Length: %d\r\n\r\n%s", okHead, fields, len(body), body)
}

// every answers each request of a connection with the same.
func every(text string) func(net.Conn) {
	return func(conn net.Conn) {
		for request(conn) {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
		}
	}
}

// slowAnswers never come to an end, or not in time.
func slowAnswers() []Hostile {
	late, cut := []string{"unreachable timeout"}, []string{"unidentified"}
	return []Hostile{
		{"silence", late, true, hold},
		{"half a status line", late, true, say("HTTP/1.1 2", hold)},
		{"dripping status line", late, true, say("HTTP/1.1 200 ", drip("x"))},
		{"dripping header", late, true, say(okHead, drip("A: b\r\n"))},
		{"dripping body", []string{"unidentified", "unidentified timeout"}, true, say(okHead+"\r\n", drip("x"))},
		{"dripping chunks", []string{"unidentified", "unidentified timeout"}, true, say(chunked, drip("1\r\nx\r\n"))},
		{"body that never comes", []string{"unidentified", "unidentified timeout"}, true, say(okHead+"Content-Length: 10\r\n\r\n", hold)},
		{"half-open", []string{"unreachable reset"}, false, func(conn net.Conn) {
			if !request(conn) {
				return
			}
			if half, ok := conn.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite() // the client is told by the next read
			}
			hold(conn)
		}},
		{"long pause between answers", cut, true, func(conn net.Conn) {
			if request(conn) {
				_, _ = io.WriteString(conn, page("", "<title>one</title>"))
				hold(conn)
			}
		}},
	}
}

// floods send without end.
func floods() []Hostile {
	cut, nonsense := []string{"unidentified"}, []string{"unreachable not_http"}
	long := strings.Repeat("x", 8<<10)
	lines := strings.Repeat("A: b\r\n", 1000)
	return []Hostile{
		{"endless header", nonsense, false, say(okHead, flood(lines))},
		{"endless header line", nonsense, false, say(okHead+"A: ", flood(long))},
		{"endless status line", nonsense, false, say("HTTP/1.1 200 ", flood(long))},
		{"many header fields", nonsense, false, every(page(strings.Repeat("a:\r\n", 10_000), ""))},
		{"flood of interim answers", nonsense, false, say("", flood(strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 100)))},
		{"flood of early hints", nonsense, false, say("", flood("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"))},
		{"endless body", cut, false, say(okHead+"\r\n", flood(long))},
		{"endless NUL", cut, false, say(okHead+"\r\n", flood(strings.Repeat("\x00", 8<<10)))},
		{"huge announced body", cut, false, say(okHead+"Content-Length: 9000000000000000000\r\n\r\n", flood(long))},
		{"endless chunks", cut, false, say(chunked, flood(strings.Repeat("1\r\nx\r\n", 1000)))},
		{"endless chunk extension", cut, false, say(chunked+"1;", flood(long))},
		{"endless trailer", []string{"unidentified", "unreachable timeout"}, false, say(chunked+"0\r\n", flood(lines))},
		{"unsolicited answers", cut, false, say("", flood(page("", "x")))},
		{"gzip bomb", cut, false, every(page("Content-Encoding: gzip\r\n", string(bomb(64<<20))))},
		{"gzip in gzip", cut, false, every(page("Content-Encoding: gzip, gzip\r\n", string(packed(bomb(64<<20)))))},
		{"brotli bomb", cut, false, every(page("Content-Encoding: br\r\n", brotliBomb))},
		{"title of a megabyte", cut, false, every(page("", "<title>"+strings.Repeat("x", 1<<20)+"</title>"))},
		{"flood of cookies", nonsense, false, every(page(strings.Repeat("Set-Cookie: a=b\r\n", 3000), ""))},
	}
}

// brotliBomb is one meta-block of 16 MiB that repeats one byte: what is announced matters,
// because nothing may unpack it.
const brotliBomb = "\x5b\xff\xff\xff\x00\x25\x00\x61\xf9\xff\xff\x1f\x00"

// bomb is a small gzip file that is large inside.
func bomb(size int) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is known
	zeros := make([]byte, 1<<16)
	for ; size > 0; size -= len(zeros) {
		_, _ = w.Write(zeros) // a buffer takes everything
	}
	_ = w.Close()
	return out.Bytes()
}

func packed(data []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(data) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// brokenAnswers break HTTP, or the connection in the middle of it.
func brokenAnswers() []Hostile {
	cut, nonsense, gone := []string{"unidentified"}, []string{"unreachable not_http"}, []string{"unreachable reset"}
	after := []string{"unidentified", "unidentified reset", "unidentified not_http"}
	return []Hostile{
		{"closed after the request", gone, false, func(conn net.Conn) { request(conn) }},
		{"reset after the request", gone, false, func(conn net.Conn) { request(conn); reset(conn) }},
		{"reset in the header", gone, false, say("HTTP/1.1 200 OK\r\nA: ", reset)},
		{"reset in the body", append(after, "unreachable reset"), false, say(okHead+"Content-Length: 100\r\n\r\nabc", reset)},
		{"closed in the header", gone, false, say("HTTP/1.1 200 OK\r\nA: ", nil)},
		{"closed in the body", after, false, say(okHead+"Content-Length: 100\r\n\r\nabc", nil)},
		{"closed in a chunk", after, false, say(chunked+"ff\r\nabc", nil)},
		{"HTTP/0.9", append(nonsense, "unidentified"), false, say("<html>welcome</html>", nil)},
		{"noise", nonsense, false, say("\x00\x01\x02\xff\xfe\r\n\r\n", hold)},
		{"HTTP/2 only", nonsense, false, say("\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80\x00\x04\x00\x01\x00\x00\x00\x05\x00\xff\xff\xff"+
			"\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", nil)},
		{"status 999", cut, false, every("HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n")},
		{"switched protocols", cut, false, say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", flood("noise"))},
		{"body after 204", after, false, every("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello")},
		{"body after 304", after, false, every("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello")},
		{"body after HEAD", cut, false, every(page("", "<title>HEAD</title>"))},
		{"trailers", cut, false, every(okHead + "Trailer: X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: y\r\nSet-Cookie: a=b\r\n\r\n")},
		{"gzip that is none", cut, false, every(page("Content-Encoding: gzip\r\n", "\x1f\x8b\x08nonsense"))},
	}
}

// deceptions want to be taken for something, or to lead somewhere.
func deceptions() []Hostile {
	cut := []string{"unidentified"}
	moved := func(location string) string {
		return "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n"
	}
	return []Hostile{
		{"redirect to itself", cut, false, every(moved("/"))},
		{"redirect elsewhere", cut, false, every(moved("https://elsewhere.example/remote/login"))},
		{"redirect to another port", cut, false, every(moved("http://127.0.0.1:1/"))},
		{"redirect to a file", cut, false, every(moved("file:///etc/passwd"))},
		{"redirects without end", cut, false, chain},
		{"redirect of 60,000 bytes", cut, false, every(moved("/" + strings.Repeat("a", 60_000)))},
		{"the same answer to every path", cut, false, every(page("", "<title>Welcome</title>"))},
		{"every marker", []string{"unidentified contradictory"}, false, every(page(markers, markerPage))},
	}
}

// The marks of several vendors at once.
const (
	markers = "Server: SonicWALL SSL-VPN Web Server\r\nServer: OpenVPN-AS\r\nServer: xxxxxxxx-xxxxx\r\n" +
		"Set-Cookie: webvpn=; path=/\r\nSet-Cookie: DSSignInURL=/; path=/\r\nSet-Cookie: SVPNCOOKIE=; path=/\r\nSet-Cookie: NSC_TASS=x; path=/\r\n"
	markerPage = `<html><title>Virtual Office</title><script>document.location.replace("/+CSCOE+/logon.html")</script></html>`
)

// chain redirects every path to a longer one.
func chain(conn net.Conn) {
	for n := 0; ; n++ {
		if !request(conn) {
			return
		}
		if _, err := fmt.Fprintf(conn, "HTTP/1.1 302 Found\r\nLocation: /next/%d\r\nContent-Length: 0\r\n\r\n", n); err != nil {
			return
		}
	}
}

// brokenConnections end or stall before anything is said.
func brokenConnections() []Hostile {
	gone := []string{"unreachable reset"}
	return []Hostile{
		{"accepts and resets", gone, false, reset},
		{"accepts and closes", gone, false, func(net.Conn) {}},
		{"accepts and is silent", []string{"unreachable timeout"}, true, hold},
		{"speaks first", []string{"unreachable not_http"}, false, func(conn net.Conn) {
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.6\r\n") // what follows is the same
			hold(conn)
		}},
		{"wants ALPN h2", []string{"unreachable tls"}, false, func(conn net.Conn) {
			if request(conn) {
				_, _ = conn.Write([]byte{21, 3, 3, 0, 2, 2, 120}) // no_application_protocol
				hold(conn)
			}
		}},
	}
}

// secure makes a server of config whose inside is handled by inner.
func secure(config *tls.Config, inner func(conn *tls.Conn, raw net.Conn)) func(net.Conn) {
	return func(raw net.Conn) {
		conn := tls.Server(raw, config)
		if conn.Handshake() == nil {
			inner(conn, raw)
		}
	}
}
