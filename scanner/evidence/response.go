package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

const (
	maxRecording    = 4 << 20 // bytes of a recorded response
	maxRecordedHead = 64 << 10
)

// ParseResponse reads a recorded response: a status line, header fields, an empty
// line and the body, as a device sends them or as a person writes them down. Lines
// of the head may end in CRLF or LF.
//
// The body is everything after the empty line, byte for byte. Content-Length and
// Transfer-Encoding are kept as fields and not obeyed, because recordings are
// shortened and tools that record undo the chunks. Errors name the line, from 1.
func ParseResponse(data []byte) (*Response, error) {
	if len(data) > maxRecording {
		return nil, fmt.Errorf("response has %d bytes; at most %d are read", len(data), maxRecording)
	}
	line, rest, number := nextLine(data, 0)
	resp, err := parseStatusLine(line)
	if err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	last := "" // name of the field that a folded line goes on with
	for len(rest) > 0 {
		line, rest, number = nextLine(rest, number)
		if len(line) == 0 {
			break
		}
		if len(data)-len(rest) > maxRecordedHead {
			return nil, fmt.Errorf("line %d: header is longer than %d bytes; is the empty line before the body missing?", number, maxRecordedHead)
		}
		if last, err = addField(resp.Header, string(line), last); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if len(rest) > 0 {
		resp.Body = bytes.Clone(rest)
	}
	return resp, nil
}

// nextLine cuts one line off, without its end, and counts it.
func nextLine(data []byte, before int) (line, rest []byte, number int) {
	line, rest, _ = bytes.Cut(data, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest, before + 1
}

func parseStatusLine(line []byte) (*Response, error) {
	proto, after, _ := strings.Cut(string(line), " ")
	major, ok := strings.CutPrefix(proto, "HTTP/")
	if !ok || major == "" || strings.Trim(major, "0123456789.") != "" {
		return nil, fmt.Errorf("%.40q is no status line such as \"HTTP/1.1 200 OK\"", line)
	}
	code, _, _ := strings.Cut(strings.TrimLeft(after, " "), " ")
	status, err := strconv.ParseUint(code, 10, 16)
	if err != nil || len(code) != 3 || status < 100 {
		return nil, fmt.Errorf("%.40q holds no status code of three digits", line)
	}
	return &Response{Status: int(status), Proto: proto, Header: http.Header{}}, nil
}

// addField adds one line of a header and returns the name of its field.
func addField(header http.Header, line, last string) (string, error) {
	if line[0] == ' ' || line[0] == '\t' {
		values := header[last]
		if len(values) == 0 {
			return "", errors.New("begins with a space, and there is no field that it could go on with")
		}
		if err := validValue(line); err != nil {
			return "", err
		}
		values[len(values)-1] = strings.Trim(values[len(values)-1]+" "+strings.Trim(line, " \t"), " ")
		return last, nil
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		return "", fmt.Errorf("%.40q is no header field; write \"Name: value\"", line)
	}
	if !validName(name) {
		return "", fmt.Errorf("%.40q is no name of a header field", name)
	}
	if err := validValue(value); err != nil {
		return "", err
	}
	name = textproto.CanonicalMIMEHeaderKey(name)
	header[name] = append(header[name], strings.Trim(value, " \t"))
	return name, nil
}

func validName(name string) bool {
	const others = "!#$%&'*+-.^_`|~"
	for _, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		digit := '0' <= c && c <= '9'
		if !letter && !digit && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return name != ""
}

func validValue(value string) error {
	for _, c := range []byte(value) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("value holds the control byte %#02x", c)
		}
	}
	return nil
}
