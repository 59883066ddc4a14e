package version

import (
	"errors"
	"fmt"
)

// Grammars in which letters stand between the numbers.

// ivanti is major.minor, R and a release, a patch, and a build: 22.7R2.4,
// 22.7R2.4-3597. It is used by Connect Secure, Policy Secure and ZTA gateways, and
// by the Pulse and Juniper releases before them. From 25 on releases are written as four
// plain numbers, 25.1.3.0.
var ivanti = grammar{
	example:    "22.7R2.4",
	components: []string{"major", "minor", "release", "patch", "build"},
	identity:   4,
	shown:      2,
	patterns: patterns(
		`v?`+dots("major", "minor"),
		`v?(?P<major>\d+)\.(?P<minor>\d+)r`+dots("release", "patch")+`(?:-(?P<build>\d+)|)`,
		`v?(?P<major>\d+)\.(?P<minor>\d+)r`+dots("release", "patch")+` ?\(build (?P<build>\d+)\)`,
		`v?(?P<major>\d+)\.(?P<minor>\d+)(?P<numeric>\.)(?P<release>\d+)(?:\.(?P<patch>\d+))?(?:-(?P<build>\d+))?`,
	),
	settle: func(r *reading) error {
		if r.groups["numeric"] != "" && r.key[0] < ivantiPlain {
			return errors.New("this is a ProductVersion, which leaves out the patch; its build has to be looked up")
		}
		return nil
	},
	text: func(k key, stated int) string {
		if stated < 3 {
			return k.dotted(0, stated)
		}
		text := k.dotted(0, 2) + "R" + k.dotted(2, 3)
		if k[0] >= ivantiPlain {
			text = k.dotted(0, 3)
		}
		if stated == 4 || k[3] != 0 {
			text += "." + k.dotted(3, 4)
		}
		if stated == 5 {
			text += "-" + k.dotted(4, 5)
		}
		return text
	},
}

const ivantiPlain = 25 // the first major number without R

// sangfor is M, up to three numbers, R and a release: M7.6.8R2, M6.3R1.
var sangfor = grammar{
	example:    "M7.6.8R2",
	components: []string{"major", "minor", "maintenance", "release"},
	identity:   4,
	shown:      2,
	patterns: patterns(
		`m?`+dots("major", "minor", "maintenance"),
		`m?(?P<major>\d+)\.(?P<minor>\d+)(?:\.(?P<maintenance>\d+))?r(?P<release>\d+)`,
	),
	text: func(k key, stated int) string {
		if stated < 4 {
			return "M" + k.dotted(0, stated)
		}
		numbers := 2
		if k[2] != 0 {
			numbers = 3
		}
		return "M" + k.dotted(0, numbers) + "R" + k.dotted(3, 4)
	},
}

// gaia is R, a major and a minor number, a third number on Spark appliances
// (R81.10.10), and a Jumbo Hotfix take. Every take is a refinement of the release that
// a text may leave unstated; R81.20 alone means any of them, take 0 none.
var gaia = grammar{
	example:    "R81.20 or R81.20 Jumbo Hotfix Take 26",
	components: []string{"major", "minor", "spark", "take"},
	identity:   3,
	shown:      1,
	patterns: patterns(
		`r` + dots("major", "minor", "spark") + `(?:[ ,-]*(?:with )?(?:jhf|jumbo(?: hotfix)?(?: accumulator)?|take)(?: take)? ?(?P<take>\d+))?`,
	),
	text: func(k key, stated int) string {
		if stated < 4 {
			return "R" + k.dotted(0, stated)
		}
		return fmt.Sprintf("R%s-JHF%d", k.dotted(0, k.usedOf(3, 1)), k[3])
	},
}

// fireware is three numbers, an update and a build: 12.7.2_U2, 12.5.12 Update 1.
// A build alone does not tell the update.
var fireware = grammar{
	example:    "12.11.3 or 12.5.12_U1",
	components: []string{"major", "minor", "patch", "update", "build"},
	identity:   4,
	shown:      2,
	patterns: patterns(
		`v?` + dots("major", "minor", "patch") + `(?:[_ -]?u(?:pdate)? ?(?P<update>\d+))?(?:\+(?P<build>\d+))?`,
	),
	settle: func(r *reading) error {
		if r.groups["build"] == "" || r.groups["update"] != "" {
			return nil
		}
		// CVE-2025-9242 and CVE-2025-14733 write 11.12.4_Update1 this way.
		if (r.key == key{11, 12, 4, 0, 541730}) {
			r.key[3] = 1
			return nil
		}
		return errors.New("a build does not tell the update; write it like 12.5.12_U1")
	},
	text: func(k key, stated int) string {
		if stated < 4 {
			return k.dotted(0, stated)
		}
		text := fmt.Sprintf("%s_U%d", k.dotted(0, k.usedOf(3, 2)), k[3])
		if stated == 5 {
			text += fmt.Sprintf("+%d", k[4])
		}
		return text
	},
}
