package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// result is everything that was measured.
type result struct {
	options
	machine                   string
	ordinary, gateways, mixed *pair
	version, match            series // milliseconds of CPU
	rejudge, rejudgeGateways  usage
	million                   usage
	firstVerdicts             float64 // a second of CPU, of versions that were never asked for
	verdicts                  series  // the same, later
	devices                   int
	rules                     series  // ten times as many rules to as many as are shipped
	silence                   float64 // see scanSilence
	formats                   []formatCost
}

// describeMachine names processor, cores, system and Go.
func describeMachine() string {
	model := runtime.GOARCH
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
			if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s/%s, %s", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}

// bar is one line of what Postern wants to hold.
type bar struct{ what, limit, measured, verdict string }

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "**missed**"
}

// share writes a ratio as the bars do.
func share(ratio float64) string {
	if ratio < 0.1 {
		return fmt.Sprintf("1/%.0f", 1/ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}

// hold is the bar with what was measured of the peer, if it was run.
func (b peerBar) hold(p *peer) bar {
	line := bar{"CPU of the mixed fleet, to " + b.of, b.limit, "", "not run: see -peer"}
	if p != nil {
		line.measured = fmt.Sprintf("%s (%s to %s)", share(p.ratio.median()), share(slices.Min(p.ratio)), share(slices.Max(p.ratio)))
		line.verdict = verdict(p.ratio.median() <= b.most)
	}
	return line
}

// table is the result as Markdown.
func (r *result) table() string {
	var out strings.Builder
	command := fmt.Sprintf("go run ./cmd/bench -n %d -runs %d", r.targets, r.runs)
	if r.options.million {
		command += " -million"
	}
	for _, p := range r.peers {
		command += " -peer " + p.name + "=…"
	}
	fmt.Fprintf(&out, "Measured by `%s -write BENCHMARKS.md` on: %s.\nFigures are medians of %d paired runs, with the lowest and the highest.\n", command, r.machine, r.runs)
	fmt.Fprintf(&out, "\n| Bar | Limit | Measured | |\n|---|---|---|---|\n")
	for _, b := range r.bars() {
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", b.what, b.limit, b.measured, b.verdict)
	}
	fmt.Fprintf(&out, "\n| Part of the fleet | Targets | CPU a target | floor | ratio | wall | peak memory | allocated | requests | connections | handshakes | methods |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, p := range []*pair{r.ordinary, r.gateways, r.mixed} {
		n := float64(p.targets)
		fmt.Fprintf(&out, "| %s | %d | %.2f ms | %.2f ms | %.2f (%s) | %.2f s | %.0f MiB (%s) | %.0f KiB in %.0f pieces | %.2f | %.2f | %.2f | %s |\n",
			p.name, p.targets, 1000*p.postern.cpu.median()/n, 1000*p.floor.cpu.median()/n, p.ratio.median(), p.ratio.spread("%.2f"),
			p.postern.wall.median(), p.postern.rss.median(), p.postern.rss.spread("%.0f"), p.kib, p.pieces,
			float64(p.asked.Requests)/n, float64(p.asked.Connections)/n, float64(p.asked.Handshakes)/n, methods(p.asked))
	}
	out.WriteString(formatTable(r.formats))
	if len(r.peers) > 0 {
		fmt.Fprintf(&out, "\n| Peer, paired runs: %d | CPU | wall | peak memory | requests | connections | methods |\n|---|---|---|---|---|---|---|\n", r.peerRuns)
		for _, p := range r.peers {
			fmt.Fprintf(&out, "| %s | %.2f s (%s) | %.1f s | %.0f MiB | %d | %d | %s |\n", p.name, p.cpu.median(), p.cpu.spread("%.2f"),
				p.wall.median(), p.rss.median(), p.asked.Requests, p.asked.Connections, methods(p.asked))
		}
	}
	return strings.TrimSpace(out.String())
}

func methods(c counts) string {
	var parts []string
	for _, method := range []string{"GET", "HEAD", "POST"} {
		parts = append(parts, fmt.Sprintf("%s %d", method, c.Methods[method]))
	}
	return strings.Join(parts, ", ")
}

// bars holds what was measured against what was promised.
func (r *result) bars() []bar {
	perTarget := func(count int, p *pair) float64 { return float64(count) / float64(p.targets) }
	other := r.mixed.asked.Requests - r.mixed.asked.Methods["GET"] - r.mixed.asked.Methods["HEAD"]
	requests, connections := perTarget(r.ordinary.asked.Requests, r.ordinary), perTarget(r.ordinary.asked.Connections, r.ordinary)
	asked := perTarget(r.gateways.asked.Requests, r.gateways)
	bars := []bar{
		{"CPU of an ordinary web server, to the floor with the same handshake and requests", "1.35", fmt.Sprintf("%.2f (%s)", r.ordinary.ratio.median(), r.ordinary.ratio.spread("%.2f")), verdict(r.ordinary.ratio.median() <= 1.35)},
		{"requests to an ordinary web server", "1.3", fmt.Sprintf("%.2f", requests), verdict(requests <= 1.3)},
		{"connections to an ordinary web server; those without TLS need a second", "1.05 where one of twenty has no TLS", fmt.Sprintf("%.2f", connections), verdict(connections <= 1.055)},
		{"requests that are neither GET nor HEAD", "0", fmt.Sprint(other), verdict(other == 0)},
		{"requests to a gateway", "6", fmt.Sprintf("%.2f", asked), verdict(asked <= 6)},
		{fmt.Sprintf("peak memory of the mixed fleet of %d", r.mixed.targets), "48 MiB", fmt.Sprintf("%.0f MiB (%s)", r.mixed.postern.rss.median(), r.mixed.postern.rss.spread("%.0f")), verdict(r.mixed.postern.rss.median() <= 48)},
	}
	for _, limit := range peerBars() {
		bars = append(bars, limit.hold(r.peers.named(limit.name)))
	}
	if r.silence > 0 {
		bars = append(bars, bar{fmt.Sprintf("%d silent addresses, to time for a connection × targets / parallel", silentTargets), "1.1", fmt.Sprintf("%.2f", r.silence), verdict(r.silence <= 1.1)})
	}
	if r.options.million {
		bars = append(bars, bar{"peak memory of a list of 1,000,000 closed ports", "64 MiB", fmt.Sprintf("%.0f MiB, %.0f s of CPU, %.0f s", r.million.rss, r.million.cpu, r.million.wall), verdict(r.million.rss <= 64)})
	}
	return append(bars,
		bar{"CPU of looking at an ordinary page of 6 KiB with ten times the rules", "1.3", fmt.Sprintf("%.2f (%s)", r.rules.median(), r.rules.spread("%.2f")), verdict(r.rules.median() <= 1.3)},
		bar{"CPU of `postern version`", "30 ms", fmt.Sprintf("%.0f ms (%s)", r.version.median(), r.version.spread("%.0f")), verdict(r.version.median() <= 30)},
		bar{"CPU of `postern match fortinet-fortios 7.2.6`", "60 ms", fmt.Sprintf("%.0f ms (%s)", r.match.median(), r.match.spread("%.0f")), verdict(r.match.median() <= 60)},
		bar{fmt.Sprintf("verdicts a second of CPU on one core, over devices that run %d versions", r.devices), "1,000,000", fmt.Sprintf("%.1f million; %.1f million where every version is a new one", r.verdicts.median()/1e6, r.firstVerdicts/1e6), verdict(r.verdicts.median() >= 1e6)},
		bar{"`convert -rejudge` of 100,000 results, of which 10,000 are gateways", "10 s", fmt.Sprintf("%.1f s of CPU, %.1f s", r.rejudge.cpu, r.rejudge.wall), verdict(r.rejudge.wall < 10)},
		bar{"`convert -rejudge` of 100,000 gateways", "10 s", fmt.Sprintf("%.1f s of CPU, %.1f s", r.rejudgeGateways.cpu, r.rejudgeGateways.wall), verdict(r.rejudgeGateways.wall < 10)},
	)
}

// The marks between which the table stands in a file.
const (
	beginMark = "<!-- measured: begin -->"
	endMark   = "<!-- measured: end -->"
)

// replaceMarked puts text between the marks of a file; empty text only looks for them.
func replaceMarked(file, text string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(data), beginMark)
	_, after, ends := strings.Cut(rest, endMark)
	if !begins || !ends {
		return fmt.Errorf("%s: has no %s and %s to write between", file, beginMark, endMark)
	}
	if text == "" {
		return nil
	}
	return os.WriteFile(file, []byte(before+beginMark+"\n"+text+"\n"+endMark+after), 0o644)
}
