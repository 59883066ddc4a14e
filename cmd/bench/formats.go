package main

import (
	"fmt"
	"os"
	"strings"
)

// formatCost is what writing the large report in one format takes.
type formatCost struct {
	name  string
	usage usage
}

// costOfFormats writes the large report in each format, and compares it with itself as a
// baseline.
func (b *bench) costOfFormats(large string) ([]formatCost, error) {
	var costs []formatCost
	measure := func(name string, args ...string) error {
		u, err := b.run(b.postern, append([]string{"convert", "-from", large, "-fail-on", "none"}, args...)...)
		costs = append(costs, formatCost{name, u})
		return err
	}
	for _, format := range []string{"jsonl", "json", "csv", "sarif", "text", "markdown", "junit", "defectdojo", "cyclonedx", "html"} {
		if err := measure(format, "-o", format+"="+os.DevNull); err != nil {
			return nil, err
		}
	}
	return costs, measure("jsonl with a baseline", "-o", "jsonl="+os.DevNull, "-baseline", large)
}

// formatTable says what each format takes of memory, beside that of jsonl, which keeps nothing.
func formatTable(costs []formatCost) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n| Format of %d results, of which %d are gateways | CPU | peak memory | more than jsonl, a gateway |\n|---|---|---|---|\n", rejudged, rejudged/10)
	for _, c := range costs {
		more := (c.usage.rss - costs[0].usage.rss) * 1024 / (rejudged / 10)
		fmt.Fprintf(&out, "| %s | %.1f s | %.0f MiB | %.1f KiB |\n", c.name, c.usage.cpu, c.usage.rss, more)
	}
	return out.String()
}
