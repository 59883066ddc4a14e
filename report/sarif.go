package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"postern/report/internal/sarif"
	"postern/scanner/finding"
)

// sarifWriter collects, because rules and notifications stand before the results and
// only the worst results are kept when there are too many. What it holds does not grow
// with the list: about 1.4 KB for each of at most 25,000 results, and notifications.
type sarifWriter struct {
	out     *stream
	header  finding.Header
	opts    Options
	packed  int // most bytes of the packed file
	kept    kept
	notices notices
}

func newSARIF(out *stream, h finding.Header, opts Options) *sarifWriter {
	return &sarifWriter{out: out, header: h, opts: opts, packed: maxSARIFPacked, kept: newKept(), notices: newNotices()}
}

// Write turns what a result proves into SARIF results and what it leaves open into
// notifications:
//
//   - affected: a result.
//   - possible, and the version was read: a result of the rule ID/possible, at level note.
//   - possible because the version could not be read: one notification for the product.
//   - either of an earlier scan and not judged again: the same result as then, so that no
//     service closes its alert; the message says when it was last seen.
//   - accepted: a notification, or if asked for, a result with a suppression.
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
		if c.finding.Accepted != nil && !w.opts.MarkAccepted {
			w.notices.accepted(r, c)
			continue
		}
		id := c.ruleID()
		hash := fingerprint(r.Target, id)
		if err := w.kept.add(id, hash, c.weight(), w.result(r, c, hash), c.rule); err != nil {
			return err
		}
	}
	return nil
}

// result is a claim as a result of this run.
func (w *sarifWriter) result(r finding.Result, c claim, hash string) sarif.Result {
	one := c.result(r, hash)
	if w.header.Baseline != nil {
		one.BaselineState = baselineState(c.finding.Change)
	}
	if w.opts.MarkAccepted {
		one.Suppressions = suppressions(c.finding.Accepted)
	}
	return one
}

// baselineState is how SARIF says what became of a finding. One that was not judged again
// is as it was; the standard has no other word for it.
func baselineState(s finding.Status) string {
	if s == finding.Unchanged || s == finding.NotEvaluated {
		return sarif.Unchanged
	}
	return sarif.New
}

// suppressions says that a risk is accepted, in at most one entry.
func suppressions(a *finding.Acceptance) []sarif.Suppression {
	if a == nil {
		return []sarif.Suppression{}
	}
	return []sarif.Suppression{{Kind: sarif.External, Status: sarif.Accepted, Justification: acceptance(a)}}
}

// acceptance says in a sentence who accepted a risk, until when and why.
func acceptance(a *finding.Acceptance) string {
	text := "Accepted by " + prose(a.Owner, 100) + " until " + prose(a.Expires, 40) + ": " + prose(a.Reason, 600)
	if a.Justification != "" {
		text += " (" + prose(a.Justification, 100) + ")"
	}
	return sentence(text)
}

// Close writes the file; there is one also when nothing was found.
func (w *sarifWriter) Close(s finding.Summary) error {
	if w.out.err != nil {
		return w.out.err
	}
	w.notices.close(w.header, s)
	head, err := w.run(s, []json.RawMessage{})
	if err != nil {
		return err
	}
	if err := w.kept.fit(head, w.packed); err != nil {
		return err
	}
	if n := w.kept.dropped(); n > 0 {
		text := leftOut(n, w.kept.limit)
		w.notices.must(resultsLeftOut, text)
		w.opts.notice("sarif: " + text)
	}
	results, rules := w.kept.inOrder()
	if head, err = w.run(s, rules); err != nil {
		return err
	}
	gap := bytes.LastIndex(head, []byte("[]")) // the results, which come last
	if err := w.out.write(head[:gap+1]); err != nil {
		return err
	}
	separator := "\n        "
	for _, one := range results {
		index := strconv.Itoa(w.kept.rules[one.rule].index)
		if err := w.out.write([]byte(separator), bytes.TrimSuffix(one.json, []byte("0}")), []byte(index+"}")); err != nil {
			return err
		}
		separator = ",\n        "
	}
	if len(results) > 0 {
		return w.out.write([]byte("\n      "), head[gap+1:], []byte("\n"))
	}
	return w.out.write(head[gap+1:], []byte("\n"))
}

// leftOut is the sentence about results that there was no room for.
func leftOut(count, limit int) string {
	verb := " were"
	if count == 1 {
		verb = " was"
	}
	return fmt.Sprintf("%s%s left out: a run may hold at most %s and 10 MB when it is packed, and the worst were kept.", plural(count, "result"), verb, plural(limit, "result"))
}
