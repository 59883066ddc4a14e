// Package cli turns arguments into calls, and results into an exit status. It is where
// files, streams, the environment and the clock are; nothing below it reads them.
//
// What goes where: data goes to standard output and only there. Everything that is said
// about the run goes to standard error, prefixed with the program's name, in lower case
// and without a full stop.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// Exit statuses, the same for every output format. ExitFindings wins over
// ExitIncomplete.
const (
	ExitOK         = 0   // nothing crosses the gate
	ExitFindings   = 1   // the gate (-fail-on) is crossed
	ExitUsage      = 2   // command line, asset list, configuration or rules are wrong
	ExitIncomplete = 3   // the scan was stopped, or covered too little
	ExitStale      = 4   // the rules are older than -max-rules-age
	ExitKilled     = 130 // stopped by a second signal, without tidying up
)

// Command is the program with its surroundings, so that a test can replace them.
type Command struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	// Environ lists the environment as os.Environ does, to find names that are no settings;
	// nil where nothing is to be said of them.
	Environ func() []string

	describe func(*flags)      // takes the flags of a command, which then does nothing
	origins  map[string]origin // of the flags, for what is wrong with them
}

// subcommand is one verb of the program.
type subcommand struct {
	name, args, about string
	run               func(c *Command, ctx context.Context, args []string) error
}

func subcommands() []subcommand {
	return []subcommand{
		{"scan", "[flags] [TARGET]...", "probe targets and say what affects them", (*Command).scan},
		{"match", "[flags] PRODUCT VERSION", "judge a version without a network", (*Command).match},
		{"convert", "[flags] -from scan.json", "make every format from saved JSON", (*Command).convert},
		{"merge", "[flags] SHARD.json...", "make one report of those of all shards of a scan", (*Command).merge},
		{"diff", "[flags] OLD.json NEW.json", "say what has changed between two saved scans", (*Command).diff},
		{"config", "[flags] [COMMAND]", "show the effective flags of a command and where each comes from", (*Command).config},
		{"check", "[DIR]...", "prove fingerprints and advisories against their own examples", (*Command).check},
		{"products", "[flags]", "list the products that are recognised", (*Command).products},
		{"advisories", "[flags]", "list the advisories that are known", (*Command).advisories},
		{"import", "KIND [flags] FILE...", "draft advisories from records, and refresh the overlays", (*Command).importing},
		{"demo", "[flags]", "serve a fleet of recorded gateways on loopback and scan it", (*Command).demo},
		{"record", "[flags] TARGET", "print the answers of your own gateway as a rule's example", (*Command).record},
		{"version", "", "print the version of the program and of its rules", (*Command).version},
	}
}

// Main runs one command line and returns its exit status.
func (c *Command) Main(ctx context.Context, args []string) int {
	err := c.dispatch(ctx, args)
	var status statusError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &status):
		if status.err != nil {
			c.complain(c.placed(status.err))
		}
		return status.code
	default:
		c.complain(c.placed(err))
		return ExitUsage
	}
}

func (c *Command) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		c.usage(c.Stderr)
		return statusError{code: ExitUsage}
	}
	name, rest := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(rest) == 1 && name == "help" {
			return c.dispatch(ctx, []string{rest[0], "-help"})
		}
		c.usage(c.Stdout)
		return nil
	case "-version", "--version":
		name = "version"
	}
	for _, sub := range subcommands() {
		if sub.name == name {
			return sub.run(c, ctx, rest)
		}
	}
	return fmt.Errorf("unknown command %q; commands are %s (see postern help)", name, strings.Join(commandNames(), ", "))
}

func commandNames() []string {
	var names []string
	for _, sub := range subcommands() {
		names = append(names, sub.name)
	}
	return slices.Clip(names)
}

func (c *Command) usage(w io.Writer) {
	fmt.Fprint(w, `Postern finds the VPN gateways of an asset list, reads or narrows down their
firmware versions and says which published vulnerabilities affect them. It sends a
few unauthenticated GET or HEAD requests for public pages, to the targets you name
and nowhere else.

Usage:
`)
	for _, sub := range subcommands() {
		fmt.Fprintf(w, "  postern %-10s %-26s %s\n", sub.name, sub.args, sub.about)
	}
	fmt.Fprint(w, `
"postern COMMAND -help" shows the flags of a command.
They are also taken from the environment (POSTERN_FAIL_ON for -fail-on) and from
postern.yaml; "postern config" shows what holds, and why.

Exit status:
  0  nothing crosses the gate
  1  the gate is crossed (-fail-on, by default: something is affected)
  2  the command line, an asset list or a rule is wrong; nothing was sent
  3  the scan is incomplete: stopped, or less covered than -min-coverage
  4  the rules are older than -max-rules-age
`)
}

// complain writes an error to standard error, each line of it with the program's name.
func (c *Command) complain(err error) {
	for line := range strings.SplitSeq(strings.TrimRight(err.Error(), "\n"), "\n") {
		fmt.Fprintf(c.Stderr, "postern: %s\n", printable(line))
	}
}

// notef says something about the run on standard error.
func (c *Command) notef(format string, args ...any) {
	c.complain(fmt.Errorf(format, args...))
}

// printable replaces what could steer a terminal or a log, or hides: arguments and asset
// lists are somebody else's text too.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\t' && r != unicode.ReplacementChar && (!unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point)) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
	return strings.ReplaceAll(s, "##", `#\x23`) // begins a command in some build logs
}

// statusError ends the program with a status other than ExitUsage; err may be nil when
// everything was said already.
type statusError struct {
	code int
	err  error
}

func (e statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e statusError) Unwrap() error { return e.err }
