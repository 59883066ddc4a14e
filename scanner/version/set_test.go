package version

import (
	"strings"
	"testing"
)

// set reads the notation, which keeps the tables short; notation_test.go tests it.
func set(t testing.TB, s Scheme, text string) Set {
	t.Helper()
	got, err := ParseSet(s, text)
	if err != nil {
		t.Fatalf("%s: ParseSet(%q): %v", s, text, err)
	}
	return got
}

func TestExactlyAndPrefixCover(t *testing.T) {
	for _, tt := range []struct {
		s       Scheme
		version string
		exactly string // in and, after a slash, not in Exactly
		prefix  string // the same for Prefix
	}{
		{FortiOS, "7.2.6", "7.2.6 7.2.6-build1575 / 7.2.5 7.2.7 7.2.5-build9999", "7.2.6 7.2.6-build1575 / 7.2.5 7.2.7"},
		{FortiOS, "7.2.6-build1575", "7.2.6-build1575 / 7.2.6 7.2.6-build1574 7.2.6-build1576", "7.2.6-build1575 / 7.2.6"},
		{FortiOS, "7.2", "7.2.0 / 7.2.1", "7.2 7.2.0 7.2.13 7.2.13-build1 / 7.1.9 7.3.0 7.4.0"},
		{PANOS, "10.2.9", "10.2.9 / 10.2.9-b1 10.2.9-h1 10.2.8", "10.2.9 10.2.9-h1 10.2.9-h16 / 10.2.9-b7 10.2.8-h3 10.2.10 10.2.10-b1"},
		{PANOS, "10.2.9-h1", "10.2.9-h1 / 10.2.9 10.2.9-h2", "10.2.9-h1 / 10.2.9 10.2.9-h2"},
		{PANOS, "10.2", "10.2.0 / 10.2.0-h1 10.2.1", "10.2.0 10.2.0-h4 10.2.16-h4 / 10.1.14-h9 10.3.0 11.0.0"},
		{Ivanti, "22.7R2", "22.7R2 22.7R2-3191 / 22.7R2.1 22.7R1.4", "22.7R2 22.7R2.4 22.7R2.4-3597 / 22.7R1.4 22.7R3 22.8R2.2"},
		{ASA, "9.16(4)", "9.16.4 9.16.4.0-5 / 9.16.4.1", "9.16.4 9.16.4.57 / 9.16.3.19 9.17.1"},
		{NetScaler, "13.1", "13.1-0.0 / 13.1-4.43", "13.1-4.43 13.1-37.38 13.1-62.23 / 13.1-FIPS-37.164 13.1-37.164 14.1-4.42 13.0-92.21"},
		{NetScaler, "13.1-FIPS", "13.1-FIPS-0.0 / 13.1-FIPS-37.164", "13.1-FIPS-37.164 13.1-37.241 13.1-NDcPP-37.164 / 13.1-49.15 12.1-55.330 14.1-FIPS-4.42"},
		{NetScaler, "13.1-49", "13.1-49.0 / 13.1-49.1", "13.1-49.0 13.1-49.15 13.1-49.106 / 13.1-48.47 13.1-50.23"},
		{Sangfor, "M7.6.8", "M7.6.8 / M7.6.8R1", "M7.6.8 M7.6.8R2 / M7.6.7 M7.6.9"},
		{SonicOS, "7.0.1", "7.0.1-5161 7.0.1-R579 / 7.0.0-1 7.1.1-7058 7.0.1.1", "7.0.1-5161 7.0.1-R579 / 7.1.1-7058"},
		{SonicOS, "7", "7.0.0 7.0.0-1 / 7.0.1", "7.0.0-1 7.0.1-5161 7.1.2-7019 / 6.5.4.15-117n 8.0.0-8035"},
		{SonicOS, "6.5.4.4-44v", "6.5.4.4-44v-21-794 / 6.5.4.4-45v 6.5.4.4-44", "6.5.4.4-44v-21-2457 / 6.5.4.4-44"},
		{SMA100, "10.2.1.14", "10.2.1.14-75sv / 10.2.1.15-81sv", "10.2.1.14-75sv / 10.2.1.15-81sv"},
		{SMA1000, "12.4.3", "12.4.3-02854 / 12.4.2", "12.4.3-02854 / 12.5.0"},
		{SMA1000, "12.2", "12.2.0-1 / 12.2.1", "12.2.0 12.2.1-02854 / 12.1.9 12.3.0"},
		{Gaia, "R81.20", "R81.20 R81.20-JHF26 / R81.10 R82", "R81.20-JHF141 / R81.10-JHF94 R82"},
		{Gaia, "R81.10", "R81.10-JHF94 / R81.10.10", "R81.10-JHF94 R81.10.10 / R81.20 R81"},
		{Gaia, "R81.20-JHF26", "R81.20-JHF26 / R81.20 R81.20-JHF27", "R81.20-JHF26 / R81.20"},
		{Gaia, "R81", "R81-JHF5 / R81.10", "R81-JHF5 R81.10 R81.20-JHF26 / R80.40 R82"},
		{SFOS, "17.5 MR12", "17.5.12.1 17.5.12.692 / 17.5.13", "17.5.12.692 / 17.5.13.692 17.5.11"},
		{BIGIP, "15.1.10", "15.1.10-0.0.8 15.1.10.0 / 15.1.10.1", "15.1.10.4-0.0.8 / 15.1.11 15.1.9"},
		{BIGIP, "16.1.2.2", "16.1.2.2-0.0.28 / 16.1.2.3 16.1.2.1-0.0.10", "16.1.2.2-0.0.28 / 16.1.2.3"},
		{Junos, "21.4R3-S5", "21.4R3-S5 21.4R3-S5.4 / 21.4R3-S4.9 21.4R3-S6", "21.4R3-S5.4 / 21.4R3-S6"},
		{Junos, "21.4R3", "21.4R3 21.4R3.15 / 21.4R3-S1", "21.4R3.15 21.4R3-S10 / 21.4R2-S7 22.1R1"},
		{Junos, "15.1", "15.1 / 15.1R1", "15.1R7-S7 15.1X49-D211 / 14.1X53-D54 16.1R1"},
		{Junos, "15.1X49", "15.1X49 / 15.1X49-D10", "15.1X49-D211 / 15.1R7-S7 15.1X53-D10"},
		{ZLD, "5.36", "5.36 / 5.36-Patch1 5.36b1", "5.36 5.36-Patch1b2 5.36-Patch2 / 5.36b1 5.37 5.35"},
		{ZLD, "5.36 Patch 1", "5.36.1 / 5.36.2 5.36.1b1", "5.36.1 / 5.36.2"},
		{Fireware, "12.5.12", "12.5.12 / 12.5.12_U1", "12.5.12_U1 / 12.5.13 12.5.11"},
		{Fireware, "12.5.12_U1", "12.5.12_U1+600000 / 12.5.12_U2", "12.5.12_U1 / 12.5.12"},
		{ArrayOS, "9.4", "9.4.0 / 9.4.0.481", "9.4.0.481 9.4.5.9 / 9.5.0.1"},
		{Dotted, "2.11.0", "2.11.0 2.11.0.0.5 / 2.11.0.1", "2.11.0.1 2.11.0.0.5 / 2.11.1"},
	} {
		v := parse(t, tt.s, tt.version)
		covers(t, "Exactly("+tt.version+")", Exactly(v), tt.exactly)
		covers(t, "Prefix("+tt.version+")", Prefix(v), tt.prefix)
		if !Exactly(v).Within(Prefix(v)) {
			t.Errorf("%s: Exactly(%s) is not within Prefix", tt.s, v)
		}
	}
}

