package scanner

import (
	"fmt"
	"strings"

	"postern/scanner/finding"
)

// explain tells about a decision on a target, to whoever wants to know.
func (r *scan) explain(t Target, format string, args ...any) {
	if r.opts.Explain != nil {
		r.opts.Explain(display(t), fmt.Sprintf(format, args...))
	}
}

// explainAnswer tells what became of the last question.
func (r *scan) explainAnswer(t Target, v *visit) {
	if r.opts.Explain == nil {
		return
	}
	x := v.seen.Exchanges[len(v.seen.Exchanges)-1]
	if x.Failure != nil {
		r.explain(t, "%s: %s: %s", x.Request.Key(), x.Failure.Kind, x.Failure.Detail)
		return
	}
	text := fmt.Sprintf("answers %d with %d bytes", x.Response.Status, len(x.Response.Body))
	if x.Response.Truncated {
		text += " and goes on"
	}
	r.explain(t, "%s: %s", x.Request.Key(), text)
}

// explainEnd tells why no more is asked, and what was made of the answers.
func (r *scan) explainEnd(t Target, v *visit, why string) {
	if r.opts.Explain == nil {
		return
	}
	switch {
	case v.interrupted():
		why = "the scan was stopped"
	case why == "":
		why = fmt.Sprintf("the time for an endpoint, %s, is used up", r.opts.Timeout)
	}
	r.explain(t, "asks no more: %s", why)
	if !v.answered() {
		return
	}
	ids := v.catalog.Identify(v.seen)
	if len(ids) == 0 {
		r.explain(t, "%s: no rule that is enough to name a product holds", finding.Unidentified)
	}
	for _, id := range ids {
		var rules []string
		for _, reason := range id.Because {
			rules = append(rules, reason.Rule)
		}
		r.explain(t, "%s as %s (%s), version %s: rules %s hold", finding.Identified, id.Product, id.Confidence, id.Versions.Describe(), strings.Join(rules, ", "))
	}
}
