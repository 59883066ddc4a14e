package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/evidence"
	"postern/scanner/finding"
	"postern/scanner/version"
)

// rejudged is how many results a large report has.
const rejudged = 100_000

// The scan of addresses that answer nothing. A connection has a third of an endpoint's time.
const (
	silentTargets  = 20_000
	silentParallel = 512
	silentTimeout  = 400 * time.Millisecond // for a connection
)

// writeMillion writes a million lines of closed ports: port 1 of 127.64.0.0 and what follows.
func writeMillion(file string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	for i := range 1_000_000 {
		fmt.Fprintf(w, "127.%d.%d.%d:1\n", 64+i>>16, i>>8&255, i&255)
	}
	return w.Flush()
}

// a device is a product with a version that some advisory states.
type device struct {
	product fingerprints.Product
	id      fingerprints.Identification
}

// inventory is every version that an advisory of a product states, once.
func inventory(catalog *fingerprints.Catalog, db *advisories.DB) []device {
	var list []device
	for _, p := range catalog.Products() {
		seen := map[string]bool{}
		for _, a := range db.For(p.ID) {
			for _, e := range a.Affected {
				if e.Product != p.ID {
					continue
				}
				for _, text := range append(append([]string{}, e.Holds.Affected...), e.Holds.NotAffected...) {
					v, err := p.Versions.Parse(text)
					if err != nil || seen[v.String()] {
						continue
					}
					seen[v.String()] = true
					list = append(list, device{p, fingerprints.Identification{Product: p.ID, Confidence: fingerprints.Definitive, Versions: version.Exactly(v), Read: true}})
				}
			}
		}
	}
	return list
}

func knowledge() (*fingerprints.Catalog, *advisories.DB, error) {
	catalog, err := fingerprints.Builtin()
	if err != nil {
		return nil, nil, err
	}
	db, err := advisories.Builtin(catalog.Order)
	return catalog, db, err
}

// writeLargeReport writes a report of n results as the fleet has them: of ten one is a
// gateway, with one of the versions that the advisories state, and one is closed; or all of
// them are gateways.
func writeLargeReport(file string, n int, allGateways bool) error {
	catalog, db, err := knowledge()
	if err != nil {
		return err
	}
	devices := inventory(catalog, db)
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	day := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	header, err := json.Marshal(finding.Header{Format: finding.Format, Tool: "postern", Version: "bench", Started: day,
		Rules: finding.Rules{Digest: "sha256:" + strings.Repeat("0", 64), Date: db.Date()}})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s,\"results\":[", strings.TrimSuffix(string(header), "}"))
	gateways := 0
	for i := range n {
		target := fmt.Sprintf("host%d.example.org:443", i)
		r := finding.Result{Target: target, Input: finding.Input{Text: target}, Outcome: finding.Unidentified,
			Asked: []finding.Asked{{Request: "GET /", Status: 200, Bytes: 6 << 10}}}
		switch {
		case allGateways || i%10 == 8:
			d := devices[gateways%len(devices)]
			gateways++
			r.Outcome, r.Products = finding.Identified, []finding.Product{finding.NewProduct(d.product, d.id, db, day)}
		case i%10 == 9:
			r.Outcome, r.Reason, r.Asked = finding.Unreachable, "refused", nil
		}
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if i > 0 {
			w.WriteByte(',')
		}
		w.Write(line) // the error is that of Flush
	}
	summary, err := json.Marshal(finding.Summary{Targets: n, Results: n, Complete: true, Ended: day})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "],\"summary\":%s}\n", summary)
	return w.Flush()
}

// inProcess measures single steps in this process, on one core.
func (b *bench) inProcess(r *result) error {
	catalog, db, err := knowledge()
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	devices := inventory(catalog, db)
	verdicts := 0
	ready := map[string]bool{} // products whose ranges were made, which happens once
	for _, d := range devices {
		verdicts += len(db.For(d.product.ID))
		if !ready[d.product.ID] {
			ready[d.product.ID] = true
			finding.Judge(d.product, d.id, db)
		}
	}
	judgeAll := func() float64 {
		before := processTime()
		for _, d := range devices {
			finding.Judge(d.product, d.id, db)
		}
		return float64(verdicts) / (processTime() - before)
	}
	r.devices, r.firstVerdicts = len(devices), judgeAll()
	for range 10 * b.runs {
		r.verdicts = append(r.verdicts, judgeAll())
	}
	few, err := generatedCatalog(len(catalog.Products()))
	if err != nil {
		return err
	}
	many, err := generatedCatalog(10 * len(catalog.Products()))
	if err != nil {
		return err
	}
	for range b.runs {
		r.rules = append(r.rules, identifyTime(many)/identifyTime(few))
	}
	return nil
}

// identifyTime is the time of one look at an ordinary page of 6 KiB, in nanoseconds.
func identifyTime(c *fingerprints.Catalog) float64 {
	body := "<html><head><title>Welcome</title></head><body>" + strings.Repeat("<p>An ordinary page of some length.</p>\n", 150)
	response := &evidence.Response{Status: 200, Header: map[string][]string{"Server": {"nginx"}, "Content-Type": {"text/html"}}, Body: []byte(body)}
	ask := evidence.Request{Method: evidence.GET, Path: "/"}
	seen := evidence.Seen{Scheme: "https", Host: "www.example.org", Port: 443, Exchanges: []evidence.Exchange{{Request: ask, Response: response}}}
	run := testing.Benchmark(func(tb *testing.B) {
		for tb.Loop() {
			c.Begin().NextBecause(seen)
		}
	})
	return float64(run.NsPerOp())
}

// generatedCatalog has n products of twelve rules, as many as shipped ones have, with
// literals of their length.
func generatedCatalog(n int) (*fingerprints.Catalog, error) {
	tree := fstest.MapFS{}
	for i := range n {
		id := fmt.Sprintf("acme-gate%d", i)
		var rules strings.Builder
		for j := range 3 {
			fmt.Fprintf(&rules, `
  - {id: title%[2]d, on: [root], identifies: definitive, match: {title: '^Gate %[1]d-%[2]d$'}, source: BENCH}
  - {id: body%[2]d, on: [root, login], identifies: strong, match: {body: ['g%[1]d-%[2]d.js']}, source: BENCH}
  - {id: server%[2]d, on: [any], identifies: strong, match: {header: {Server: '^Acme-%[1]d-%[2]d/'}}, source: BENCH}
  - {id: script%[2]d, on: [root], identifies: weak, match: {body_pattern: 'a%[1]d-%[2]d\.js\?v=[0-9]+'}, source: BENCH}`, i, j)
		}
		tree[id+"/product.yaml"] = &fstest.MapFile{Data: []byte(fmt.Sprintf(`id: %s
name: Acme Gate %d
vendor: Acme
versions: dotted
leave_out: ["/admin: needs a login"]
requests: [{id: login, get: /login%d}]
rules:%s
`, id, i, i, rules.String()))}
	}
	return fingerprints.Load(tree)
}
