package importer

import (
	"fmt"
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
	// parallel is the first generation whose trains have rows of their own, so that "and
	// earlier" stays inside the train there. 0: none.
	parallel int
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
	// lists says that the vendor lists every affected build and no range: in each
	// release line everything up to the newest build of the list is affected.
	lists bool
	// endsAlone says that a single build beside rows of "and older" is the newest of its
	// own line, and that older builds of that line are affected too.
	endsAlone bool
	// unnamedFix says that the vendor names the last affected release and not its patches
	// or the fix, so that nothing is known of what comes after it.
	unnamedFix bool
	// remedies says that the solutions name the first fixed version of each release
	// line that has one.
	remedies bool
	// trains are release lines that the vendor had. It assesses those that are in
	// support: of one that a record does not name nothing is known.
	trains []string
}

// habitsOf is keyed by scheme, since records of one product come from several CNAs.
var habitsOf = sync.OnceValue(func() map[version.Scheme]habits {
	return map[version.Scheme]habits{
		version.FortiOS:   {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 2, numbers: 3, remedies: true},
		version.PANOS:     {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 2, ladder: nextPANOS, trains: []string{"7.1", "8.0", "8.1", "9.0", "9.1", "10.0", "10.1", "11.0"}},
		version.Ivanti:    {lines: lines(`\d+`, `\.\d+`, `R\d+`), train: 2},
		version.ASA:       {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 2, numbers: 4, lists: true},
		version.NetScaler: {lines: lines(`\d+\.\d+(?:-FIPS)?`), train: 1, trainIsNoBuild: true, trains: []string{"10.5", "11.0", "11.1", "12.0", "12.1", "13.0"}},
		version.SonicOS:   {lines: lines(`\d+`, `\.\d+`, `\.\d+`, `\.\d+`), train: 1, generations: true, parallel: 7, endsAlone: true},
		version.SMA100:    {lines: lines(`\d+`, `\.\d+`, `\.\d+`, `\.\d+`), train: 3},
		version.SMA1000:   {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 3},
		version.Gaia:      {lines: lines(`R\d+(?:\.\d+)*`), train: 1},
		version.SFOS:      {lines: lines(`\d+`, `\.\d+`), train: 2},
		version.BIGIP:     {lines: lines(`\d+`, `\.\d+`), train: 2, endless: true},
		version.Junos:     {lines: lines(`\d+`, `\.\d+(?:X\d+)?`), train: 2, ladder: nextJunos, trains: quarterly(19, 24)},
		version.ZLD:       {lines: lines(`\d+`), train: 1, unnamedFix: true},
		version.Fireware:  {lines: lines(`\d+`, `\.\d+`), train: 2, rowsWin: true},
		version.ArrayOS:   {lines: lines(`\d+`, `\.\d+`), train: 2},
		version.Sangfor:   {lines: lines(`M\d+`, `\.\d+`), train: 2},
		version.RouterOS:  {lines: lines(`\d+`, `\.\d+`), train: 2},
		version.OPNsense:  {lines: lines(`\d+`, `\.\d+`), train: 2},
		version.Build:     {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 2},
		version.IOS:       {lines: lines(`.+`), train: 1},
		version.IOSXE:     {lines: lines(`\d+\.\d+`), train: 1},
		version.ScreenOS:  {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 3},
		version.Huawei:    {lines: lines(`V\d+`, `R\d+`, `C\d+`), train: 3},
		version.Hillstone: {lines: lines(`\d+\.\d+`, `R\d+`), train: 2},
		version.Ruijie:    {lines: lines(`\d+\.\d+`), train: 1},
		version.H3C:       {lines: lines(`\d+`, `\.\d+`), train: 2},
		version.H3CER:     {lines: lines(`[A-Z0-9]+-[A-Z0-9]+`), train: 1},
		version.DrayTek:   {lines: lines(`\d+`, `\.\d+`, `\.\d+`, `\.\d+`), train: 2},
		version.FatPipe:   {lines: lines(`\d+`, `\.\d+`, `\.\d+`), train: 2},
		version.Dotted:    {lines: lines(`\d+`, `\.\d+`, `\.\d+`, `\.\d+`), train: 2},
	}
})

// habitsFor is what is known of a scheme. Others are taken for numbers with dots.
func habitsFor(scheme version.Scheme) habits {
	if h, ok := habitsOf()[scheme]; ok {
		return h
	}
	return habitsOf()[version.Dotted]
}

// quarterly are the four release lines of each year, as Junos has them.
func quarterly(first, last int) []string {
	var list []string
	for year := first; year <= last; year++ {
		for quarter := 1; quarter <= 4; quarter++ {
			list = append(list, fmt.Sprintf("%d.%d", year, quarter))
		}
	}
	return list
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
