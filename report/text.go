package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/scanner/finding"
)

// How many entries the lists name of what is no gateway; the rest is counted.
const (
	listUnidentified = 10
	listUnreachable  = 20
	listInterrupted  = 10
)

// textWriter writes for people: what is affected first, so it has to wait for the last
// result. It keeps what it will print of gateways, and counts everything else.
type textWriter struct {
	out     *stream
	opts    Options
	header  finding.Header
	parts   map[string]*textPart // by owner, tag or product; or only ""
	others  [3]roster            // unidentified, unreachable, interrupted
	targets targetCount
	// noted is what is said of endpoints without a product: of the first few, and of how many.
	noted      []note
	notedCount int
}

// textPart is the gateways of one owner, tag or product.
type textPart struct {
	blocks []block
	advice advice
}

func newText(out *stream, h finding.Header, opts Options) *textWriter {
	return &textWriter{out: out, opts: opts, header: h, parts: map[string]*textPart{}, others: [3]roster{
		{title: "NO GATEWAY RECOGNISED", noun: "endpoint", limit: listUnidentified},
		{title: "UNREACHABLE, NOT JUDGED", noun: "endpoint", limit: listUnreachable},
		{title: "INTERRUPTED, NOT JUDGED", noun: "target", limit: listInterrupted},
	}}
}

func (w *textWriter) Write(r finding.Result) error {
	if w.out.err != nil {
		return w.out.err
	}
	w.targets.add(r)
	switch {
	case r.Outcome == finding.Identified || len(r.Products) > 0: // declared ones too
		w.add(r, w.newBlock(r), r.Products)
	default:
		w.note(r)
	}
	if b, some := w.earlierBlock(r); some {
		w.add(r, b, earlierProducts(r))
	}
	switch r.Outcome {
	case finding.Identified:
	case finding.Unreachable:
		w.others[1].add(r)
	case finding.Interrupted:
		w.others[2].add(r)
	default:
		if len(r.Products) == 0 { // a declared one is in a list already
			w.others[0].add(r)
		}
	}
	return nil
}

// add puts a block of a result into every part that it belongs to.
func (w *textWriter) add(r finding.Result, b block, products []finding.Product) {
	for _, name := range groupsOf(w.opts.GroupBy, r) {
		part := w.parts[name]
		if part == nil {
			part = &textPart{advice: newAdvice()}
			w.parts[name] = part
		}
		part.blocks = append(part.blocks, b)
		part.advice.add(finding.Result{Products: products})
	}
}

func (w *textWriter) Close(s finding.Summary) error {
	if w.out.err != nil {
		return w.out.err
	}
	p := newPage(w.opts)
	w.head(p)
	names, all := sortedGroups(w.parts), newAdvice()
	for _, name := range names {
		part := w.parts[name]
		if w.opts.GroupBy != "" {
			p.gap()
			p.line(0, 2, styled(heading, groupTitle(w.opts.GroupBy, name)+": "+plural(len(part.blocks), "gateway")))
		}
		part.write(p)
		all.merge(part.advice)
	}
	for i := range w.others {
		w.others[i].write(p)
	}
	w.writeNotes(p)
	writeGone(p, s)
	all.references(p)
	w.summary(p, s)
	if w.opts.GroupBy == "" {
		all.next(p, "", s.Unreachable)
	} else {
		for _, name := range names {
			w.parts[name].advice.next(p, ": "+groupTitle(w.opts.GroupBy, name), 0)
		}
		none := newAdvice()
		none.next(p, "", s.Unreachable)
	}
	return w.out.write([]byte(p.buf.String()))
}

// write writes the gateways of a part, the worst first.
func (t *textPart) write(p *page) {
	slices.SortStableFunc(t.blocks, func(a, b block) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(b.weight, a.weight))
	})
	t.writeGroup(p, affectedGroup, alarm, "AFFECTED")
	t.writeGroup(p, earlierGroup, alarm, "NOT JUDGED AGAIN, THE EARLIER FINDING STANDS")
	t.writeGroup(p, possibleGroup, warning, "POSSIBLY AFFECTED")
	t.writeGroup(p, endedGroup, warning, "END OF LIFE, NO OPEN ADVISORY")
	t.writeGroup(p, acceptedGroup, bold, "RISK ACCEPTED")
	t.writeGroup(p, unjudgedGroup, bold, "NOT JUDGED")
	t.writeGroup(p, clearGroup, bold, "EVERY ADVISORY RULED OUT")
}

