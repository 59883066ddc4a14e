package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"postern/cmd/postern/internal/config"
)

// configured are the commands whose flags a configuration sets, each in a section of its
// name. record takes what it has in common with scan from there.
func configured() []string { return []string{"scan", "match", "convert", "merge", "diff"} }

// origin is where the value of a flag comes from.
type origin struct {
	from source
	at   string // "postern.yaml:4:3", "POSTERN_FAIL_ON", "-polite"
}

// source is a kind of origin; a later one wins over an earlier one.
type source int

const (
	fromDefault source = iota
	fromFile
	fromEnvironment
	fromFlag
)

func (s source) String() string {
	return [...]string{"default", "file", "environment", "flag"}[s]
}

// section is the part of a configuration in which a flag stands; empty for none.
func (f *flags) section(name string) string {
	command := f.command()
	switch {
	case name == "config":
		return ""
	case command == "record" && f.shown(name) && name != "form" && name != "path":
		return "scan"
	case slices.Contains(configured(), command):
		return command
	}
	return ""
}

// command is the verb of the usage line.
func (f *flags) command() string {
	_, verb, _ := strings.Cut(commandOf(f.usage), " ")
	return verb
}

// takesConfig reports whether a configuration says anything of this command.
func (f *flags) takesConfig() bool {
	return f.command() == "record" || slices.Contains(configured(), f.command())
}

// shown reports whether the help has a flag.
func (f *flags) shown(name string) bool {
	return slices.ContainsFunc(f.groups, func(g flagGroup) bool { return slices.Contains(g.names, name) })
}

func (f *flags) defineConfig() {
	if f.takesConfig() && f.Lookup("config") == nil {
		f.group("Configuration", func() {
			f.String("config", "", "take flags and accepted risks from this `FILE`, none for no file; without it, from "+config.Name+" here, if there is one")
		})
	}
}

// configure completes what the command line says: each flag that it does not have is
// taken from the environment, else from the file. All that is wrong with either is
// reported. rest are the arguments that are no flags.
func (f *flags) configure(c *Command, rest []string) error {
	f.origins = map[string]origin{}
	f.Visit(func(fl *flag.Flag) { f.origins[fl.Name] = origin{fromFlag, "-" + fl.Name} })
	c.origins = f.origins
	if !f.takesConfig() {
		return nil
	}
	c.noteUnknownSettings()
	envErr := f.fromEnvironment(c, rest)
	file, err := c.readConfig(f)
	if err := errors.Join(envErr, err); err != nil {
		return err
	}
	if file != nil {
		f.file = file
		return f.fromFile(rest)
	}
	return nil
}

// skips reports whether something stronger has said what a flag is. What is not to be
// touched adds up instead: nothing takes it back. Targets that are named take the place of
// lists that are not: somebody means these alone.
func (f *flags) skips(name string, rest []string) bool {
	said := f.origins[name].from != fromDefault && !slices.Contains([]string{"deny", "exclude", "exclude-file"}, name)
	return f.section(name) == "" || said || name == "l" && len(rest) > 0
}

// from notes where a value comes from; values that add up have several places.
func (f *flags) from(name string, o origin) {
	if before, ok := f.origins[name]; ok {
		o = origin{before.from, before.at + ", " + o.at}
	}
	f.origins[name] = o
}

// fromFile sets flags as the file says; that was checked when it was read.
func (f *flags) fromFile(rest []string) error {
	var errs []error
	for _, section := range configured() {
		for _, s := range f.file.Settings[section] {
			fl := f.Lookup(s.Flag)
			if fl == nil || f.section(s.Flag) != section || f.skips(s.Flag, rest) {
				continue
			}
			place := fmt.Sprintf("%s:%d:%d", f.file.Name, s.Line, s.Column)
			for _, value := range s.Values {
				value, err := f.file.place(fl, value)
				if err == nil {
					err = fl.Value.Set(value)
				}
				if err != nil {
					errs = append(errs, fmt.Errorf("%s: %s: %w", place, s.Flag, err))
				}
			}
			f.from(s.Flag, origin{fromFile, place})
		}
	}
	return errors.Join(errs...)
}

// table is what a file may say of the flags of every command.
func (c *Command) table() config.Commands {
	table := config.Commands{}
	for _, command := range configured() {
		f := c.flagsOf(command)
		table[command] = map[string]config.Flag{}
		f.VisitAll(func(fl *flag.Flag) {
			if f.section(fl.Name) == command {
				table[command][fl.Name] = config.Flag{Kind: kindOf(fl), Check: fl.Value.Set}
			}
		})
	}
	return table
}

// flagsOf is a fresh table of the flags of a command, by beginning that command: it hands
// its flags over instead of reading arguments.
func (c *Command) flagsOf(command string) *flags {
	var got *flags
	probe := *c
	probe.describe = func(f *flags) { got = f }
	for _, sub := range subcommands() {
		if sub.name == command {
			_ = sub.run(&probe, context.Background(), nil) // says only that it did not run
		}
	}
	return got
}

func kindOf(fl *flag.Flag) config.Kind {
	if _, many := fl.Value.(*list); many {
		return config.List
	}
	getter, ok := fl.Value.(flag.Getter)
	if !ok {
		return config.Text
	}
	switch getter.Get().(type) {
	case bool:
		return config.Switch
	case int, int64, uint, uint64:
		return config.Number
	case time.Duration:
		return config.Duration
	}
	return config.Text
}

// placed puts the place of a setting before an error about it that begins with the flag.
func (c *Command) placed(err error) error {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		name, ok := strings.CutPrefix(line, "-")
		if end := strings.IndexAny(name, " :"); ok && end > 0 {
			if o := c.origins[name[:end]]; o.from == fromFile || o.from == fromEnvironment {
				lines[i] = o.at + ": " + line
			}
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}

// readConfig reads the file that -config or POSTERN_CONFIG names, or the one that lies
// here. It is nil where there is none.
func (c *Command) readConfig(f *flags) (*configFile, error) {
	name, by := "", ""
	if fl := f.Lookup("config"); fl != nil {
		name, by = fl.Value.String(), "-config"
	}
	if name == "" {
		name, by = c.Getenv(envPrefix+"CONFIG"), envPrefix+"CONFIG"
	}
	found := name == ""
	switch {
	case name == "none":
		return nil, nil
	case found:
		if _, err := os.Lstat(config.Name); errors.Is(err, os.ErrNotExist) {
			c.noteOtherName()
			return nil, nil
		}
		name = config.Name
	}
	data, err := readRegular(name)
	if err != nil {
		if found {
			return nil, fmt.Errorf("%s: %w; -config none does without it", name, err)
		}
		return nil, fmt.Errorf("%s %s: %w", by, name, err)
	}
	file, err := config.Parse(name, data, c.table(), time.Now())
	if err != nil {
		return nil, err
	}
	if found {
		c.notef("using %s (-config none does without it)", name)
	}
	return &configFile{File: file, found: found}, nil
}

// noteOtherName says that a file that somebody may take for the configuration is not.
func (c *Command) noteOtherName() {
	if _, err := os.Lstat("postern.yml"); err == nil {
		c.notef("postern.yml is not read; rename it to %s", config.Name)
	}
}
