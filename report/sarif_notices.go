package report

import (
	"fmt"
	"strings"

	"postern/report/internal/sarif"
	"postern/scanner/finding"
)

// The kinds of notification, in the order of descriptors.
const (
	unreachable = iota
	interrupted
	versionNotRead
	resultsLeftOut
	incomplete
	riskAccepted
	acceptanceIdle
	noticeKinds
)

// What notifications may be. There is no stated limit, and nobody reads the second
// thousand of a kind.
const (
	maxSARIFNotifications = 1_000   // of each kind
	maxSARIFNoticeText    = 2 << 20 // bytes of all
)

func descriptors() []sarif.Descriptor {
	return []sarif.Descriptor{
		{ID: "unreachable", Name: "TargetUnreachable", ShortDescription: sarif.Message{Text: "A target gave no usable answer and was not judged."}},
		{ID: "interrupted", Name: "TargetInterrupted", ShortDescription: sarif.Message{Text: "The scan was stopped before a target was judged."}},
		{ID: "version-not-read", Name: "VersionNotRead", ShortDescription: sarif.Message{Text: "A gateway was recognised and its version could not be read."}},
		{ID: "results-left-out", Name: "ResultsLeftOut", ShortDescription: sarif.Message{Text: "There were more results than a run may hold."}},
		{ID: "incomplete", Name: "ScanIncomplete", ShortDescription: sarif.Message{Text: "The scan did not ask every target, or a part of it is missing."}},
		{ID: "risk-accepted", Name: "RiskAccepted", ShortDescription: sarif.Message{Text: "Somebody accepts the risk of a finding, so that it is no result."}},
		{ID: "acceptance-idle", Name: "AcceptanceIdle", ShortDescription: sarif.Message{Text: "An entry that accepts a risk has expired or matches nothing."}},
	}
}

// notices are what the scan could not tell. None of it is a result: a code-scanning
// service would show it as an alert.
type notices struct {
	list        []sarif.Notification
	more        [noticeKinds]int // that are not in the list
	count       [noticeKinds]int
	bytes       int
	descriptors []sarif.Descriptor
}

func newNotices() notices { return notices{descriptors: descriptors()} }

func (n *notices) add(r finding.Result) {
	switch r.Outcome {
	case finding.Unreachable:
		n.put(unreachable, quote(r.Target)+" could not be judged: "+cause(r)+".", place(r))
	case finding.Interrupted:
		n.put(interrupted, "The scan was stopped before "+quote(r.Target)+" was judged.", place(r))
	}
	for _, p := range r.Products {
		if open := openQuestions(p); !versionRead(p.Version) && open.total > 0 {
			n.put(versionNotRead, quote(r.Target)+" "+runs(p)+" "+prose(fullName(p), 100)+", "+notRead(p)+": "+open.String()+".", place(r))
		}
	}
	for _, p := range earlierProducts(r) {
		if open := openQuestions(p); !versionRead(p.Version) && open.total > 0 {
			n.put(versionNotRead, quote(r.Target)+" "+ran(p)+" "+prose(fullName(p), 100)+" by an earlier scan, "+notRead(p)+": "+open.String()+"; it was not judged again.", place(r))
		}
	}
}

// accepted says which finding is no result, and who wants it so.
func (n *notices) accepted(r finding.Result, c claim) {
	n.put(riskAccepted, prose(c.finding.Advisory, 100)+" on "+quote(r.Target)+" is left out. "+acceptance(c.finding.Accepted), place(r))
}

// cause is why an endpoint was not judged: the kind, and the error's own words.
func cause(r finding.Result) string {
	words := []string{prose(r.Reason, 60)}
	if r.Detail != "" {
		words = append(words, "("+quote(r.Detail)+")")
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func (n *notices) put(kind int, text string, at ...sarif.Location) {
	if n.count[kind] == maxSARIFNotifications || n.bytes+len(text) > maxSARIFNoticeText {
		n.more[kind]++
		return
	}
	n.count[kind]++
	n.bytes += len(text) + 300*len(at)
	n.must(kind, text, at...)
}

// must adds one that has to be there.
func (n *notices) must(kind int, text string, at ...sarif.Location) {
	level := sarif.Warning
	if kind == riskAccepted {
		level = sarif.Note
	}
	n.list = append(n.list, sarif.Notification{
		Descriptor: sarif.DescriptorReference{ID: n.descriptors[kind].ID, Index: kind},
		Level:      level, Message: sarif.Message{Text: text}, Locations: at,
	})
}

// close adds what is only known at the end.
func (n *notices) close(h finding.Header, s finding.Summary) {
	for _, a := range s.Acceptances {
		why := "matches no finding"
		if a.Expired {
			why = "has expired on " + prose(a.Expires, 40)
		}
		n.put(acceptanceIdle, quote(a.Place)+" accepts "+prose(a.Advisory, 100)+" and "+why+"; its owner is "+prose(a.Owner, 100)+".")
	}
	for kind, more := range n.more {
		if more > 0 {
			n.must(kind, fmt.Sprintf("And %s more of this kind.", number(more)))
		}
	}
	if why := gaps(h, s); why != "" {
		n.must(incomplete, why)
	}
}
