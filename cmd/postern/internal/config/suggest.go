package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// expected says what may stand in place of a word: the nearest, or all.
func expected(word string, names []string) string {
	if near := Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "known are " + strings.Join(names, ", ")
}

// Nearest is the name that a word is most likely a misspelling of, or empty.
func Nearest(word string, names []string) string {
	if len(word) > 60 {
		return ""
	}
	plain := func(s string) string {
		return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(s))
	}
	best, least := "", 3
	for _, name := range names {
		far := distance(plain(word), plain(name))
		if far < least && far*3 <= max(len(name), len(word)) {
			best, least = name, far
		}
	}
	return best
}

// distance is how many letters have to be put in, left out, replaced or swapped with their
// neighbour to make one word of the other.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(row[j-1]+1, last[j]+1, replaced)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// quoted is a text of the file as an error shows it.
func quoted(text string) string { return fmt.Sprintf("%q", cut(text)) }

func cut(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}

// shown is a scalar as it could stand in a list.
func shown(node *yaml.Node, otherwise string) string {
	if node.Kind != yaml.ScalarNode || node.Value == "" {
		return otherwise
	}
	return cut(node.Value)
}
