package version

import "fmt"

// Stages of a RouterOS release: betas and release candidates come before it and count
// from 1, the release itself has no number.
const (
	routerosBeta    = 0
	routerosRC      = 1
	routerosRelease = 2
)

// routeros is major.minor and a patch, with betaN and rcN before the release: 7.1beta6,
// 7.1rc3, 7.1, 7.1.1. The channel that may follow in brackets, such as (long-term), does
// not order it.
var routeros = grammar{
	example:    "6.48.6 or 6.42rc27",
	components: []string{"major", "minor", "patch", "stage", "number"},
	identity:   5,
	shown:      2,
	patterns: patterns(
		`(?:routeros )?v?`+dots("major", "minor", "patch")+`(?: ?\([a-z-]+\))?`,
		`(?:routeros )?v?(?P<major>\d+)\.(?P<minor>\d+)(?:\.(?P<patch>\d+))?(?P<stage>beta|rc)(?P<number>\d+)(?: ?\([a-z-]+\))?`,
	),
	words: map[string]int32{"beta": routerosBeta, "rc": routerosRC},
	settle: func(r *reading) error {
		if r.groups["stage"] == "" {
			r.key[3] = routerosRelease
			return nil
		}
		if r.key[4] == 0 {
			return fmt.Errorf("%s counts from 1", r.groups["stage"])
		}
		return nil
	},
	text: func(k key, stated int) string {
		shown := min(stated, 3)
		if stated > 3 && k[2] == 0 {
			shown = 2
		}
		text := k.dotted(0, shown)
		switch k[3] {
		case routerosBeta:
			return fmt.Sprintf("%sbeta%d", text, k[4])
		case routerosRC:
			return fmt.Sprintf("%src%d", text, k[4])
		}
		return text
	},
	real: realRouterOS,
}

// realRouterOS steps over the keys that no version has: beta and rc 0, a release with a
// number, and stages after the release.
func realRouterOS(k key) (key, bool) {
	if k[3] > routerosRelease || k[3] == routerosRelease && k[4] > 0 {
		n, ok := k.next(3)
		if !ok {
			return key{}, false
		}
		k = n
	}
	if k[3] != routerosRelease && k[4] == 0 {
		k[4] = 1
	}
	return k, true
}
