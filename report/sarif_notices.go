package report

import (
	"fmt"
	"path"
	"regexp"
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
	noticeKinds
)

func descriptors() []sarif.Descriptor {
	return []sarif.Descriptor{
		{ID: "unreachable", Name: "TargetUnreachable", ShortDescription: sarif.Message{Text: "A target gave no usable answer and was not judged."}},
		{ID: "interrupted", Name: "TargetInterrupted", ShortDescription: sarif.Message{Text: "The scan was stopped before a target was judged."}},
		{ID: "version-not-read", Name: "VersionNotRead", ShortDescription: sarif.Message{Text: "A gateway was recognised and its version could not be read."}},
		{ID: "results-left-out", Name: "ResultsLeftOut", ShortDescription: sarif.Message{Text: "There were more results than a run may hold."}},
		{ID: "incomplete", Name: "ScanIncomplete", ShortDescription: sarif.Message{Text: "The scan was stopped before every target was asked."}},
	}
}

// notices are what the scan could not tell. None of it is a result: a code-scanning
// service would show it as an alert.
type notices struct {
	list        []sarif.Notification
	count       [noticeKinds]int
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
	if n.count[kind]++; n.count[kind] > maxSARIFNotifications {
		return
	}
	n.list = append(n.list, sarif.Notification{
		Descriptor: sarif.DescriptorReference{ID: n.descriptors[kind].ID, Index: kind},
		Level:      sarif.Warning, Message: sarif.Message{Text: text}, Locations: at,
	})
}

// close adds what is only known at the end.
func (n *notices) close(s finding.Summary, dropped, limit int) {
	for kind, count := range n.count {
		if more := count - maxSARIFNotifications; more > 0 {
			n.count[kind] = 0
			n.put(kind, fmt.Sprintf("And %s more of this kind.", number(more)))
		}
	}
	if dropped > 0 {
		n.put(resultsLeftOut, leftOut(dropped, limit))
	}
	if !s.Complete {
		n.put(incomplete, "The scan was stopped before every target was asked; what was not asked is not clean.")
	}
}

// home is where people can read about Postern. It is left out while there is no such
// place.
const home = ""

func (w *sarifWriter) driver() sarif.Driver {
	d := sarif.Driver{
		Name: "Postern", FullName: "Postern VPN gateway scanner", InformationURI: home,
		Rules: w.rules, Notifications: w.notices.descriptors,
	}
	if d.Rules == nil {
		d.Rules = []sarif.Rule{}
	}
	d.Version, d.SemanticVersion = toolVersion(w.header.Version)
	return d
}

var semantic = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// toolVersion gives the two spellings of the program's version: consumers want the first
// to begin with a digit and the second to be a semantic version.
func toolVersion(v string) (version, semver string) {
	version = strings.TrimPrefix(plain(v, 100), "v")
	if semantic.MatchString(version) {
		return version, version
	}
	if version == "" || version[0] < '0' || version[0] > '9' {
		return "0.0.0-dev", "0.0.0-dev" // built from a checkout
	}
	return version, ""
}

// runID is "postern/LIST/TIME". What stands before the last slash is the category, in
// which the next scan of the same list replaces this one.
func runID(h finding.Header) string {
	var names []string
	for _, in := range h.Inputs {
		if in != "-" {
			names = append(names, fileName(path.Base(strings.ReplaceAll(in, `\`, "/"))))
		}
	}
	category := strings.Join(names, "+")
	if category == "" {
		category = "targets"
	}
	return "postern/" + category[:min(len(category), 120)] + "/" + writableTime(h.Started).Format("20060102T150405Z")
}
