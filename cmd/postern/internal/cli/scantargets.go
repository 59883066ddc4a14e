package cli

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"postern/fingerprints"
	"postern/scanner"
)

// readTargets parses arguments and lists, and reports every mistake in any of them.
func (c *Command) readTargets(v *scanFlags, args []string, catalog *fingerprints.Catalog) (*scanner.List, error) {
	exclude, exclErr := c.readExclusions(v)
	opts := scanner.ListOptions{AllowLarge: v.allowLarge, Exclude: exclude, Catalog: catalog}
	all, err := scanner.ParseArgs(args, opts)
	errs := []error{exclErr, err}
	stdin := false
	for _, name := range v.lists {
		if name == "-" {
			if stdin {
				errs = append(errs, errors.New("-l -: standard input can be read only once"))
				continue
			}
			stdin = true
			more, err := scanner.ParseList("-", c.Stdin, opts)
			errs = append(errs, err)
			all = all.Merge(more)
			continue
		}
		file, err := os.Open(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("asset list: %w", err))
			continue
		}
		more, err := scanner.ParseList(relativeToHere(name), file, opts)
		_ = file.Close() // it was only read
		errs = append(errs, err)
		all = all.Merge(more)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if all.Count() == 0 {
		return nil, errors.New("no targets: name them, or give a list with -l FILE (- for standard input)")
	}
	return all, nil
}

func (c *Command) readExclusions(v *scanFlags) (*scanner.Exclusions, error) {
	exclude, err := scanner.ParseExclusions("", strings.NewReader(strings.Join(v.excludes, "\n")))
	errs := []error{err}
	for _, name := range v.excludeFiles {
		file, err := os.Open(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("exclusions: %w", err))
			continue
		}
		more, err := scanner.ParseExclusions(name, file)
		_ = file.Close() // it was only read
		errs = append(errs, err)
		exclude = exclude.Merge(more)
	}
	return exclude, errors.Join(errs...)
}

// relativeToHere makes an absolute list name relative to the working folder where it is
// below it, because code-scanning services accept no other location.
func relativeToHere(name string) string {
	here, err := os.Getwd()
	if err != nil || !filepath.IsAbs(name) {
		return name
	}
	if relative, err := filepath.Rel(here, name); err == nil && !strings.HasPrefix(relative, "..") {
		return relative
	}
	return name
}

// readDenials reads what must never be touched: the files that POSTERN_DENY names, and
// every -deny. A value of the flag that is neither address nor range is a file: a name is
// not taken for one to deny, because a mistyped file would then deny nothing.
func (c *Command) readDenials(v *scanFlags) (*scanner.Exclusions, error) {
	var deny *scanner.Exclusions
	var errs []error
	add := func(what, name string) {
		file, err := os.Open(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", what, err))
			return
		}
		defer file.Close()
		more, err := scanner.ParseExclusions(name, file)
		errs = append(errs, err)
		deny = deny.Merge(more)
	}
	for _, name := range filepath.SplitList(c.Getenv("POSTERN_DENY")) {
		add("POSTERN_DENY", name)
	}
	for _, value := range v.denies {
		_, addrErr := netip.ParseAddr(value)
		if _, err := netip.ParsePrefix(value); err != nil && addrErr != nil {
			add("-deny "+value+": neither an address nor a range, nor a file that can be read", value)
			continue
		}
		more, err := scanner.ParseExclusions("", strings.NewReader(value))
		errs = append(errs, err)
		deny = deny.Merge(more)
	}
	return deny, errors.Join(errs...)
}
