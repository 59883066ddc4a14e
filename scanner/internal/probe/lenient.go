package probe

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"postern/scanner/evidence"
)

// reading bounds one answer: bytes of its header, fields, and bytes of its body.
type reading struct {
	header int64
	fields int // 0 is no limit
	body   int64
}

// maxInterim is how many answers of the class 1xx may come before the one that counts.
const maxInterim = 10

// maxBlank is how many line ends may stand before a status line.
const maxBlank = 8

// errNoHTTP says that what came is not even a broken answer.
var errNoHTTP = errors.New("the answer is no HTTP")

// incoming is a response on its way in.
type incoming struct {
	in     *bufio.Reader
	limits reading
	left   int64 // bytes that the header may still have
	resp   *evidence.Response
	keep   bool // whether the connection can serve another request
}

// readTolerantly reads one answer as browsers of its time did: what breaks the rules is
// named in Malformed, and everything is bounded. keep says that the connection may be
// used again. A body that breaks off is evidence, and no error.
func readTolerantly(in *bufio.Reader, method string, limits reading) (resp *evidence.Response, keep bool, err error) {
	for range maxInterim {
		a := &incoming{in: in, limits: limits, left: limits.header, resp: &evidence.Response{Header: http.Header{}}}
		if err := a.readHead(); err != nil {
			return nil, false, err
		}
		status := a.resp.Status
		if status >= 200 || status == http.StatusSwitchingProtocols {
			a.readBody(method)
			return a.resp, a.keep, nil
		}
	}
	return nil, false, fmt.Errorf("%w: more than %d interim answers", errTooMuch, maxInterim)
}

// overlook notes what was wrong.
func (a *incoming) overlook(m evidence.Malformation) {
	if !slices.Contains(a.resp.Malformed, m) {
		a.resp.Malformed = append(a.resp.Malformed, m)
	}
}

// line reads one line of the header without its end.
func (a *incoming) line() (string, error) {
	var line []byte
	for {
		part, err := a.in.ReadSlice('\n')
		line = append(line, part...)
		if a.left -= int64(len(part)); a.left < 0 {
			return "", fmt.Errorf("%w: a header of more than %d bytes", errTooMuch, a.limits.header)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return string(bytes.TrimRight(line, "\r\n")), err
	}
}

func (a *incoming) readHead() error {
	for range maxBlank {
		if b, err := a.in.Peek(1); err != nil || b[0] != '\r' && b[0] != '\n' {
			break
		}
		_, _ = a.in.Discard(1) // it was peeked at
		a.overlook(evidence.BadStatusLine)
	}
	start, err := a.in.Peek(5)
	if len(start) == 0 {
		return err
	}
	if !looksLikeStatus(start) {
		return a.bare(start)
	}
	status, err := a.line()
	if err != nil && status == "" {
		return err
	}
	if err := a.readStatus(status); err != nil {
		return err
	}
	last := "" // the field that a folded line goes on with
	for fields := 0; ; fields++ {
		line, err := a.line()
		if errors.Is(err, errTooMuch) {
			return err
		}
		if err != nil { // it ends inside the header
			a.overlook(evidence.BadHeader)
			return nil
		}
		if line == "" {
			return nil
		}
		if a.limits.fields > 0 && fields >= a.limits.fields {
			return fmt.Errorf("%w: more than %d header fields", errTooMuch, a.limits.fields)
		}
		last = a.readField(line, last)
	}
}

// looksLikeStatus recognises status lines, also those of old media servers.
func looksLikeStatus(start []byte) bool {
	return bytes.HasPrefix(bytes.ToUpper(start), []byte("HTTP")) || bytes.HasPrefix(start, []byte("ICY "))
}

// bare is an answer without any header, as HTTP/0.9 has it: a page, and nothing else.
func (a *incoming) bare(start []byte) error {
	if trimmed := bytes.TrimLeft(start, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '<' {
		return errNoHTTP
	}
	a.overlook(evidence.BadStatusLine)
	a.resp.Status, a.resp.Proto = http.StatusOK, "HTTP/0.9"
	return nil
}

// readStatus finds the first number of three digits behind the protocol.
func (a *incoming) readStatus(line string) error {
	words := strings.Fields(line)
	a.resp.Proto = strings.ToUpper(clean(words[0]))
	for _, word := range words[1:] {
		if code, err := strconv.Atoi(word); err == nil && len(word) == 3 && code >= 100 {
			a.resp.Status = code
			break
		}
	}
	if a.resp.Status == 0 {
		return errNoHTTP
	}
	_, _, proper := http.ParseHTTPVersion(words[0])
	if !proper || len(words) < 2 || words[1] != strconv.Itoa(a.resp.Status) {
		a.overlook(evidence.BadStatusLine)
	}
	return nil
}

// readField keeps one field and returns its name, or "" where there is none.
func (a *incoming) readField(line, last string) string {
	text := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			a.overlook(evidence.BadHeader)
			return ' '
		}
		return r
	}, line)
	if text[0] == ' ' || text[0] == '\t' {
		if values := a.resp.Header[last]; len(values) > 0 {
			values[len(values)-1] = strings.TrimSpace(values[len(values)-1] + " " + strings.TrimSpace(text))
			return last
		}
	}
	name, value, ok := strings.Cut(text, ":")
	name = strings.TrimSpace(name)
	if !ok || name == "" {
		a.overlook(evidence.BadHeader)
		return ""
	}
	if strings.ContainsAny(name, " \t") || name != strings.SplitN(text, ":", 2)[0] {
		a.overlook(evidence.BadHeader)
		name = strings.Join(strings.Fields(name), "-")
	}
	name = textproto.CanonicalMIMEHeaderKey(name)
	a.resp.Header[name] = append(a.resp.Header[name], strings.TrimSpace(value))
	return name
}

