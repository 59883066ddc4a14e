package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"postern/scanner"
	"postern/scanner/evidence"
	"postern/scanner/finding"
)

// scanHere scans the endpoints of some kinds in this process, and is what that allocates for
// each of them: pieces, and KiB.
func (b *bench) scanHere(kinds ...string) (pieces, kib float64, err error) {
	file := filepath.Join(b.dir, "here.txt")
	n, err := b.fleet.list(file, b.fleet.endpoints, kinds...)
	if err != nil {
		return 0, 0, err
	}
	text, err := os.Open(file)
	if err != nil {
		return 0, 0, err
	}
	defer text.Close()
	targets, err := scanner.ParseList(file, text, scanner.ListOptions{})
	if err != nil {
		return 0, 0, err
	}
	catalog, db, err := knowledge()
	if err != nil {
		return 0, 0, err
	}
	s := scanner.New(catalog, db, scanner.Options{Rate: -1})
	scan := func() {
		for range s.Scan(b.ctx, targets.All()) {
		}
	}
	scan() // what is made once is not a target's
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	scan()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n), float64(after.TotalAlloc-before.TotalAlloc) / float64(n) / 1024, nil
}

// countAllocations adds what single steps allocate: looking at an ordinary page, and judging
// every device of the inventory once more, and as if it had never been.
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
	each := func(judge func(d device)) float64 {
		all := func() {
			for _, d := range devices {
				judge(d)
			}
		}
		return testing.AllocsPerRun(3, all) / float64(len(devices))
	}
	now["allocations, judge a device"] = each(func(d device) { finding.Judge(d.product, d.id, db) })
	now["allocations, judge a new version, with every reason"] = each(func(d device) { finding.Match(d.product, d.id.Models, d.id.Versions, db) })
	return nil
}
