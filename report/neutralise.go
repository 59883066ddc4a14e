package report

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// visible makes text safe to print on a terminal and in a log: what is not plainly
// visible becomes an escape such as \x1b, so do letters of scripts that are written
// from right to left (they reorder what stands beside them), and the openings of
// workflow commands are broken. Longer text is cut after limit characters; 0 is no
// limit.
func visible(s string, limit int) string {
	if isAddress(s) {
		return s
	}
	var b strings.Builder
	count := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		word := s[i : i+size]
		switch {
		case r == utf8.RuneError && size == 1:
			word = fmt.Sprintf(`\x%02x`, s[i])
		case hidden(r) || rightToLeft(r):
			word = escape(r)
		case (r == ':' || r == '#') && i > 0 && s[i-1] == s[i]:
			word = escape(r) // "::error" and "##vso[" begin commands
		}
		if count += utf8.RuneCountInString(word); limit > 0 && count > limit {
			b.WriteString("...")
			break
		}
		b.WriteString(word)
		i += size
	}
	return b.String()
}

// isAddress reports whether s is an address, with a port or a prefix length or without,
// and so may keep its two colons.
func isAddress(s string) bool {
	if !strings.Contains(s, "::") {
		return false // the other ones need no exception
	}
	if strings.Contains(s, "%") || strings.HasPrefix(s, "::") {
		return false // a zone may be any text; a line may not begin so
	}
	_, errAddr := netip.ParseAddr(s)
	_, errPort := netip.ParseAddrPort(s)
	_, errPrefix := netip.ParsePrefix(s)
	return errAddr == nil || errPort == nil || errPrefix == nil
}

// quoted is visible text between quotes that it cannot end: double ones, or single ones
// when that saves escapes.
func quoted(s string, limit int) string {
	s = visible(s, limit)
	if strings.Contains(s, `"`) && !strings.Contains(s, "'") {
		return "'" + s + "'"
	}
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}

// plain makes text safe for a SARIF message or property: visible, without what a viewer
// could take for a link, a placeholder, code or a tag, without single quotes (they mark
// dynamic text) and without the end of a sentence (titles are cut there).
func plain(s string, limit int) string {
	return deviceEscapes.Replace(visible(s, limit))
}

// prose makes a sentence of our own data safe for a SARIF message. It may have come
// back from a file that somebody edited, so it is escaped like device text, except for
// quotes and sentence ends.
func prose(s string, limit int) string {
	return proseEscapes.Replace(visible(strings.Join(strings.Fields(s), " "), limit))
}

var (
	deviceEscapes = strings.NewReplacer("](", `]\x28`, "{", `\x7b`, "`", `\x60`, "<", `\x3c`, "'", `\x27`, ". ", `.\x20`)
	proseEscapes  = strings.NewReplacer("](", `]\x28`, "{", `\x7b`, "`", `\x60`, "<", `\x3c`)
)

// markdown makes text safe inside a line of Markdown: no character of it formats
// anything, and an address in it is not made a link.
func markdown(s string, limit int) string {
	s = visible(strings.Join(strings.Fields(s), " "), limit)
	var b strings.Builder
	for i := range len(s) {
		address := strings.HasPrefix(s[i:], "://") || i >= 3 && s[i] == '.' && strings.EqualFold(s[i-3:i], "www")
		if address || strings.IndexByte("\\`*_{}[]()<>#|~&", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// MarkdownCell is text for a cell of a Markdown table: at most 200 characters, none of
// which formats anything or acts anywhere.
func MarkdownCell(s string) string { return markdown(s, 200) }

// link returns an http or https address that can stand between the brackets of a
// Markdown link, or "" for anything else.
func link(s string) string {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
		return ""
	}
	s = u.String()
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || strings.IndexByte("()<>[]\\\"'`", s[i]) >= 0 {
			return ""
		}
	}
	return s
}

// PrintableJSON rewrites encoded JSON so that no terminal and no log acts on it; it means
// the same afterwards. Every JSON that holds text of a device or an asset list goes through
// it.
func PrintableJSON(encoded []byte) []byte { return escapeJSON(encoded) }

// escapeJSON rewrites encoded JSON so that it can be printed: whatever is not plainly
// visible becomes an escape, and the openings of workflow commands are broken. It means
// the same afterwards. U+FFFD is always escaped, because the encoder writes it so for
// invalid bytes and a second writing must give the same file. Nearly all of a report is plain
// and copied at once, which takes a fifth of the time; where all of it is, b is returned.
func escapeJSON(b []byte) []byte {
	var out []byte
	from := 0 // what is before it was written
	for i := 0; i < len(b); {
		if c := b[i]; c >= ' ' && c < 0x7f && c != '#' || c == '\n' { // a line ends between tokens; inside strings it is escaped already
			i++
			continue
		}
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError || hidden(r) || r == '#' && i > 0 && b[i-1] == '#' {
			out = append(out, b[from:i]...)
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
			from = i + size
		}
		i += size
	}
	if from == 0 {
		return b
	}
	return append(out, b[from:]...)
}

// hidden reports whether a character does not show as itself: controls, format and
// bidirectional controls, spaces other than the plain one, fillers, variation
// selectors, and whatever is not assigned.
func hidden(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// rightToLeft reports whether a character lies in a block whose characters run from
// right to left.
func rightToLeft(r rune) bool {
	return r >= 0x0590 && r <= 0x08ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff ||
		r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}

func escape(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x100:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