// readBody takes the body by whatever framing can be made out.
func (a *incoming) readBody(method string) {
	h := a.resp.Header
	persistent := strings.HasPrefix(a.resp.Proto, "HTTP/1.1") && !strings.Contains(strings.ToLower(strings.Join(h["Connection"], ",")), "close")
	status := a.resp.Status
	chunked := strings.Contains(strings.ToLower(strings.Join(h["Transfer-Encoding"], ",")), "chunked")
	length, known := a.length()
	if chunked && known {
		a.overlook(evidence.BadLength) // which of the two holds is anybody's guess
	}
	switch {
	case status == http.StatusSwitchingProtocols:
	case method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified:
		a.keep = persistent
	case chunked:
		a.keep = a.readChunks() && persistent
	case known:
		a.keep = a.readLength(length) && persistent
	default:
		a.readRest()
	}
	if len(a.resp.Malformed) > 0 || a.in.Buffered() > 0 {
		a.keep = false // where the next answer begins is not certain
	}
}

// length is what Content-Length says, if it says one thing.
func (a *incoming) length() (int64, bool) {
	values := a.resp.Header["Content-Length"]
	if len(values) == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	same := !slices.ContainsFunc(values, func(v string) bool { return v != values[0] })
	if err != nil || n < 0 || !same {
		a.overlook(evidence.BadLength)
		return 0, false
	}
	return n, true
}

// take appends up to n bytes to the body and reports whether all of them came and fit.
func (a *incoming) take(n int64) bool {
	room := a.limits.body - int64(len(a.resp.Body))
	got, err := io.ReadAll(io.LimitReader(a.in, min(n, room)))
	a.resp.Body = append(a.resp.Body, got...)
	if int64(len(got)) < min(n, room) || err != nil || room < n {
		a.resp.Truncated = true
		return false
	}
	return true
}

func (a *incoming) readLength(n int64) bool {
	whole := a.take(n)
	if !whole && int64(len(a.resp.Body)) < min(n, a.limits.body) {
		a.overlook(evidence.BadLength)
	}
	return whole
}

// readRest takes everything until the connection ends.
func (a *incoming) readRest() {
	room := a.limits.body - int64(len(a.resp.Body))
	got, err := io.ReadAll(io.LimitReader(a.in, room+1))
	a.resp.Truncated = a.resp.Truncated || err != nil || int64(len(got)) > room
	a.resp.Body = append(a.resp.Body, got[:min(int64(len(got)), room)]...)
}

// maxChunkLine is how long the line before a chunk may be, in bytes.
const maxChunkLine = 1024

// readChunks undoes chunks, and takes the rest as it is where they make no sense.
func (a *incoming) readChunks() bool {
	a.left = a.limits.header // for the lines between, the trailers included
	for {
		line, err := a.line()
		size, _, _ := strings.Cut(line, ";")
		n, parseErr := strconv.ParseInt(strings.TrimSpace(size), 16, 63)
		switch {
		case err != nil || len(line) > maxChunkLine:
			a.overlook(evidence.BadChunking)
			a.resp.Truncated = true
			return false
		case parseErr != nil || n < 0:
			a.overlook(evidence.BadChunking)
			a.resp.Truncated = true // nobody knows where it ends
			if int64(len(a.resp.Body)+len(line)+1) < a.limits.body {
				a.resp.Body = append(append(a.resp.Body, line...), '\n')
				a.readRest()
			}
			return false
		case n == 0:
			return a.skipTrailers()
		case !a.take(n):
			if int64(len(a.resp.Body)) < a.limits.body {
				a.overlook(evidence.BadChunking)
			}
			return false
		}
		if end, err := a.line(); err != nil || end != "" {
			a.overlook(evidence.BadChunking)
			a.resp.Truncated = true
			return false
		}
	}
}

// skipTrailers reads to the end of the answer and reports whether there was one.
func (a *incoming) skipTrailers() bool {
	for {
		if line, err := a.line(); err != nil || line == "" {
			return err == nil
		}
	}
}