func covers(t *testing.T, what string, s Set, list string) {
	t.Helper()
	in, out, _ := strings.Cut(list, "/")
	for _, text := range strings.Fields(in) {
		if v := parse(t, s.Scheme(), text); !s.Contains(v) || !Exactly(v).Within(s) {
			t.Errorf("%s %s = %s does not cover %s", s.Scheme(), what, s, v)
		}
	}
	for _, text := range strings.Fields(out) {
		if v := parse(t, s.Scheme(), text); s.Contains(v) {
			t.Errorf("%s %s = %s contains %s", s.Scheme(), what, s, v)
		}
	}
}

func TestRangeAtItsBounds(t *testing.T) {
	for _, tt := range []struct {
		s     Scheme
		text  string
		cover string
	}{
		{FortiOS, ">=7.2.0 <7.2.7", "7.2.0 7.2.6 7.2.6-build9999 / 7.1.9 7.2.7 7.2.7-build1"},
		{FortiOS, ">=7.2.0 <=7.2.6", "7.2.0 7.2.6 7.2.6-build9999 / 7.2.7"},
		{FortiOS, ">7.2.6 <7.4.0", "7.2.7 / 7.2.6 7.2.6-build9999 7.4.0"},
		{FortiOS, "<7.2.7", "0 7.2.6 / 7.2.7"},
		{FortiOS, ">=7.2.6-build1575", "7.2.6-build1575 7.2.7 99 / 7.2.6 7.2.6-build1574"},
		{PANOS, ">=10.2.0 <10.2.9-h1", "10.2.0 10.2.9 10.2.8-h99 / 10.2.0-b1 10.2.9-h1 10.2.10"},
		{PANOS, ">=10.2.0 <=10.2.9", "10.2.9 10.2.9-b1 / 10.2.9-h1"},
		{PANOS, "<10.2.9", "10.2.9-b7 10.2.8-h3 / 10.2.9"},
		{Ivanti, ">=22.7R2 <22.7R2.5", "22.7R2 22.7R2.4 22.7R2.4-9999 / 22.7R1.9 22.7R2.5"},
		{Gaia, "<=R81.20-JHF26", "R81.20-JHF0 R81.20-JHF26 R81.10-JHF999 / R81.20-JHF27"},
		{Gaia, "<=R81.20", "R81.20-JHF999 / R81.20.1 R82"},
		{ZLD, ">=4.60 <=5.36-Patch1", "4.60 5.36-Patch1 5.36-Patch1b9 / 5.36-Patch2 5.36-Patch2b1"},
		{Junos, "<21.4R3-S5", "21.4R3-S4.99 15.1X49-D211 / 21.4R3-S5 21.4R3-S5.1"},
		{NetScaler, "<13.1-49.15", "10.5-70.18 13.1-49.13 / 13.1-49.15 12.1-FIPS-55.297 13.1-37.150"},
		{NetScaler, ">=13.1-49.15", "13.1-49.15 14.1-66.59 / 13.1-49.13 13.1-FIPS-37.164 14.1-FIPS-1.1"},
		{NetScaler, ">=13.1-FIPS <13.1-FIPS-37.164", "13.1-FIPS-37.159 13.1-37.150 / 13.1-4.43 13.1-37.38 13.1-37.164 12.1-55.330"},
		{NetScaler, "<13.1-37.164", "13.1-37.159 12.1-55.297 / 13.1-37.164 12.1-57.18 13.1-4.43"},
		{NetScaler, ">13.1-37.164", "13.1-37.241 14.1-FIPS-1.1 / 13.1-37.164 14.1-4.42"},
		{NetScaler, "<=13.1-37.99", "13.1-37.38 / 13.1-38.0 13.1-37.150"},
	} {
		covers(t, tt.text, set(t, tt.s, tt.text), tt.cover)
	}
}

