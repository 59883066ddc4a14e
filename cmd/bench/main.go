// Bench measures what Postern costs: a fleet of servers on loopback, Postern as a whole
// process, and beside it the least that anybody could send, a client that makes the same
// TLS handshakes and requests and looks at nothing. Run it at the root of a checkout:
//
//	go run ./cmd/bench -write BENCHMARKS.md
//	go run ./cmd/bench -check
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/projectdiscovery/goflags"
)

// options are the flags.
type options struct {
	targets, runs int
	million       bool
	write         string
	peers         peers
	peerRuns      int
	check, update bool
	serve         bool
	floor, large  string
	allGateways   bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// parse reads the flags. goflags holds the table; its own Parse is never called, because
// that reads and writes files in the home directory and swallows errors in them.
func parse(args []string) (options, error) {
	var o options
	set := goflags.NewFlagSet()
	set.SetDescription("Measures what Postern costs, on loopback alone.")
	set.IntVar(&o.targets, "n", 2000, "endpoints of the fleet, from 100 to 20000")
	set.IntVar(&o.runs, "runs", 7, "paired runs of which the median counts")
	set.BoolVar(&o.million, "million", false, "scan a list of a million closed ports too: some minutes")
	set.StringVar(&o.write, "write", "", "put the table into this `FILE`, between its marks")
	set.Var(&o.peers, "peer", "run another program over the mixed fleet in turn with Postern: `NAME=COMMAND`, where NAME is nuclei, httpx or vpnvet, and {list} or {urls} in COMMAND stand for a file of endpoints; may be given again")
	set.IntVar(&o.peerRuns, "peer-runs", 3, "paired runs with each peer")
	set.BoolVar(&o.check, "check", false, "count requests, connections and allocations on a small fleet, and fail where they are more than in cmd/bench/counts.json")
	set.BoolVar(&o.update, "update", false, "write cmd/bench/counts.json anew, with -check")
	set.BoolVar(&o.serve, "serve", false, "be the fleet: used by the program itself")
	set.BoolVar(&o.allGateways, "all-gateways", false, "every result of that report is a gateway, and not one of ten")
	set.StringVar(&o.floor, "floor", "", "be the floor client for this list: used by the program itself")
	set.StringVar(&o.large, "large", "", "write a report of 100,000 results into this file: used by the program itself")
	line := set.CommandLine
	line.Init("bench", flag.ContinueOnError)
	line.SetOutput(os.Stderr)
	line.Usage = func() {
		fmt.Fprintln(os.Stdout, "Usage: go run ./cmd/bench [flags]")
		line.SetOutput(os.Stdout)
		line.PrintDefaults()
	}
	if err := line.Parse(args); err != nil {
		return o, err
	}
	switch {
	case line.NArg() > 0:
		return o, fmt.Errorf("%s is no flag; see -help", line.Arg(0))
	case o.targets < 100 || o.targets > 20000:
		return o, fmt.Errorf("-n %d: from 100 to 20000", o.targets)
	case o.runs < 1 || o.runs > 100:
		return o, fmt.Errorf("-runs %d: from 1 to 100", o.runs)
	case o.peerRuns < 1 || o.peerRuns > 100:
		return o, fmt.Errorf("-peer-runs %d: from 1 to 100", o.peerRuns)
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	switch {
	case err != nil:
		return err
	case o.serve:
		return serveFleet(os.Stdin, os.Stdout, o.targets)
	case o.floor != "":
		return floor(o.floor)
	case o.large != "":
		return writeLargeReport(o.large, rejudged, o.allGateways)
	}
	dir, err := os.MkdirTemp("", "postern-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{options: o, ctx: ctx, dir: dir, out: os.Stdout}
	if o.check {
		return b.checkCounts()
	}
	return b.measure()
}

// bench is one measurement.
type bench struct {
	options
	ctx context.Context
	dir string // for lists and programs; removed afterwards
	out io.Writer

	postern, self string // programs
	fleet         *fleet
}
