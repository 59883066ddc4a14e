package fingerprints

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/twmb/murmur3"
	"golang.org/x/net/html"

	"postern/scanner/evidence"
)

const (
	maxTitlePage = 64 << 10 // bytes of a page in which a title is looked for
	maxTitle     = 512      // bytes of a title
	maxShows     = 160      // bytes of device text in a Reason
	around       = 24       // bytes of context on each side of what was found in a body
)

// facts is one answer, or the handshake alone, with what can be derived from it.
// Everything that costs time is derived once and only when a rule asks for it.
type facts struct {
	request  evidence.Request
	response *evidence.Response // nil for the handshake alone
	tls      *evidence.TLS
	// keys are the request's own and those of the requests whose redirects led to it.
	keys []string
	// fromRoot: the path is / or redirects led here from it, so that the server
	// itself named the page.
	fromRoot bool

	cookieList *[]cookie
	page       *content
	text       *string
	lowerPage  *string
	titleText  *[]string
	found      literalSet
	lookalikes *bool
	digest     *string
	icon       *int32
}

// key names the answer in a Reason.
func (f *facts) key() string {
	if f.response == nil {
		return onTLS
	}
	return f.request.Key()
}

// success reports a 2xx status.
func (f *facts) success() bool {
	return f.response != nil && f.response.Status >= 200 && f.response.Status < 300
}

// header lists the values of a field by its canonical name.
func (f *facts) header(name string) []string {
	if f.response == nil {
		return nil
	}
	return f.response.Header[name]
}

func (f *facts) subject() []string {
	return f.certificate(func(t *evidence.TLS) string { return t.Subject })
}
func (f *facts) issuer() []string {
	return f.certificate(func(t *evidence.TLS) string { return t.Issuer })
}

func (f *facts) certificate(field func(*evidence.TLS) string) []string {
	if f.tls == nil || field(f.tls) == "" {
		return nil
	}
	return []string{field(f.tls)}
}

func (f *facts) san() []string {
	if f.tls == nil {
		return nil
	}
	return f.tls.SAN
}

func (f *facts) cookies() []cookie {
	if f.cookieList == nil {
		list := parseCookies(f.header("Set-Cookie"))
		f.cookieList = &list
	}
	return *f.cookieList
}

// content is the body without gzip: see [unpack].
func (f *facts) content() content {
	if f.page == nil {
		var page content
		if f.response != nil {
			page = unpack(f.response)
		}
		f.page = &page
	}
	return *f.page
}

// body is the text of the body: see [facts.readable].
func (f *facts) body() string {
	if f.text == nil {
		text := f.readable()
		f.text = &text
	}
	return *f.text
}

// lower is the body in ASCII lower case, byte for byte as long as the body.
func (f *facts) lower() string {
	if f.lowerPage == nil {
		low := lowerASCII(f.body())
		f.lowerPage = &low
	}
	return *f.lowerPage
}

// may reports whether the body holds the literals without which p cannot match.
func (f *facts) may(p *pattern) bool {
	for _, group := range p.required {
		if !slices.ContainsFunc(group, f.holds) {
			return f.deceives()
		}
	}
	return true
}

// deceives reports whether the body holds look-alikes of ASCII letters.
func (f *facts) deceives() bool {
	if f.lookalikes == nil {
		found := lookalikes(f.body())
		f.lookalikes = &found
	}
	return *f.lookalikes
}

// around is the body from from to to with a little context.
func (f *facts) around(from, to int) string {
	body := f.body()
	if from < 0 || to > len(body) {
		return ""
	}
	to = min(to, from+maxShows)
	return strings.TrimSpace(body[max(0, from-around):min(len(body), to+around)])
}

// titles is the text of the first <title>, or nothing.
func (f *facts) titles() []string {
	if f.titleText == nil {
		var found []string
		page := f.body()[:min(len(f.body()), maxTitlePage)]
		if holdsTitle(page) {
			found = findTitle(page)
		}
		f.titleText = &found
	}
	return *f.titleText
}

// holdsTitle reports whether a title may begin on the page, in letters of any case.
func holdsTitle(page string) bool {
	const tag = "title"
	for {
		at := strings.IndexByte(page, '<')
		if at < 0 || len(page) < at+1+len(tag) {
			return false
		}
		if page = page[at+1:]; strings.EqualFold(page[:len(tag)], tag) {
			return true
		}
	}
}

func findTitle(page string) []string {
	tokens := html.NewTokenizer(strings.NewReader(page))
	inside := false
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return nil
		case html.StartTagToken:
			name, _ := tokens.TagName()
			inside = string(name) == "title"
		case html.TextToken:
			if inside {
				return []string{cut(strings.Join(strings.Fields(string(tokens.Text())), " "), maxTitle)}
			}
		case html.EndTagToken:
			if inside { // <title></title>
				return []string{""}
			}
		}
	}
}

// md5 is the hex digest of the whole body; false when the body was cut or is empty.
func (f *facts) md5() (string, bool) {
	if f.digest == nil {
		digest := ""
		if c := f.content(); c.whole && len(c.data) > 0 {
			sum := md5.Sum([]byte(c.data))
			digest = hex.EncodeToString(sum[:])
		}
		f.digest = &digest
	}
	return *f.digest, *f.digest != ""
}

// mmh3 is the hash by which search engines index favicons: 32-bit murmur3 of the
// body in base64 with a line break after every 76 characters and at the end.
func (f *facts) mmh3() (int32, bool) {
	if f.icon != nil {
		return *f.icon, true
	}
	c := f.content()
	if !c.whole || len(c.data) == 0 {
		return 0, false
	}
	hash := iconHash([]byte(c.data))
	f.icon = &hash
	return hash, true
}

func iconHash(data []byte) int32 {
	text := base64.StdEncoding.EncodeToString(data)
	var lines strings.Builder
	for len(text) > 0 {
		n := min(76, len(text))
		lines.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return int32(murmur3.StringSum32(lines.String()))
}
