package version

import (
	"strings"
	"testing"
)

func TestStringAndDescribe(t *testing.T) {
	for _, tt := range []struct {
		s                    Scheme
		in, out, description string
	}{
		{FortiOS, "7.2.4", "7.2.4", "7.2.4"},
		{FortiOS, "7.2.5 || 7.2.4", "7.2.4 || 7.2.5", "7.2.4 or 7.2.5"},
		{FortiOS, "7.2.4||7.2.5||7.4.0", "7.2.4 || 7.2.5 || 7.4.0", "7.2.4, 7.2.5 or 7.4.0"},
		{FortiOS, ">= 7.2.0  < 7.2.7", ">=7.2.0 <7.2.7", "7.2.0 up to before 7.2.7"},
		{FortiOS, "<7.2.7 >=7.2", ">=7.2.0 <7.2.7", "7.2.0 up to before 7.2.7"},
		{FortiOS, ">=7.2.0 <=7.2.6 || 7.4.0", ">=7.2.0 <7.2.7 || 7.4.0", "7.2.0 up to before 7.2.7, or 7.4.0"},
		{FortiOS, ">7.2.6", ">=7.2.7", "7.2.7 or later"},
		{FortiOS, "<7.2.7", "<7.2.7", "before 7.2.7"},
		{FortiOS, "7.2.*", ">=7.2.0 <7.3.0", "any 7.2"},
		{FortiOS, "v7.2.5 build1517", "7.2.5-build1517", "7.2.5-build1517"},
		{FortiOS, "*", "*", "any version"},
		{FortiOS, "7 || *", "*", "any version"},
		{FortiOS, " none ", "none", "no version"},
		{FortiOS, "1.0.0 || 2.0.0 || 3.0.0 || 4.0.0 || 5.0.0 || 6.0.0", "1.0.0 || 2.0.0 || 3.0.0 || 4.0.0 || 5.0.0 || 6.0.0", "1.0.0, 2.0.0, 3.0.0, 4.0.0, 5.0.0 or 6.0.0"},
		{FortiOS, "1 || 2 || 3 || 4 || 5 || 6 || 7 || 8", "1.0.0 || 2.0.0 || 3.0.0 || 4.0.0 || 5.0.0 || 6.0.0 || 7.0.0 || 8.0.0", "1.0.0, 2.0.0, 3.0.0, 4.0.0, 5.0.0, 6.0.0 … and 2 more"},
		{PANOS, "10.2.9.*", ">=10.2.9 <10.2.10-b1", "any 10.2.9"},
		{PANOS, "11.0.4-h1 || 10.2.9-h1", "10.2.9-h1 || 11.0.4-h1", "10.2.9-h1 or 11.0.4-h1"},
		{Ivanti, ">=22.7R2", ">=22.7R2", "22.7R2 or later"},
		{Ivanti, "22.7R2.*", ">=22.7R2 <22.7R3", "any 22.7R2"},
		{Ivanti, "22.7.*", ">=22.7 <22.8", "any 22.7"},
		{NetScaler, "13.1.*", ">=13.1 <13.2", "any 13.1"},
		{NetScaler, "13.1-FIPS.*", ">=13.1-FIPS <13.2-FIPS", "any 13.1-FIPS"},
		{NetScaler, "<13.1-37.164", "<13.1-FIPS-37.164", "before 13.1-FIPS-37.164"},
		{NetScaler, "<13.1 || >=13.2 || >=0.0-FIPS", "<13.1 || >=13.2 || >=0.0-FIPS", "before 13.1, 13.2 or later, or 0.0-FIPS or later"},
		{NetScaler, ">13.1-36.999 <13.1-37.5", ">=13.1-36.1000 <13.1-37.5", "13.1-36.1000 up to before 13.1-37.5"},
		{NetScaler, "<=13.1-37.99", "<13.1-38", "before 13.1-38"},
		{NetScaler, ">=13.1-37.0", ">=13.1-37.0", "13.1-37.0 or later"},
		{Gaia, "R81.20", "R81.20", "R81.20"},
		{Gaia, "R81.20.*", ">=R81.20 <R81.21", "any R81.20"},
		{Gaia, "R82 Jumbo Hotfix Take 103", "R82-JHF103", "R82-JHF103"},
		{Gaia, "<=R82 Jumbo Hotfix Take 103", "<R82-JHF104", "before R82-JHF104"},
		{ZLD, "<=5.36 Patch 1", "<5.36-Patch2b1", "before 5.36-Patch2b1"},
		{ZLD, "5.36.*", ">=5.36 <5.37b1", "any 5.36"},
		{ZLD, "5.99.*", ">=5.99 <6.00b1", "any 5.99"},
		{ZLD, "V5.38(ABZH.0)", "5.38", "5.38"},
		{Sangfor, "M6.3R1 || M6.1", "M6.1 || M6.3R1", "M6.1 or M6.3R1"},
		{SonicOS, "<=6.5.4.15-117n", "<6.5.4.15-118", "before 6.5.4.15-118"},
		{SonicOS, "<=7.0.1", "<7.0.1.1", "before 7.0.1.1"},
		{Junos, "15.1X49.*", ">=15.1X49 <15.1X50", "any 15.1X49"},
		{Junos, "21.4.*", ">=21.4 <21.5", "any 21.4"},
		{SMA1000, "12.4.3-2804", "12.4.3-02804", "12.4.3-02804"},
		{BIGIP, "16.1.*", ">=16.1.0 <16.2.0", "any 16.1"},
		{Dotted, "<=2.11.0", "<2.11.0.1", "before 2.11.0.1"},
		{RouterOS, "<=6.42", "<6.42.1beta1", "before 6.42.1beta1"},
		{RouterOS, "<6.42rc27", "<6.42rc27", "before 6.42rc27"},
		{RouterOS, "6.42.*", ">=6.42 <6.43beta1", "any 6.42"},
		{OPNsense, "<=24.1.10", "<24.1.10_1", "before 24.1.10_1"},
		{OPNsense, "24.1.*", ">=24.1 <24.2", "any 24.1"},
		{Build, "<=9.4.5", "<9.4.5.1", "before 9.4.5.1"},
		{IOS, "12.4.*", ">=12.4 <12.5", "any 12.4"},
		{IOS, "15.2M.*", ">=15.2M <15.2N", "any 15.2M"},
		{IOS, "15.2(4)M7", "15.2(4)M7", "15.2(4)M7"},
		{IOS, "<=15.2(4)M7", "<15.2(4)M7a", "before 15.2(4)M7a"},
		{IOSXE, "3.16S.*", ">=3.16S <3.16T", "any 3.16S"},
		{IOSXE, "<=16.12.1z1", "<16.12.1z2", "before 16.12.1z2"},
		{ScreenOS, "<6.3.0r17b", "<6.3.0r17b", "before 6.3.0r17b"},
		{ScreenOS, "<=6.3.0r17", "<6.3.0r17a", "before 6.3.0r17a"},
		{Huawei, "V500R005.*", ">=V500R005 <V500R006", "any V500R005"},
		{Hillstone, "5.5R.*", ">=5.5R <5.6", "any 5.5R"},
		{Ruijie, "<=EG_3.0(1)B11P216", "<EG_3.0(1)B11P217", "before EG_3.0(1)B11P217"},
		{H3CER, "<ERG2AW-MNW100-R1117", "<ERG2AW-MNW100-R1117", "before ERG2AW-MNW100-R1117"},
		{DrayTek, "<1.4.4", "<1.4.4", "before 1.4.4"},
		{DrayTek, "<=1.4.4_Beta", "<1.4.4", "before 1.4.4"},
		{FatPipe, "10.1.2", "10.1.2", "10.1.2"},
		{Build, "9.4.5 build 8573", "9.4.5-8573", "9.4.5-8573"},
	} {
		got, err := ParseSet(tt.s, tt.in)
		if err != nil {
			t.Errorf("%s: ParseSet(%q): %v", tt.s, tt.in, err)
			continue
		}
		if got.String() != tt.out {
			t.Errorf("%s: ParseSet(%q) prints %q, want %q", tt.s, tt.in, got, tt.out)
		}
		if got.Describe() != tt.description {
			t.Errorf("%s: ParseSet(%q) is described as %q, want %q", tt.s, tt.in, got.Describe(), tt.description)
		}
		if again := set(t, tt.s, got.String()); !again.Equal(got) || again.String() != got.String() {
			t.Errorf("%s: %q reads back as %q", tt.s, got, again)
		}
	}
}

