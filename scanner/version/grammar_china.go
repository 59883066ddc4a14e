package version

import "fmt"

// Grammars of vendors whose releases are rows of marked numbers.

// huawei is V, R, C and an SPC service pack: V500R005C20SPC500. What a text leaves out at
// the end is 0 up to the service pack.
var huawei = grammar{
	example:    "V500R005C20SPC500",
	components: []string{"version", "release", "customer", "pack"},
	identity:   4,
	shown:      1,
	patterns: patterns(
		`v(?P<version>\d+)(?:r(?P<release>\d+)(?:c(?P<customer>\d+)(?:spc(?P<pack>\d+))?)?)?`,
	),
	text: func(k key, stated int) string {
		text := ""
		for i, form := range []string{"V%03d", "R%03d", "C%02d", "SPC%03d"}[:stated] {
			text += fmt.Sprintf(form, k[i])
		}
		return text
	},
}

// hillstone is StoneOS: major.minor, R and a release, P and a patch, or the four plain
// numbers by which one record goes: 5.5R9, 5.5R8P10, SG6000-M-3-5.5R9, 5.0.4.0. How the
// two ways compare inside one major.minor is not known: the plain ones stand first, and an
// advisory that gives one has to state the R branch as unknown.
var hillstone = grammar{
	example:    "5.5R9P2 or 5.0.4.0",
	components: []string{"major", "minor", "kind", "release", "patch"},
	identity:   5,
	shown:      2,
	patterns: patterns(
		`(?:stoneos )?v?(?P<major>\d+)\.(?P<minor>\d+)(?:\.(?P<release>\d+)(?:\.(?P<patch>\d+))?)?`,
		`(?:stoneos )?(?:sg6000-(?:[a-z]+-)?(?:\d+-)?)?v?(?P<major>\d+)\.(?P<minor>\d+)(?P<kind>r)(?:(?P<release>\d+)(?:p(?P<patch>\d+))?)?`,
	),
	words: map[string]int32{"r": hillstoneR},
	text: func(k key, stated int) string {
		text := k.dotted(0, 2)
		if k[2] != hillstoneR {
			if stated > 3 {
				text += "." + k.dotted(3, stated)
			}
			return text
		}
		text += "R"
		if stated > 3 {
			text += k.dotted(3, 4)
		}
		if stated > 4 {
			text += "P" + k.dotted(4, 5)
		}
		return text
	},
	real: func(k key) (key, bool) {
		if k[2] > hillstoneR {
			return k.next(2)
		}
		return k, true
	},
}

const hillstoneR = 1

// ruijie is RGOS: major.minor(maintenance), B and a build, P and a patch: 11.9B11P1,
// 10.3(4b12), 11.4(1)B12P3. EG_3.0(1)B11P216 is the count of the EG gateways, which does
// not compare with that of RGOS.
var ruijie = grammar{
	example:    "11.9B11P1 or EG_3.0(1)B11P216",
	components: []string{"line", "major", "minor", "maintenance", "build", "patch"},
	identity:   6,
	shown:      3,
	lined:      true,
	patterns: patterns(
		ruijieName+`(?P<major>\d+)\.(?P<minor>\d+)(?:\((?P<maintenance>\d+)\))?(?: ?b(?P<build>\d+)(?:p(?P<patch>\d+))?)?`,
		ruijieName+`(?P<major>\d+)\.(?P<minor>\d+)\((?P<maintenance>\d+)b(?P<build>\d+)\)(?:p(?P<patch>\d+))?`,
	),
	words: map[string]int32{"eg_": ruijieEG},
	text: func(k key, stated int) string {
		text := k.dotted(1, 3)
		if k[0] == ruijieEG {
			text = "EG_" + text
		}
		if k[3] != 0 || stated == 4 {
			text += fmt.Sprintf("(%d)", k[3])
		}
		if stated > 4 {
			text += fmt.Sprintf("B%d", k[4])
		}
		if stated > 5 {
			text += fmt.Sprintf("P%d", k[5])
		}
		return text
	},
	real: func(k key) (key, bool) { return k, k[0] <= ruijieEG },
}

const (
	ruijieEG   = 1
	ruijieName = `(?:(?:eg_)?rgos |(?P<line>eg_))?`
)

// h3c is Comware: up to three numbers and an ESS build: 3.10 ESS6703, V7.1.064 ESS9153. A
// Release build counts apart and is not read.
var h3c = grammar{
	example:    "3.10 ESS6703",
	components: []string{"major", "minor", "maintenance", "ess"},
	identity:   4,
	shown:      2,
	patterns:   patterns(`(?:comware )?v?` + dots("major", "minor", "maintenance") + `(?:[ -]ess ?(?P<ess>\d+))?`),
	text: func(k key, stated int) string {
		if stated < 4 {
			return k.dotted(0, stated)
		}
		return fmt.Sprintf("%s-ESS%d", k.dotted(0, k.usedOf(3, 2)), k[3])
	},
}

// h3cer is the firmware of H3C's ER and GR routers: the name of a hardware family, and
// numbers that count inside it: ERG2AW-MNW100-R1117, MiniGR1B0V100R018L50. Each family is
// a line; a family that no source names is not read.
var h3cer = grammar{
	example:    "ERHMG2-MNW100-R1126 or MiniGR1B0V100R018L50",
	components: []string{"family", "version", "release", "level"},
	identity:   4,
	shown:      2,
	lined:      true,
	patterns: patterns(
		`(?P<family>erg2aw-mnw|erhmg2-mnw)(?P<version>\d+)(?:-r(?P<release>\d+)(?:l(?P<level>\d+))?)?`,
		`(?P<family>minigr1b0|minigrw1b0|swbrw1a0|swbrw1b0)v(?P<version>\d+)(?:r(?P<release>\d+)(?:l(?P<level>\d+))?)?`,
	),
	words: map[string]int32{"erg2aw-mnw": 0, "erhmg2-mnw": 1, "minigr1b0": 2, "minigrw1b0": 3, "swbrw1a0": 4, "swbrw1b0": 5},
	text: func(k key, stated int) string {
		family := [...]string{"ERG2AW-MNW", "ERHMG2-MNW", "MiniGR1B0V", "MiniGRW1B0V", "SWBRW1A0V", "SWBRW1B0V"}[k[0]]
		form := "R%03d"
		if k[0] < 2 {
			form = "-R%d"
		}
		text := fmt.Sprintf("%s%d", family, k[1])
		if stated > 2 {
			text += fmt.Sprintf(form, k[2])
		}
		if stated > 3 {
			text += fmt.Sprintf("L%d", k[3])
		}
		return text
	},
	real: func(k key) (key, bool) { return k, k[0] <= 5 },
}
