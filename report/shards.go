package report

import (
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// shardGaps says which parts of a merged report are missing, or were stopped before
// their end; empty for none.
func shardGaps(h finding.Header) string {
	var missing, stopped []string
	for _, s := range h.Shards {
		switch {
		case s.Summary == nil:
			missing = append(missing, fmt.Sprint(s.Index))
		case !s.Summary.Complete:
			stopped = append(stopped, fmt.Sprint(s.Index))
		}
	}
	var parts []string
	say := func(numbers []string, one, many string) {
		switch len(numbers) {
		case 0:
		case 1:
			parts = append(parts, fmt.Sprintf("shard %s of %d %s", numbers[0], len(h.Shards), one))
		default:
			parts = append(parts, fmt.Sprintf("shards %s of %d %s", enumerate(numbers), len(h.Shards), many))
		}
	}
	say(missing, "is missing", "are missing")
	say(stopped, "was stopped", "were stopped")
	return strings.Join(parts, "; ")
}

// enumerate joins as people do, and counts what is too much to read.
func enumerate(numbers []string) string {
	const most = 10
	if more := len(numbers) - most; more > 0 {
		numbers = append(slices.Clone(numbers[:most]), fmt.Sprintf("%d more", more))
	}
	last := len(numbers) - 1
	return strings.Join(numbers[:last], ", ") + " and " + numbers[last]
}

// gaps says that a report is not complete, and why; empty for one that is.
func gaps(h finding.Header, s finding.Summary) string {
	if s.Complete && shardGaps(h) == "" {
		return ""
	}
	return incompleteWhy(h, "The scan is incomplete: what is not listed was not judged.")
}

// incompleteWhy is what formats say of a report that is not complete: why, where parts of
// it are missing, and otherwise as they put it.
func incompleteWhy(h finding.Header, otherwise string) string {
	if missing := shardGaps(h); missing != "" {
		return "The scan is incomplete: " + missing + "; what was not asked is not clean."
	}
	return otherwise
}
