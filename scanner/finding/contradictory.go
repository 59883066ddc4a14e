package finding

import (
	"fmt"
	"slices"
	"strings"
)

// ReasonContradictory is why an endpoint is unidentified that shows the marks of too many
// vendors; see [ManyVendors].
const ReasonContradictory = "contradictory"

// maxMarks is how many products a sentence names.
const maxMarks = 8

// ManyVendors is the finding about an endpoint that shows the marks of these products,
// of so many vendors that it is none of them.
func ManyVendors(products []string, vendors int) Finding {
	names := slices.Sorted(slices.Values(products))
	more := ""
	if n := len(names) - maxMarks; n > 0 {
		names, more = names[:maxMarks], fmt.Sprintf(" and %d more", n)
	}
	return Finding{
		Advisory: "POSTERN-CONTRADICTORY", Kind: Contradiction, Verdict: Possible, Severity: "low",
		Title:       "The endpoint shows the marks of several vendors",
		Reason:      fmt.Sprintf("it shows the marks of products of %d vendors, and so is taken for none of them: %s%s", vendors, strings.Join(names, ", "), more),
		Remediation: "Find out what answers there: a trap, a test page, or one address in front of many gateways, which are then scanned one by one.",
	}
}
