package finding

import (
	"cmp"
	"slices"
)

// Absent returns a result for every endpoint of the earlier scan that no result so far was
// about and of which something was found, in the order of the earlier list. It is for a later
// scan of which a part is missing: whether these endpoints are still in the list is not known,
// and what was found there must not go missing with the part. They count as interrupted;
// detail says why, and file is the list. Call it after the last result, before
// [Comparison.End].
func (c *Comparison) Absent(file, detail string) []Result {
	if c == nil {
		return nil
	}
	var unmet []*remembered
	for _, old := range c.targets {
		if !old.met {
			unmet = append(unmet, old)
		}
	}
	slices.SortFunc(unmet, func(a, b *remembered) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.target, b.target), cmp.Compare(a.text, b.text))
	})
	var results []Result
	for _, old := range unmet {
		r := Result{Target: old.target, Outcome: Interrupted, Detail: detail, Input: Input{Text: old.text, Line: old.line, Owner: old.owner}}
		if old.line > 0 {
			r.Input.File = file
		}
		if marked := c.mark(r, old); marked.Earlier != nil {
			results = append(results, marked)
		}
	}
	return results
}
