package version

// junos is major.minor, R and a release, S and a service release, and the spin that a
// device adds: 21.4R3-S5.4, 22.4R2-S1.2. An X release such as 15.1X49-D211 is a line
// of its own that was cut from a train; it is ordered after every R release of that
// train, and D stands where S stands. A train alone, 21.4, is the place before its
// first release.
var junos = grammar{
	example:    "21.4R3-S5 or 15.1X49-D211",
	components: []string{"major", "minor", "kind", "release", "service", "spin"},
	identity:   5,
	shown:      2,
	patterns: patterns(
		`(?:junos:? )?`+dots("major", "minor"),
		`(?:junos:? )?(?P<major>\d+)\.(?P<minor>\d+)(?P<kind>r)(?P<release>\d+)(?:-s(?P<service>\d+))?(?:\.(?P<spin>\d+))?`,
		`(?:junos:? )?(?P<major>\d+)\.(?P<minor>\d+)(?P<kind>x)(?P<release>\d+)(?:-d(?P<service>\d+))?(?:\.(?P<spin>\d+))?`,
	),
	words: map[string]int32{"r": junosR, "x": junosX},
	text: func(k key, stated int) string {
		if stated < 3 {
			return k.dotted(0, stated)
		}
		kind, service := "R", "-S"
		if k[2] == junosX {
			kind, service = "X", "-D"
		}
		text := k.dotted(0, 2) + kind + k.dotted(3, 4)
		if stated == 5 || k[4] != 0 {
			text += service + k.dotted(4, 5)
		}
		if stated == 6 {
			text += "." + k.dotted(5, 6)
		}
		return text
	},
	real: func(k key) (key, bool) {
		if k[2] > junosX {
			return k.next(2)
		}
		return k, true
	},
}

// The kinds of Junos releases inside a train.
const (
	junosR = 0
	junosX = 1
)
