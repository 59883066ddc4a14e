package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// countsFile holds what a small fleet was asked when it was last looked at.
const countsFile = "cmd/bench/counts.json"

// checkTargets is the size of the fleet of a check.
const checkTargets = 400

// counted is what a check counts; none of it depends on how fast the machine is.
type counted map[string]float64

// checkCounts scans a small fleet and compares what was counted with the file.
func (b *bench) checkCounts() error {
	if err := b.build(); err != nil {
		return err
	}
	var err error
	if b.fleet, err = startFleet(b.self, checkTargets); err != nil {
		return err
	}
	defer b.fleet.stop()
	now, err := b.countFleet()
	if err != nil {
		return err
	}
	if err := countAllocations(now); err != nil {
		return err
	}
	if b.update {
		data, err := json.MarshalIndent(now, "", "  ")
		if err != nil {
			return err
		}
		return os.WriteFile(countsFile, append(data, '\n'), 0o644)
	}
	data, err := os.ReadFile(countsFile)
	if err != nil {
		return err
	}
	var before counted
	if err := json.Unmarshal(data, &before); err != nil {
		return fmt.Errorf("%s: %w", countsFile, err)
	}
	return compareCounts(b, before, now)
}

// countFleet scans each part of the fleet once.
func (b *bench) countFleet() (counted, error) {
	now := counted{}
	for _, kind := range []string{ordinary, gateway} {
		list := filepath.Join(b.dir, kind+".txt")
		n, err := b.fleet.list(list, b.fleet.endpoints, kind)
		if err != nil {
			return nil, err
		}
		if _, err := b.run(b.postern, scanArgs(list)...); err != nil {
			return nil, err
		}
		endpoints, err := b.fleet.count()
		if err != nil {
			return nil, err
		}
		sum, _ := total(endpoints, kind)
		for what, count := range map[string]int{
			"requests": sum.Requests, "connections": sum.Connections, "handshakes": sum.Handshakes,
			"requests neither GET nor HEAD": sum.Requests - sum.Methods["GET"] - sum.Methods["HEAD"],
		} {
			now[what+" a target, "+kind] = float64(count) / float64(n)
		}
	}
	return now, nil
}

// tolerance is how much more a count may be before it is a regression: a retry of one of
// hundreds of targets on a busy machine is none, and neither is an allocation of hundreds.
const tolerance = 0.03

// compareCounts prints every count and fails on those that grew.
func compareCounts(b *bench, before, now counted) error {
	var errs []error
	var names []string
	for name := range now {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		was, known := before[name]
		fmt.Fprintf(b.out, "%-55s %10.3f  was %10.3f\n", name, now[name], was)
		switch {
		case !known:
			errs = append(errs, fmt.Errorf("%s: not in %s; write it anew with -check -update", name, countsFile))
		case now[name] > was*(1+tolerance):
			errs = append(errs, fmt.Errorf("%s: %.3f, was %.3f; if that is meant, write %s anew with -check -update", name, now[name], was, countsFile))
		}
	}
	return errors.Join(errs...)
}
