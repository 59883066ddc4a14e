package testdata

import (
	_ "embed" // the corpus
	"fmt"
	"strconv"
	"strings"
)

//go:embed hostile.txt
var hostile string

// HostileTexts is the corpus of text that must act nowhere: not on a terminal, in a log, a
// report, a spreadsheet or a parser. Every test of something that shows text uses it.
func HostileTexts() ([]string, error) {
	var all []string
	number := 0
	for line := range strings.Lines(hostile) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		times := 1
		if count, rest, ok := strings.Cut(line, " \""); ok && line[0] != '"' {
			n, err := strconv.Atoi(count)
			if err != nil {
				return nil, fmt.Errorf("hostile.txt:%d: %w", number, err)
			}
			times, line = n, "\""+rest
		}
		text, err := strconv.Unquote(line)
		if err != nil {
			return nil, fmt.Errorf("hostile.txt:%d: %w", number, err)
		}
		all = append(all, strings.Repeat(text, times))
	}
	return all, nil
}
