package version

import (
	"fmt"
	"strings"
)

// Letters count like the columns of a spreadsheet: none is 0, a is 1, z is 26, aa is 27.
// Every number is some letters, so there is always a next one.
const alphabet = 26

// settleLetters puts captured letters into the components that stand for them.
func settleLetters(r *reading, components map[string]int) error {
	for group, at := range components {
		n := int64(0)
		for _, c := range strings.ToLower(r.groups[group]) {
			n = n*alphabet + int64(c-'a') + 1
			if n > int64(maxNumber) {
				return fmt.Errorf("%.20q is longer than the letters of any version", r.groups[group])
			}
		}
		r.key[at] = int32(n)
	}
	return nil
}

// lower writes a component as letters.
func lower(n int32) string {
	var text []byte
	for ; n > 0; n = (n - 1) / alphabet {
		text = append([]byte{byte('a' + (n-1)%alphabet)}, text...)
	}
	return string(text)
}

func upper(n int32) string { return strings.ToUpper(lower(n)) }