func (w *textWriter) head(p *page) {
	h := w.header
	whose := ""
	if h.Rules.From != "" {
		whose = " in " + h.Rules.From + ", not the built-in ones"
	}
	p.line(0, 2, styled(bold, "Postern "+h.Version+","), say(fmt.Sprintf("rules of %s%s: %s, %s", h.Rules.Date, whose,
		plural(h.Rules.Products, "product"), plural(h.Rules.Advisories, "advisory"))))
	when := ""
	if !h.Started.IsZero() {
		when = ", " + h.Started.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	what := strings.Join(h.Inputs, ", ")
	if what == "" {
		what = "targets given as arguments"
	}
	p.line(0, 2, say("Scan of "+what+when))
}

func (t *textPart) writeGroup(p *page, group int, s style, title string) {
	count := 0
	for _, b := range t.blocks {
		if b.group == group {
			count++
		}
	}
	if count == 0 {
		return
	}
	p.gap()
	p.line(0, 2, styled(s, title+": "+plural(count, "gateway")))
	for _, b := range t.blocks {
		if b.group == group {
			p.buf.WriteString(b.text)
		}
	}
}

func (w *textWriter) summary(p *page, s finding.Summary) {
	p.gap()
	p.line(0, 2, styled(bold, "SUMMARY"))
	counts := fmt.Sprintf("%s, %s: %s, %s with no gateway recognised, %s unreachable", plural(s.Targets, "target"),
		plural(s.Results, "result"), plural(s.Identified, "gateway"), number(s.Unidentified), number(s.Unreachable))
	if s.Interrupted > 0 {
		counts += ", " + number(s.Interrupted) + " interrupted"
	}
	p.line(2, 4, say(counts+"."))
	if s.Affected == 0 {
		none := "None"
		if s.StillAffected > 0 {
			none = "None of those judged this time"
		}
		p.line(2, 4, say(fmt.Sprintf("%s known to be affected, %s possibly affected. What could not be told is not clean.",
			none, number(s.PossiblyAffected))))
	} else {
		p.line(2, 4, styled(bold, fmt.Sprintf("%s affected, %s of them by known exploited vulnerabilities (KEV); %s possibly affected.",
			number(s.Affected), number(s.KEV), number(s.PossiblyAffected))))
	}
	if s.EndOfLife+s.LegacyTLS > 0 {
		p.line(2, 4, say(fmt.Sprintf("%s past the end of security fixes; %s with outdated TLS or HTTP only.", number(s.EndOfLife), number(s.LegacyTLS))))
	}
	w.writeChanges(p, s)
	took := ""
	if !s.Ended.IsZero() && s.Ended.After(w.header.Started) && !w.header.Started.IsZero() {
		took = " in " + s.Ended.Sub(w.header.Started).Round(time.Second).String()
	}
	p.line(2, 4, say(fmt.Sprintf("Coverage %.1f%% (what gave an answer); %s sent%s.",
		100*finite(s.Coverage), plural(s.Requests, "request"), took)))
	if !s.Complete {
		p.line(2, 4, styled(alarm, incompleteWhy(w.header, w.targets.incomplete(s))))
	}
}

// roster names the first few endpoints of a kind and counts the rest.
type roster struct {
	title, noun string
	limit       int
	entries     [][2]string
	count       int
}

func (l *roster) add(r finding.Result) {
	if l.count++; l.count <= l.limit {
		why := r.Reason
		if r.Outcome == finding.Interrupted {
			why = "" // the heading says it
		}
		if r.Detail != "" {
			why = strings.TrimPrefix(why+": ", ": ") + visible(r.Detail, 120)
		}
		if r.Input.Owner != "" {
			why = strings.TrimPrefix(why+"; owner "+visible(r.Input.Owner, 100), "; ")
		}
		l.entries = append(l.entries, [2]string{r.Target, why})
	}
}

func (l *roster) write(p *page) {
	if l.count == 0 {
		return
	}
	p.gap()
	p.line(0, 2, styled(bold, l.title+": "+plural(l.count, l.noun)))
	for _, e := range l.entries {
		p.line(2, 6, padded(24, say(e[0])), styled(faint, e[1]))
	}
	if more := l.count - len(l.entries); more > 0 {
		p.line(2, 6, say("and "+number(more)+" more"))
	}
}

// targetCount counts how many targets were asked to the end. One target without a port
// may give several results, which come one after the other.
type targetCount struct {
	host    string
	input   finding.Input
	some    bool
	stopped bool
	done    int
}

func (t *targetCount) add(r finding.Result) {
	host, _ := finding.SplitTarget(r.Target)
	in := r.Input
	same := t.some && host == t.host && in.File == t.input.File && in.Line == t.input.Line && in.Text == t.input.Text
	if !same {
		t.finish()
		t.host, t.input, t.some, t.stopped = host, finding.Input{File: in.File, Line: in.Line, Text: in.Text}, true, false
	}
	t.stopped = t.stopped || r.Outcome == finding.Interrupted
}

func (t *targetCount) finish() {
	if t.some && !t.stopped {
		t.done++
	}
	t.some = false
}

func (t *targetCount) incomplete(s finding.Summary) string {
	t.finish()
	if s.Targets < t.done || s.Targets == 0 {
		return "INCOMPLETE: the scan was stopped early; what was not asked is not clean."
	}
	return fmt.Sprintf("INCOMPLETE: stopped after %s of %s; what was not asked is not clean.", number(t.done), plural(s.Targets, "target"))
}
