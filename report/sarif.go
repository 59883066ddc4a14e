package report

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"postern/report/internal/sarif"
	"postern/scanner/finding"
)

// What a SARIF file may hold. Code-scanning services refuse a whole run with more
// results; notifications have no stated limit, and nobody reads the second thousand.
const (
	maxSARIFResults       = 25_000
	maxSARIFNotifications = 1_000 // of each kind
)

// sarifWriter collects, because rules and notifications stand before the results and
// only the worst results are kept when there are too many.
type sarifWriter struct {
	out     *stream
	header  finding.Header
	limit   int // results
	kept    worst
	fired   int // results, kept or not
	rules   []sarif.Rule
	index   map[string]int // of a rule in rules, by id
	notices notices
}

func newSARIF(out *stream, h finding.Header) *sarifWriter {
	return &sarifWriter{out: out, header: h, limit: maxSARIFResults, index: map[string]int{}, notices: newNotices()}
}

// Write turns what a result proves into SARIF results and what it leaves open into
// notifications:
//
//   - affected: a result.
//   - possible, and the version was read: a result of the rule ID/possible, at level note.
//   - possible because the version could not be read: one notification for the product.
//   - unreachable and interrupted: a notification.
//
// A maybe has a rule of its own because severity belongs to the rule: as a result of
// the same rule it would be shown as critical as the real thing.
func (w *sarifWriter) Write(r finding.Result) error {
	if w.out.err != nil {
		return w.out.err
	}
	w.notices.add(r)
	for _, c := range claims(r) {
		if err := w.keep(r, c); err != nil {
			return err
		}
	}
	return nil
}

// keep stores one result, and drops the least of all when there are too many.
func (w *sarifWriter) keep(r finding.Result, c claim) error {
	id := c.ruleID()
	index, known := w.index[id]
	if !known {
		index = len(w.rules)
		w.index[id] = index
		w.rules = append(w.rules, c.rule())
	}
	b, err := json.Marshal(c.result(r, index))
	if err != nil {
		return err
	}
	heap.Push(&w.kept, weighed{json: escapeJSON(b), weight: c.weight(), number: w.fired})
	w.fired++
	if len(w.kept) > w.limit {
		heap.Pop(&w.kept)
	}
	return nil
}

// Close writes the file; there is one also when nothing was found.
func (w *sarifWriter) Close(s finding.Summary) error {
	if w.out.err != nil {
		return w.out.err
	}
	w.notices.close(s, w.fired-len(w.kept), w.limit)
	log := sarif.Log{Schema: sarif.Schema, Version: sarif.Version, Runs: []sarif.Run{{
		Tool:              sarif.Tool{Driver: w.driver()},
		AutomationDetails: sarif.AutomationDetails{ID: runID(w.header)},
		Invocations:       []sarif.Invocation{w.invocation(s)},
		ColumnKind:        sarif.CodePoints,
		Properties: sarif.RunProperties{
			RulesDigest: plain(w.header.Rules.Digest, 100), RulesDate: plain(w.header.Rules.Date, 40),
			Targets: s.Targets, Results: s.Results, Identified: s.Identified, Unidentified: s.Unidentified,
			Unreachable: s.Unreachable, Interrupted: s.Interrupted, Coverage: finite(s.Coverage),
		},
		Results: []json.RawMessage{},
	}}}
	b, err := json.MarshalIndent(log, "", "  ")
	if err != nil {
		return err
	}
	b = escapeJSON(b)
	gap := bytes.LastIndex(b, []byte("[]")) // the results, which come last
	if err := w.out.write(b[:gap+1]); err != nil {
		return err
	}
	slices.SortFunc(w.kept, func(a, b weighed) int { return cmp.Compare(a.number, b.number) })
	separator := "\n        "
	for _, result := range w.kept {
		if err := w.out.write(append([]byte(separator), result.json...)); err != nil {
			return err
		}
		separator = ",\n        "
	}
	if len(w.kept) > 0 {
		return w.out.write([]byte("\n      "), b[gap+1:], []byte("\n"))
	}
	return w.out.write(b[gap+1:], []byte("\n"))
}

func (w *sarifWriter) invocation(s finding.Summary) sarif.Invocation {
	i := sarif.Invocation{
		ExecutionSuccessful:        s.Complete,
		ExitCode:                   s.ExitStatus,
		ToolExecutionNotifications: w.notices.list,
	}
	if start := writableTime(w.header.Started); !start.IsZero() {
		i.StartTimeUTC = start.Format(time.RFC3339)
		if end := writableTime(s.Ended); !end.Before(start) { // a zero end is before
			i.EndTimeUTC = end.Format(time.RFC3339)
		}
	}
	return i
}

// weighed is an encoded result, and how much it matters.
type weighed struct {
	json   []byte
	weight int
	number int // in the order of the results
}

// worst is a heap with the least important result on top; of equals the later one.
type worst []weighed

func (h worst) Len() int      { return len(h) }
func (h worst) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h worst) Less(i, j int) bool {
	if h[i].weight != h[j].weight {
		return h[i].weight < h[j].weight
	}
	return h[i].number > h[j].number
}

// Push adds a result, for container/heap.
func (h *worst) Push(x any) { *h = append(*h, x.(weighed)) }

// Pop removes the last result, for container/heap.
func (h *worst) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = weighed{} // lets the bytes go
	*h = (*h)[:len(*h)-1]
	return last
}

// leftOut is the sentence about results that did not fit.
func leftOut(count, limit int) string {
	return fmt.Sprintf("%s were left out: a run may hold at most %d, and the worst were kept.", plural(count, "result"), limit)
}
