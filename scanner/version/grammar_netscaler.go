package version

import "errors"

// netscaler is a line, major.minor and a build of two numbers: 13.1-49.15. FIPS and
// NDcPP releases are a line of their own with their own numbers, in which a fix is a
// lower number than the same fix in the standard line: CVE-2023-3519 is fixed in
// 13.1-49.13 and in 13.1-FIPS 37.159. Records give both certifications the same fixed
// builds, so they share the line.
var netscaler = grammar{
	example:    "13.1-49.15 or 13.1-FIPS-37.164",
	components: []string{"line", "major", "minor", "build", "sub"},
	identity:   5,
	shown:      3,
	lined:      true,
	patterns: patterns(
		nsName+`(?P<major>\d+)`,
		nsName+nsBranch+`(?:`+nsBuild+`(?:\.nc)?)?`,
		nsName+nsBranch+`[- ]`+nsLine+`(?:`+nsBuild+`(?:\.nc)?)?`,
		nsName+nsBranch+nsBuild+`[-. ]`+nsLine,
	),
	words:  map[string]int32{"fips": nsFIPS, "ndcpp": nsFIPS, "fips and ndcpp": nsFIPS, "fips/ndcpp": nsFIPS},
	settle: settleNetScaler,
	text: func(k key, stated int) string {
		text := k.dotted(1, min(stated, 3))
		if k[0] == nsFIPS {
			text += "-FIPS"
		}
		if stated == 4 && k[0] == 0 && nsShared(k) {
			stated = 5
		}
		if stated > 3 {
			text += "-" + k.dotted(3, stated)
		}
		return text
	},
	real: func(k key) (key, bool) {
		if k[0] > nsFIPS {
			return key{}, false
		}
		if k[0] == 0 && nsOnlyFIPS(k) {
			return k.next(4)
		}
		return k, true
	},
}

const (
	nsFIPS = 1 // line 0 is the standard one

	nsName   = `(?:netscaler )?(?:ns)?`
	nsBranch = `(?P<major>\d+)\.(?P<minor>\d+)`
	nsLine   = `(?P<line>fips and ndcpp|fips/ndcpp|fips|ndcpp)`
	nsBuild  = `(?:[-. ]|:? build )(?P<build>\d+)(?:\.(?P<sub>\d+))?`
)

func settleNetScaler(r *reading) error {
	switch {
	case r.key[0] == nsFIPS:
		return nil
	case nsOnlyFIPS(r.key):
		r.key[0] = nsFIPS
	case r.stated == 4 && nsShared(r.key):
		return errors.New("this is a standard build and the FIPS branch; write all of the build, or -FIPS")
	}
	return nil
}

// nsOnlyFIPS reports a build that exists in the FIPS and NDcPP line alone, which
// devices and records also print without saying so: 13.1-37.N and 12.1-55.N with N of
// 100 or more. Smaller ones, such as 13.1-37.38 and 12.1-55.24, are standard builds.
// Source: the versions of github:fox-it/citrix-netscaler-triage @ 7a4b2be2f943 and the
// FIPS and NDcPP rows of CVE-2023-3519, CVE-2025-6543 and CVE-2025-7775.
func nsOnlyFIPS(k key) bool {
	return k[4] >= 100 && nsShared(k)
}

// nsShared reports a build number that both lines have.
func nsShared(k key) bool {
	return k[1] == 13 && k[2] == 1 && k[3] == 37 || k[1] == 12 && k[2] == 1 && k[3] == 55
}
