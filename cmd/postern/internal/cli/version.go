package cli

import (
	"context"
	"fmt"
	"runtime"
)

func (c *Command) version(_ context.Context, args []string) error {
	f := newFlags("postern version")
	if rest, err := f.parse(c, args); err != nil || len(rest) > 0 {
		return errorOr(err, "version: takes no arguments")
	}
	rules, err := builtinRules()
	if err != nil {
		return err
	}
	fmt.Fprintf(c.Stdout, "postern %s\nrules   %s, %d products, %d advisories, %s\ngo      %s %s/%s\n",
		Version, rules.Date, rules.Products, rules.Advisories, rules.Digest[:len("sha256:")+12], runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// errorOr is err, or a new error when there is none.
func errorOr(err error, message string) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%s", message)
}
