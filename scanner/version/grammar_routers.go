package version

import "fmt"

// ios is a release of a train: major.minor(maintenance), the letters of the train and a
// rebuild, with a letter of its own: 15.2(4)M7, 12.2(33)SXI4a, 12.4(25e), 15.2(4m)E1.
// Fixes reach each train on its own, so a range means something inside one train only:
// advisories list releases, or state a train as the branch, 15.2M. Nothing is a build, so
// that text is only where the train begins, and 12.4 where its first train does.
var ios = grammar{
	example:    "15.2(4)M7 or 12.4(25e)",
	components: []string{"major", "minor", "train", "maintenance", "variant", "rebuild", "respin"},
	identity:   7,
	shown:      2,
	patterns: patterns(
		`(?:cisco )?(?:ios )?(?P<major>\d+)\.(?P<minor>\d+)(?P<trainletters>[a-z]+)?`,
		`(?:cisco )?(?:ios )?(?P<major>\d+)\.(?P<minor>\d+)\((?P<maintenance>\d+)(?P<variantletter>[a-z]+)?\)(?:(?P<trainletters>[a-z]+)(?:(?P<rebuild>\d+)(?P<respinletter>[a-z]+)?)?)?`,
	),
	settle: func(r *reading) error {
		r.stated = trainStated(r, 7)
		return settleLetters(r, map[string]int{"trainletters": 2, "variantletter": 4, "respinletter": 6})
	},
	text: func(k key, stated int) string {
		text := k.dotted(0, 2)
		if stated > 3 {
			text += fmt.Sprintf("(%d%s)", k[3], lower(k[4]))
		}
		text += upper(k[2])
		if k[5] != 0 || k[6] != 0 {
			text += fmt.Sprintf("%d%s", k[5], lower(k[6]))
		}
		return text
	},
	real: func(k key) (key, bool) {
		if k[2] == 0 && !k.zeroFrom(5) { // only trains have rebuilds
			return k.next(5)
		}
		return k, true
	},
}

// iosxe is three numbers and a letter of a rebuild, 17.3.1a, or x and a letter, perhaps
// with a number of its own, 16.12.1z1. Releases before 16 belong to a train, which stands
// before the third number in the key as in ios: 3.16.4bS, 3.8.2E.
var iosxe = grammar{
	example:    "17.3.1a or 3.16.4bS",
	components: []string{"major", "minor", "train", "maintenance", "rebuild", "number"},
	identity:   6,
	shown:      2,
	patterns: patterns(
		iosXEName+`(?P<major>\d+)\.(?P<minor>\d+)(?-i:(?P<trainletters>[A-Z]+))?`,
		iosXEName+`(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)(?-i:(?P<letter>x?[a-z])(?P<number>\d+)?)?(?-i:(?P<trainletters>[A-Z]+))?`,
	),
	settle: func(r *reading) error {
		r.stated = trainStated(r, 6)
		if r.groups["trainletters"] == "" && r.key[0] < iosXEUnified {
			return fmt.Errorf("releases before %d belong to a train; write its letters behind, in capitals, as in 3.16.4bS", iosXEUnified)
		}
		return settleLetters(r, map[string]int{"trainletters": 2, "letter": 4})
	},
	text: func(k key, stated int) string {
		text := k.dotted(0, 2)
		if stated > 3 {
			text += "." + k.dotted(3, 4) + lower(k[4])
		}
		if k[5] != 0 {
			text += k.dotted(5, 6)
		}
		return text + upper(k[2])
	},
	real: func(k key) (key, bool) {
		if k[2] == 0 && k[0] < iosXEUnified {
			return key{k[0], k[1], 1}, true // the first train
		}
		switch { // one letter, or x and another
		case k[4] > iosXEDouble+alphabet:
			return k.next(4)
		case k[4] > alphabet && k[4] <= iosXEDouble:
			return key{k[0], k[1], k[2], k[3], iosXEDouble + 1}, true
		}
		if k[4] == 0 && k[5] > 0 {
			return k.next(5)
		}
		return k, true
	},
}

// trainStated is how much a text states: everything, a train, or the numbers before it.
func trainStated(r *reading, all int) int {
	switch {
	case r.groups["maintenance"] != "":
		return all
	case r.groups["trainletters"] != "":
		return 3
	}
	return 2
}

const (
	iosXEUnified = 16                         // the first release without trains
	iosXEDouble  = ('x' - 'a' + 1) * alphabet // the letters before xa
	iosXEName    = `(?:cisco )?(?:ios[- ]?xe )?v?`
)

// screenos is three numbers, r and a release, with a letter of a rebuild: 6.3.0r17,
// 6.3.0r17b.
var screenos = grammar{
	example:    "6.3.0r17b",
	components: []string{"major", "minor", "maintenance", "release", "rebuild"},
	identity:   5,
	shown:      2,
	patterns: patterns(
		`(?:screenos )?v?`+dots("major", "minor", "maintenance"),
		`(?:screenos )?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)r(?P<release>\d+)(?P<letter>[a-z]+)?`,
	),
	settle: func(r *reading) error {
		if r.groups["release"] != "" {
			r.stated = 5
		}
		return settleLetters(r, map[string]int{"letter": 4})
	},
	text: func(k key, stated int) string {
		if stated < 4 {
			return k.dotted(0, stated)
		}
		return k.dotted(0, 3) + "r" + k.dotted(3, 4) + lower(k[4])
	},
}
