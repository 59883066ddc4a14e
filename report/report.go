// Package report writes results for people and programs. Every format is a function
// of the results alone, so that each can be made later from saved JSON; none looks at
// the clock, and the same results always give the same bytes.
//
// Text that a device sent is hostile. The formats keep it as data, and none lets a
// byte of it reach a terminal, a viewer or a continuous-integration log in a form that
// these act on; neutralise.go has one function for each place it can go to.
package report

import (
	"fmt"
	"io"
	"strings"

	"postern/scanner/finding"
)

// Writer is one format on one stream. Write is called once a result, in order, from
// one goroutine; Close writes what comes last and must always be called, also when
// there was no result or the scan was cut short. It does not close the stream. After
// an error of the stream both do nothing but return that error again.
type Writer interface {
	Write(finding.Result) error
	Close(finding.Summary) error
}

// Options adjust a format; each format reads what concerns it.
type Options struct {
	Color bool // text: use colour
	Width int  // text: columns; 0 means 80, fewer than 40 count as 40
	// GroupBy splits text, markdown and html into parts: one for each "owner", "tag" or
	// "product"; empty for one part.
	GroupBy string
	// MarkAccepted keeps accepted findings in sarif as suppressed results. Without it they
	// are left out: code scanning would open an alert for each.
	MarkAccepted bool
	// Notice is told in a sentence what the person who asked for the report should know of
	// it, such as that not everything had room; nil tells nobody.
	Notice func(string)
}

func (o Options) notice(text string) {
	if o.Notice != nil {
		o.Notice(text)
	}
}

// New returns a writer of the named format. Formats that begin with the header write
// it now, so an error may come from the stream.
func New(format string, w io.Writer, h finding.Header, opts Options) (Writer, error) {
	out := &stream{w: w}
	switch format {
	case "csv":
		return &csvWriter{out: out, header: h}, nil
	case "cyclonedx":
		return newCyclone(out, h), nil
	case "defectdojo":
		return newDojo(out, h)
	case "html":
		return newHTML(out, h, opts)
	case "json":
		return newJSON(out, h)
	case "jsonl":
		return &jsonlWriter{out: out}, nil
	case "junit":
		return newJUnit(out, h), nil
	case "markdown":
		return newMarkdown(out, h, opts), nil
	case "sarif":
		return newSARIF(out, h, opts), nil
	case "text":
		return newText(out, h, opts), nil
	}
	return nil, fmt.Errorf("unknown format %q; formats are %s", format, strings.Join(Formats(), ", "))
}

// Formats lists the names that New knows.
func Formats() []string {
	return []string{"csv", "cyclonedx", "defectdojo", "html", "json", "jsonl", "junit", "markdown", "sarif", "text"}
}

// stream remembers the first error of the writer below it, so that nothing is written
// after a gap.
type stream struct {
	w   io.Writer
	err error
}

func (s *stream) write(parts ...[]byte) error {
	for _, p := range parts {
		if s.err != nil {
			break
		}
		var n int
		if n, s.err = s.w.Write(p); s.err == nil && n < len(p) {
			s.err = io.ErrShortWrite
		}
	}
	return s.err
}