func TestRangeRefuses(t *testing.T) {
	at := func(s Scheme, text string) Version { return parse(t, s, text) }
	for _, tt := range []struct {
		s    Scheme
		b    Bounds
		want string
	}{
		{FortiOS, Bounds{From: at(FortiOS, "7.2.7"), Before: at(FortiOS, "7.2.7")}, "no version is in the range >=7.2.7 <7.2.7"},
		{FortiOS, Bounds{From: at(FortiOS, "7.2.7"), Before: at(FortiOS, "7.2.0")}, "no version is in the range >=7.2.7 <7.2.0"},
		{FortiOS, Bounds{From: at(FortiOS, "7.2.7"), Through: at(FortiOS, "7.2.6")}, "no version is in the range >=7.2.7 <=7.2.6"},
		{FortiOS, Bounds{After: at(FortiOS, "7.2.6"), Before: at(FortiOS, "7.2.7")}, "no version is in the range >7.2.6 <7.2.7"},
		{FortiOS, Bounds{Before: at(FortiOS, "0")}, "no version is in the range <0"},
		{FortiOS, Bounds{From: at(FortiOS, "7.2.0"), After: at(FortiOS, "7.2.0")}, "range >=7.2.0 >7.2.0 has two lower bounds; give from or after"},
		{FortiOS, Bounds{Before: at(FortiOS, "7.2.0"), Through: at(FortiOS, "7.2.0")}, "range <7.2.0 <=7.2.0 has two upper bounds; give before or through"},
		{FortiOS, Bounds{From: at(PANOS, "10.2.9")}, "10.2.9 is a panos version in a range of fortios versions"},
		{NetScaler, Bounds{From: at(NetScaler, "13.1-4.43"), Before: at(NetScaler, "13.1-FIPS-37.164")}, "13.1-4.43 and 13.1-FIPS-37.164 are of different lines; write a range for each"},
		{"semver", Bounds{}, `unknown version scheme "semver"`},
	} {
		got, err := Range(tt.s, tt.b)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || !got.IsEmpty() {
			t.Errorf("Range(%s) = %s, %v, want the error %s", tt.b, got, err, tt.want)
		}
	}
	if got, err := Range(FortiOS, Bounds{}); err != nil || !got.IsAll() {
		t.Errorf("a range without bounds is %s, %v, want all", got, err)
	}
}

