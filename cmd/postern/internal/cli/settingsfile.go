package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"postern/cmd/postern/internal/config"
)

// configFile is a configuration that was read.
type configFile struct {
	*config.File
	found bool // and not named: it may be somebody else's
}

// readRegular reads a file that cannot make the program wait, as a pipe can, nor grow.
func readRegular(name string) ([]byte, error) {
	switch info, err := os.Stat(name); {
	case err != nil:
		return nil, withoutPath(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("is no plain file")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, config.MaxSize+1))
}

// withoutPath is an error of the file system for a message that names the file already.
func withoutPath(err error) error {
	var of *os.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// place makes the paths in a value those that are meant: relative to the folder of the
// file. A file that was found and not named writes nowhere outside its folder: whoever
// leaves one in a folder cannot have a scan overwrite other files.
func (f *configFile) place(fl *flag.Flag, value string) (string, error) {
	before, path := splitPath(fl, value)
	if path == "" || path == "-" {
		return value, nil
	}
	if f.found && slices.Contains([]string{"o", "trace", "journal"}, fl.Name) && !filepath.IsLocal(path) {
		return "", fmt.Errorf("%q is outside the folder of the file; name the file with -config %s to allow that", path, f.Name)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(f.Name), path)
	}
	return before + path, nil
}

// splitPath finds the path in a value: what the flag calls FILE or DIR.
func splitPath(fl *flag.Flag, value string) (before, path string) {
	what, _ := flag.UnquoteUsage(fl)
	switch {
	case what == "FILE" || what == "DIR":
		return "", value
	case what == "FORMAT[=FILE]":
		if format, file, ok := strings.Cut(value, "="); ok {
			return format + "=", file
		}
	case what == "RANGE|FILE":
		_, addrErr := netip.ParseAddr(value)
		if _, err := netip.ParsePrefix(value); err != nil && addrErr != nil {
			return "", value
		}
	}
	return value, ""
}
