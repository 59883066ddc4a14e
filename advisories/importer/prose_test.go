package importer

import (
	"strings"
	"testing"
)

func TestRangesInProse(t *testing.T) {
	for _, tt := range []struct{ text, want, rest string }{
		{"5.9.2.14-12o and older versions", "<=5.9.2.14-12o", ""},
		{"12.4.3-02804 (platform-hotfix) and earlier versions.", "<=12.4.3-02804", ""},
		{"versions V5.00 through V5.38", "V5.00..V5.38", ""},
		{"5.00 through 5.21 Patch 1", "5.00..5.21 Patch 1", ""},
		{"FortiOS 6.2.0 and below.", "FortiOS: <=6.2.0", ""},
		{"FortiOS before 7.0.3", "FortiOS: <7.0.3", ""},
		{"FortiOS 6.0.2, 5.6.7 and before, FortiADC 6.1.0, 6.0.0 to 6.0.1", "FortiOS: <=6.0.2; FortiOS: <=5.6.7; FortiADC: =6.1.0; FortiADC: 6.0.0..6.0.1", ""},
		{"Check Point Quantum Gateway and CloudGuard Network versions R81.20, R81 and Check Point Spark versions R81.10.", "CloudGuard Network: =R81.20; CloudGuard Network: =R81; Check Point Spark: =R81.10", ""},
		{"15.0.0-15.1.0.3, 14.1.0-14.1.2.5", "15.0.0..15.1.0.3; 14.1.0..14.1.2.5", ""},
		{"16.0.x before 16.0.1.1, 15.1.x before 15.1.2.1", "16.0..<16.0.1.1; 15.1..<15.1.2.1", ""},
		{"13.1.x", "13.1.*", ""},
		{"6.2 all versions", "6.2.*", ""},
		{"all 8.6", "8.6.*", ""},
		{"9.0R3 or above", ">=9.0R3", ""},
		{"18.5 MR3", "=18.5 MR3", ""},
		{"7.1.1-7040", "=7.1.1-7040", ""},
		{"<= 6.4.1", "<=6.4.1", ""},
		{"R82.10 with Jumbo Hotfix Take 19 or below", "<=R82.10 with Jumbo Hotfix Take 19", ""},

		// What is not understood is told.
		{"all versions except 7.2.1", "=7.2.1", "all except"},
		{"not 7.2.1", "=7.2.1", "not"},
		{"> 7.2.1", "=7.2.1", ">"},
		{"Cisco IOS", "", "Cisco IOS"},
		{"1.5..1.3", "", "1.5..1.3"},
		{"n/a", "", ""},
	} {
		mentions, rest := fromProse(versionRow{Version: tt.text})
		var got []string
		for _, m := range mentions {
			got = append(got, m.String())
		}
		if s := strings.Join(got, "; "); s != tt.want || rest != tt.rest {
			t.Errorf("%s: got %q with the rest %q, want %q with %q", tt.text, s, rest, tt.want, tt.rest)
		}
	}
}

func (m mention) String() string {
	s := ""
	if m.product != "" {
		s = m.product + ": "
	}
	switch {
	case m.train != "":
		return s + m.train + ".*"
	case m.from != "" && m.from == m.last:
		return s + "=" + m.last
	case m.from == "" && m.last != "":
		return s + "<=" + m.last
	case m.from == "":
		return s + "<" + m.fixed
	case m.fixed != "":
		return s + m.from + "..<" + m.fixed
	case m.last != "":
		return s + m.from + ".." + m.last
	}
	return s + ">=" + m.from
}
