package version

import "fmt"

// sonicos is four numbers and a build. Firewalls have a plain number, with a letter of
// the generation that is left out of the order (6.5.4.15-117n, 7.0.1-5161), SonicOSv has
// three (6.5.4.4-44v-21-2457), NSsp an R number (7.0.1-R579). CVE-2022-22274 states all
// three beside each other: they do not compare. In the key the platform stands before the
// number, plain, v, R, so that numbers of two platforms never meet; a range that ends at a
// v or R build has to begin at one, such as 7.0.1-R0, to leave the other platforms out.
var sonicos = grammar{
	example:    "6.5.4.15-117n or 7.0.1-5161",
	components: []string{"major", "minor", "maintenance", "patch", "platform", "build", "sub", "number"},
	identity:   4,
	shown:      3,
	patterns: patterns(
		`(?:sonicos[vx]? )?v?`+dots("major", "minor", "maintenance", "patch"),
		`(?:sonicos[vx]? )?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)(?:\.(?P<patch>\d+))?-(?P<platform>r)?(?P<build>\d+)[no]?`,
		`(?:sonicos[vx]? )?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)(?:\.(?P<patch>\d+))?-(?P<build>\d+)(?P<platform>v)(?:-(?P<sub>\d+)(?:-(?P<number>\d+))?)?`,
	),
	words: map[string]int32{"v": sonicOSv, "r": sonicNSsp},
	text: func(k key, stated int) string {
		if stated < 5 {
			return k.dotted(0, stated)
		}
		text := k.dotted(0, k.usedOf(4, 3))
		switch k[4] {
		case sonicNSsp:
			return fmt.Sprintf("%s-R%d", text, k[5])
		case sonicOSv:
			text = fmt.Sprintf("%s-%dv", text, k[5])
			for i := 6; i < stated; i++ {
				text += fmt.Sprintf("-%d", k[i])
			}
			return text
		}
		return fmt.Sprintf("%s-%d", text, k[5])
	},
	real: func(k key) (key, bool) {
		if k[4] > sonicNSsp {
			return k.next(4)
		}
		if k[4] != sonicOSv && !k.zeroFrom(6) {
			return k.next(6)
		}
		return k, true
	},
}

// The platforms of SonicOS builds; firewalls are 0.
const (
	sonicOSv  = 1
	sonicNSsp = 2
)

// sma100 is four numbers and a build: 10.2.1.14-75sv. The alpha part of
// 10.2.0.5-d-29sv names a variant of the same release and is left out of the order.
var sma100 = grammar{
	example:    "10.2.1.14-75sv",
	components: []string{"major", "minor", "maintenance", "patch", "build"},
	identity:   4,
	shown:      4,
	patterns: patterns(
		`v?`+dots("major", "minor", "maintenance", "patch"),
		`v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)\.(?P<patch>\d+)-(?:[a-z]-)?(?P<build>\d+)(?:sv)?`,
	),
	text: func(k key, stated int) string {
		if stated < 5 {
			return k.dotted(0, stated)
		}
		return fmt.Sprintf("%s-%dsv", k.dotted(0, 4), k[4])
	},
}

// sma1000 is a platform release and a hotfix number: 12.4.3-02854.
var sma1000 = grammar{
	example:    "12.4.3-02854",
	components: []string{"major", "minor", "maintenance", "hotfix"},
	identity:   3,
	shown:      3,
	patterns: patterns(
		`v?`+dots("major", "minor", "maintenance"),
		`v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)-(?P<hotfix>\d+)`,
	),
	text: func(k key, stated int) string {
		if stated < 4 {
			return k.dotted(0, stated)
		}
		return fmt.Sprintf("%s-%05d", k.dotted(0, 3), k[3])
	},
}