func TestOperations(t *testing.T) {
	for _, tt := range []struct {
		s                       Scheme
		a, b                    string
		union, intersect, minus string
	}{
		{FortiOS, "7.2.4", "7.2.5", "7.2.4 || 7.2.5", "none", "7.2.4"},
		{FortiOS, "7.2.4 || 7.2.5", ">=7.2.5 <7.2.7", ">=7.2.4 <7.2.7", "7.2.5", "7.2.4"},
		{FortiOS, "7.2.4 || 7.2.5 || 7.4.0", "7.2.5", "7.2.4 || 7.2.5 || 7.4.0", "7.2.5", "7.2.4 || 7.4.0"},
		{FortiOS, ">=7.2.0 <7.2.4", ">=7.2.4 <7.2.7", ">=7.2.0 <7.2.7", "none", ">=7.2.0 <7.2.4"},
		{FortiOS, ">=7.2.0 <7.2.7", ">=7.2.3 <7.2.9", ">=7.2.0 <7.2.9", ">=7.2.3 <7.2.7", ">=7.2.0 <7.2.3"},
		{FortiOS, ">=7.2.0 <7.2.9", "7.2.4 || 7.2.6", ">=7.2.0 <7.2.9", "7.2.4 || 7.2.6", ">=7.2.0 <7.2.4 || 7.2.5 || >=7.2.7 <7.2.9"},
		{FortiOS, "7.2.4", "7.2.4-build5", "7.2.4", "7.2.4-build5", ">=7.2.4 <7.2.4-build5 || >=7.2.4-build6 <7.2.5"},
		{FortiOS, "*", "7.2.4", "*", "7.2.4", "<7.2.4 || >=7.2.5"},
		{FortiOS, "7.2.4", "*", "*", "7.2.4", "none"},
		{FortiOS, "none", "7.2.4", "7.2.4", "none", "none"},
		{FortiOS, "7.2.4", "none", "7.2.4", "none", "7.2.4"},
		{FortiOS, "<7.0.0 || >=7.2.0 <7.4.0 || >=8", ">=6.4.0 <7.2.5 || 7.4.0", "<7.4.0 || 7.4.0 || >=8.0.0", ">=6.4.0 <7.0.0 || >=7.2.0 <7.2.5", "<6.4.0 || >=7.2.5 <7.4.0 || >=8.0.0"},
		{PANOS, "10.2.9", "10.2.9-h1 || 10.2.9-h2", "10.2.9 || 10.2.9-h1 || 10.2.9-h2", "none", "10.2.9"},
		{PANOS, "10.2.9.*", "10.2.9", ">=10.2.9 <10.2.10-b1", "10.2.9", ">=10.2.9-h1 <10.2.10-b1"},
		{Gaia, "R81.20", "<R81.20-JHF26", "<R81.20.1", ">=R81.20 <R81.20-JHF26", ">=R81.20-JHF26 <R81.20.1"},
		{NetScaler, "*", "13.1.*", "*", ">=13.1 <13.2", "<13.1 || >=13.2 || >=0.0-FIPS"},
		{NetScaler, ">=14.1", "13.1-FIPS.*", ">=14.1 || >=13.1-FIPS <13.2-FIPS", "none", ">=14.1"},
		{NetScaler, "<13.1 || >=13.1", ">=0.0-FIPS", "*", "none", ">=0.0"},
	} {
		a, b := set(t, tt.s, tt.a), set(t, tt.s, tt.b)
		for _, op := range []struct {
			name      string
			got, want Set
			text      string
		}{
			{"union", a.Union(b), b.Union(a), tt.union},
			{"intersect", a.Intersect(b), b.Intersect(a), tt.intersect},
			{"minus", a.Minus(b), a.Minus(a.Intersect(b)), tt.minus},
		} {
			if !op.got.Equal(op.want) {
				t.Errorf("%s of %s and %s: %s one way, %s the other", op.name, a, b, op.got, op.want)
			}
			if want := set(t, tt.s, op.text); !op.got.Equal(want) {
				t.Errorf("%s of %s and %s is %s, want %s", op.name, a, b, op.got, want)
			}
		}
		if got, want := a.Within(b), a.Minus(b).IsEmpty(); got != want {
			t.Errorf("%s within %s: %t, want %t", a, b, got, want)
		}
	}
}

