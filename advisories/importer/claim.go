package importer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"postern/scanner/version"
)

// A claim is one range that a record states, in its own spelling. Without from it
// begins at the first version; without fixed and last it has no end.
type claim struct {
	from, fixed, last string
	also              []string // further fixes, of other maintenance lines
	train             string   // every version of this release line
	branch            string   // the branch that the claim stays in, where the record says so
	unaffected        bool
	silent            bool   // the record does not say what holds for other versions
	literal           bool   // read literally it is one version or none
	row               string // what the record says, for notes
	doubt             string // what was assumed, for notes
}

// A span is a claim that the product's order could read.
type span struct {
	from, fixed, last version.Version // zero: open
	also              []version.Version
	branch            string // empty until it is chosen
	whole             bool   // every version of the branch
	silent            bool   // nothing is said of what comes after it
	unfixed           bool   // the record says that there is no fix
	around            bool   // it does not hold in finer lines that have spans of their own
	status            string // of a whole branch, when it is not affected
	note              string // of a whole branch
	row               string
}

// read turns the texts of a claim into versions, or says which of them is none.
func (c claim) read(scheme version.Scheme) (span, error) {
	s := span{row: c.row, silent: c.silent}
	for _, bound := range []struct {
		text string
		to   *version.Version
	}{{c.from, &s.from}, {c.fixed, &s.fixed}, {c.last, &s.last}, {c.train, &s.from}} {
		if bound.text == "" {
			continue
		}
		v, err := scheme.Parse(bound.text)
		if err != nil {
			return span{}, err
		}
		*bound.to = v
	}
	if c.branch != "" {
		line, err := scheme.Parse(c.branch)
		if err != nil {
			return span{}, err
		}
		s.branch = line.String() // NDcPP is the line of FIPS
	}
	for _, text := range c.also {
		v, err := scheme.Parse(text)
		if err != nil {
			return span{}, err
		}
		s.also = append(s.also, v)
	}
	if c.train != "" {
		s.branch, s.whole, s.from = s.from.String(), true, version.Version{}
	}
	if _, err := s.set(scheme); err != nil {
		return span{}, err
	}
	return s, nil
}

// set is every version of the span, whatever its branch.
func (s span) set(scheme version.Scheme) (version.Set, error) {
	if s.whole {
		return branchSet(s.branch, scheme)
	}
	all, err := version.Range(scheme, version.Bounds{From: s.from, Before: s.fixed, Through: s.last})
	if err != nil || s.branch == "" {
		return all, err
	}
	in, err := branchSet(s.branch, scheme)
	return all.Intersect(in), err
}

// allBranch is the branch of every version.
const allBranch = "all"

func branchSet(name string, scheme version.Scheme) (version.Set, error) {
	if name == allBranch {
		return version.All(scheme), nil
	}
	v, err := scheme.Parse(name)
	if err != nil {
		return version.Set{}, fmt.Errorf("branch: %w", err)
	}
	return version.Prefix(v), nil
}

// openWords are what records write for "from the first version" and "without an end".
var openWords = regexp.MustCompile(`(?i)^(?:0|\*|n/?a|-|unspecified|unknown|none|)$`)

var listed = regexp.MustCompile(`\s*[,;]\s*|\s+and\s+`)

// bounded reads a row that states an upper bound or changes. What it cannot mean, such
// as X < X, it takes for "before X" and says so.
func bounded(v versionRow) claim {
	c := claim{from: trim(v.Version), row: v.String(), unaffected: v.Status == "unaffected"}
	if openWords.MatchString(c.from) {
		c.from = ""
	}
	c.from = strings.TrimSuffix(strings.TrimSuffix(c.from, ".x"), ".X")
	upper, through := trim(v.LessThan), v.Through != ""
	if through {
		upper = trim(v.Through)
	}
	uppers := listed.Split(upper, -1)
	switch {
	case openWords.MatchString(upper):
	case through:
		c.last, c.also = uppers[0], uppers[1:]
	default:
		c.fixed, c.also = uppers[0], uppers[1:]
	}
	for _, change := range v.Changes {
		if at := trim(change.At); change.Status == "unaffected" && at != c.fixed && !slices.Contains(c.also, at) {
			c.also = append(c.also, at)
		}
	}
	if c.fixed == "" && !through && len(c.also) > 0 {
		c.fixed, c.also = c.also[0], c.also[1:]
	}
	if c.from != "" && (c.from == c.fixed || c.from == c.last) {
		c.from = ""
		c.literal = true
	}
	return c
}

// trim takes the typography out of a version: records hold narrow and trailing blanks, and
// CISA's rows the backslashes of CPE names.
func trim(s string) string { return strings.TrimRight(strings.ReplaceAll(plain(s), `\`, ""), ".,;") }

// plain is a text on one line, with plain blanks and without what cannot be printed.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r), !unicode.IsPrint(r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
