package version

import (
	"errors"
	"fmt"
)

// Grammars that are numbers with dots and at most a build behind them.

// dotted is up to eight plain numbers. Four are the version and the rest builds,
// so that "last affected 2.11.0" covers 2.11.0.0.5 but not 2.11.0.1. The -tm of Cisco RV
// releases, 4.0.2.08-tm, does not order them.
var dotted = grammar{
	example:    "2.12.1",
	components: []string{"c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"},
	identity:   4,
	shown:      2,
	patterns:   patterns(`v?` + dots("c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8") + `(?:-tm)?`),
	text:       func(k key, stated int) string { return k.dotted(0, stated) },
}

// fortios is major.minor.patch and a build: "FortiOS v7.2.5,build1517,230606 (GA.F)".
// The letter of 7.0.14M and the words in brackets grade a release, they do not
// order it.
var fortios = grammar{
	example:    "7.2.5",
	components: []string{"major", "minor", "patch", "build"},
	identity:   3,
	shown:      3,
	patterns: patterns(
		`(?:forti[a-z]+ )?v?`+dots("major", "minor", "patch"),
		`(?:forti[a-z]+ )?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<patch>\d+)\.?[mf]`,
		`(?:forti[a-z]+ )?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<patch>\d+)(?:[, -]| ?, )build ?(?P<build>\d+)(?:,\d+)?(?: ?\([a-z0-9. ]*\))?`,
	),
	text: func(k key, stated int) string {
		if stated < 4 {
			return k.dotted(0, stated)
		}
		return fmt.Sprintf("%s-build%d", k.dotted(0, 3), k[3])
	},
}

// asa is major.minor(maintenance)interim, also with dots for the brackets. Firepower
// Threat Defense adds a build: 7.2.5-208.
var asa = grammar{
	example:    "9.16(4)57 or 9.16.4.57",
	components: []string{"major", "minor", "maintenance", "interim", "build"},
	identity:   4,
	shown:      2,
	patterns: patterns(
		`(?:asa |ftd )?v?`+dots("major", "minor", "maintenance", "interim")+`(?:-(?P<build>\d+))?`,
		`(?:asa |ftd )?v?(?P<major>\d+)\.(?P<minor>\d+)\((?P<maintenance>\d+)\)(?P<interim>\d+)?`,
		`(?:asa |ftd )?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)\((?P<interim>\d+)\)`,
	),
	settle: func(r *reading) error {
		if r.groups["build"] != "" && r.groups["maintenance"] == "" {
			return errors.New("a build needs the three numbers before it")
		}
		return nil
	},
	text: func(k key, stated int) string {
		if stated < 5 {
			return k.dotted(0, stated)
		}
		return fmt.Sprintf("%s-%d", k.dotted(0, k.usedOf(4, 3)), k[4])
	},
}

// bigip is a release of four numbers and a build of three: 15.1.10.4-0.0.8. Releases
// before 12 and some .0 releases are also written as one row of six numbers, three
// of the release and three of the build: 11.5.4.0.0.256. Seven are four and three. The
// file of an engineering hotfix is named either way.
var bigip = grammar{
	example:    "17.1.1.4 or 15.1.10.4-0.0.8",
	components: []string{"major", "minor", "maintenance", "point", "hotfix", "build", "engineering"},
	identity:   4,
	shown:      3,
	patterns: patterns(
		`(?:big-ip )?v?`+dots("major", "minor", "maintenance", "point"),
		`(?:big-ip )?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)(?:\.(?P<point>\d+))?(?:-| build )`+dots("hotfix", "build", "engineering"),
		`(?:hotfix-bigip-)?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)\.(?P<hotfix>\d+)\.(?P<build>\d+)\.(?P<engineering>\d+)(?:-eng(?:\.iso)?)?`,
		`(?:hotfix-bigip-)?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)\.(?P<point>\d+)\.(?P<hotfix>\d+)\.(?P<build>\d+)\.(?P<engineering>\d+)(?:-eng(?:\.iso)?)?`,
	),
	text: func(k key, stated int) string {
		if stated < 5 {
			return k.dotted(0, stated)
		}
		return k.dotted(0, k.usedOf(4, 3)) + "-" + k.dotted(4, stated)
	},
}

// arrayos is four numbers: ArrayOS AG 9.4.0.481.
var arrayos = grammar{
	example:    "9.4.0.481",
	components: []string{"major", "minor", "maintenance", "build"},
	identity:   4,
	shown:      2,
	patterns:   patterns(`(?:arrayos )?(?:ag )?v?` + dots("major", "minor", "maintenance", "build")),
	text:       func(k key, stated int) string { return k.dotted(0, stated) },
}

// fatpipe is three numbers, r and a revision, p and a patch: 10.1.2r60p92.
var fatpipe = grammar{
	example:    "10.1.2r60p92",
	components: []string{"major", "minor", "maintenance", "revision", "patch"},
	identity:   3,
	shown:      2,
	patterns:   patterns(`v?`+dots("major", "minor", "maintenance"), `v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)r(?P<revision>\d+)(?:p(?P<patch>\d+))?`),
	text: func(k key, stated int) string {
		if stated < 4 {
			return k.dotted(0, stated)
		}
		text := k.dotted(0, 3) + "r" + k.dotted(3, 4)
		if stated == 5 {
			text += "p" + k.dotted(4, 5)
		}
		return text
	},
}
