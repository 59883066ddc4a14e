package importer

import (
	"regexp"
	"strconv"

	"postern/scanner/version"
)

var number = regexp.MustCompile(`\d+`)

func plusOne(digits string) string {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return digits // larger than any version number, which Parse refuses
	}
	return strconv.Itoa(n + 1)
}

// around lists versions that lie close to v on either side, made by adding to and
// taking from its numbers, the last one first, and by another number behind them.
func around(v version.Version) []version.Version {
	text := v.String()
	at := number.FindAllStringIndex(text, -1)
	var list []version.Version
	for i := len(at) - 1; i >= 0; i-- {
		lo, hi := at[i][0], at[i][1]
		n, err := strconv.Atoi(text[lo:hi])
		if err != nil {
			continue
		}
		for _, by := range []int{-1, +1} {
			digits := strconv.Itoa(n + by)
			for len(digits) < hi-lo && n+by >= 0 {
				digits = "0" + digits // 12.4.3-02853
			}
			if w, err := v.Scheme().Parse(text[:lo] + digits + text[hi:]); n+by >= 0 && err == nil {
				list = append(list, w)
			}
		}
		// Without what follows the number: 10.2.9 beside 10.2.9-h1.
		if w, err := v.Scheme().Parse(text[:hi]); hi < len(text) && err == nil {
			list = append(list, w)
		}
	}
	if w, err := v.Scheme().Parse(text + ".1"); err == nil {
		list = append(list, w)
	}
	return list
}
