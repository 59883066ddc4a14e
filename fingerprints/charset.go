package fingerprints

import (
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

const (
	maxDeclaration = 1024           // bytes of a page in which browsers look for its encoding
	undeclared     = "windows-1252" // what browsers take a page for that declares nothing
)

// readable is the body as text: in UTF-8, when the answer declares another encoding
// that the body is really in. Gateways from China and Korea serve pages in GBK and EUC-KR,
// whose names would match no pattern otherwise. Whatever declares nothing stays as it is,
// byte for byte, and so do digests and icons.
func (f *facts) readable() string {
	data := f.content().data
	if utf8.ValidString(data) {
		return data
	}
	head := data[:min(len(data), maxDeclaration)]
	encoding, name, _ := charset.DetermineEncoding([]byte(head), strings.Join(f.header("Content-Type"), ","))
	if name == "utf-8" || name == undeclared {
		return data
	}
	decoder := encoding.NewDecoder().Reader(strings.NewReader(data))
	text, err := io.ReadAll(io.LimitReader(decoder, maxUnpacked))
	if err != nil || len(text) == 0 {
		return data
	}
	return string(text)
}
