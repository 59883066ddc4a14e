package version

import (
	"errors"
	"fmt"
)

// sfos is major.minor, a maintenance release and a build. MR-n says the third number
// once more or instead, and GA that it is 0: 17.5.4 MR-4, 19.5 MR3, 17.5.13.692,
// 20.0.2 MR-2-Build378.
var sfos = grammar{
	example:    "19.5 MR3 or 17.5.13.692",
	components: []string{"major", "minor", "maintenance", "build"},
	identity:   3,
	shown:      3,
	patterns: patterns(
		`(?:sfos )?v?` + dots("major", "minor", "maintenance", "build") +
			`(?:[- ]?(?:mr[- ]?(?P<mr>\d+)|(?P<ga>ga)))?(?:[- ]build ?(?P<b>\d+))?(?: \((?P<full>\d+\.\d+\.\d+)\))?`,
	),
	settle: settleSFOS,
	text:   func(k key, stated int) string { return k.dotted(0, stated) },
}

func settleSFOS(r *reading) error {
	if r.groups["mr"] != "" || r.groups["ga"] != "" {
		mr, err := number("0" + r.groups["mr"])
		if err != nil {
			return err
		}
		switch {
		case r.stated < 2:
			return errors.New("a maintenance release needs the two numbers before it")
		case r.stated > 2 && r.key[2] != mr:
			return fmt.Errorf("the third number is %d but the maintenance release %d", r.key[2], mr)
		}
		r.key[2], r.stated = mr, max(r.stated, 3)
	}
	if b := r.groups["b"]; b != "" {
		build, err := number(b)
		if err != nil {
			return err
		}
		if r.stated != 3 {
			return errors.New("a build needs the three numbers before it, and is stated once")
		}
		r.key[3], r.stated = build, 4
	}
	if full := r.groups["full"]; full != "" && full != r.key.dotted(0, 3) {
		return fmt.Errorf("the number in brackets is not %s", r.key.dotted(0, 3))
	}
	return nil
}
