package version

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Scheme names a vendor's way to write and order versions.
type Scheme string

// The schemes. The grammar of each, with what its components mean and which of
// them may be left out, stands beside its patterns in this package.
const (
	Dotted    Scheme = "dotted"    // plain numbers: OpenVPN Access Server, ocserv
	PANOS     Scheme = "panos"     // 10.2.9-h1
	FortiOS   Scheme = "fortios"   // 7.2.5, v7.2.5,build1517; also FortiProxy
	Ivanti    Scheme = "ivanti"    // 22.7R2.4
	ASA       Scheme = "asa"       // 9.16(4)57; also Firepower Threat Defense
	NetScaler Scheme = "netscaler" // 13.1-49.15, 13.1-FIPS-37.164
	Sangfor   Scheme = "sangfor"   // M7.6.8R2
	SonicOS   Scheme = "sonicos"   // 6.5.4.15-117n
	SMA100    Scheme = "sma100"    // 10.2.1.14-75sv
	SMA1000   Scheme = "sma1000"   // 12.4.3-02854
	Gaia      Scheme = "gaia"      // R81.20 Jumbo Hotfix Take 26
	SFOS      Scheme = "sfos"      // 17.5.4 MR-4
	BIGIP     Scheme = "bigip"     // 15.1.10.4-0.0.8
	Junos     Scheme = "junos"     // 21.4R3-S5
	ZLD       Scheme = "zld"       // V5.38(ABZH.0)
	Fireware  Scheme = "fireware"  // 12.5.12_U1
	ArrayOS   Scheme = "arrayos"   // 9.4.0.481
	RouterOS  Scheme = "routeros"  // 6.42rc27
	OPNsense  Scheme = "opnsense"  // 24.1.10_8
	Build     Scheme = "build"     // 9.4.5-8573: Kerio Control, SoftEther VPN
	IOS       Scheme = "ios"       // 15.2(4)M7
	IOSXE     Scheme = "iosxe"     // 17.3.1a, 3.16.4bS
	ScreenOS  Scheme = "screenos"  // 6.3.0r17b
	Huawei    Scheme = "huawei"    // V500R005C20SPC500
	Hillstone Scheme = "hillstone" // 5.5R9P2
	Ruijie    Scheme = "ruijie"    // 11.9B11P1
	H3C       Scheme = "h3c"       // 3.10 ESS6703
	H3CER     Scheme = "h3cer"     // ERHMG2-MNW100-R1126
	DrayTek   Scheme = "draytek"   // 1.4.4_Beta
	FatPipe   Scheme = "fatpipe"   // 10.1.2r60p92
)

// Schemes lists every scheme by name.
func Schemes() []Scheme { return slices.Sorted(maps.Keys(grammars)) }

// Known reports whether the scheme exists.
func (s Scheme) Known() bool { return grammars[s] != nil }

// grammars is never written to.
var grammars = map[Scheme]*grammar{
	Dotted:    &dotted,
	PANOS:     &panos,
	FortiOS:   &fortios,
	Ivanti:    &ivanti,
	ASA:       &asa,
	NetScaler: &netscaler,
	Sangfor:   &sangfor,
	SonicOS:   &sonicos,
	SMA100:    &sma100,
	SMA1000:   &sma1000,
	Gaia:      &gaia,
	SFOS:      &sfos,
	BIGIP:     &bigip,
	Junos:     &junos,
	ZLD:       &zld,
	Fireware:  &fireware,
	ArrayOS:   &arrayos,
	RouterOS:  &routeros,
	OPNsense:  &opnsense,
	Build:     &build,
	IOS:       &ios,
	IOSXE:     &iosxe,
	ScreenOS:  &screenos,
	Huawei:    &huawei,
	Hillstone: &hillstone,
	Ruijie:    &ruijie,
	H3C:       &h3c,
	H3CER:     &h3cer,
	DrayTek:   &draytek,
	FatPipe:   &fatpipe,
}

