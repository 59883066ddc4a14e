package cli

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"postern/cmd/postern/internal/config"
	"postern/report"
)

// effective is what "postern config" says; its fields are the JSON output.
type effective struct {
	Command string           `json:"command"`
	File    string           `json:"file,omitempty"`
	Flags   []effectiveFlag  `json:"flags"`
	Ignore  []effectiveEntry `json:"ignore,omitempty"`
}

type effectiveFlag struct {
	Flag  string `json:"flag"`
	Value any    `json:"value"`
	From  string `json:"from"`         // default, file, environment, flag
	At    string `json:"at,omitempty"` // "postern.yaml:4:3", "POSTERN_FAIL_ON", "-polite"
}

type effectiveEntry struct {
	Advisory      string `json:"advisory"`
	Target        string `json:"target,omitempty"`
	Tag           string `json:"tag,omitempty"`
	Reason        string `json:"reason"`
	Owner         string `json:"owner"`
	Expires       string `json:"expires"`
	Expired       bool   `json:"expired"`
	Justification string `json:"justification,omitempty"`
	At            string `json:"at"`
}

// config shows what a command would do with these flags, this environment and this file,
// and does nothing of it.
func (c *Command) config(_ context.Context, args []string) error {
	var format, file string
	f := newFlags("postern config [flags] [COMMAND [its flags]]")
	f.group("COMMAND is "+strings.Join(configurable(), ", ")+"; without it, scan", func() {
		f.StringVar(&format, "o", "text", "write `FORMAT`: text or json")
		f.StringVar(&file, "config", "", "as in -config `FILE` of the command")
	})
	if err := f.parseLeading(c, args); err != nil {
		return err
	}
	if format != "text" && format != "json" {
		return fmt.Errorf("-o %s: unknown format; config writes text or json", format)
	}
	command, rest := "scan", f.Args()
	if len(rest) > 0 {
		command, rest = rest[0], rest[1:]
	}
	if !slices.Contains(configurable(), command) {
		hint := strings.Join(configurable(), ", ")
		if near := config.Nearest(command, configurable()); near != "" {
			hint += "; did you mean " + near + "?"
		}
		return fmt.Errorf("config %s: is none of the commands that can be configured: %s", command, hint)
	}
	of := c.flagsOf(command)
	if file != "" {
		rest = append([]string{"-config", file}, rest...)
	}
	if _, err := of.parse(c, rest); err != nil {
		return err
	}
	if err := of.preset(); err != nil {
		return err
	}
	if format == "json" {
		return c.configJSON(newEffective(command, of))
	}
	return configText(c.Stdout, newEffective(command, of))
}

// configurable are the commands that read a configuration.
func configurable() []string { return append(configured(), "record") }

func newEffective(command string, f *flags) effective {
	e := effective{Command: command}
	if f.file != nil {
		e.File = f.file.Name
	}
	for _, g := range f.groups {
		for _, name := range g.names {
			if f.section(name) == "" {
				continue
			}
			o := f.origins[name]
			e.Flags = append(e.Flags, effectiveFlag{Flag: name, Value: effectiveValue(f.Lookup(name)), From: o.from.String(), At: o.at})
		}
	}
	if f.file == nil || command != "scan" && command != "convert" && command != "merge" {
		return e
	}
	today := time.Now().UTC().Format(time.DateOnly)
	for _, r := range f.file.Ignore {
		e.Ignore = append(e.Ignore, effectiveEntry{
			Advisory: r.Advisory, Target: r.Target.String(), Tag: r.Tag, Reason: r.Reason, Owner: r.Owner, Expires: r.Expires,
			Expired: r.Expires < today, Justification: r.Justification, At: r.Place,
		})
	}
	return e
}

// effectiveValue is the value of a flag, without what is secret in it.
func effectiveValue(fl *flag.Flag) any {
	switch v := fl.Value.(type) {
	case *list:
		values := []string{}
		for _, value := range *v {
			values = append(values, withoutSecret(value))
		}
		return values
	case flag.Getter:
		switch value := v.Get().(type) {
		case bool, int:
			return value
		}
	}
	return withoutSecret(fl.Value.String())
}

// withoutSecret leaves user and password out of a URL, and of what may be a misspelt one.
func withoutSecret(value string) string {
	at := strings.LastIndexByte(value, '@')
	if at < 0 || !strings.ContainsAny(value[:at], ":/") {
		return value
	}
	scheme := ""
	if i := strings.Index(value[:at], "://"); i >= 0 {
		scheme = value[:i+len("://")]
	}
	return scheme + "…" + value[at:]
}

func (c *Command) configJSON(e effective) error {
	data, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	_, err = c.Stdout.Write(append(report.PrintableJSON(data), '\n'))
	return err
}

func configText(w io.Writer, e effective) error {
	file := "no configuration file"
	if e.File != "" {
		file = e.File
	}
	fmt.Fprintf(w, "postern %s, with %s\n\n", e.Command, printable(file))
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, fl := range e.Flags {
		value := fmt.Sprint(fl.Value)
		if values, many := fl.Value.([]string); many {
			value = strings.Join(values, ", ")
		}
		if value == "" {
			value = "-"
		}
		from := fl.From
		if fl.At != "" {
			from += " " + fl.At
		}
		fmt.Fprintf(table, "-%s\t%s\t%s\n", fl.Flag, oneLine(value), oneLine(from))
	}
	if len(e.Ignore) > 0 {
		fmt.Fprintf(table, "\nAccepted risks:\n")
	}
	for _, r := range e.Ignore {
		about, until := r.Target, "until "
		if r.Tag != "" {
			about = "tag " + r.Tag
		}
		if r.Expired {
			until = "EXPIRED "
		}
		fmt.Fprintf(table, "%s\t%s\t%s%s\t%s\t%s\n", r.Advisory, oneLine(about), until, r.Expires, oneLine(r.Owner), oneLine(r.At))
	}
	return table.Flush()
}

// oneLine is a text that stays in its cell.
func oneLine(text string) string {
	return printable(strings.Join(strings.Fields(text), " "))
}
