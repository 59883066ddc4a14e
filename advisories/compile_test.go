package advisories

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"go.yaml.in/yaml/v3"

	"postern/scanner/version"
)

// compiled compiles an entry that stands in no file.
func compiled(a *Affected, scheme version.Scheme) (*Ranges, []Problem) {
	in := &source{name: "acme/CVE-2024-0001.yaml"}
	r := compile(place{in, &yaml.Node{}}, a, scheme)
	return r, in.problems
}

func parse(t testing.TB, scheme version.Scheme, text string) version.Version {
	t.Helper()
	v, err := scheme.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRangesDecideEachVersion(t *testing.T) {
	introduced := func(v string) Event { return Event{Introduced: v} }
	fixed := func(v string) Event { return Event{Fixed: v} }
	through := func(v string) Event { return Event{LastAffected: v} }
	invisible := false
	tests := []struct {
		name   string
		scheme version.Scheme
		entry  Affected
		want   map[string]string // version to verdict
	}{
		{"fixes of maintenance releases", version.PANOS, Affected{
			Branches: []Branch{
				{Branch: "10.2", Events: []Event{introduced("10.2.8"), fixed("10.2.8-h19"), introduced("10.2.9"), fixed("10.2.9-h19"), introduced("10.2.10"), fixed("10.2.10-h2")}},
			}, UnlistedBranches: StatusUnaffected,
		}, map[string]string{
			"10.2.7-h24": holdsNotAffected, "10.2.8": holdsAffected, "10.2.8-h18": holdsAffected, "10.2.8-h19": holdsNotAffected,
			"10.2.9": holdsAffected, "10.2.9-h1": holdsAffected, "10.2.9-h19": holdsNotAffected, "10.2.10-h1": holdsAffected,
			"10.2.10-h2": holdsNotAffected, "10.2.11": holdsNotAffected, "10.1.14": holdsNotAffected, "11.0.0": holdsNotAffected,
		}},
		{"the more specific branch decides, in any order", version.PANOS, Affected{
			Branches: []Branch{
				{Branch: "10.2.9", Events: []Event{introduced("0"), fixed("10.2.9-h2")}},
				{Branch: "10.2", Events: []Event{introduced("0"), fixed("10.2.10")}},
				{Branch: "10", Status: StatusUnknown},
			}, UnlistedBranches: StatusUnaffected,
		}, map[string]string{
			"10.2.8": holdsAffected, "10.2.9": holdsAffected, "10.2.9-h1": holdsAffected, "10.2.9-h2": holdsNotAffected,
			"10.2.10": holdsNotAffected, "10.1.1": holdsPossible, "9.1.1": holdsNotAffected,
		}},
		{"builds that a version leaves out", version.Gaia, Affected{
			Branches:         []Branch{{Branch: "R81.20", Events: []Event{introduced("0"), fixed("R81.20 JHF 26")}}, {Branch: "R82", Status: StatusUnaffected}},
			UnlistedBranches: StatusAffected,
		}, map[string]string{
			"R81.20": holdsPossible, "R81.20 JHF 25": holdsAffected, "R81.20 JHF 26": holdsNotAffected, "R82": holdsNotAffected, "R80.40": holdsAffected,
		}},
		{"last affected covers its builds", version.FortiOS, Affected{
			Branches: []Branch{{Branch: "7.2", Events: []Event{introduced("0"), through("7.2.6")}}}, UnlistedBranches: StatusUnaffected,
		}, map[string]string{
			"7.2.6": holdsAffected, "v7.2.6,build1575": holdsAffected, "7.2.7": holdsNotAffected, "7.0.1": holdsNotAffected,
		}},
		{"every version", version.Sangfor, Affected{
			Branches: []Branch{{Branch: "all", Status: StatusUnknown}, {Branch: "M6.1", Status: StatusAffected}}, UnlistedBranches: StatusUnaffected,
			PatchVisible: &invisible,
		}, map[string]string{"M6.1": holdsPossible, "M7.6.8R2": holdsPossible}},
		{"lines apart", version.NetScaler, Affected{
			Branches: []Branch{
				{Branch: "13.1", Events: []Event{introduced("0"), fixed("13.1-51.15")}},
				{Branch: "13.1-FIPS", Events: []Event{introduced("0"), fixed("13.1-FIPS-37.176")}},
			}, UnlistedBranches: StatusUnaffected,
		}, map[string]string{
			"13.1-51.14": holdsAffected, "13.1-51.15": holdsNotAffected, "13.1-FIPS-37.175": holdsAffected, "13.1-FIPS-37.176": holdsNotAffected,
			"14.1-1.1": holdsNotAffected,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, problems := compiled(&tt.entry, tt.scheme)
			if r == nil {
				t.Fatal(problems)
			}
			tt.entry.ranges = func() *Ranges { return r }
			for text, want := range tt.want {
				if got := tt.entry.comesOut(version.Exactly(parse(t, tt.scheme, text))); got != want {
					t.Errorf("%s comes out as %s, want %s", text, got, want)
				}
			}
			linesShareAll(t, r, tt.scheme)
		})
	}
}

// linesShareAll checks that the lines hold every version, and none twice.
func linesShareAll(t *testing.T, r *Ranges, scheme version.Scheme) {
	t.Helper()
	var union version.Set
	for _, line := range r.Lines {
		if both := union.Intersect(line.Covers); !both.IsEmpty() {
			t.Errorf("%s is in line %q and in one before", both, line.Name)
		}
		union = union.Union(line.Covers)
	}
	if !union.IsAll() {
		t.Errorf("the lines hold %s only", union)
	}
}

// FuzzCompile compares the sets with OSV's own rule: of the branch that decides, the
// last event at or before a version wins.
func FuzzCompile(f *testing.F) {
	f.Add([]byte{1, 0, 4, 0, 1, 9, 2, 11, 0, 12}, true)
	f.Add([]byte{0, 1, 3, 5, 0, 3, 9, 1, 30, 2, 2, 2, 9, 2, 18, 1, 25, 0}, true)
	f.Add([]byte{2, 7, 0, 1, 12, 3, 14}, false)
	f.Fuzz(func(t *testing.T, data []byte, tidy bool) { agreesWithOSV(t, data, tidy) })
}

func TestCompileAgreesWithOSV(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for i := range 3000 {
		data := make([]byte, 6+i%30)
		for j := range data {
			data[j] = byte(random.Uint32())
		}
		if agreesWithOSV(t, data, i%3 > 0) {
			accepted++
		}
	}
	if accepted < 500 {
		t.Errorf("only %d of 3000 entries were accepted; nothing much was compared", accepted)
	}
}

// agreesWithOSV reports whether the entry made of data was accepted.
func agreesWithOSV(t *testing.T, data []byte, tidy bool) bool {
	t.Helper()
	entry := randomEntry(data, tidy)
	r, _ := compiled(&entry, version.Dotted)
	if r == nil {
		return false
	}
	linesShareAll(t, r, version.Dotted)
	for i := range universe {
		v := parse(t, version.Dotted, universeText(i))
		want := evaluate(entry, i)
		got := StatusUnaffected
		if r.Affected.Contains(v) {
			got = StatusAffected
		} else if r.Unknown.Contains(v) {
			got = StatusUnknown
		}
		if got != want {
			t.Errorf("%s is %s, want %s by %+v", v, got, want, entry)
		}
	}
	return true
}

// The universe is the versions 1.0.0 to 2.3.3 by number, so that the evaluator needs no
// order but that of numbers.
const universe = 32

func universeText(i int) string {
	return strconv.Itoa(1+i/16) + "." + strconv.Itoa(i/4%4) + "." + strconv.Itoa(i%4)
}

// randomEntry spends data on branches and events. Tidy ones rise and take turns.
func randomEntry(data []byte, tidy bool) Affected {
	next := func() int {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return int(b)
	}
	statuses := []string{StatusUnaffected, StatusAffected, StatusUnknown}
	entry := Affected{UnlistedBranches: statuses[next()%3]}
	for len(data) > 0 && len(entry.Branches) < 5 {
		b := Branch{Branch: branchText(next(), next()%universe)}
		if kind := next(); kind%4 > 0 && !tidy {
			b.Status = statuses[kind%3]
			entry.Branches = append(entry.Branches, b)
			continue
		}
		at := -1
		for n := 0; n < 1+next()%6; n++ {
			number := next() % universe
			if tidy {
				if number = at + 1 + number%5; number >= universe {
					break
				}
				at = number
			}
			b.Events = append(b.Events, eventOf(next(), n, number, tidy))
		}
		entry.Branches = append(entry.Branches, b)
	}
	return entry
}

func branchText(form, number int) string {
	full := universeText(number)
	return []string{"all", full[:1], full[:3], full[:3], full}[form%5]
}

func eventOf(form, n, number int, tidy bool) Event {
	text := universeText(number)
	kind := form % 3
	if tidy {
		kind = 0
		if n%2 == 1 {
			kind = 1 + form%2
		}
	}
	switch {
	case kind == 0 && n == 0 && form%2 == 0:
		return Event{Introduced: "0"}
	case kind == 0:
		return Event{Introduced: text}
	case kind == 1:
		return Event{Fixed: text}
	}
	return Event{LastAffected: text}
}

// evaluate is OSV's rule, version by version.
func evaluate(entry Affected, number int) string {
	text, best := universeText(number), -1
	for i, b := range entry.Branches {
		holds := b.Branch == allBranch || text == b.Branch || len(text) > len(b.Branch) && text[:len(b.Branch)+1] == b.Branch+"."
		if holds && (best < 0 || specific(b.Branch) > specific(entry.Branches[best].Branch)) {
			best = i
		}
	}
	if best < 0 {
		return entry.UnlistedBranches
	}
	if status := entry.Branches[best].Status; status != "" {
		return status
	}
	status := StatusUnaffected
	for _, e := range entry.Branches[best].Events {
		switch {
		case e.Introduced == "0" || e.Introduced != "" && numberOf(e.Introduced) <= number:
			status = StatusAffected
		case e.Fixed != "" && numberOf(e.Fixed) <= number, e.LastAffected != "" && numberOf(e.LastAffected) < number:
			status = StatusUnaffected
		}
	}
	return status
}

func specific(branch string) int {
	if branch == allBranch {
		return 0
	}
	return len(branch)
}

func numberOf(text string) int {
	for i := range universe {
		if universeText(i) == text {
			return i
		}
	}
	return -1
}
