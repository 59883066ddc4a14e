package fingerprints

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"postern/scanner/version"
)

// maxValue is how many bytes of a value are taken; no version is longer.
const maxValue = 200

// reading is a Reading, compiled.
type reading struct {
	Reading
	scheme  version.Scheme
	values  func(*facts) []string // the texts that the value is taken from; nil when Means stands alone
	pattern *pattern
	table   *table
	means   version.Set // all versions when Means is absent
}

// outcome is what a reading made of one answer.
type outcome struct {
	says  version.Set // what the version can be; the zero Set when nothing was understood
	raw   string      // what was captured and not understood
	shows string      // the device's text that it rests on
}

// narrows reports whether the outcome rules a version out.
func (o outcome) narrows() bool { return o.says.Scheme() != "" }

// empty reports whether nothing was read at all.
func (o outcome) empty() bool { return !o.narrows() && o.raw == "" }

// read takes the value of one answer; false when there is none.
func (r *reading) read(f *facts) (outcome, bool) {
	if r.values == nil {
		return outcome{says: r.means}, true
	}
	for _, text := range r.values(f) {
		if r.pattern != nil && r.From == "body" && !f.may(r.pattern) {
			continue
		}
		value, at, ok := r.capture(text)
		if !ok {
			continue
		}
		o, ok := r.understand(value)
		o.shows = r.label() + text
		if r.From == "body" {
			o.shows = text[at[0]:at[1]]
		}
		return o, ok
	}
	return outcome{}, false
}

// capture takes the value out of a text, with the place of the match.
func (r *reading) capture(text string) (value string, at []int, ok bool) {
	if r.pattern == nil {
		value = strings.TrimSpace(cut(text, maxValue))
		return value, []int{0, len(text)}, value != ""
	}
	at = r.pattern.expression().FindStringSubmatchIndex(text)
	if at == nil {
		return "", nil, false
	}
	group := func(name string) string {
		i := r.pattern.expression().SubexpIndex(name)
		if i < 0 || at[2*i] < 0 {
			return ""
		}
		return cut(text[at[2*i]:at[2*i+1]], maxValue)
	}
	if r.Join == "" {
		return group("version"), at, true
	}
	value = joinSlot.ReplaceAllStringFunc(r.Join, func(slot string) string { return group(strings.Trim(slot, "{}")) })
	return value, at, true
}

// label stands before a value that is shown.
func (r *reading) label() string {
	kind, name, _ := strings.Cut(r.From, ":")
	switch kind {
	case "header":
		return http.CanonicalHeaderKey(name) + ": "
	case "cookie":
		return "Set-Cookie: " + name + "="
	case "location":
		return "Location: "
	case "cert_subject":
		return "certificate of "
	case "cert_issuer":
		return "certificate by "
	case "gzip_mtime":
		return "gzip time "
	}
	return kind + " "
}

// understand turns a value into versions; false for a value that cannot come from
// the product, such as a date before there was one.
func (r *reading) understand(value string) (outcome, bool) {
	switch {
	case r.table != nil && r.table.Dates != nil:
		day, err := decodeDay(r.As, value)
		if err != nil {
			return r.unknown(err.Error()), true
		}
		if !r.table.read().plausible(day) {
			return outcome{}, false
		}
		if near := r.table.read().candidates(day); !near.IsEmpty() {
			return outcome{says: near.Intersect(r.means)}, true
		}
		return r.unknown("date " + dayText(day) + ": no release known near it"), true
	case r.table != nil:
		if found, ok := r.table.read().find(value); ok {
			return outcome{says: found.Intersect(r.means)}, true
		}
		return r.unknown(r.valueWord() + value + ": not in the table"), true
	case len(r.Means) > 0:
		return outcome{says: r.means}, true
	}
	v, err := r.scheme.Parse(value)
	if err != nil {
		return r.unknown(value), true
	}
	return outcome{says: set(v, r.Precision)}, true
}

// unknown keeps what was not understood; Means narrows all the same.
func (r *reading) unknown(raw string) outcome {
	o := outcome{raw: raw}
	if len(r.Means) > 0 {
		o.says = r.means
	}
	return o
}

func (r *reading) valueWord() string {
	switch r.From {
	case "gzip_mtime":
		return "stamp "
	case "body_md5":
		return "body_md5 "
	}
	return ""
}

// joinSlot is one slot of Join.
var joinSlot = regexp.MustCompile(`\{v[1-9]\}`)

func (c *compiler) compileReading(def Reading, at spot, rule string) *reading {
	r := &reading{Reading: def, scheme: c.Versions, means: version.All(c.Versions)}
	if def.As == "" {
		r.As = asText
	}
	c.compileMeans(r, at, rule)
	if def.From == "" {
		if len(def.Means) == 0 || def.Pattern+def.Join+def.As+def.Precision+def.Table != "" {
			c.fail(at, rule, "version needs from, or means alone")
		}
		return r
	}
	if r.values = valuesFrom(def.From); r.values == nil {
		c.fail(at.to("from"), rule, "from is %q; it is header:NAME, cookie:NAME, location, title, body, body_md5, gzip_mtime, cert_subject or cert_issuer", def.From)
	}
	if def.Precision != "" && def.Precision != precisionExact && def.Precision != precisionPrefix {
		c.fail(at.to("precision"), rule, "precision is %q; it is exact or prefix", def.Precision)
	}
	c.compileCapture(r, at, rule)
	c.compileLookup(r, at, rule)
	return r
}

