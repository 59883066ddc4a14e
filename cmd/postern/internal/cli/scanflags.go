package cli

import (
	"errors"
	"time"

	"postern/scanner"
)

// scanFlags are the flags of scan, as given.
type scanFlags struct {
	given                         *flags // what they were read from
	lists, excludes, excludeFiles list
	denies                        list
	allowLarge, allAddresses      bool
	dryRun, verbose               bool
	trace                         string
	ports, shard                  string
	outputs                       list
	suppressed                    string
	failOn, minCoverage           string
	baseline, groupBy             string
	baselineNew                   bool
	baselineIncomplete            bool
	maxRulesAge                   string
	rules                         string
	parallel                      int
	rate                          string
	gap                           time.Duration
	perNet                        int
	timeout, maxOutage            time.Duration
	maxBody, maxHeader            string
	maxRequests                   int
	polite, fast                  bool
	contact, proxy, resolver      string
	engine                        string
	clientCert, clientKey         string
	journal                       string
	resume                        bool
}

func defineScanFlags(usage string) (*flags, *scanFlags) {
	f := newFlags(usage)
	v := &scanFlags{given: f}
	f.group("Targets", func() {
		f.Var(&v.lists, "l", "asset list to read, - for standard input; may repeat (`FILE`)")
		f.Var(&v.excludes, "exclude", "leave out this `TARGET`, address or range; may repeat")
		f.Var(&v.excludeFiles, "exclude-file", "leave out the entries of this list; may repeat (`FILE`)")
		f.BoolVar(&v.allAddresses, "all-addresses", false, "ask every address of a name, at most 16, each for itself")
		f.BoolVar(&v.allowLarge, "allow-large", false, "allow more than 65,536 addresses in one range")
		f.StringVar(&v.ports, "ports", joinPorts(scanner.DefaultPorts()), "`PORTS` to try on a target without one")
		f.StringVar(&v.shard, "shard", "", "scan only `I/N` of the hosts, as one of N machines; auto for what CI says of its jobs")
	})
	f.group("Results", func() {
		f.Var(&v.outputs, "o", "write `FORMAT[=FILE]`: text, json, jsonl, sarif, html, csv, markdown, junit, defectdojo, cyclonedx; may repeat")
		f.StringVar(&v.suppressed, "sarif-suppressed", "drop", suppressedFlag)
		f.StringVar(&v.failOn, "fail-on", "affected", gateFlag)
		f.StringVar(&v.baseline, "baseline", "", baselineFlag)
		f.BoolVar(&v.baselineNew, "baseline-new", false, baselineNewFlag)
		f.BoolVar(&v.baselineIncomplete, "baseline-incomplete", false, baselineIncompleteFlag)
		f.StringVar(&v.groupBy, "group-by", "", groupByFlag)
		f.StringVar(&v.minCoverage, "min-coverage", "0", "exit 3 if less than this `SHARE` of the results got an answer, as 95%")
		f.StringVar(&v.rules, "rules", "", rulesFlag)
		f.StringVar(&v.maxRulesAge, "max-rules-age", "", "exit 4 if the newest advisory is older than this `AGE` (30d)")
		f.BoolVar(&v.dryRun, "dry-run", false, "list what would be asked of whom, as text or json, and send nothing")
		f.StringVar(&v.trace, "trace", "", "write every request and answer to this `FILE`, in HAR 1.2")
		f.BoolVar(&v.verbose, "v", false, "explain each decision on standard error")
	})
	f.group("Going on after a crash", func() {
		f.StringVar(&v.journal, "journal", "", "keep every finished target in this `FILE` at once, for -resume")
		f.BoolVar(&v.resume, "resume", false, "go on with the scan of -journal: no finished target is asked again")
	})
	f.group("Limits", func() {
		f.IntVar(&v.parallel, "parallel", 64, "`N` targets at once; one target is asked one thing at a time")
		f.StringVar(&v.rate, "rate", "500", "requests a second over all targets, 0 for no limit (`N`)")
		f.DurationVar(&v.gap, "gap", 100*time.Millisecond, "between two requests to one host, stretched at random by up to a half; 0 for none (`DURATION`)")
		f.IntVar(&v.perNet, "per-net", 8, "`N` hosts of one /24 (IPv6: /48) at once; 0 for no limit")
		f.DurationVar(&v.timeout, "timeout", 15*time.Second, "one endpoint, from the first dial to the last byte (`DURATION`)")
		f.DurationVar(&v.maxOutage, "max-outage", 10*time.Minute, "wait this long when this machine loses its network (`DURATION`)")
		f.StringVar(&v.maxBody, "max-body", "512KiB", "`SIZE` of a body that is read, from 1KiB to 64MiB; what goes beyond it is cut")
		f.StringVar(&v.maxHeader, "max-header", "64KiB", "`SIZE` of a header that is read, from 1KiB to 1MiB; more is no answer")
		f.IntVar(&v.maxRequests, "max-requests", 16, "`N` questions to one endpoint, the redirects that are followed among them")
		f.BoolVar(&v.polite, "polite", false, "-parallel 8 -rate 20 -gap 1s -per-net 2 -timeout 30s, where they are not given")
		f.BoolVar(&v.fast, "fast", false, "-parallel 256 -rate 2000 -gap 20ms -per-net 32 -timeout 10s, where they are not given")
		f.Var(&v.denies, "deny", "never touch this address or range, or those in a file, whatever leads there; may repeat (`RANGE|FILE`)")
	})
	f.group("Connection", func() {
		f.StringVar(&v.contact, "contact", "", "who to ask about these requests, put in the User-Agent (`TEXT`)")
		f.StringVar(&v.proxy, "proxy", "", "`URL` of an HTTP or SOCKS5 proxy; none to ignore HTTPS_PROXY")
		f.StringVar(&v.resolver, "resolver", "", "ask only this name server, `ADDRESS[:PORT]`; without it, those of the system")
		f.StringVar(&v.clientCert, "client-cert", "", "show the certificate in this PEM `FILE` to endpoints that ask for one")
		f.StringVar(&v.clientKey, "client-key", "", "its key, a PEM `FILE`")
		f.StringVar(&v.engine, "engine", "", engineFlag)
	})
	return f, v
}

func politeLimits() map[string]string {
	return map[string]string{"parallel": "8", "rate": "20", "gap": "1s", "per-net": "2", "timeout": "30s"}
}

func fastLimits() map[string]string {
	return map[string]string{"parallel": "256", "rate": "2000", "gap": "20ms", "per-net": "32", "timeout": "10s"}
}

// preset sets the limits that -polite and -fast stand for, but none that was given by
// something as strong: a limit on the command line wins over -polite in a file, and -polite
// on the command line over a limit in a file.
func (f *flags) preset() error {
	polite, fast := f.presetFrom("polite"), f.presetFrom("fast")
	by, name, values := polite, "polite", politeLimits()
	switch {
	case polite == fromDefault && fast == fromDefault:
		return nil
	case polite == fast:
		return errors.New("-polite and -fast: choose one")
	case fast > polite:
		by, name, values = fast, "fast", fastLimits()
	}
	for limit, value := range values {
		if f.origins[limit].from >= by {
			continue
		}
		if err := f.Set(limit, value); err != nil {
			return err
		}
		f.origins[limit] = origin{by, "-" + name}
	}
	return nil
}

// presetFrom is where a preset was switched on; fromDefault where it is off.
func (f *flags) presetFrom(name string) source {
	if fl := f.Lookup(name); fl == nil || fl.Value.String() != "true" {
		return fromDefault
	}
	return f.origins[name].from
}
