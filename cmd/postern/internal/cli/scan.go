package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"postern/scanner"
	"postern/scanner/finding"
)

// scanFlags are the flags of scan, as given.
type scanFlags struct {
	lists, excludes, excludeFiles list
	allowLarge                    bool
	ports                         string
	outputs                       list
	failOn, minCoverage           string
	maxRulesAge                   string
	parallel                      int
	rate                          string
	timeout                       time.Duration
	contact, proxy                string
}

func defineScanFlags(usage string) (*flags, *scanFlags) {
	v := &scanFlags{}
	f := newFlags(usage)
	f.group("Targets", func() {
		f.Var(&v.lists, "l", "asset list to read, - for standard input; may repeat (`FILE`)")
		f.Var(&v.excludes, "exclude", "leave out this `TARGET`, address or range; may repeat")
		f.Var(&v.excludeFiles, "exclude-file", "leave out the entries of this list; may repeat (`FILE`)")
		f.BoolVar(&v.allowLarge, "allow-large", false, "allow more than 65,536 addresses in one range")
		f.StringVar(&v.ports, "ports", joinPorts(scanner.DefaultPorts()), "`PORTS` to try on a target without one")
	})
	f.group("Results", func() {
		f.Var(&v.outputs, "o", "write `FORMAT[=FILE]`: text, json, jsonl, sarif; may repeat")
		f.StringVar(&v.failOn, "fail-on", "affected", "exit 1 on any of affected, possible, kev; or none (`WORDS`)")
		f.StringVar(&v.minCoverage, "min-coverage", "0", "exit 3 if less than this `SHARE` of the results got an answer (95%)")
		f.StringVar(&v.maxRulesAge, "max-rules-age", "", "exit 4 if the newest advisory is older than this `AGE` (30d)")
	})
	f.group("Limits", func() {
		f.IntVar(&v.parallel, "parallel", 64, "`N` targets at once; one target is asked one thing at a time")
		f.StringVar(&v.rate, "rate", "500", "requests a second over all targets, 0 for no limit (`N`)")
		f.DurationVar(&v.timeout, "timeout", 15*time.Second, "one endpoint, from the first dial to the last byte (`DURATION`)")
	})
	f.group("Connection", func() {
		f.StringVar(&v.contact, "contact", "", "who to ask about these requests, put in the User-Agent (`TEXT`)")
		f.StringVar(&v.proxy, "proxy", "", "`URL` of an HTTP or SOCKS5 proxy; none to ignore HTTPS_PROXY")
	})
	return f, v
}

// scanPlan is a scan that has been checked and can begin.
type scanPlan struct {
	targets   *scanner.List
	options   scanner.Options
	dests     []destination
	gate      gate
	coverage  float64
	inputs    []string
	knowledge knowledge
	rules     finding.Rules
}

func (c *Command) scan(ctx context.Context, args []string) error {
	f, v := defineScanFlags("postern scan [flags] [TARGET]...")
	rest, err := f.parse(c, args)
	if err != nil {
		return err
	}
	plan, err := c.planScan(v, rest)
	if err != nil {
		return err
	}
	_, err = c.runScan(ctx, plan)
	return err
}

