package cli

import (
	"errors"
	"fmt"

	"postern/scanner"
)

// engineFlag says what the other engine does not promise. There is no option for these.
const engineFlag = "have that library ask, to compare answers (`httpx`); only in a program built with it. " +
	"It can be led to hosts that are not on the list, and reads bodies whole however large they are: only for your own loopback or lab"

// checkEngine refuses an engine that is not there, and what it would ignore.
func checkEngine(v *scanFlags, opts scanner.Options) error {
	switch {
	case v.engine == "":
		return nil
	case v.engine != "httpx":
		return fmt.Errorf("-engine %s: write httpx, or leave the flag out", v.engine)
	case !scanner.HasHTTPX:
		return errors.New("-engine httpx: this program was built without httpx: go build -tags httpx (see docs/engines.md)")
	case v.proxy != "" && v.proxy != "none" || opts.ClientCert != nil:
		return errors.New("-engine httpx: goes through no proxy and shows no certificate; leave -proxy and -client-cert out")
	}
	return nil
}
