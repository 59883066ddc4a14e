package importer

import (
	"regexp"
	"sync"

	"postern/scanner/version"
)

// habits are what one vendor's records mean beyond what they say.
type habits struct {
	// lines find the names of release lines in a version, coarse ones first. Ranges go
	// into the finest of the first `train` that holds both of their ends.
	lines []*regexp.Regexp
	train int
	// generations says that "and earlier" stays inside the first of the lines: a new
	// generation is another product with its own numbers.
	generations bool
	// rowsWin says that a row about a finer line holds there, whatever a coarser row
	// says: 12.0 to 12.11.5 swallows the 12.5 of its own row.
	rowsWin bool
	// endless says that a range without an end means the rest of its release line.
	endless bool
	// trainIsNoBuild says that a release line alone is no statement about its builds.
	trainIsNoBuild bool
	// ladder is where the next maintenance line begins, for vendors that fix several
	// of them: a fix holds inside its own line only. nil for none.
	ladder func(fixed version.Version) (next version.Version, ok bool)
	// numbers is how many numbers a version has when nothing lies between one version
	// and the next; lists of single versions are then joined. 0: never.
	numbers int
}

// habitsOf is keyed by scheme, since records of one product come from several CNAs.
var habitsOf = sync.OnceValue(func() map[version.Scheme]habits {
	return map[version.Scheme]habits{
		version.FortiOS:   {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 2, numbers: 3},
		version.PANOS:     {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 2, ladder: nextPANOS},
		version.Ivanti:    {lines: lines(`\d+`, `\.\d+`, `R\d+`), train: 2},
		version.ASA:       {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 2, numbers: 4},
		version.NetScaler: {lines: lines(`\d+\.\d+(?:-FIPS)?`), train: 1, trainIsNoBuild: true},
		version.SonicOS:   {lines: lines(`\d+`, `\.\d+`, `\.\d+`, `\.\d+`), train: 1, generations: true},
		version.SMA100:    {lines: lines(`\d+`, `\.\d+`, `\.\d+`, `\.\d+`), train: 3},
		version.SMA1000:   {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 3},
		version.Gaia:      {lines: lines(`R\d+(?:\.\d+)*`), train: 1},
		version.SFOS:      {lines: lines(`\d+`, `\.\d+`), train: 2},
		version.BIGIP:     {lines: lines(`\d+`, `\.\d+`), train: 2, endless: true},
		version.Junos:     {lines: lines(`\d+`, `\.\d+(?:X\d+)?`), train: 2, ladder: nextJunos},
		version.ZLD:       {lines: lines(`\d+`), train: 1},
		version.Fireware:  {lines: lines(`\d+`, `\.\d+`), train: 2, rowsWin: true},
		version.ArrayOS:   {lines: lines(`\d+`, `\.\d+`), train: 2},
		version.Sangfor:   {lines: lines(`M\d+`, `\.\d+`), train: 2},
		version.Dotted:    {lines: lines(`\d+`, `\.\d+`), train: 2},
	}
})

// habitsFor is what is known of a scheme. Others are taken for numbers with dots.
func habitsFor(scheme version.Scheme) habits {
	if h, ok := habitsOf()[scheme]; ok {
		return h
	}
	return habitsOf()[version.Dotted]
}

// lines compiles expressions that each add a part to the name of the one before.
func lines(parts ...string) []*regexp.Regexp {
	var list []*regexp.Regexp
	expression := "^"
	for _, p := range parts {
		expression += p
		list = append(list, regexp.MustCompile(expression))
	}
	return list
}

// line is the name of the release line of v, or false when v does not state as much.
func (h habits) line(level int, v version.Version) (string, bool) {
	name := h.lines[level].FindString(v.String())
	return name, name != ""
}

// home is the finest release line that holds both ends of a range.
func (h habits) home(a, b version.Version) string {
	home := allBranch
	for level := range h.train {
		first, ok := h.line(level, a)
		second, ok2 := h.line(level, b)
		if !ok || !ok2 || first != second {
			break
		}
		home = first
	}
	return home
}

var (
	panosParts = regexp.MustCompile(`^(\d+\.\d+)\.(\d+)-h\d+$`)
	junosParts = regexp.MustCompile(`^(\d+\.\d+)(R)(\d+)(?:-S\d+)?$`)
)

// nextPANOS is the maintenance release after the one that a hotfix is for. A fix that is
// a maintenance release itself is in all later ones.
func nextPANOS(fixed version.Version) (version.Version, bool) {
	m := panosParts.FindStringSubmatch(fixed.String())
	if m == nil {
		return version.Version{}, false
	}
	next, err := version.PANOS.Parse(m[1] + "." + plusOne(m[2]))
	return next, err == nil
}

// nextJunos is the R release after the one that a service release is for.
func nextJunos(fixed version.Version) (version.Version, bool) {
	m := junosParts.FindStringSubmatch(fixed.String())
	if m == nil {
		return version.Version{}, false
	}
	next, err := version.Junos.Parse(m[1] + m[2] + plusOne(m[3]))
	return next, err == nil
}