// valuesFrom says where a value is taken from; nil for a place that does not exist.
func valuesFrom(from string) func(*facts) []string {
	switch from {
	case "location":
		return func(f *facts) []string { return f.header("Location") }
	case "title":
		return (*facts).titles
	case "body":
		return func(f *facts) []string { return []string{f.body()} }
	case "body_md5":
		return func(f *facts) []string {
			if digest, ok := f.md5(); ok {
				return []string{digest}
			}
			return nil
		}
	case "gzip_mtime":
		return func(f *facts) []string {
			if header, ok := f.gzipHeader(); ok && header.mtime != 0 {
				return []string{strconv.FormatUint(uint64(header.mtime), 10)}
			}
			return nil
		}
	case "cert_subject":
		return (*facts).subject
	case "cert_issuer":
		return (*facts).issuer
	}
	if name, ok := strings.CutPrefix(from, "header:"); ok && name != "" {
		name = http.CanonicalHeaderKey(name)
		return func(f *facts) []string { return f.header(name) }
	}
	if name, ok := strings.CutPrefix(from, "cookie:"); ok && name != "" {
		return func(f *facts) []string {
			var values []string
			for _, c := range f.cookies() {
				if c.name == name {
					values = append(values, c.value)
				}
			}
			return values
		}
	}
	return nil
}

// compileCapture compiles Pattern and Join and checks that they name the same groups.
func (c *compiler) compileCapture(r *reading, at spot, rule string) {
	if r.Pattern == "" {
		if r.Join != "" {
			c.fail(at.to("join"), rule, "join needs a pattern with groups v1, v2 …")
		}
		if r.From == "body" {
			c.fail(at, rule, "from body needs a pattern: a whole page is no version")
		}
		return
	}
	r.pattern = c.pattern(r.Pattern, at.to("pattern"), rule, "pattern")
	if r.pattern == nil {
		return
	}
	if r.From == "body" {
		c.literals.addAll(r.pattern)
	}
	if c.checked {
		return
	}
	groups := slices.DeleteFunc(slices.Clone(r.pattern.expression().SubexpNames()), func(name string) bool { return name == "" })
	if r.Join == "" {
		gate := len(r.Means) > 0 && r.Table == "" // only whether it matches is asked
		if !gate && !slices.Equal(groups, []string{"version"}) {
			c.fail(at.to("pattern"), rule, "pattern has the groups %q; it needs one, (?P<version>…), or v1, v2 … and a join", groups)
		}
		return
	}
	slots := joinSlot.FindAllString(r.Join, -1)
	for _, name := range groups {
		if !slices.Contains(slots, "{"+name+"}") {
			c.fail(at.to("pattern"), rule, "group %s of the pattern is not in join %q", name, r.Join)
		}
	}
	for _, slot := range slots {
		if !slices.Contains(groups, strings.Trim(slot, "{}")) {
			c.fail(at.to("join"), rule, "join %q names %s, which is no group of the pattern", r.Join, slot)
		}
	}
	if len(slots) == 0 {
		c.fail(at.to("join"), rule, "join %q has no slot such as {v1}", r.Join)
	}
}

// compileLookup finds the table and checks that it fits the kind of value.
func (c *compiler) compileLookup(r *reading, at spot, rule string) {
	if r.Table == "" {
		if r.As != asText {
			c.fail(at.to("as"), rule, "as %s is a date and needs a table of dates", r.As)
		}
		return
	}
	r.table = c.tables[r.Table]
	if r.table == nil {
		c.fail(at.to("table"), rule, "table %q is no table of this product", r.Table)
		return
	}
	if r.table.Models {
		c.fail(at.to("table"), rule, "table %s holds models; a version is not looked up in it", r.Table)
	}
	r.table.used = true
	kinds := []string{asUnix, asUnixHex, asUsecHex, asHTTPDate, asStamp}
	switch dated := r.table.Dates != nil; {
	case !slices.Contains(append(kinds, asText), r.As):
		c.fail(at.to("as"), rule, "as is %q; it is %s or one of %s", r.As, asText, strings.Join(kinds, ", "))
	case dated && r.As == asText:
		c.fail(at, rule, "table %s holds dates; say by as how the date is written: %s", r.Table, strings.Join(kinds, ", "))
	case !dated && r.As != asText:
		c.fail(at.to("as"), rule, "as %s is a date, and table %s holds none", r.As, r.Table)
	}
	if r.Precision != "" {
		c.fail(at.to("precision"), rule, "precision of a version from a table is stated by the table")
	}
}

// compileMeans joins the spans of Means.
func (c *compiler) compileMeans(r *reading, at spot, rule string) {
	if len(r.Means) == 0 {
		return
	}
	r.means = version.Set{}
	for i, span := range r.Means {
		part, err := newSpan(c.Versions, span)
		if err != nil {
			c.fail(at.to("means", i), rule, "means: %v", err)
		}
		r.means = r.means.Union(part)
	}
}

func newSpan(scheme version.Scheme, span Span) (version.Set, error) {
	if span == (Span{}) {
		return version.Set{}, fmt.Errorf("a range needs from, after, before, through or prefix")
	}
	if span.Prefix != "" {
		if span != (Span{Prefix: span.Prefix}) {
			return version.Set{}, fmt.Errorf("prefix stands alone")
		}
		v, err := scheme.Parse(span.Prefix)
		if err != nil {
			return version.Set{}, err
		}
		return version.Prefix(v), nil
	}
	var b version.Bounds
	for _, end := range []struct {
		text string
		v    *version.Version
	}{{span.From, &b.From}, {span.After, &b.After}, {span.Before, &b.Before}, {span.Through, &b.Through}} {
		if end.text == "" {
			continue
		}
		v, err := scheme.Parse(end.text)
		if err != nil {
			return version.Set{}, err
		}
		*end.v = v
	}
	return version.Range(scheme, b)
}
