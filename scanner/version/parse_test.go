package version

import (
	"slices"
	"strings"
	"testing"
)

func parse(t testing.TB, s Scheme, text string) Version {
	t.Helper()
	v, err := s.Parse(text)
	if err != nil {
		t.Fatalf("%s: Parse(%q): %v", s, text, err)
	}
	return v
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// chains are versions that records or devices print, strictly rising.
var chains = map[Scheme][]string{
	Dotted: {"2.8", "2.8.1", "2.8.7", "2.11.0", "2.11.0.0.5", "2.11.0.1", "2.11.3", "2.12.0", "2.12.2", "10"},
	PANOS: {"7.1.19", "8.0.0", "8.1.23-h1", "10.1.14-h9", "10.2.0-b5", "10.2.0", "10.2.0-h4", "10.2.1", "10.2.7-h3", "10.2.7-h18",
		"10.2.7-h24", "10.2.8-h3", "10.2.9-b1", "10.2.9-b7", "10.2.9-b10", "10.2.9", "10.2.9-h1", "10.2.9-h2", "10.2.9-h16",
		"10.2.10-b1", "10.2.10", "11.0.4-h1", "11.1.2-h3", "12.1.4-h6"},
	FortiOS: {"5.6.14", "6.0.18", "6.2.16", "6.4.15", "7.0.9", "7.0.13", "7.2.5", "v7.2.5,build1517,230606 (GA.F)", "7.2.6", "7.2.10", "7.4.0"},
	Ivanti: {"8.1R1", "8.1R15.1", "8.2R12.1", "9.0R3.4", "9.1", "9.1R8", "9.1R8.2", "9.1R9", "9.1R14.4", "9.1R18", "9.1R18.3", "9.1R18.9", "22.1R6.2",
		"22.7R1.4", "22.7R2", "22.7R2-3191", "22.7R2.1", "22.7R2.4", "22.7R2.4-3597", "22.7R2.5", "22.8R2.2", "22.8R2.5", "25.1.1", "25.1.2.0", "25.1.3.0", "25.1.3.1"},
	ASA:       {"8.4(1)", "8.4(3)", "9.0.4(40)", "9.1.7(9)", "9.8.4.34", "9.12.4.2", "9.12.4.13", "9.14.4.23", "9.16(4)", "9.16(4)9", "9.16(4)57", "9.20.2", "100.13.0.21"},
	NetScaler: {"10.5-70.18", "12.1-55.24", "12.1-57.18", "13.0-92.21", "13.1-4.43", "13.1-37.38", "13.1-49.13", "13.1-49.15", "13.1-49.101", "13.1-58.32", "14.1-8.50", "14.1-47.46", "12.1-55.297", "12.1-55.330", "13.1-37.159", "13.1-37.241"},
	Sangfor:   {"M6.1", "M6.3", "M6.3R1", "M7.5", "M7.6.3", "M7.6.8", "M7.6.8R1", "M7.6.8R2", "M7.6.9", "8.0.17"},
	SonicOS: {"5.9.2.14-12o", "6.0.5.3-93o", "6.5.1.11-4n", "6.5.4.4-44v-21-794", "6.5.4.4-44v-21-2395", "6.5.4.4-44v-21-2457", "6.5.4.7-79n", "6.5.4.14-109n", "6.5.4.15-117n",
		"7.0.0.0-1", "7.0.1", "7.0.1-5035", "7.0.1-5161", "7.0.1-R579", "7.1.1-7058", "7.1.2-7019", "8.0.0-8035"},
	SMA100:   {"9.0.0.3", "9.0.0.10-28sv", "10.2.0.5-d-29sv", "10.2.0.7-34sv", "10.2.1.0-17sv", "10.2.1.9-57sv", "10.2.1.14-75sv", "10.2.1.15-81sv"},
	SMA1000:  {"12.2", "12.4.0", "12.4.1-02965", "12.4.3-02804", "12.4.3-02854", "12.4.3-03093", "12.5.0-02002"},
	Gaia:     {"R77.30", "R80.10", "R80.40", "R81", "R81.10", "R81.10 JHF 94", "R81.10.10", "R81.20", "R81.20 Jumbo Hotfix Take 26", "R81.20 Jumbo Hotfix Take 141", "R82", "R82 Jumbo Hotfix Take 103", "R82.10"},
	SFOS:     {"17", "17.5 MR3", "17.5.4 MR-4", "v17.5 MR11", "17.5 MR12", "17.5.13.692", "18.5 GA", "18.5 MR3", "18.5 MR4", "19.0 MR1", "20.0.2 MR-2-Build378", "20.0 MR3 (20.0.3)", "21.0 MR1 (21.0.1)"},
	BIGIP:    {"11.5.4", "11.5.4.0.0.256", "11.5.10-0.0.13", "11.6.5.1", "13.1.0", "13.1.0.0.0.1868", "13.1.0.1-0.0.8", "15.1.10.4-0.0.8", "15.1.10.8", "Hotfix-BIGIP-16.1.4.1.0.50.5-ENG.iso", "16.1.6.1", "17.1.1.4", "17.5.1.3"},
	Junos:    {"12.3", "12.3R12-S16", "12.3X48-D101", "12.3X48-D105", "15.1R7-S7", "15.1X49-D211", "15.1X49-D220", "16.1", "17.4R2-S11", "17.4R3-S2", "21.2R3-S7", "21.4R3", "21.4R3.15", "21.4R3-S4", "21.4R3-S5", "21.4R3-S10", "22.4R2-S1", "22.4R2-S1.2", "22.4R2-S2", "22.4R3"},
	ZLD:      {"4.20", "4.60", "4.73", "4.73 Patch 1", "V5.00", "5.10", "5.21 Patch 1", "5.36", "5.36 Patch 1", "V5.36(ABUJ.2)b3", "5.36 Patch 2", "V5.38(ABZH.0)"},
	Fireware: {"11.10.2", "11.12.4", "11.12.4+541730", "12.0", "12.1.3_U3", "12.1.3_U8", "12.1.4", "12.5.7_U3", "12.5.12", "12.5.12_U1", "12.7.2_U1", "12.7.2_U2", "12.11.3", "2025.1", "2025.1.1", "2025.1.4"},
	ArrayOS:  {"9.4.0.469", "9.4.0.481", "ArrayOS AG 9.4.0.505", "9.4.5.9"},
	RouterOS: {"6.19", "6.34.6", "6.40.8 (long-term)", "6.41.3", "6.42rc1", "6.42rc26", "6.42rc27", "6.42", "6.42.1", "6.43beta4", "6.43rc3", "6.43", "7.1beta6", "7.1rc1", "7.1", "7.6", "7.10"},
	OPNsense: {"23.7", "24.1", "24.1_1", "24.1.1", "24.1.9_4", "24.1.10", "24.1.10_2", "24.1.10_8", "24.1.10_10", "24.7", "26.7.2"},
	Build:    {"4.41", "4.41-9782-beta", "4.43 build 9799", "5.01.9674", "5.02", "5.02.5187", "9.2.5-3336", "9.4.5", "9.4.5-8573", "9.4.5-8600", "9.5.0-9000"},
	IOS: {"12.2(33)SXI", "12.2(33)SXI2", "12.2(33)SXI4a", "12.3(4)TPC11b", "12.4(16)", "12.4(18b)", "12.4(25)", "12.4(25e)", "12.4(15)T9", "15.2(4)E", "15.2(4)E4", "15.2(4m)E1", "15.2(7a)E0b",
		"15.2M", "15.2(4)M", "15.2(4)M7", "15.2(4)M10", "15.3(3)M8", "15.3(3)M8a", "15.3(3)M9", "15.5(2)T4"},
	IOSXE: {"3.8.0E", "3.9.2bE", "3.10.1S", "3.10.1xbS", "3.10.1xcS", "3.10.2S", "3.16.0S", "3.16.0aS", "3.16.4bS", "3.16.4gS", "3.16.5S", "3.18.1S", "3.18.1SP", "3.18.1gSP", "16.1.1", "16.3.1", "16.3.1a",
		"16.3.4", "16.9.4", "16.12.1z1", "16.12.1z2", "17.3.1a"},
	ScreenOS:  {"6.2.0r14", "6.2.0r15", "6.2.0r18", "6.3.0", "6.3.0r12", "6.3.0r12b", "6.3.0r17", "6.3.0r17b", "6.3.0r20", "6.3.0r21"},
	Huawei:    {"V100R001", "V200R001C01SPC800", "V500R001C00", "V500R001C30SPC300", "V500R005C00SPC100", "V500R005C20", "V500R005C20SPC300", "V500R005C20SPC500"},
	Hillstone: {"4.5.1.0", "5.0.3.1", "5.0.4.0", "5.5R5", "5.5R8P10", "5.5R9", "SG6000-M-3-5.5R10"},
	Ruijie:    {"10.3(4b5)", "10.3(4b12)", "11.4(1)B12P3", "11.9B11P1", "EG_3.0(1)B11P216", "EG_3.0(1)B11P217", "EG_3.0(2)B1"},
	H3C:       {"3.10", "3.10 ESS6702", "3.10 ESS6703", "5.20", "7.1.064 ESS9153"},
	H3CER: {"ERG2AW-MNW100-R1116", "ERG2AW-MNW100-R1117", "ERHMG2-MNW100-R1125", "ERHMG2-MNW100-R1126", "MiniGR1B0V100R017L60", "MiniGR1B0V100R018L50", "MiniGRW1B0V100R009L50",
		"SWBRW1A0V100R007L50", "SWBRW1B0V100R009L50"},
	DrayTek: {"1.3.1_Beta", "1.3.1", "1.3.3_Beta", "1.4.2.1_Beta", "1.4.2.1", "1.4.4_Beta", "1.4.4", "1.5.1", "1.5.1.3", "3.9.8.8", "4.3.2.7", "4.3.2.10"},
	FatPipe: {"10.1.1", "10.1.2", "10.1.2r60p9", "10.1.2r60p91", "10.1.2r60p92", "10.1.2r61p1", "10.2.2r44p1", "10.2.3"},
}

func TestChainsRise(t *testing.T) {
	for _, s := range Schemes() {
		chain := chains[s]
		if len(chain) < 4 {
			t.Errorf("%s has no chain of versions to compare", s)
		}
		for i := range chain {
			for j := range chain { // both directions: a comparison is wrong in one more often than in both
				v, w := parse(t, s, chain[i]), parse(t, s, chain[j])
				if got, want := v.Compare(w), sign(i-j); got != want {
					t.Errorf("%s: Compare(%s, %s) = %d, want %d", s, v, w, got, want)
				}
			}
		}
	}
}

// The first spelling of each row is canonical; all mean the same version with the same
// precision.
var spellings = map[Scheme][][]string{
	Dotted:  {{"2.8.1", "v2.8.1", " 2.8.1 ", "\u202f2.8.1\u00a0"}, {"4.0.2.8", "4.0.2.08-tm"}},
	PANOS:   {{"10.2.9-h1", "PAN-OS 10.2.9-h1", "10.2.9-h1 ", "10.2.9\u2011h1", "panos 10.2.9-H1"}, {"10.2.9"}, {"10.2.9-b7"}, {"10.2"}, {"10"}},
	FortiOS: {{"7.2.5", "v7.2.5", "FortiOS 7.2.5", "FortiProxy v7.2.5", "7.2.5M", "7.2.5.F"}, {"7.2.5-build1517", "7.2.5 build1517", "v7.2.5,build1517", "FortiOS v7.2.5,build1517,230606 (GA.F)", "v7.2.5 build 01517"}, {"7.2"}},
	Ivanti:  {{"22.7R2.4", "22.7r2.4"}, {"22.7R2"}, {"22.7R2.0"}, {"22.7R2.4-3597", "22.7R2.4 (build 3597)"}, {"22.3R1-1647", "22.3R1 (build 1647)"}, {"22.7"}, {"8.1R15.1"}, {"25.1.3.0", "25.1R3.0"}, {"25.1.3"}},
	ASA:     {{"9.16.4.57", "9.16(4)57", "9.16.4(57)", "ASA 9.16(4)57"}, {"8.4.1", "8.4(1)"}, {"9.0.4.40", "9.0.4(40)"}, {"7.2.5-208", "FTD 7.2.5-208"}, {"9.16"}},
	NetScaler: {
		{"13.1-49.15", "13.1.49.15", "NS13.1: Build 49.15.nc", "NS13.1 Build 49.15", "13.1-49.15.nc", "13.1\u201349.15"},
		{"13.1-FIPS-37.164", "13.1-FIPS 37.164", "13.1-37.164-FIPS", "13.1-37.164.fips", "13.1-37.164", "NS13.1: Build 37.164.nc", "13.1 FIPS and NDcPP 37.164", " 13.1-FIPS\u202f37.164", "13.1-NDcPP 37.164"},
		{"12.1-FIPS-55.330", "12.1-NDcPP 55.330", "12.1-55.330 FIPS", "12.1-55.330"},
		{"13.1-FIPS", "13.1 FIPS and NDcPP", "13.1-NDcPP", " 13.1-FIPS"},
		{"13.1-37.38"}, {"12.1-55.24"}, {"13.1-FIPS-37"}, {"13.1-49"}, {"13.1"}, {"13"},
	},
	Sangfor: {{"M7.6.8R2", "m7.6.8r2", "7.6.8R2"}, {"M6.3R1", "M6.3.0R1"}, {"M6.1"}, {"M7.6.9"}, {"M7"}},
	SonicOS: {
		{"6.5.4.15-117", "6.5.4.15-117n", "SonicOS 6.5.4.15-117n"}, {"7.0.1-5161", "7.0.1.0-5161"}, {"5.9.2.14-12", "5.9.2.14-12o"},
		{"6.5.4.4-44v-21-2457", "SonicOSv 6.5.4.4-44v-21-2457"}, {"6.5.4.4-44v"}, {"7.0.1-R579", "7.0.1-r579"}, {"7.0.0-1", "7.0.0.0-1"}, {"7"}, {"7.0.1.0"},
	},
	SMA100:  {{"10.2.1.14-75sv", "10.2.1.14-75"}, {"10.2.0.5-29sv", "10.2.0.5-d-29sv"}, {"9.0.0.3"}, {"10"}},
	SMA1000: {{"12.4.3-02854", "12.4.3-2854"}, {"12.2"}, {"12.4.0"}},
	Gaia:    {{"R81.20", "r81.20"}, {"R81.20-JHF26", "R81.20 JHF 26", "R81.20 Jumbo Hotfix Take 26", "R81.20 with Jumbo Hotfix Take 26", "R81.20 Take 26"}, {"R81"}, {"R81.10.10"}, {"R82-JHF103", "R82 Jumbo Hotfix Take 103"}},
	SFOS: {
		{"17.5.4", "17.5.4 MR-4", "17.5 MR4", "v17.5 MR4", "SFOS 17.5.4"}, {"21.0.1", "21.0 MR1 (21.0.1)", "21.0 MR1"},
		{"20.0.2.378", "20.0.2 MR-2-Build378", "20.0.2.378"}, {"19.5.0", "19.5 GA", "19.5.0 GA"}, {"17.5.13.692"}, {"19.5"},
	},
	BIGIP: {{"17.1.1.4", "v17.1.1.4", "BIG-IP 17.1.1.4"}, {"15.1.10.4-0.0.8", "BIG-IP 15.1.10.4 Build 0.0.8"}, {"11.5.4-0.0.256", "11.5.4.0.0.256"}, {"16.1.4.1-0.50.5", "16.1.4.1.0.50.5", "Hotfix-BIGIP-16.1.4.1.0.50.5-ENG.iso"}, {"17.1.1-0.2.6", "17.1.1.0.2.6", "Hotfix-BIGIP-17.1.1.0.2.6-ENG.iso"}, {"16.1"}},
	Junos: {{"21.4R3-S5", "21.4r3-s5", "JUNOS 21.4R3-S5", "Junos: 21.4R3-S5"}, {"22.4R2-S1.2"}, {"21.4R3.15"}, {"15.1X49-D211"}, {"15.1X49"}, {"21.4"}, {"21.4R3-S0"}, {"21.4R0"}},
	ZLD:   {{"5.36-Patch2", "5.36 Patch 2", "V5.36(ABUJ.2)", "5.36.2"}, {"5.38-Patch0", "V5.38(ABZH.0)", "5.38(ABPS.0)"}, {"5.38", "V5.38"}, {"5.36-Patch2b3", "V5.36(ABUJ.2)b3"}, {"5.00", "V5.00"}, {"5.38b1", "V5.38(ABZH.0)b1"}},
	Fireware: {
		{"12.5.12_U1", "12.5.12 Update 1", "12.5.12_Update1", "v12.5.12_u1"}, {"11.12.4_U1+541730", "11.12.4+541730"}, {"12.11.3"}, {"2025.1.4"}, {"12.5"},
	},
	ArrayOS:   {{"9.4.0.481", "ArrayOS AG 9.4.0.481", "ArrayOS 9.4.0.481"}, {"9.4"}},
	RouterOS:  {{"6.42rc27", "RouterOS v6.42rc27", "6.42RC27", "6.42.0rc27"}, {"6.49.10", "v6.49.10", "6.49.10 (long-term)"}, {"7.1beta6"}, {"6.42"}, {"6.42.0"}, {"6"}, {"7.1.2rc1"}},
	OPNsense:  {{"24.1.10_8", "OPNsense 24.1.10_8"}, {"24.1_1", "24.1.0_1"}, {"24.1.10"}, {"26.7.2"}, {"24.1"}},
	Build:     {{"9.4.5-8573", "9.4.5 build 8573", "v9.4.5-8573"}, {"4.41-9782", "4.41-9782-beta", "4.41 build 9782"}, {"5.2.5187", "5.02.5187"}, {"9.4.5"}},
	IOS:       {{"15.2(4)M7", "Cisco IOS 15.2(4)M7", "IOS 15.2(4)m7"}, {"12.4(25e)"}, {"12.2(33)SXI4a"}, {"15.2(4)E", "15.2(4)E0"}, {"15.2(7a)E0b"}, {"15.2M"}, {"12.4"}},
	IOSXE:     {{"17.3.1a", "IOS XE 17.3.1a", "17.03.01a", "Cisco IOS XE 17.3.1a"}, {"3.16.4bS", "03.16.04bS"}, {"16.12.1z1"}, {"3.16S"}, {"17.3"}},
	ScreenOS:  {{"6.3.0r17b", "ScreenOS 6.3.0r17b", "6.3.0R17B"}, {"6.3.0r17"}, {"6.3.0"}, {"6.2"}},
	Huawei:    {{"V500R005C20SPC500", "v500r005c20spc500"}, {"V500R005C20"}, {"V500R005"}, {"V500R001C30SPC300"}},
	Hillstone: {{"5.5R9", "StoneOS 5.5R9", "SG6000-M-3-5.5R9", "SG6000-5.5R9", "5.5R09"}, {"5.5R8P10"}, {"5.0.4.0"}, {"5.5R"}},
	Ruijie:    {{"11.9B11P1", "RGOS 11.9 B11P1", "EG_RGOS 11.9 B11P1", "11.9b11p1"}, {"10.3(4)B12", "10.3(4b12)"}, {"EG_3.0(1)B11P216"}, {"11.9"}, {"EG_3.0"}},
	H3C:       {{"3.10-ESS6703", "3.10 ESS6703", "V3.10 ESS 6703", "Comware 3.10 ESS6703"}, {"3.10"}},
	H3CER:     {{"ERG2AW-MNW100-R1117", "erg2aw-mnw100-r1117"}, {"MiniGR1B0V100R018L50"}, {"SWBRW1B0V100"}, {"ERHMG2-MNW100"}},
	DrayTek:   {{"1.4.4_Beta", "v1.4.4_beta", "1.4.4 Beta"}, {"1.4.2.1_Beta"}, {"3.9.8.8"}, {"1.5.1", "v1.5.1"}},
	FatPipe:   {{"10.1.2r60p92", "v10.1.2R60P92"}, {"10.1.2r60"}, {"10.1.2"}},
}

func TestSpellingsAreEquivalent(t *testing.T) {
	for _, s := range Schemes() {
		if len(spellings[s]) == 0 {
			t.Errorf("%s has no spellings", s)
		}
		for _, row := range spellings[s] {
			want := parse(t, s, row[0])
			if want.String() != row[0] {
				t.Errorf("%s: Parse(%q) prints %q, want it unchanged", s, row[0], want)
			}
			for _, text := range row {
				got := parse(t, s, text)
				if got.Compare(want) != 0 || !Exactly(got).Equal(Exactly(want)) {
					t.Errorf("%s: %q is %s, want %s", s, text, Exactly(got), Exactly(want))
				}
				if strings.Contains(got.String(), " ") {
					t.Errorf("%s: canonical %q has a blank", s, got)
				}
				if again := parse(t, s, got.String()); again != got {
					t.Errorf("%s: %q prints %q, which reads as %+v, want %+v", s, text, got, again, got)
				}
			}
		}
	}
}

func TestTrailingZerosAreEqual(t *testing.T) {
	for _, tt := range []struct {
		s    Scheme
		a, b string
	}{
		{PANOS, "10.2", "10.2.0"}, {FortiOS, "7", "7.0.0"}, {Ivanti, "22.7R2", "22.7R2.0"}, {ASA, "9.16", "9.16(0)"},
		{Sangfor, "M6.3R1", "M6.3.0R1"}, {Gaia, "R81", "R81.0"}, {Junos, "21.4R3", "21.4R3-S0"}, {Dotted, "1", "1.0.0.0.0.0.0.0"},
		{RouterOS, "6.42", "6.42.0"}, {OPNsense, "24.1", "24.1.0"}, {OPNsense, "24.1.10", "24.1.10_0"}, {Build, "9.4.5", "9.4.5-0"},
		{SonicOS, "7.0.1", "7.0.1.0"}, {Fireware, "12.5", "12.5.0"}, {ZLD, "5.38", "V5.38(ABZH.0)"}, {BIGIP, "17.1.1", "17.1.1.0"},
	} {
		v, w := parse(t, tt.s, tt.a), parse(t, tt.s, tt.b)
		if v.Compare(w) != 0 || w.Compare(v) != 0 {
			t.Errorf("%s: %s and %s differ", tt.s, v, w)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	everywhere := []string{"", " ", "unknown", "latest", "-", "1.x", "*", "none", "1..2", "1.2.", ".1", "-1.2", "1.2.3.4.5.6.7.8.9", "99999999999999999999.1",
		"1.9007199254740993", "\xff1.2", "1.2\x00", "1,2", "1.2 or 1.3", ">=1.2", "7.2.5; rm -rf /", strings.Repeat("1.", 200), "٧.٢.٥", "１.２"}
	refused := map[Scheme][]string{
		PANOS:     {"10.2.*", "10.2.x", "8.1.23-h", "10.2.9-h0", "10.2.9-b0", "10.2.9-c1", "10.2-h1", "9.1 < 9.1.14-h4", "10.2.9-h1-h2", "12.1.7, 12.1.4-h6"},
		FortiOS:   {"7.2.x", "7.2.5.", "7.2.5-h1", "7.2,build1517", "7.2.5 build", "FG-IR-23-001", "7.2.5.1517"},
		Ivanti:    {"22.7.2.3597", "22.7.2", "22.7R", "22.7Rx", "22.7R2.x", "unknown (22.7R2.x)", "22.7R2.4 build", "22.7R2.4.5"},
		ASA:       {"9.9.2..67", "9.16(4", "9.16()57", "9.16(x)", "Base", "9-5"},
		NetScaler: {"13.1-37", "12.1-55", "13.1-FIPS-", "13.1-49.x", "13.1-49.15-GOLD", "13.1-FIPS-37.164-FIPS", "NS", "13-FIPS"},
		Sangfor:   {"M", "M7.6.8R", "M7.6.8R2_patch", "M7.6.8 R2 x", "M7R2"},
		SonicOS:   {"7.0.1-", "7.0.1-R", "7-5161", "Gen6", "6.5.4.v", "6.5.4.15-117n-1", "7.0.1-5161v-"},
		SMA100:    {"10.x", "10.2.1-75sv", "10.2.1.14-sv", "SMA 200", "10.2.1.14-75x"},
		SMA1000:   {"12.4-02854", "12.4.3-", "12.4.3.2854", "SMA/12.2"},
		Gaia:      {"81.20", "R80.20.X", "R", "R81.20 JHF", "R81.20 26", "R82 with Jumbo Hotfix Take 103 or below"},
		SFOS:      {"17.5.4 MR-5", "21.0 MR1 (21.0.2)", "17 MR3", "19.5 EAP1", "19.5 MR", "17.5.13.692 Build 5", "17.5 Build 3"},
		BIGIP:     {"16.1.x", "17.0.x*", "1.2.3.4.5", "15.1-0.0.8", "15.1.10.4-0.0.8.9", "APM"},
		Junos:     {"21.1*", "23,2", "21.4R", "21.4R3-D5", "15.1X49-S2", "21.4R3-S5-EVO", "21.4R3-S", "SRX Series", "21.4R3S5", "15.1F6"},
		ZLD:       {"5.1", "5.361", "V5.38(ABZH)", "V5.38(.0)", "5.36 Patch", "5.36 Patch x", "5.36.2b0", "5 Patch 2"},
		Fireware:  {"12.5.x", "12.5.12+600000", "12.5.12_U", "12.5.12_X1", "12.11.3.4"},
		ArrayOS:   {"9.4.0.x", "AG", "9.4.0.481.2", "ArrayOS AG"},
		RouterOS:  {"6.42rc", "6.42rc0", "6rc1", "6.42alpha1", "6.42-rc27", "6.42.1.2", "6.42 long-term", "RouterOS", "6.43UPnP"},
		OPNsense:  {"24.1.10_", "24_1", "24.1.10-8", "24.1.10.8", "24.1.r1", "24.1.b_112"},
		Build:     {"9.4.5-", "9.4.5 patch 1", "9.4.5-8573-1", "9.4.5_8573", "9.4.5 build", "1.2.3.4.5"},
		IOS:       {"15.2.4", "15.2(4", "15.2()M", "15.2(4)M7.1", "12.4(25)3", "15", "15.2(4)M7 or later", "15.2(4)ZZZZZZZZZZZZ"},
		IOSXE:     {"3.16.4", "3.16.4bs", "3.16", "16.9.x", "17.3.1ab", "17", "16.9.4.1", "3.16.4b.S"},
		ScreenOS:  {"6.3.0r", "6.3.0b", "6.3r17", "6.3.0r17-b", "6.3.0.1"},
		Huawei:    {"500R005C20", "V500R005SPC500", "V500C20", "V500R005C20SPC", "V500R005C20SPH005", "V500R005C20SPC500B"},
		Hillstone: {"5", "5.5RP1", "5.5R9.1", "5.5R9-x", "SG6000", "SG-6000 5.5R9 x", "5.0.4.0.1"},
		Ruijie:    {"11", "11.9B", "11.9P1", "10.3(4b)", "EG_", "ReyeeOS 1.219", "10.3(4b12)B1"},
		H3C:       {"7.1.064 Release 9141", "3.10 R6703", "3.10ESS6703", "ESS6703", "3.10 ESS"},
		H3CER:     {"R1117", "ERX-MNW100-R1", "ERG2AW-MNW100R1117", "MiniGR1B0V100-R018", "1.2", "MiniGR1B0"},
		DrayTek:   {"1.4.4_Beta2", "1_Beta", "1.4.4_RC1", "1.2.3.4.5", "1.4.4Beta"},
		FatPipe:   {"10.1r60", "10.1.2r", "10.1.2p92", "10.1.2r60p", "10.1.2.3"},
	}
	for _, s := range Schemes() {
		for _, text := range slices.Concat(everywhere, refused[s]) {
			if v, err := s.Parse(text); err == nil {
				t.Errorf("%s: Parse(%q) = %s, want an error", s, text, v)
			} else if !v.IsZero() {
				t.Errorf("%s: Parse(%q) gives %s with its error", s, text, v)
			}
		}
	}
}

func TestParseErrorsSayWhatToDo(t *testing.T) {
	for _, tt := range []struct {
		s          Scheme
		text, want string
	}{
		{FortiOS, "latest", `"latest" is no fortios version; write it like 7.2.5`},
		{Ivanti, "22.7.2.3597", `version "22.7.2.3597": this is a ProductVersion, which leaves out the patch; its build has to be looked up`},
		{SFOS, "17.5.4 MR-5", `version "17.5.4 MR-5": the third number is 4 but the maintenance release 5`},
		{NetScaler, "13.1-37", `version "13.1-37": this is a standard build and the FIPS branch; write all of the build, or -FIPS`},
		{PANOS, strings.Repeat("9", 101), "version of 101 bytes; at most 100 are read"},
		{PANOS, "99999999999999999999.1", `version "99999999999999999999.1": number 99999999999999999999 is larger than any version number`},
	} {
		if _, err := tt.s.Parse(tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("%s: Parse(%q): got %v, want %s", tt.s, tt.text, err, tt.want)
		}
	}
	if _, err := Scheme("semver").Parse("1.2.3"); err == nil || !strings.Contains(err.Error(), `unknown version scheme "semver"`) {
		t.Errorf("unknown scheme: %v", err)
	}
}

func TestSchemesAreKnown(t *testing.T) {
	all := Schemes()
	if len(all) != 30 || !slices.IsSorted(all) {
		t.Errorf("Schemes() = %v, want 30 in order", all)
	}
	for _, s := range all {
		if !s.Known() {
			t.Errorf("%s is listed and not known", s)
		}
		if g := grammars[s]; len(g.components) > maxDepth || g.identity > len(g.components) || g.shown > g.identity {
			t.Errorf("%s: components, identity and shown do not fit each other", s)
		}
	}
	if Scheme("semver").Known() || Scheme("").Known() {
		t.Error("a scheme that does not exist is known")
	}
}

func TestVersionsOfTwoSchemesSort(t *testing.T) {
	v, w := parse(t, FortiOS, "9.0.0"), parse(t, PANOS, "1.0.0")
	if v.Compare(w) >= 0 || w.Compare(v) <= 0 {
		t.Error("versions of two schemes do not sort by scheme")
	}
	if (Version{}).Compare(Version{}) != 0 || !(Version{}).IsZero() || v.IsZero() {
		t.Error("the zero version is not equal to itself, or not told apart")
	}
}
