package cli

import (
	"postern/scanner/finding"
)

// tally takes the results of a run: it compares each with the baseline, marks what is
// accepted, counts it, holds it against the gate and writes it.
type tally struct {
	baseline baselinePlan
	accepted *finding.Acceptances // nil: what results say of that stays
	whole    bool                 // the targets are those of a list
	gate     gate
	out      *outputs

	summary finding.Summary
	crossed bool
}

// add takes one result, in order.
func (t *tally) add(r finding.Result) error {
	r = t.accepted.Apply(r) // whose end makes a finding new
	return t.takeAll(t.baseline.compare.Apply(r))
}

// end takes what is left after the last result. It sets what is known of the comparison,
// which depends on whether the run is complete.
func (t *tally) end(complete bool) error {
	err := t.takeAll(t.baseline.compare.Rest())
	t.summary.Complete = complete && err == nil && t.summary.Interrupted == 0
	t.summary.Compare(t.baseline.compare)
	t.summary.Acceptances = t.accepted.Idle(t.summary.Complete, t.whole)
	return err
}

func (t *tally) takeAll(results []finding.Result) error {
	for _, r := range results {
		r = t.accepted.Apply(r) // what is carried too
		t.summary.Add(r)
		t.crossed = t.crossed || t.gate.crossedBy(r)
		if err := t.out.write(r); err != nil {
			return err
		}
	}
	return nil
}
