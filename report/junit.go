package report

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"postern/scanner/finding"
)

// junitWriter writes one test case a result: it fails when something is affected, or was when
// it was last judged, and is skipped when it could not be judged, because what could not be
// told has not passed. What somebody has accepted fails nothing. A report that is not complete
// has one more, with an error.
// The counts stand first in the format, so that the cases are kept until the end.
type junitWriter struct {
	out    *stream
	header finding.Header
	suite  junitSuite
}

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name      string      `xml:"name,attr"`
	Tests     int         `xml:"tests,attr"`
	Failures  int         `xml:"failures,attr"`
	Errors    int         `xml:"errors,attr"`
	Skipped   int         `xml:"skipped,attr"`
	Time      string      `xml:"time,attr"`
	Timestamp string      `xml:"timestamp,attr,omitempty"`
	Cases     []junitCase `xml:"testcase"`

	seconds float64
}

type junitCase struct {
	Name    string     `xml:"name,attr"`
	Class   string     `xml:"classname,attr"`
	File    string     `xml:"file,attr,omitempty"`
	Line    int        `xml:"line,attr,omitempty"`
	Time    string     `xml:"time,attr"`
	Failure *junitText `xml:"failure"`
	Error   *junitText `xml:"error"`
	Skipped *junitText `xml:"skipped"`
	Output  string     `xml:"system-out,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

func newJUnit(out *stream, h finding.Header) *junitWriter {
	w := &junitWriter{out: out, header: h, suite: junitSuite{Name: "postern"}}
	if !h.Started.IsZero() {
		w.suite.Timestamp = h.Started.UTC().Format("2006-01-02T15:04:05")
	}
	return w
}

func (w *junitWriter) Write(r finding.Result) error {
	c := newJUnitCase(r)
	s := &w.suite
	s.Tests++
	s.seconds += finite(r.Seconds)
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
	return w.out.write()
}

func (w *junitWriter) Close(s finding.Summary) error {
	if why := gaps(w.header, s); why != "" {
		w.suite.Tests++
		w.suite.Errors++
		w.suite.Cases = append(w.suite.Cases, junitCase{
			Name: "every target was asked", Class: "postern.scan", Time: "0.000", Error: &junitText{Message: why},
		})
	}
	w.suite.Time = fmt.Sprintf("%.3f", w.suite.seconds)
	text, err := xml.MarshalIndent(junitSuites{Suite: w.suite}, "", "  ")
	if err != nil {
		return err
	}
	return w.out.write([]byte(xml.Header), text, []byte("\n"))
}

func newJUnitCase(r finding.Result) junitCase {
	c := junitCase{Name: visible(r.Target, 300), Class: "postern." + visible(string(r.Outcome), 20), File: visible(r.Input.File, 300), Line: r.Input.Line, Time: fmt.Sprintf("%.3f", finite(r.Seconds))}
	var affected, open, notes []string
	worst := claim{}
	for _, p := range r.Products {
		if q := openQuestions(unaccepted(p)); q.total > 0 {
			open = append(open, junitProduct(p)+": "+q.String())
		}
	}
	notes = append(notes, ownerAndTags(r)...)
	for _, one := range claims(r) {
		switch line := junitLine(one); {
		case one.finding.Accepted != nil:
			a := one.finding.Accepted
			notes = append(notes, fmt.Sprintf("accepted by %s until %s, %s: %s", visible(a.Owner, 100), visible(a.Expires, 20), visible(withJustification(a), 600), line))
		case one.affected():
			affected = append(affected, line)
			if one.weight() > worst.weight() {
				worst = one
			}
		case one.finding.Kind != finding.Vulnerability:
			notes = append(notes, line)
		case one.earlier():
			open = append(open, line)
		}
	}
	c.Output = strings.Join(notes, "\n")
	switch {
	case len(affected) > 0:
		c.Failure = &junitText{Message: visible(junitLine(worst), 500), Type: visible(worst.finding.Severity, 20), Text: strings.Join(affected, "\n")}
	case len(open) > 0:
		c.Skipped = &junitText{Message: visible("not certain: "+strings.Join(open, "; "), 500)}
	case r.Outcome == finding.Unreachable || r.Outcome == finding.Interrupted:
		c.Skipped = &junitText{Message: visible("not judged: "+strings.TrimSuffix(string(r.Outcome)+": "+r.Reason, ": "), 500)}
	}
	return c
}

func junitProduct(p finding.Product) string {
	name := visible(fullName(p), 100)
	if versionRead(p.Version) {
		name += " " + visible(p.Version.Text, 100)
	}
	return name
}

func junitLine(c claim) string {
	f := c.finding
	line := visible(f.Advisory, 100)
	if c.product.ID != "" {
		line = junitProduct(c.product) + ": " + line
	}
	if f.Kind == finding.Vulnerability {
		line += " (" + visible(f.Severity, 20)
		if f.KEV != nil {
			line += ", known to be exploited"
		}
		line += ")"
	}
	line += ": " + visible(f.Reason, 500)
	switch {
	case c.earlier():
		line += ". " + c.notJudged()
	case f.Change == finding.IsNew:
		line = "new, " + line
	}
	return line
}

// unaccepted is a product with the findings that nobody has accepted.
func unaccepted(p finding.Product) finding.Product {
	p.Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f finding.Finding) bool { return f.Accepted != nil })
	return p
}
