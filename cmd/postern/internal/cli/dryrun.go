package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"postern/report"
	"postern/scanner"
	"postern/scanner/finding"
)

// checkDryRun refuses what a dry run cannot do.
func checkDryRun(plan *scanPlan) error {
	if !plan.dryRun {
		return nil
	}
	var errs []error
	for _, d := range plan.dests {
		if d.format != "text" && d.format != "json" {
			errs = append(errs, fmt.Errorf("-dry-run: -o %s: a dry run is written as text or json", d.format))
		}
	}
	if plan.trace != "" || plan.journal.path != "" {
		errs = append(errs, errors.New("-dry-run: asks nothing, so that -trace and -journal have nothing to keep"))
	}
	return errors.Join(errs...)
}

// intended is what would be done with one target.
type intended struct {
	Target string        `json:"target"`
	Input  finding.Input `json:"input"`
	// Connect is the host or address that would be connected to, Lookup whether it is a name
	// that this machine would look up, and Proxy what the connection would go through.
	Connect string `json:"connect"`
	Lookup  bool   `json:"lookup"`
	Proxy   string `json:"proxy,omitempty"`
	Ports   []int  `json:"ports"`
	Denied  bool   `json:"denied"` // then nothing is sent
}

// dryPlan is what a whole scan would do; the targets stand between it and the end.
type dryPlan struct {
	DryRun bool      `json:"dry_run"` // true
	Limits dryLimits `json:"limits"`
	// First is what every endpoint would be asked, Questions all that may be asked after
	// that; the path that no product has is made up for each scan.
	First       string   `json:"first"`
	Questions   []string `json:"questions"`
	TargetCount uint64   `json:"target_count"`
	// Shard is the share of the list that the targets are; nil for all of it.
	Shard *finding.Shard `json:"shard,omitempty"`
}

// dryLimits are the limits in effect; 0 is none.
type dryLimits struct {
	Parallel       int     `json:"parallel"`
	Rate           float64 `json:"requests_per_second"`
	GapSeconds     float64 `json:"gap_seconds"`
	PerNet         int     `json:"hosts_per_network"`
	TimeoutSeconds float64 `json:"timeout_seconds"`
}

// dryRun says what a scan would ask of whom. Nothing is sent: not even a name is looked up.
func (c *Command) dryRun(plan *scanPlan) error {
	var errs []error
	for _, d := range plan.dests {
		errs = append(errs, c.writeDryRun(plan, d))
	}
	return errors.Join(errs...)
}

func (c *Command) writeDryRun(plan *scanPlan, d destination) error {
	write := dryText
	if d.format == "json" {
		write = dryJSON
	}
	if d.file == "" {
		return write(c.Stdout, plan)
	}
	file, err := createAtomic(d.file)
	if err == nil {
		err = write(file, plan)
	}
	if err == nil {
		err = file.commit()
	}
	if err != nil {
		return fmt.Errorf("-o %s=%s: %w", d.format, d.file, err)
	}
	return nil
}

func newDryPlan(plan *scanPlan) dryPlan {
	o := plan.options
	return dryPlan{
		DryRun: true, First: "GET /", Questions: plan.knowledge.catalog.Questions(), TargetCount: plan.targets.Count(), Shard: plan.shard,
		Limits: dryLimits{o.Parallel, max(o.Rate, 0), max(o.Gap, 0).Seconds(), max(o.PerNet, 0), o.Timeout.Seconds()},
	}
}

func newIntended(plan *scanPlan, t scanner.Target) intended {
	in := plan.options.Intent(t)
	out := intended{Target: in.Target, Input: t.Input, Connect: in.Connect, Lookup: in.Lookup, Ports: in.Ports, Denied: in.Denied}
	if len(in.Ports) > 0 && plan.options.Proxy != nil {
		scheme := t.Scheme
		if scheme == "" {
			scheme = "https"
		}
		endpoint := &url.URL{Scheme: scheme, Host: in.Connect + ":" + strconv.Itoa(in.Ports[0]), Path: "/"}
		if proxy, err := plan.options.Proxy(endpoint); err == nil && proxy != nil {
			out.Proxy, out.Lookup = proxy.Redacted(), false
		}
	}
	return out
}

// dryJSON writes one object, target by target.
func dryJSON(w io.Writer, plan *scanPlan) error {
	out := bufio.NewWriter(w)
	head, err := json.Marshal(newDryPlan(plan))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s,\"targets\":[", head[:len(head)-1])
	between := "\n"
	for t := range plan.targets.All() {
		line, err := json.Marshal(newIntended(plan, t))
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s%s", between, report.PrintableJSON(line))
		between = ",\n"
	}
	fmt.Fprint(out, "\n]}\n")
	return out.Flush() // reports an earlier error too
}

func dryText(w io.Writer, plan *scanPlan) error {
	out := bufio.NewWriter(w)
	dry := newDryPlan(plan)
	denied := 0
	for t := range plan.targets.All() {
		in := newIntended(plan, t)
		if in.Denied {
			denied++
		}
		fmt.Fprintln(out, printable(in.line()))
	}
	l := dry.Limits
	share := ""
	if s := plan.shard; s != nil {
		share = fmt.Sprintf(" of %d, shard %d/%d", s.Targets, s.Index, s.Of)
	}
	noun := "targets"
	if dry.TargetCount == 1 {
		noun = "target"
	}
	fmt.Fprintf(out, "\n%d %s%s, %d of them denied. Nothing was sent.\n", dry.TargetCount, noun, share, denied)
	fmt.Fprintf(out, "Each endpoint would be asked %s first, and then as the answers suggest, at most 12 of these and of redirects on the same host and port:\n", dry.First)
	fmt.Fprintf(out, "  %s\n", strings.Join(dry.Questions, "\n  "))
	fmt.Fprintf(out, "Limits: %d targets at once, %s, %s, %s, %s for one endpoint.\n", l.Parallel,
		orNone(l.Rate > 0, fmt.Sprintf("%g requests a second", l.Rate), "no limit on requests a second"),
		orNone(l.GapSeconds > 0, fmt.Sprintf("%s between two requests to one host", plan.options.Gap), "no gap between requests to one host"),
		orNone(l.PerNet > 0, fmt.Sprintf("%d hosts of one /24 or /48 at once", l.PerNet), "no limit on one network"),
		time.Duration(l.TimeoutSeconds*float64(time.Second)))
	return out.Flush()
}

func orNone(limited bool, limit, none string) string {
	if limited {
		return limit
	}
	return none
}

// line is one target for people.
func (in intended) line() string {
	if in.Denied {
		return in.Target + "  denied: would not be touched"
	}
	how := in.Connect
	if in.Lookup {
		how += " (looked up)"
	}
	if in.Proxy != "" {
		how += " through " + in.Proxy
	}
	var ports []string
	for _, port := range in.Ports {
		ports = append(ports, strconv.Itoa(port))
	}
	return fmt.Sprintf("%s  connects to %s, port %s", in.Target, how, strings.Join(ports, ", "))
}