func TestParseSetRefuses(t *testing.T) {
	for _, tt := range []struct {
		text, want string
	}{
		{"", `version set "": "" is no fortios version; write it like 7.2.5`},
		{"7.2.4 || ", `version set "7.2.4 || ": "" is no fortios version; write it like 7.2.5`},
		{"7.2.4 || none", `version set "7.2.4 || none": "none" is no fortios version; write it like 7.2.5`},
		{">=7.2.0 >7.2.1", `version set ">=7.2.0 >7.2.1": range >=7.2.0 >7.2.1 has two lower bounds; give from or after`},
		{">=7.2.0 >=7.2.1", `version set ">=7.2.0 >=7.2.1": ">=7.2.0 >=7.2.1" has two bounds of one kind`},
		{">=7.2.7 <7.2.0", `version set ">=7.2.7 <7.2.0": no version is in the range >=7.2.7 <7.2.0`},
		{">=", `version set ">=": ">=" does not begin with >=, >, < or <= and a version`},
		{"<>7.2.0", `version set "<>7.2.0": "<>7.2.0" does not begin with >=, >, < or <= and a version`},
		{"7.2.0 <7.4.0", `version set "7.2.0 <7.4.0": "7.2.0 <7.4.0" is no fortios version; write it like 7.2.5`},
		{".*", `version set ".*": "" is no fortios version; write it like 7.2.5`},
		{"7.2.4 | 7.2.5", `version set "7.2.4 | 7.2.5": "7.2.4 | 7.2.5" is no fortios version; write it like 7.2.5`},
	} {
		got, err := ParseSet(FortiOS, tt.text)
		if err == nil || err.Error() != tt.want || !got.IsEmpty() {
			t.Errorf("ParseSet(%q) = %s, %v, want the error %s", tt.text, got, err, tt.want)
		}
	}
	if _, err := ParseSet("semver", "none"); err == nil || !strings.Contains(err.Error(), `unknown version scheme "semver"`) {
		t.Errorf("unknown scheme: %v", err)
	}
}
