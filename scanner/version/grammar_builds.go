package version

// Grammars in which a release is numbers with dots, and another number with a mark of
// its own follows.

// build is up to four numbers and a build behind a dash: 9.4.5-8573, 4.41-9782-beta,
// 4.43 build 9799. A text may leave the build unstated. The word behind it grades a
// build, it does not order it.
var build = grammar{
	example:    "9.4.5-8573",
	components: []string{"c1", "c2", "c3", "c4", "build"},
	identity:   4,
	shown:      2,
	patterns:   patterns(`v?` + dots("c1", "c2", "c3", "c4") + `(?:(?:-| build )(?P<build>\d+)(?:-beta|-rtm)?)?`),
	text: func(k key, stated int) string {
		if stated < 5 {
			return k.dotted(0, stated)
		}
		return k.dotted(0, k.usedOf(4, 2)) + "-" + k.dotted(4, 5)
	},
}

// opnsense is year.month, a release and a hotfix: 24.1.10_8. Nothing is a build: 24.1.10
// is the release alone.
var opnsense = grammar{
	example:    "24.1.10 or 24.1.10_8",
	components: []string{"year", "month", "release", "hotfix"},
	identity:   4,
	shown:      2,
	patterns: patterns(
		`(?:opnsense )?v?`+dots("year", "month", "release"),
		`(?:opnsense )?v?(?P<year>\d+)\.(?P<month>\d+)(?:\.(?P<release>\d+))?_(?P<hotfix>\d+)`,
	),
	text: func(k key, stated int) string {
		if stated < 4 {
			return k.dotted(0, stated)
		}
		return k.dotted(0, k.usedOf(3, 2)) + "_" + k.dotted(3, 4)
	},
}
