package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"

	"postern/report"
	"postern/scanner/finding"
)

// destination is one -o: a format, and a file or standard output.
type destination struct {
	format string
	file   string // "" is standard output
	// markAccepted keeps accepted findings in sarif, as suppressed results.
	markAccepted bool
}

// suppressedFlag is the help of -sarif-suppressed.
const suppressedFlag = "what sarif does with accepted findings: `drop` them, or mark them as suppressed, which GitHub ignores"

// setSuppressed reads -sarif-suppressed into the destinations.
func setSuppressed(dests []destination, value string) error {
	if value != "drop" && value != "mark" {
		return fmt.Errorf("-sarif-suppressed %s: want drop or mark", value)
	}
	for i := range dests {
		dests[i].markAccepted = value == "mark"
	}
	return nil
}

// parseDestinations reads every -o FORMAT[=FILE] and refuses what cannot work before
// anything is sent. Without any it is text on standard output.
func parseDestinations(values []string) ([]destination, error) {
	if len(values) == 0 {
		values = []string{"text"}
	}
	var dests []destination
	var errs []error
	toStdout := ""
	for _, value := range values {
		format, file, _ := strings.Cut(value, "=")
		if file == "-" {
			file = ""
		}
		switch {
		case !slices.Contains(report.Formats(), format):
			errs = append(errs, fmt.Errorf("-o %s: unknown format %q; formats are %s", value, format, strings.Join(report.Formats(), ", ")))
			continue
		case file == "" && strings.Contains(value, "=") && !strings.HasSuffix(value, "=-"):
			errs = append(errs, fmt.Errorf("-o %s: the file has no name", value))
			continue
		case file == "" && toStdout != "":
			errs = append(errs, fmt.Errorf("-o %s: standard output already gets %s; give one of them a file, as in -o %s=FILE", value, toStdout, format))
			continue
		}
		for _, d := range dests {
			if file != "" && filepath.Clean(d.file) == filepath.Clean(file) {
				errs = append(errs, fmt.Errorf("-o %s: the file already gets %s", value, d.format))
			}
		}
		if file == "" {
			toStdout = format
		}
		dests = append(dests, destination{format: format, file: file})
	}
	return dests, errors.Join(errs...)
}

// groupByFlag explains -group-by in a help text.
const groupByFlag = "split text, markdown and html by `WORD`: owner, tag or product"

func parseGroupBy(value string) (string, error) {
	if value != "" && value != "owner" && value != "tag" && value != "product" {
		return "", fmt.Errorf("-group-by %s: write owner, tag or product", value)
	}
	return value, nil
}

// outputs writes every result to all destinations.
type outputs struct {
	all []output
}

type output struct {
	report.Writer
	file *atomicFile // nil for standard output
}

// openOutputs opens every destination; a folder that is missing or not writable is an
// error now, before the first packet. Colour is only for a terminal, whatever the options say.
func (c *Command) openOutputs(dests []destination, h finding.Header, options report.Options) (*outputs, error) {
	out := &outputs{}
	for _, d := range dests {
		w := c.Stdout
		options.Color = d.file == "" && c.colorful()
		options.MarkAccepted = d.markAccepted
		options.Notice = func(text string) { c.notef("%s", text) }
		o := output{}
		if d.file != "" {
			file, err := createAtomic(d.file)
			if err != nil {
				out.discard()
				return nil, fmt.Errorf("-o %s=%s: %w", d.format, d.file, err)
			}
			o.file, w = file, file
		}
		writer, err := report.New(d.format, w, h, options)
		if err != nil {
			out.all = append(out.all, o)
			out.discard()
			return nil, fmt.Errorf("-o %s: %w", d.format, err)
		}
		o.Writer = writer
		out.all = append(out.all, o)
	}
	return out, nil
}

// colorful reports whether standard output is a terminal that wants colour.
func (c *Command) colorful() bool {
	file, ok := c.Stdout.(*os.File)
	return ok && isatty.IsTerminal(file.Fd()) && c.Getenv("NO_COLOR") == "" && c.Getenv("TERM") != "dumb"
}

func (o *outputs) write(r finding.Result) error {
	var errs []error
	for _, out := range o.all {
		errs = append(errs, out.Write(r))
	}
	return errors.Join(errs...)
}

// close finishes every format and puts the files in their place. One that fails does
// not keep the others from being finished.
func (o *outputs) close(s finding.Summary) error {
	var errs []error
	for _, out := range o.all {
		err := out.Close(s)
		if out.file != nil {
			if err == nil {
				err = out.file.commit()
			} else {
				err = fmt.Errorf("%s: %w; what was written so far is in %s", out.file.name, err, out.file.temp.Name())
				_ = out.file.temp.Close() // the first error is the one to tell
			}
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// discard removes the unfinished files.
func (o *outputs) discard() {
	for _, out := range o.all {
		if out.file != nil {
			out.file.discard()
		}
	}
}

// atomicFile is written beside its final name, so that a reader never sees half a report
// and a crash leaves what was found under NAME.partial-*. A device or pipe is written to
// as it is: it must not be replaced.
type atomicFile struct {
	name   string
	temp   *os.File
	direct bool // temp is the file itself
	io.Writer
}

func createAtomic(name string) (*atomicFile, error) {
	switch info, err := os.Stat(name); {
	case err == nil && info.IsDir():
		return nil, errors.New("is a folder; name a file")
	case err == nil && !info.Mode().IsRegular():
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &atomicFile{name: name, temp: file, direct: true, Writer: file}, nil
	}
	temp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".partial-*")
	if err != nil {
		return nil, err
	}
	return &atomicFile{name: name, temp: temp, Writer: temp}, nil
}

func (f *atomicFile) commit() error {
	if f.direct {
		return f.temp.Close()
	}
	if err := f.temp.Chmod(0o644); err != nil {
		return err
	}
	if err := f.temp.Sync(); err != nil {
		return err
	}
	if err := f.temp.Close(); err != nil {
		return err
	}
	return os.Rename(f.temp.Name(), f.name)
}

func (f *atomicFile) discard() {
	_ = f.temp.Close() // it is given up
	if !f.direct {
		_ = os.Remove(f.temp.Name())
	}
}
