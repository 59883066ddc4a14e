package version

import (
	"errors"
	"fmt"
)

// Grammars in which a release has betas before it, and in one case hotfixes after
// it. The last two components are a stage and a number inside the stage; a release
// has no number, and betas and hotfixes count from 1.
const (
	stageBeta    = 0
	stageRelease = 1
	stageHotfix  = 2
)

// panos is major.minor.maintenance, with -bN before the release and -hN after it.
// Nothing is a build: 10.2.9 is the release alone, and 10.2.9-h1 another version.
var panos = grammar{
	example:    "10.2.9-h1",
	components: []string{"major", "minor", "maintenance", "stage", "number"},
	identity:   5,
	shown:      3,
	patterns: patterns(
		`(?:pan-?os )?v?`+dots("major", "minor", "maintenance"),
		`(?:pan-?os )?v?(?P<major>\d+)\.(?P<minor>\d+)\.(?P<maintenance>\d+)-(?P<stage>[bh])(?P<number>\d+)`,
	),
	words:  map[string]int32{"b": stageBeta, "h": stageHotfix},
	settle: settleStage,
	text: func(k key, stated int) string {
		return k.dotted(0, min(stated, 3)) + stageText(k, "-b%d", "-h%d")
	},
	real: func(k key) (key, bool) { return realStage(k, stageHotfix) },
}

// zld is major.minor and a patch, the number after the model letters: V5.36(ABUJ.2)
// is 5.36 Patch 2. The letters are the model's, so they are left out of the order.
// The minor number always has two digits. A b suffix is a beta, before the patch
// that it leads to.
var zld = grammar{
	example:    "V5.38(ABZH.0) or 5.36 Patch 2",
	components: []string{"major", "minor", "patch", "stage", "number"},
	identity:   5,
	shown:      2,
	patterns: patterns(
		`v?(?P<major>\d+)(?:\.(?P<minor>\d\d)(?:(?P<stage>b)(?P<number>\d+))?)?`,
		`v?(?P<major>\d+)\.(?P<minor>\d\d)(?:\.| ?\([a-z]+\.)(?P<patch>\d+)\)?(?:(?P<stage>b)(?P<number>\d+))?`,
		`v?(?P<major>\d+)\.(?P<minor>\d\d)[- ]?patch ?(?P<patch>\d+)(?:(?P<stage>b)(?P<number>\d+))?`,
	),
	words:  map[string]int32{"b": stageBeta},
	settle: settleStage,
	text: func(k key, stated int) string {
		text := k.dotted(0, 1)
		if stated > 1 {
			text += fmt.Sprintf(".%02d", k[1])
		}
		if stated > 2 && (stated == 3 || k[2] != 0) {
			text += fmt.Sprintf("-Patch%d", k[2])
		}
		return text + stageText(k, "b%d", "")
	},
	real: func(k key) (key, bool) {
		if k[1] > 99 { // two digits and no more
			k = key{k[0] + 1}
		}
		return realStage(k, stageRelease)
	},
}

func settleStage(r *reading) error {
	if r.groups["stage"] == "" {
		r.key[3] = stageRelease
		return nil
	}
	if r.key[4] == 0 {
		return errors.New("betas and hotfixes count from 1")
	}
	return nil
}

func stageText(k key, betaForm, hotfixForm string) string {
	switch k[3] {
	case stageBeta:
		return fmt.Sprintf(betaForm, k[4])
	case stageHotfix:
		return fmt.Sprintf(hotfixForm, k[4])
	}
	return ""
}

// realStage steps over the keys that no version has: beta and hotfix 0, a release
// with a number, and stages after the last.
func realStage(k key, last int32) (key, bool) {
	if k[3] == stageRelease && k[4] > 0 {
		k[3], k[4] = stageRelease+1, 0
	}
	if k[3] > last {
		n, ok := k.next(3)
		if !ok {
			return key{}, false
		}
		k = n
	}
	if k[3] != stageRelease && k[4] == 0 {
		k[4] = 1
	}
	return k, true
}

// draytek is up to four numbers, with _Beta behind what was published before the release
// of the same numbers: 1.4.4_Beta, 3.9.8.8. The model says what a number means.
var draytek = grammar{
	example:    "4.3.2.7 or 1.4.4_Beta",
	components: []string{"c1", "c2", "c3", "c4", "release"},
	identity:   5,
	shown:      2,
	patterns: patterns(
		`v?`+dots("c1", "c2", "c3", "c4"),
		`v?(?P<c1>\d+)\.(?P<c2>\d+)(?:\.(?P<c3>\d+)(?:\.(?P<c4>\d+))?)?[_ -](?P<release>beta)`,
	),
	words: map[string]int32{"beta": stageBeta},
	settle: func(r *reading) error {
		if r.groups["release"] == "" {
			r.key[4] = stageRelease
		}
		return nil
	},
	text: func(k key, stated int) string {
		if k[4] == stageBeta {
			return k.dotted(0, k.usedOf(4, 2)) + "_Beta"
		}
		if stated > 4 { // the stage, which a release does not write
			stated = k.usedOf(4, 2)
		}
		return k.dotted(0, stated)
	},
	real: func(k key) (key, bool) {
		if k[4] > stageRelease {
			return k.next(4)
		}
		return k, true
	},
}
