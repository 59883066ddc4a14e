package cli

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"postern/cmd/postern/internal/config"
)

// envPrefix begins the names of all variables that say something to the program.
const envPrefix = "POSTERN_"

// denyVariable names files of what is never touched. It is no setting: it holds for every
// scan of a machine, beside -deny and what a configuration denies.
const denyVariable = envPrefix + "DENY"

// variable is the name of the variable for a flag of a section: POSTERN_FAIL_ON for scan,
// POSTERN_CONVERT_FAIL_ON for another command. It is empty where there is none.
func variable(section, flag string) string {
	name := envPrefix
	if section != "scan" {
		name += strings.ToUpper(section) + "_"
	}
	name += strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
	if section == "" || name == denyVariable {
		return ""
	}
	return name
}

// fromEnvironment sets the flags that have a variable; an empty one is none. A flag that
// may repeat has its values with commas.
func (f *flags) fromEnvironment(c *Command, rest []string) error {
	var errs []error
	f.VisitAll(func(fl *flag.Flag) {
		name := variable(f.section(fl.Name), fl.Name)
		if name == "" || f.skips(fl.Name, rest) {
			return
		}
		value := c.Getenv(name)
		if value == "" {
			return
		}
		values := []string{value}
		if kindOf(fl) == config.List {
			values = strings.Split(value, ",")
		}
		for _, v := range values {
			if err := fl.Value.Set(strings.TrimSpace(v)); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", name, wordy(fl, v, err)))
			}
		}
		f.from(fl.Name, origin{fromEnvironment, name})
	})
	return errors.Join(errs...)
}

// wordy says what a value should be, where the flag itself says only that it is not that.
func wordy(fl *flag.Flag, value string, err error) error {
	switch kindOf(fl) {
	case config.Switch:
		return fmt.Errorf("%q: write true or false", value)
	case config.Number:
		return fmt.Errorf("%q: write a whole number", value)
	case config.Duration:
		return fmt.Errorf("%q is no duration; write one such as 30s or 5m", value)
	}
	return err
}

// ofOthers reports whether a variable is what a cluster of Kubernetes puts into every
// container for a service that is called postern, or a switch of this program's own tests.
func ofOthers(name string) bool {
	for _, end := range []string{"_SERVICE_HOST", "_SERVICE_PORT", "_PORT"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	for _, part := range []string{"_SERVICE_PORT_", "_TCP", "_UDP"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	for _, begin := range []string{"FULL", "REQUIRE_", "TEST_", "WITHOUT", "AXE"} {
		if strings.HasPrefix(name, envPrefix+begin) {
			return true
		}
	}
	return false
}

// noteUnknownSettings names the variables that look like settings and are none. That is no
// error: others may have put them there.
func (c *Command) noteUnknownSettings() {
	if c.Environ == nil {
		return
	}
	var odd []string
	for _, pair := range c.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, envPrefix) && name != denyVariable && name != envPrefix+"CONFIG" && !ofOthers(name) {
			odd = append(odd, name)
		}
	}
	if len(odd) == 0 {
		return
	}
	known := []string{denyVariable, envPrefix + "CONFIG"}
	for _, command := range configured() {
		of := c.flagsOf(command)
		of.VisitAll(func(fl *flag.Flag) {
			if name := variable(of.section(fl.Name), fl.Name); name != "" {
				known = append(known, name)
			}
		})
	}
	slices.Sort(odd)
	for _, name := range odd {
		if slices.Contains(known, name) {
			continue
		}
		hint := "postern config lists those that are"
		if near := config.Nearest(name, known); near != "" {
			hint = fmt.Sprintf("did you mean %s?", near)
		}
		c.notef("%s is no setting; %s", name, hint)
	}
}
