// Package config reads postern.yaml: the flags of the commands and the accepted risks of
// an organisation, strictly. What it does not understand is an error with file, line and
// column, and all errors are reported at once; nothing is guessed, expanded or executed.
package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"postern/scanner/finding"
)

// Name is the file that is looked for in the working folder.
const Name = "postern.yaml"

const (
	// MaxSize is how many bytes a file may have.
	MaxSize = 1 << 20
	// MaxIgnored is how many accepted risks a file may have.
	MaxIgnored = 5000
	// maxProblems is how many problems of a file are told.
	maxProblems = 50
)

// Kind says how the value of a flag is written.
type Kind int

// The kinds of values.
const (
	Text     Kind = iota // a text, or a number that is taken as it is written
	Number               // a whole number
	Duration             // "30s", "5m"
	Switch               // true or false
	List                 // a list of texts: the flag may repeat
)

// Flag is what a file may say of one flag.
type Flag struct {
	Kind Kind
	// Check refuses values that the flag does not take; nil takes any.
	Check func(value string) error
}

// Commands are the flags by command and name.
type Commands map[string]map[string]Flag

// File is what a file says.
type File struct {
	Name     string
	Settings map[string][]Setting // by command, in the order of the file
	Ignore   []finding.Risk
}

// Setting is the value of one flag.
type Setting struct {
	Flag         string
	Values       []string // one, unless the flag is a list
	Line, Column int      // of the value, from 1
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	File         string
	Line, Column int
	Message      string
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Parse reads a file; name is used in errors. What an accepted risk may say depends on the
// day. The error joins every [Problem].
func Parse(name string, data []byte, commands Commands, today time.Time) (*File, error) {
	in := &reader{name: name, commands: commands, today: today.UTC(), file: &File{Name: name, Settings: map[string][]Setting{}}}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%s: has more than %d bytes; a configuration is smaller", name, MaxSize)
	}
	var doc, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return in.file, nil // nothing but comments
	case err != nil:
		in.syntax(err)
		return nil, in.err()
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		in.bad(&second, "a second document begins here; the file holds one")
	case !errors.Is(err, io.EOF):
		in.syntax(err)
	}
	in.root(doc.Content[0])
	return in.file, in.err()
}

// reader collects what a file says and what is wrong with it.
type reader struct {
	name     string
	commands Commands
	today    time.Time
	file     *File
	problems []Problem
}

func (in *reader) bad(at *yaml.Node, format string, args ...any) {
	in.problems = append(in.problems, Problem{in.name, max(at.Line, 1), max(at.Column, 1), fmt.Sprintf(format, args...)})
}

// err joins the problems in the order of the file.
func (in *reader) err() error {
	if len(in.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(in.problems, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	var errs []error
	for i, p := range in.problems {
		if i == maxProblems {
			errs = append(errs, fmt.Errorf("%s: and %d more", in.name, len(in.problems)-i))
			break
		}
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}
