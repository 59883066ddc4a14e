package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// scanArgs are the flags of every measured scan: the limits that politeness sets would hide
// what the work costs.
func scanArgs(list string) []string {
	return []string{"scan", "-l", list, "-o", "jsonl=" + os.DevNull, "-rate", "0", "-gap", "0", "-per-net", "0", "-proxy", "none", "-fail-on", "none"}
}

// pair is one part of the fleet, scanned by Postern and by the floor client in turn.
type pair struct {
	name           string
	targets        int
	asked          counts // by Postern, in one run
	postern, floor struct{ cpu, wall, rss series }
	ratio          series // of CPU seconds, run by run
	kinds          []string
	pieces, kib    float64 // allocated for each target
}

// compare scans the endpoints of some kinds as often as asked, and has the floor client do
// the same number of handshakes and requests after each run.
func (b *bench) compare(name string, kinds ...string) (*pair, error) {
	p := &pair{name: name, kinds: kinds}
	list := filepath.Join(b.dir, strings.ReplaceAll(name, " ", "-")+".txt")
	var err error
	if p.targets, err = b.fleet.list(list, b.fleet.endpoints, kinds...); err != nil {
		return nil, err
	}
	// The first run warms the machine up, and tells how often each endpoint is asked.
	if _, err := b.run(b.postern, scanArgs(list)...); err != nil {
		return nil, err
	}
	endpoints, err := b.fleet.count()
	if err != nil {
		return nil, err
	}
	p.asked, _ = total(endpoints, kinds...)
	work := list + ".floor"
	if _, err := b.fleet.list(work, endpoints, kinds...); err != nil {
		return nil, err
	}
	for range b.runs {
		us, err := b.run(b.postern, scanArgs(list)...)
		if err != nil {
			return nil, err
		}
		them, err := b.run(b.self, "-floor", work)
		if err != nil {
			return nil, err
		}
		p.postern.cpu, p.postern.wall, p.postern.rss = append(p.postern.cpu, us.cpu), append(p.postern.wall, us.wall), append(p.postern.rss, us.rss)
		p.floor.cpu, p.floor.wall, p.floor.rss = append(p.floor.cpu, them.cpu), append(p.floor.wall, them.wall), append(p.floor.rss, them.rss)
		p.ratio = append(p.ratio, us.cpu/them.cpu)
		fmt.Fprintf(b.out, "%s: %.2f s of CPU, floor %.2f s, %.0f MiB\n", name, us.cpu, them.cpu, us.rss)
	}
	_, err = b.fleet.count() // what was asked so far belongs to nobody else
	return p, err
}

// measure runs everything and writes the table.
func (b *bench) measure() error {
	if err := b.build(); err != nil {
		return err
	}
	if b.write != "" { // before the minutes that it takes
		if err := replaceMarked(b.write, ""); err != nil {
			return err
		}
	}
	var err error
	r := &result{options: b.options, machine: describeMachine()}
	// A new process is said to have had the memory of the one that starts it, so that what
	// grows this one comes last.
	if b.million {
		if r.million, err = b.scanMillion(); err != nil {
			return err
		}
	}
	if err := b.commands(r); err != nil {
		return err
	}
	if b.fleet, err = startFleet(b.self, b.targets); err != nil {
		return err
	}
	for _, part := range []struct {
		to    **pair
		name  string
		kinds []string
	}{
		{&r.ordinary, "ordinary web servers", []string{ordinary}},
		{&r.gateways, "gateways", []string{gateway}},
		{&r.mixed, "mixed fleet", []string{ordinary, gateway, closed}},
	} {
		if *part.to, err = b.compare(part.name, part.kinds...); err != nil {
			b.fleet.stop()
			return err
		}
	}
	for _, p := range []*pair{r.ordinary, r.gateways, r.mixed} {
		if p.pieces, p.kib, err = b.scanHere(p.kinds...); err != nil {
			b.fleet.stop()
			return err
		}
	}
	err = b.comparePeers()
	b.fleet.stop()
	if err != nil {
		return err
	}
	if r.silence, err = b.scanSilence(); err != nil {
		return err
	}
	if err := b.inProcess(r); err != nil {
		return err
	}
	text := r.table()
	fmt.Fprintln(b.out, text)
	if b.write != "" {
		return replaceMarked(b.write, text)
	}
	return nil
}

// commands measures short commands, and the judging of a large report again.
func (b *bench) commands(r *result) error {
	const times = 21 // they are short, so that more runs cost nothing
	for range times {
		u, err := b.run(b.postern, "version")
		if err != nil {
			return err
		}
		r.version = append(r.version, 1000*u.cpu)
		if u, err = b.run(b.postern, "match", "fortinet-fortios", "7.2.6"); err != nil {
			return err
		}
		r.match = append(r.match, 1000*u.cpu)
	}
	large := filepath.Join(b.dir, "large.json")
	var err error
	if r.rejudge, err = b.rejudge(large); err != nil {
		return err
	}
	if r.formats, err = b.costOfFormats(large); err != nil {
		return err
	}
	r.rejudgeGateways, err = b.rejudge(large, "-all-gateways")
	return err
}

// rejudge writes a large report and measures how it is judged again.
func (b *bench) rejudge(large string, how ...string) (usage, error) {
	if _, err := b.run(b.self, append(how, "-large", large)...); err != nil {
		return usage{}, err
	}
	return b.run(b.postern, "convert", "-from", large, "-rejudge", "-o", "jsonl="+os.DevNull)
}

// scanMillion scans a list of a million closed ports.
func (b *bench) scanMillion() (usage, error) {
	list := filepath.Join(b.dir, "million.txt")
	if err := writeMillion(list); err != nil {
		return usage{}, err
	}
	fmt.Fprintln(b.out, "a million closed ports: some minutes")
	return b.run(b.postern, scanArgs(list)...)
}