// A grammar is one vendor's spelling and order.
type grammar struct {
	// example is shown to who wrote something else.
	example string
	// components name the numbers of a key, most significant first.
	components []string
	// identity is how many components make a version; absent ones are 0. Those
	// beyond are builds, which a text may leave unstated.
	identity int
	// shown is how many components the canonical text has at least.
	shown int
	// lined says that the first component is a line of its own, such as FIPS: a
	// range never crosses from one line into another.
	lined bool
	// patterns are tried in turn. Groups named after components become numbers,
	// through words where they are no digits.
	patterns func() []*regexp.Regexp
	words    map[string]int32
	// settle checks and completes what a pattern cannot say; nil for nothing.
	settle func(*reading) error
	// text is the canonical spelling of the first stated components.
	text func(k key, stated int) string
	// real is the first key at or after k that a version can have, or false when
	// there is none; nil when every key is some version's.
	real func(k key) (key, bool)
}

// A reading is what a pattern found in a text.
type reading struct {
	key    key
	stated int
	groups map[string]string // captures that are not empty, by name
}

// Parse reads one version as the vendor, a record or a device writes it. It is
// strict about what it does not know: a text that it cannot read in full is an
// error that quotes it, and such a version is unknown, not old or new.
func (s Scheme) Parse(text string) (Version, error) {
	g := grammars[s]
	if g == nil {
		return Version{}, fmt.Errorf("unknown version scheme %q; the schemes are %v", string(s), Schemes())
	}
	plain, err := clean(text)
	if err != nil {
		return Version{}, err
	}
	for _, p := range g.patterns() {
		match := p.FindStringSubmatch(plain)
		if match == nil {
			continue
		}
		r, err := g.read(p.SubexpNames(), match)
		if err != nil {
			return Version{}, fmt.Errorf("version %q: %w", plain, err)
		}
		return Version{scheme: s, text: g.text(r.key, r.stated), key: r.key, stated: r.stated}, nil
	}
	return Version{}, fmt.Errorf("%q is no %s version; write it like %s", plain, s, g.example)
}

func (g *grammar) read(names, match []string) (reading, error) {
	r := reading{stated: 1, groups: map[string]string{}}
	for i, name := range names {
		if name == "" || match[i] == "" {
			continue
		}
		r.groups[name] = match[i]
		at := slices.Index(g.components, name)
		if at < 0 {
			continue
		}
		n, err := g.component(match[i])
		if err != nil {
			return reading{}, err
		}
		r.key[at] = n
		r.stated = max(r.stated, at+1)
	}
	if g.settle != nil {
		if err := g.settle(&r); err != nil {
			return reading{}, err
		}
	}
	return r, nil
}

func (g *grammar) component(text string) (int32, error) {
	if n, ok := g.words[strings.ToLower(text)]; ok {
		return n, nil
	}
	return number(text)
}

func number(digits string) (int32, error) {
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n > int64(maxNumber) {
		return 0, fmt.Errorf("number %s is larger than any version number", digits)
	}
	return int32(n), nil
}

// maxText bounds a version in bytes; the longest real ones have about 50.
const maxText = 100

// clean takes the typography out of a text: surrounding and repeated blanks,
// narrow and no-break ones, and dashes that are not the plain one.
func clean(text string) (string, error) {
	if len(text) > maxText {
		return "", fmt.Errorf("version of %d bytes; at most %d are read", len(text), maxText)
	}
	if !utf8.ValidString(text) {
		return "", fmt.Errorf("version %q is not UTF-8", text)
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r) || r == '\u2212': // dashes, minus sign
			return '-'
		case unicode.Is(unicode.Cf, r): // zero-width blanks and marks
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(plain), " "), nil
}

// patterns compiles expressions that must match a whole text in any case, when the first
// version of the scheme is read: those of all schemes take a millisecond.
func patterns(expressions ...string) func() []*regexp.Regexp {
	return sync.OnceValue(func() []*regexp.Regexp { return compilePatterns(expressions) })
}

func compilePatterns(expressions []string) []*regexp.Regexp {
	var list []*regexp.Regexp
	for _, e := range expressions {
		list = append(list, regexp.MustCompile(`(?i)^(?:`+e+`)$`))
	}
	return list
}

// dots is an expression for numbers with dots between; the first is required, and
// each further one only with those before it.
func dots(names ...string) string {
	e := ""
	for i := len(names) - 1; i > 0; i-- {
		e = `(?:\.(?P<` + names[i] + `>\d+)` + e + `)?`
	}
	return `(?P<` + names[0] + `>\d+)` + e
}
