package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// flags is a table of flags with a help text.
//
// It is on the standard library: importing goflags costs 10 to 20 ms of every start, for
// what it and six modules behind it compile before main, and a start has 30.
type flags struct {
	*flag.FlagSet
	usage   string
	groups  []flagGroup
	origins map[string]origin // by flag; one that is not there has its default
	file    *configFile       // nil without one
}

type flagGroup struct {
	title string
	names []string
}

func newFlags(usage string) *flags {
	return &flags{FlagSet: flag.NewFlagSet("postern", flag.ContinueOnError), usage: usage}
}

// group names a section of the help; every flag defined by define belongs to it.
func (f *flags) group(title string, define func()) {
	before := map[string]bool{}
	f.VisitAll(func(fl *flag.Flag) { before[fl.Name] = true })
	define()
	g := flagGroup{title: title}
	f.VisitAll(func(fl *flag.Flag) {
		if !before[fl.Name] {
			g.names = append(g.names, fl.Name)
		}
	})
	f.groups = append(f.groups, g)
}

// errHelp says that help was asked for and printed.
var errHelp = statusError{code: ExitOK}

// parse reads the flags and returns what is left, also from behind other arguments:
// "scan vpn.example.org -o json" works as people expect. After "--" nothing is a flag.
// What the command line does not say is taken from the environment and the configuration.
func (f *flags) parse(c *Command, args []string) ([]string, error) {
	f.defineConfig()
	if c.describe != nil {
		c.describe(f)
		return nil, errHelp
	}
	rest, err := f.parseArgs(c, args)
	if err != nil {
		return nil, err
	}
	return rest, f.configure(c, rest)
}

func (f *flags) parseArgs(c *Command, args []string) ([]string, error) {
	var rest []string
	for {
		if err := f.parseLeading(c, args); err != nil {
			return nil, err
		}
		left := f.Args()
		if len(left) == 0 {
			return rest, nil
		}
		if consumed := len(args) - len(left); consumed > 0 && args[consumed-1] == "--" {
			return append(rest, left...), nil
		}
		rest = append(rest, left[0])
		args = left[1:]
	}
}

// parseLeading reads the flags before the first argument that is none.
func (f *flags) parseLeading(c *Command, args []string) error {
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.help(c.Stdout)
		return errHelp
	case err != nil:
		return fmt.Errorf("%w (see %s -help)", err, commandOf(f.usage))
	}
	return nil
}

// commandOf is the leading "postern VERB" of a usage line.
func commandOf(usage string) string {
	words := strings.Fields(usage)
	return strings.Join(words[:min(2, len(words))], " ")
}

func (f *flags) help(w io.Writer) {
	fmt.Fprintf(w, "Usage: %s\n", f.usage)
	for _, g := range f.groups {
		fmt.Fprintf(w, "\n%s:\n", g.title)
		for _, name := range g.names {
			fl := f.Lookup(name)
			value, about := flag.UnquoteUsage(fl)
			head := "-" + name
			if value != "" {
				head += " " + value
				about = strings.Replace(about, " ("+value+")", "", 1) // named only to be shown here
			}
			if fl.DefValue != "" && fl.DefValue != "false" && fl.DefValue != "0" {
				about += fmt.Sprintf(" (default %s)", fl.DefValue)
			}
			fmt.Fprintf(w, "  %-24s %s\n", head, about)
		}
	}
}

// list collects a flag that may be repeated.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	if value == "" {
		return errors.New("is empty")
	}
	*l = append(*l, value)
	return nil
}