// planScan checks everything that can be wrong before the first packet, and reports all
// of it.
func (c *Command) planScan(v *scanFlags, args []string) (*scanPlan, error) {
	plan := &scanPlan{inputs: v.lists}
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	var err error
	plan.dests, err = parseDestinations(v.outputs)
	note(err)
	plan.gate, err = parseGate(v.failOn)
	note(err)
	plan.coverage, err = parseShare("min-coverage", v.minCoverage)
	note(err)
	age, err := parseAge("max-rules-age", v.maxRulesAge)
	note(err)
	plan.options, err = c.scanOptions(v)
	note(err)
	plan.targets, err = c.readTargets(v, args)
	note(err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if plan.knowledge, err = loadKnowledge(); err != nil {
		return nil, err
	}
	if plan.rules, err = plan.knowledge.rules(); err != nil {
		return nil, err
	}
	return plan, checkAge(plan.rules.Date, age, time.Now())
}

func (c *Command) scanOptions(v *scanFlags) (scanner.Options, error) {
	var errs []error
	opts := scanner.Options{Parallel: v.parallel, Timeout: v.timeout, Contact: v.contact, Version: Version}
	if v.parallel < 1 || v.parallel > 4096 {
		errs = append(errs, fmt.Errorf("-parallel %d: must be 1 to 4096", v.parallel))
	}
	if v.timeout < 100*time.Millisecond {
		errs = append(errs, fmt.Errorf("-timeout %s: must be at least 100ms", v.timeout))
	}
	if strings.ContainsFunc(v.contact, func(r rune) bool { return r < ' ' || r >= 0x7f || r == '(' || r == ')' }) || len(v.contact) > 100 {
		errs = append(errs, fmt.Errorf("-contact %q: write an address or URL in plain ASCII, without brackets", v.contact))
	}
	rate, err := strconv.ParseFloat(v.rate, 64)
	switch {
	case err != nil || !(rate >= 0 && rate <= 1e6):
		errs = append(errs, fmt.Errorf("-rate %s: not a number of requests a second", v.rate))
	case rate == 0:
		rate = -1 // the option's word for no limit
	}
	opts.Rate = rate
	opts.Ports, err = parsePorts(v.ports)
	errs = append(errs, err)
	opts.Proxy, err = parseProxy(v.proxy)
	errs = append(errs, err)
	return opts, errors.Join(errs...)
}

// readTargets parses arguments and lists, and reports every mistake in any of them.
func (c *Command) readTargets(v *scanFlags, args []string) (*scanner.List, error) {
	exclude, exclErr := c.readExclusions(v)
	opts := scanner.ListOptions{AllowLarge: v.allowLarge, Exclude: exclude}
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

// runScan scans, writes every report, and turns the outcome into a status.
func (c *Command) runScan(ctx context.Context, plan *scanPlan) (finding.Summary, error) {
	started := time.Now()
	header := finding.Header{
		Format: finding.Format, Tool: "postern", Version: Version, Rules: plan.rules,
		Started: started.UTC().Truncate(time.Second), Inputs: plan.inputs,
	}
	out, err := c.openOutputs(plan.dests, header)
	if err != nil {
		return finding.Summary{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	bar := c.startProgress(plan.targets.Count(), started)
	plan.options.OnProgress = bar.update
	s := scanner.New(plan.knowledge.catalog, plan.knowledge.db, plan.options)

	summary := finding.Summary{Targets: int(plan.targets.Count())}
	crossed, writeErr := false, error(nil)
	for result := range s.Scan(ctx, plan.targets.All()) {
		summary.Add(result)
		crossed = crossed || plan.gate.crossedBy(result)
		if writeErr = out.write(result); writeErr != nil {
			break
		}
	}
	bar.end()
	summary.Complete = ctx.Err() == nil && writeErr == nil && summary.Interrupted == 0
	summary.Finish(time.Now().UTC().Truncate(time.Second))
	verdict := scanStatus(&summary, plan, crossed)
	closeErr := out.close(summary)
	if err := errors.Join(writeErr, closeErr); err != nil {
		return summary, statusError{ExitIncomplete, fmt.Errorf("write report: %w", err)}
	}
	return summary, verdict
}

// scanStatus decides the exit status, records it in the summary, and says why on standard
// error when it is not plain from the report.
func scanStatus(s *finding.Summary, plan *scanPlan, crossed bool) error {
	var why error
	switch {
	case crossed:
		s.ExitStatus = ExitFindings
	case !s.Complete:
		s.ExitStatus = ExitIncomplete
	case s.Coverage < plan.coverage:
		s.ExitStatus = ExitIncomplete
		why = fmt.Errorf("coverage is %.1f%%, less than -min-coverage %.1f%%", 100*s.Coverage, 100*plan.coverage)
	default:
		return nil
	}
	return statusError{s.ExitStatus, why}
}

func joinPorts(ports []int) string {
	var words []string
	for _, p := range ports {
		words = append(words, strconv.Itoa(p))
	}
	return strings.Join(words, ",")
}

func parsePorts(value string) ([]int, error) {
	var ports []int
	seen := map[int]bool{}
	for word := range strings.SplitSeq(value, ",") {
		port, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || port < 1 || port > 65535 {
			return nil, fmt.Errorf("-ports %s: %q is no port; write numbers from 1 to 65535 with commas", value, word)
		}
		if !seen[port] {
			ports = append(ports, port)
		}
		seen[port] = true
	}
	return ports, nil
}

// parseProxy turns -proxy into the scan's choice: empty follows HTTPS_PROXY and NO_PROXY.
func parseProxy(value string) (func(*url.URL) (*url.URL, error), error) {
	switch value {
	case "":
		return func(endpoint *url.URL) (*url.URL, error) {
			return http.ProxyFromEnvironment(&http.Request{URL: endpoint})
		}, nil
	case "none":
		return nil, nil
	}
	proxy, err := url.Parse(value)
	if err != nil || proxy.Host == "" || (proxy.Scheme != "http" && proxy.Scheme != "https" && proxy.Scheme != "socks5") {
		return nil, fmt.Errorf("-proxy %s: write http://host:port, https://host:port or socks5://host:port", value)
	}
	return func(*url.URL) (*url.URL, error) { return proxy, nil }, nil
}

// parseAge reads "30d" or a duration such as "48h"; empty is no limit.
func parseAge(flag, value string) (time.Duration, error) {
	if value == "" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(value, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	if age, err := time.ParseDuration(value); err == nil && age > 0 {
		return age, nil
	}
	return 0, fmt.Errorf("-%s %s: not an age; write 30d or 48h", flag, value)
}

// checkAge refuses rules whose newest advisory is older than age.
func checkAge(date string, age time.Duration, now time.Time) error {
	if age == 0 {
		return nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	if old := now.Sub(day); old > age {
		return statusError{ExitStale, fmt.Errorf("the rules are %d days old (%s), more than -max-rules-age allows; update postern", int(old.Hours()/24), date)}
	}
	return nil
}
