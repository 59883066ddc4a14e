package fingerprints

import (
	"bytes"
	"compress/gzip"
	"image"
	"image/png"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/projectdiscovery/httpx/common/stringz"

	"postern/scanner/evidence"
)

func page(body string) *facts {
	return &facts{response: &evidence.Response{Status: 200, Header: http.Header{}, Body: []byte(body)}}
}

func TestTitle(t *testing.T) {
	tests := []struct {
		name, body string
		want       []string
	}{
		{"plain", "<html><head><title>Acme</title>", []string{"Acme"}},
		{"entities", "<title>A &amp; B&#32;C</title>", []string{"A & B C"}},
		{"space", "<TITLE>\r\n  Acme \t Gate\n</TITLE>", []string{"Acme Gate"}},
		{"attributes", `<title id="x">Acme</title>`, []string{"Acme"}},
		{"first of two", "<title>A</title><title>B</title>", []string{"A"}},
		{"empty", "<title></title>", []string{""}},
		{"tags inside are text", "<title><b>A</b></title>", []string{"<b>A</b>"}},
		{"in a comment", "<!-- <title>A</title> --><p>B", nil},
		{"in a script", `<script>x = "<title>A</title>"</script>`, nil},
		{"none", "<p>A</p>", nil},
		{"too far down", strings.Repeat(" ", maxTitlePage) + "<title>A</title>", nil},
		{"never closed", "<title>A" + strings.Repeat("b", 4000), []string{"A" + strings.Repeat("b", maxTitle-1)}},
	}
	for _, tt := range tests {
		if got := page(tt.body).titles(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %.40q, want %.40q", tt.name, got, tt.want)
		}
	}
}

func TestParseCookies(t *testing.T) {
	got := parseCookies([]string{"sid=1; path=/", " a = b c ;Secure", "bare", "bare2; HttpOnly", "x=y=z;", "=v", ""})
	want := []cookie{{"sid", "1"}, {"a", "b c"}, {"bare", ""}, {"bare2", ""}, {"x", "y=z"}, {"", "v"}, {"", ""}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := len(parseCookies(make([]string, 1000))); n != maxCookies {
		t.Errorf("%d cookies of 1000 were read", n)
	}
}

// TestIconHash compares the hash with that of httpx, which hashes images only.
func TestIconHash(t *testing.T) {
	for _, size := range []int{1, 16, 64} {
		var icon bytes.Buffer
		picture := image.NewGray(image.Rect(0, 0, size, size))
		for i := range picture.Pix {
			picture.Pix[i] = byte(i * i)
		}
		if err := png.Encode(&icon, picture); err != nil {
			t.Fatal(err)
		}
		want, digest, err := stringz.FaviconHash(icon.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		f := page(icon.String())
		if got, ok := f.mmh3(); !ok || got != want {
			t.Errorf("%d bytes: mmh3 %d, want %d", icon.Len(), got, want)
		}
		if got, ok := f.md5(); !ok || got != digest {
			t.Errorf("%d bytes: md5 %s, want %s", icon.Len(), got, digest)
		}
	}
}

func TestHashesNeedTheWholeBody(t *testing.T) {
	cut := page("icon")
	cut.response.Truncated = true
	for name, f := range map[string]*facts{"cut": cut, "empty": page(""), "handshake": {}} {
		if _, ok := f.md5(); ok {
			t.Errorf("%s: has an md5", name)
		}
		if _, ok := f.mmh3(); ok {
			t.Errorf("%s: has an mmh3", name)
		}
	}
}

func zip(t *testing.T, name string, modified time.Time, extra []byte, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Name, w.ModTime, w.Extra = name, modified, extra
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestUnpack(t *testing.T) {
	plain := strings.Repeat("Acme ", 100)
	packed := zip(t, "", time.Time{}, nil, plain)
	bomb := zip(t, "", time.Time{}, nil, strings.Repeat("a", 4*maxUnpacked))
	tests := []struct {
		name, encoding string
		body           []byte
		truncated      bool
		want           string
		whole          bool
	}{
		{"plain", "", []byte(plain), false, plain, true},
		{"packed", "gzip", packed, false, plain, true},
		{"upper case", "GZIP", packed, false, plain, true},
		{"a file that is a gzip", "", packed, false, string(packed), true},
		{"said to be packed", "gzip", []byte(plain), false, plain, true},
		{"broken", "gzip", []byte("\x1f\x8bxx"), false, "\x1f\x8bxx", true},
		{"bomb", "gzip", bomb, false, strings.Repeat("a", maxUnpacked), false},
		{"cut", "gzip", zip(t, "", time.Time{}, nil, plain)[:len(packed)-8], true, plain, false},
	}
	for _, tt := range tests {
		header := http.Header{}
		if tt.encoding != "" {
			header.Set("Content-Encoding", tt.encoding)
		}
		got := unpack(&evidence.Response{Header: header, Body: tt.body, Truncated: tt.truncated})
		if got.data != tt.want || got.whole != tt.whole {
			t.Errorf("%s: %d bytes, whole %v; want %d, %v", tt.name, len(got.data), got.whole, len(tt.want), tt.whole)
		}
	}
}

func TestReadGzipHeader(t *testing.T) {
	built := time.Unix(1690383490, 0)
	full := zip(t, "rdx_en.json", built, []byte("more"), "{}")
	tests := []struct {
		name string
		raw  []byte
		want gzipHeader
		ok   bool
	}{
		{"name and time", zip(t, "rdx_en.json", built, nil, "{}"), gzipHeader{"rdx_en.json", 1690383490}, true},
		{"behind an extra field", full, gzipHeader{"rdx_en.json", 1690383490}, true},
		{"neither", zip(t, "", time.Time{}, nil, "{}"), gzipHeader{}, true},
		{"cut in the extra field", full[:12], gzipHeader{"", 1690383490}, true},
		{"cut in the name", full[:20], gzipHeader{"", 1690383490}, true},
		{"cut in the fixed part", full[:9], gzipHeader{}, false},
		{"no gzip", []byte("<html><body>"), gzipHeader{}, false},
		{"endless name", append([]byte{0x1f, 0x8b, 8, 8, 1, 0, 0, 0, 0, 0}, bytes.Repeat([]byte("a"), 5000)...), gzipHeader{"", 1}, true},
	}
	for _, tt := range tests {
		if got, ok := readGzipHeader(tt.raw); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %+v, %v; want %+v, %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestCut(t *testing.T) {
	tests := []struct {
		text  string
		limit int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc"}, {"aé", 2, "a"}, {"aé", 3, "aé"},
		{"a€b", 3, "a"}, {"\x80\x80\x80\x80\x80\x80", 5, "\x80"}, {"", 0, ""},
	}
	for _, tt := range tests {
		if got := cut(tt.text, tt.limit); got != tt.want {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.text, tt.limit, got, tt.want)
		}
	}
}

func TestLowerASCIITouchesNothingElse(t *testing.T) {
	body := []byte("<TITLE>ÄB\xff K")
	f := page(string(body))
	if got := f.lower(); got != "<title>Äb\xff k" {
		t.Errorf("lower: %q", got)
	}
	if f.body() != string(body) || !bytes.Equal(f.response.Body, body) {
		t.Error("the body itself was changed")
	}
}
