package main

import (
	"strings"
	"testing"

	"postern/scanner/evidence"
	"postern/scanner/finding"
)

// countAllocations adds what single steps allocate: looking at an ordinary page, and judging
// every device of the inventory once more.
func countAllocations(now counted) error {
	catalog, db, err := knowledge()
	if err != nil {
		return err
	}
	page := &evidence.Response{Status: 200, Header: map[string][]string{"Server": {"nginx"}},
		Body: []byte("<html><head><title>Welcome</title></head><body>" + strings.Repeat("<p>An ordinary page of some length.</p>\n", 150))}
	seen := evidence.Seen{Scheme: "https", Host: "www.example.org", Port: 443,
		Exchanges: []evidence.Exchange{{Request: evidence.Request{Method: evidence.GET, Path: "/"}, Response: page}}}
	now["allocations, look at an ordinary page"] = testing.AllocsPerRun(50, func() { catalog.Begin().NextBecause(seen) })
	devices := inventory(catalog, db)
	judge := func() {
		for _, d := range devices {
			finding.Judge(d.product, d.id, db)
		}
	}
	now["allocations, judge a device"] = testing.AllocsPerRun(3, judge) / float64(len(devices))
	return nil
}
