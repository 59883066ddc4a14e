package fingerprints

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf8"

	"postern/scanner/evidence"
)

const (
	maxUnpacked = 512 << 10 // bytes of a body after gzip
	maxGzipName = 255       // bytes of a file name in a gzip header
	maxCookies  = 64        // of one answer
)

// content is a body as its author wrote it.
type content struct {
	data  string
	whole bool // nothing is missing at the end
}

// unpack undoes Content-Encoding: gzip, up to a limit. The probe asks for plain
// bodies, but not every server obeys. A body that is no gzip stays as it is.
func unpack(r *evidence.Response) content {
	raw := content{data: string(r.Body), whole: !r.Truncated}
	encoding := strings.ToLower(strings.Join(r.Header["Content-Encoding"], ","))
	if !strings.Contains(encoding, "gzip") || !bytes.HasPrefix(r.Body, []byte{0x1f, 0x8b}) {
		return raw
	}
	reader, err := gzip.NewReader(bytes.NewReader(r.Body))
	if err != nil {
		return raw
	}
	data, err := io.ReadAll(io.LimitReader(reader, maxUnpacked+1))
	if len(data) == 0 {
		return raw
	}
	whole := err == nil && len(data) <= maxUnpacked && !r.Truncated
	return content{data: string(data[:min(len(data), maxUnpacked)]), whole: whole}
}

// gzipHeader is what a gzip file says of the file in it, RFC 1952.
type gzipHeader struct {
	name  string // empty when it names none
	mtime uint32 // unix seconds; 0 when it states none
}

// readGzipHeader reads the header from the raw body, which may be cut after it.
func readGzipHeader(raw []byte) (gzipHeader, bool) {
	const fixed, hasExtra, hasName = 10, 1 << 2, 1 << 3
	if len(raw) < fixed || raw[0] != 0x1f || raw[1] != 0x8b || raw[2] != 8 {
		return gzipHeader{}, false
	}
	header := gzipHeader{mtime: binary.LittleEndian.Uint32(raw[4:8])}
	flags, rest := raw[3], raw[fixed:]
	if flags&hasExtra != 0 {
		if len(rest) < 2 {
			return header, true
		}
		extra := 2 + int(binary.LittleEndian.Uint16(rest))
		if len(rest) < extra {
			return header, true
		}
		rest = rest[extra:]
	}
	if flags&hasName != 0 {
		if end := bytes.IndexByte(rest[:min(len(rest), maxGzipName+1)], 0); end > 0 {
			header.name = string(rest[:end])
		}
	}
	return header, true
}

func (f *facts) gzipHeader() (gzipHeader, bool) {
	if f.response == nil {
		return gzipHeader{}, false
	}
	return readGzipHeader(f.response.Body)
}

func (f *facts) gzipNames() []string {
	if header, ok := f.gzipHeader(); ok && header.name != "" {
		return []string{header.name}
	}
	return nil
}

// cookie is the name and value of one Set-Cookie field.
type cookie struct{ name, value string }

// parseCookies reads Set-Cookie fields as loosely as devices write them: the name
// goes up to the first "=", the value up to the first ";".
func parseCookies(fields []string) []cookie {
	list := make([]cookie, 0, min(len(fields), maxCookies))
	for _, field := range fields[:min(len(fields), maxCookies)] {
		pair, _, _ := strings.Cut(field, ";")
		name, value, _ := strings.Cut(pair, "=")
		list = append(list, cookie{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return list
}

// lowerASCII lowers A to Z and touches no other byte, so that places in the result
// are places in the text.
func lowerASCII(text string) string {
	low := []byte(text)
	for i, c := range low {
		if 'A' <= c && c <= 'Z' {
			low[i] = c | 0x20
		}
	}
	return string(low)
}

// cut shortens text to at most limit bytes, not inside a character.
func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit
	for end > limit-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}