func TestCandidatesSurviveOperations(t *testing.T) {
	points := set(t, FortiOS, "7.2.4 || 7.2.5 || 7.2.6 || 7.4.1")
	for _, tt := range []struct {
		name string
		got  Set
		want string // empty: a true range is left
	}{
		{"as given", points, "7.2.4 7.2.5 7.2.6 7.4.1"},
		{"with a range", points.Intersect(set(t, FortiOS, "<7.2.6")), "7.2.4 7.2.5"},
		{"a range with them", set(t, FortiOS, ">=7.2.5").Intersect(points), "7.2.5 7.2.6 7.4.1"},
		{"without one", points.Minus(set(t, FortiOS, "7.2.5")), "7.2.4 7.2.6 7.4.1"},
		{"in the wrong order and twice", set(t, FortiOS, "7.2.5 || 7.2.4 || 7.2.5"), "7.2.4 7.2.5"},
		{"a build", set(t, FortiOS, "7.2.4-build5 || 7.2.4-build6"), "7.2.4-build5 7.2.4-build6"},
		{"build 0 is not every build", set(t, FortiOS, "7.2.4-build0"), "7.2.4-build0"},
		{"cut in the middle of one", points.Minus(set(t, FortiOS, "7.2.4-build5")), ""},
		{"with the whole branch", points.Union(set(t, FortiOS, "7.2.*")), ""},
		{"put together again", set(t, FortiOS, "7.2.4").Minus(set(t, FortiOS, "7.2.4-build5")).Union(set(t, FortiOS, "7.2.4-build5")), "7.2.4"},
		{"all", All(FortiOS), ""},
		{"none", Set{}, "none"},
		{"hotfixes", set(t, PANOS, "10.2.9-h1 || 10.2.9 || 11.0.4-h1"), "10.2.9 10.2.9-h1 11.0.4-h1"},
		{"FIPS", set(t, NetScaler, "13.1-37.164 || 13.1-49.15"), "13.1-49.15 13.1-FIPS-37.164"},
		{"takes", set(t, Gaia, "R81.20 || R81.10-JHF94"), "R81.10-JHF94 R81.20"},
	} {
		versions, ok := tt.got.Candidates()
		if ok != (tt.want != "") {
			t.Errorf("%s: Candidates of %s: ok is %t", tt.name, tt.got, ok)
			continue
		}
		var texts []string
		for _, v := range versions {
			texts = append(texts, v.String())
		}
		if got := strings.Join(texts, " "); ok && got != strings.Replace(tt.want, "none", "", 1) {
			t.Errorf("%s: candidates are %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestUnionJoinsNeighboursOfNeighbours(t *testing.T) {
	for _, tt := range []struct{ a, b, want string }{
		{"7.2.4 || 7.2.5 || 7.2.6", ">=7.2.5-build5 <7.2.6-build3", ">=7.2.4 <7.2.7"},
		{"7.2.4 || 7.2.5 || 7.2.6", ">=7.2.3-build1 <7.2.4-build5", ">=7.2.3-build1 <7.2.7"},
		{"7.2.4 || 7.2.5 || 7.2.6", ">=7.2.6-build5 <7.2.7-build5", ">=7.2.4 <7.2.7-build5"},
		{"7.2.4 || 7.2.5 || 7.2.6", "7.2.5-build5", "7.2.4 || 7.2.5 || 7.2.6"},
		{"7.2.4 || 7.2.6", "7.2.5", "7.2.4 || 7.2.5 || 7.2.6"},
		{"7.2.4 || 7.4.0 || 7.6.0", ">=7.3.0 <7.5.0", "7.2.4 || >=7.3.0 <7.5.0 || 7.6.0"},
		{"7.2.4 || 7.4.0", "7.0.0 || 7.3.0 || 7.6.0", "7.0.0 || 7.2.4 || 7.3.0 || 7.4.0 || 7.6.0"},
	} {
		a, b := set(t, FortiOS, tt.a), set(t, FortiOS, tt.b)
		for _, got := range []string{a.Union(b).String(), b.Union(a).String(), set(t, FortiOS, tt.a+" || "+tt.b).String()} {
			if got != tt.want {
				t.Errorf("union of %s and %s is %s, want %s", a, b, got, tt.want)
			}
		}
		if a.String() != tt.a || b.String() != tt.b {
			t.Errorf("a union changed its operands to %s and %s", a, b)
		}
	}
}

func TestEqualDoesNotDependOnHowASetWasMade(t *testing.T) {
	for _, tt := range []struct {
		s    Scheme
		a, b string
		want bool
	}{
		{FortiOS, "7.2.4 || 7.2.5", ">=7.2.4 <7.2.6", true},
		{FortiOS, ">=7.2.4 <=7.2.5", ">7.2.3 <7.2.6", true},
		{FortiOS, "7.2", "7.2.0", true},
		{FortiOS, "7.2.4 || 7.2.5", "7.2.4 || 7.2.6", false},
		{FortiOS, "7.2.4", "7.2.4-build0", false},
		{FortiOS, "none", "7.2.4", false},
		{FortiOS, "<7 || >=7", "*", true},
		{PANOS, "10.2.9 || 10.2.9-h1", ">=10.2.9 <10.2.9-h2", true},
		{PANOS, "<10.2.9-b1", "<10.2.8 || 10.2.8.*", true},
	} {
		a, b := set(t, tt.s, tt.a), set(t, tt.s, tt.b)
		if a.Equal(b) != tt.want || b.Equal(a) != tt.want {
			t.Errorf("%s equal %s: want %t", a, b, tt.want)
		}
	}
}

func TestSetsOfTwoSchemes(t *testing.T) {
	a, b := set(t, FortiOS, "7.2.4"), set(t, PANOS, "7.2.4")
	if !a.Union(b).IsEmpty() || !a.Intersect(b).IsEmpty() || !a.Minus(b).Equal(a) {
		t.Error("an operation on sets of two schemes does not do what its comment says")
	}
	if a.Within(b) || a.Equal(b) || a.Contains(parse(t, PANOS, "7.2.4")) {
		t.Error("sets of two schemes have something in common")
	}
	if got := (Set{}).Union(a); !got.Equal(a) || got.Scheme() != FortiOS {
		t.Errorf("the zero set with %s is %s", a, got)
	}
	if got := a.Union(Set{scheme: PANOS}); !got.Equal(a) || got.Scheme() != FortiOS {
		t.Errorf("%s with an empty set of another scheme is %s", a, got)
	}
}

func TestZeroValues(t *testing.T) {
	var s Set
	if !s.IsEmpty() || s.IsAll() || !s.Within(s) || !s.Equal(s) || s.Contains(Version{}) || s.String() != "none" || s.Scheme() != "" {
		t.Error("the zero set is not the empty set")
	}
	if !Exactly(Version{}).IsEmpty() || !Prefix(Version{}).IsEmpty() || !All("semver").IsEmpty() || !All("").IsEmpty() {
		t.Error("sets of no version and of no scheme are not empty")
	}
	if !All(PANOS).IsAll() || All(PANOS).IsEmpty() || All(PANOS).Scheme() != PANOS {
		t.Error("All is not all")
	}
	if s.Union(s).Minus(s).Intersect(s).String() != "none" {
		t.Error("operations on zero sets do not give the zero set")
	}
}

func TestHighestNumbers(t *testing.T) {
	top := parse(t, FortiOS, "2147483646.2147483646.2147483646-build2147483646")
	after, err := Range(FortiOS, Bounds{From: top})
	if err != nil || !after.Equal(Exactly(top)) {
		t.Errorf("from the highest version on is %s, %v", after, err)
	}
	if _, err := Range(FortiOS, Bounds{After: top}); err == nil {
		t.Error("there is something after the highest version")
	}
	for _, text := range []string{"7.2.2147483646", "7.2147483646.1"} {
		s := Exactly(parse(t, FortiOS, text))
		if got := set(t, FortiOS, s.String()); !got.Equal(s) {
			t.Errorf("Exactly(%s) prints %s", text, s)
		}
	}
}

func TestEachIsTheUnionOfItsVersions(t *testing.T) {
	texts := []string{"15.2(4)M7", "12.4(25e)", "15.2(4)M8", "15.2(4)M7", "12.2(33)SXI4a"}
	var versions []Version
	var union Set
	for _, text := range texts {
		v := parse(t, IOS, text)
		versions = append(versions, v)
		union = union.Union(Exactly(v))
	}
	each := Each(versions)
	if !each.Equal(union) || each.String() != union.String() {
		t.Errorf("Each gives %s, want %s", each, union)
	}
	if each.Contains(parse(t, IOS, "15.2(4)M7a")) || each.Contains(parse(t, IOS, "12.4(25)")) {
		t.Errorf("%s holds what is not in the list", each)
	}
	if !Each(nil).IsEmpty() || !Each([]Version{parse(t, IOS, "12.4(25)"), parse(t, Dotted, "1.2")}).IsEmpty() || !Each([]Version{{}}).IsEmpty() {
		t.Error("nothing, versions of two schemes, or no version make a set that is not empty")
	}
}
