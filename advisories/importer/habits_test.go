package importer

import (
	"testing"

	"postern/scanner/version"
)

// Every scheme has habits, and every release line that they find in one of its versions is
// a branch that the scheme can read and that holds the version.
func TestHabitsOfEveryScheme(t *testing.T) {
	versions := map[version.Scheme]string{
		version.Dotted: "2.12.1.3", version.PANOS: "10.2.9-h1", version.FortiOS: "7.2.5", version.Ivanti: "22.7R2.4",
		version.ASA: "9.16.4.57", version.NetScaler: "13.1-FIPS-37.164", version.Sangfor: "M7.6.8R2", version.SonicOS: "6.5.4.15-117n",
		version.SMA100: "10.2.1.14-75sv", version.SMA1000: "12.4.3-02854", version.Gaia: "R81.20", version.SFOS: "17.5.4 MR-4",
		version.BIGIP: "15.1.10.4", version.Junos: "21.4R3-S5", version.ZLD: "5.38", version.Fireware: "12.5.12_U1",
		version.ArrayOS: "9.4.0.481", version.RouterOS: "6.48.6", version.OPNsense: "24.1.10_8", version.Build: "9.4.5-8573",
		version.IOS: "15.2(4)M7", version.IOSXE: "17.3.1a", version.ScreenOS: "6.3.0r17b", version.Huawei: "V500R005C20SPC500",
		version.Hillstone: "5.5R9P2", version.Ruijie: "11.9B11P1", version.H3C: "3.10 ESS6703", version.H3CER: "ERHMG2-MNW100-R1126",
		version.DrayTek: "4.3.2.7", version.FatPipe: "10.1.2r60p92",
	}
	for _, scheme := range version.Schemes() {
		h, ok := habitsOf()[scheme]
		if !ok || versions[scheme] == "" {
			t.Errorf("%s: has no habits, or no version in this test", scheme)
			continue
		}
		v, err := scheme.Parse(versions[scheme])
		if err != nil {
			t.Error(err)
			continue
		}
		if h.train < 1 || h.train > len(h.lines) {
			t.Errorf("%s: train is %d, with %d lines", scheme, h.train, len(h.lines))
			continue
		}
		for level := range h.lines {
			name, ok := h.line(level, v)
			set, err := branchSet(name, scheme)
			if !ok || err != nil || !set.Contains(v) {
				t.Errorf("%s: line %d of %s is %q: %v", scheme, level, v, name, err)
			}
		}
	}
}
