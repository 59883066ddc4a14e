package importer

import (
	"regexp"
	"strings"
	"sync"
)

// Versions and ranges in running text, as SonicWall, Zyxel, Check Point, Sophos, F5 and
// older Fortinet records have them: "5.9.2.14-12o and older versions", "versions V5.00
// through V5.38", "16.0.x before 16.0.1.1", "FortiOS 6.0.2, 5.6.7 and before".
const (
	oneVersion = `[vVrRmM]?\d+(?:[._+-][A-Za-z0-9]+|\(\d+[A-Za-z]*\d*\)\d*|[A-Za-z]+\d*)*` +
		`(?: (?:MR|Patch|Update|GA|FIPS|NDcPP)[- ]?\d*(?:-?Build\d+)?)?(?: \(\d+\.\d+\.\d+\))?` +
		`(?: (?:with )?Jumbo Hotfix (?:Accumulator )?Take \d+)?`
	productWord = `FortiOS[- ]?6K7K|Forti[A-Z]+[A-Za-z]*|PAN-OS|Quantum (?:Security )?Gateways?|CloudGuard Network(?: Security)?|` +
		`(?:Check Point )?(?:Quantum )?Spark(?: Gateways?| Appliances?)?|SonicOS[vx]?|BIG-IP|Junos OS Evolved|Junos OS|Access Server|ArrayOS(?: AG)?`
)

// proseForm finds a product, or one of the ways to write a range. V stands for a version.
var proseForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(` + productWord + `)\b` + strings.ReplaceAll( // group 1
		`|\b{V},?(?: versions)? (?:up to |to |and )?(?:before|prior to|earlier than|<) ?{V}`+ // 2 and 3
			`|\b{V} (?:up to|to|through|thru|until|-|–) {V}`+ // 4 and 5
			`|(?:\b(?:before|prior to|earlier than|older than|lower than)|<) ?{V}`+ // 6
			`|(?:\b(?:through|up to)|<=) ?{V}`+ // 7
			`|\b{V}(?: \([a-z -]+\))?,? (?:and|or|&) (?:all )?(?:earlier|older|below|prior|before|lower|previous)\b`+ // 8
			`|\b{V},? (?:and|or) (?:later|above|newer|higher|after)\b`+ // 9
			`|\ball (?:of )?{V}\b|\b{V} (?:all versions|\(all\)|all)\b`+ // 10 and 11
			`|\b{V}`, // 12
		"{V}", `(?:versions? )?(`+oneVersion+`)`))
})

// dashed is a range whose dash could be taken for a part of a version: 15.0.0-15.1.0.3.
var dashed = regexp.MustCompile(`\b(\d+(?:\.\d+){2,3})-(\d+(?:\.\d+){2,3})\b`)

// A mention is a claim of a text, under the product that was named before it.
type mention struct {
	product string // empty: none was named yet
	claim
}

// fillers are words between ranges that change nothing.
var fillers = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b(?:and|or|the|versions?|releases?|firmware|software|check ?point|fortinet|cisco|sophos|zyxel)\b|[\s,.;:()/]+`)
})

// fromProse finds every range of a text. The rest is what is left of it besides
// fillers: it may say something else, such as "except".
func fromProse(v versionRow) (found []mention, rest string) {
	s := dashed.ReplaceAllString(trim(v.Version), "$1 through $2")
	if openWords.MatchString(s) {
		return nil, ""
	}
	if strings.Contains(s, "..") {
		return nil, s // a slip such as "1.5..1.3" would read as two versions
	}
	product, end := "", 0
	var left strings.Builder
	for _, m := range proseForm().FindAllStringSubmatchIndex(s, -1) {
		group := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return trim(s[m[2*n]:m[2*n+1]])
		}
		between := s[end:m[0]]
		left.WriteString(between)
		end = m[1]
		if word := group(1); word != "" {
			product = word
			continue
		}
		c := claimOf(group)
		c.row, c.unaffected = v.String(), v.Status == "unaffected"
		if group(8) != "" && andEarlier(found, product, between) {
			c.doubt = quoted(c.row) + ": \"and earlier\" was taken for each version of the list."
		}
		found = append(found, mention{product, c})
	}
	left.WriteString(s[end:])
	rest = plain(fillers().ReplaceAllString(left.String(), " "))
	if len(found) == 0 {
		rest = s
	}
	return found, rest
}

// andEarlier extends "and earlier" to the version listed before: "6.0.2, 5.6.7 and
// before" is about two release lines.
func andEarlier(found []mention, product, between string) bool {
	if len(found) == 0 || plain(between) != "," {
		return false
	}
	before := &found[len(found)-1]
	if before.product != product || before.from == "" || before.from != before.last {
		return false
	}
	before.from = ""
	return true
}

func claimOf(group func(int) string) claim {
	switch {
	case group(3) != "":
		return claim{from: withoutX(group(2)), fixed: group(3)}
	case group(5) != "":
		return claim{from: withoutX(group(4)), last: group(5)}
	case group(6) != "":
		return claim{fixed: group(6)}
	case group(7) != "":
		return claim{last: group(7)}
	case group(8) != "":
		return claim{last: group(8)}
	case group(9) != "":
		return claim{from: withoutX(group(9))}
	case group(10)+group(11) != "":
		return claim{train: withoutX(group(10) + group(11))}
	}
	v := group(12)
	if train := withoutX(v); train != v {
		return claim{train: train}
	}
	return claim{from: v, last: v}
}

// withoutX is the release line that "16.1.x" stands for.
func withoutX(v string) string { return strings.TrimSuffix(strings.TrimSuffix(v, ".x"), ".X") }
