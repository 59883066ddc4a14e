package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"postern/scanner/finding"
)

// MaxDays is how far ahead a risk may be accepted: every decision is looked at again at
// least once a year.
const MaxDays = 366

const (
	maxReason = 1000 // characters
	maxName   = 200
)

// ignoreKeys are the keys of an accepted risk, in the order in which they are asked for.
func ignoreKeys() []string {
	return []string{"advisory", "target", "tag", "reason", "owner", "expires", "justification"}
}

// risks reads the accepted risks.
func (in *reader) risks(node *yaml.Node) {
	if in.refers(node) {
		return
	}
	if node.Kind != yaml.SequenceNode {
		in.bad(node, "%s: write a list of entries, each with advisory, target or tag, reason, owner and expires", ignoreKey)
		return
	}
	if len(node.Content) > MaxIgnored {
		in.bad(node, "%s has %d entries; at most %d are read", ignoreKey, len(node.Content), MaxIgnored)
		return
	}
	first := map[[3]string]int{}
	for _, entry := range node.Content {
		before := len(in.problems)
		r := in.risk(entry)
		if len(in.problems) > before {
			continue
		}
		key := [3]string{strings.ToUpper(r.Advisory), strings.ToLower(r.Target.String()), r.Tag}
		if line, twice := first[key]; twice {
			in.bad(entry, "the entry is about the same as that in line %d", line)
			continue
		}
		first[key] = entry.Line
		in.file.Ignore = append(in.file.Ignore, r)
	}
}

// risk reads one entry.
func (in *reader) risk(node *yaml.Node) finding.Risk {
	r := finding.Risk{Place: fmt.Sprintf("%s:%d", in.name, node.Line)}
	given := map[string]bool{}
	in.mapping(node, ignoreKey, func(key, value *yaml.Node) {
		if !slices.Contains(ignoreKeys(), key.Value) {
			in.bad(key, "unknown key %s; %s", quoted(key.Value), expected(key.Value, ignoreKeys()))
			return
		}
		given[key.Value] = true
		if text, ok := in.words(key.Value, value); ok {
			if err := in.set(&r, key.Value, text); err != nil {
				in.bad(value, "%s: %s: %v", key.Value, quoted(text), err)
			}
		}
	})
	if node.Kind != yaml.MappingNode {
		return r // that was said
	}
	for _, key := range []string{"advisory", "reason", "owner", "expires"} {
		if !given[key] {
			in.bad(node, "the entry has no %s; every accepted risk needs one", key)
		}
	}
	switch {
	case !given["target"] && !given["tag"]:
		in.bad(node, "the entry has neither target nor tag; say which endpoints it is about")
	case given["target"] && given["tag"]:
		in.bad(node, "the entry has both target and tag; write two entries, or one of the two")
	}
	return r
}

// words reads a text of an entry. It is printed in reports: one line that shows all it holds.
func (in *reader) words(key string, node *yaml.Node) (string, bool) {
	if in.refers(node) {
		return "", false
	}
	text := strings.TrimSpace(node.Value)
	switch tag := node.ShortTag(); {
	case node.Kind != yaml.ScalarNode:
		in.bad(node, "%s: write a single text", key)
	case tag == "!!null" || text == "":
		in.bad(node, "%s has no value", key)
	case tag != "!!str" && !(tag == "!!timestamp" && key == "expires"):
		in.bad(node, "%s: %s is no text; put it in quotes", key, quoted(node.Value))
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' }):
		in.bad(node, "%s: holds a character that cannot be printed", key)
	case key == "reason" || key == "owner": // may be folded over lines
		return strings.Join(strings.Fields(text), " "), true
	default:
		return text, true
	}
	return "", false
}

// isAdvisory reports whether a text is the id of one advisory: words of letters and digits
// with hyphens between them.
func isAdvisory(text string) bool {
	words := strings.Split(text, "-")
	for _, word := range words {
		odd := strings.ContainsFunc(word, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
		})
		if word == "" || odd {
			return false
		}
	}
	return len(words) > 1 && text[0] > '9'
}

// set puts one text of an entry in its place.
func (in *reader) set(r *finding.Risk, key, text string) (err error) {
	limit := maxName
	if key == "reason" {
		limit = maxReason
	}
	if n := len([]rune(text)); n > limit {
		return fmt.Errorf("has %d characters; at most %d are shown", n, limit)
	}
	switch key {
	case "advisory":
		if !isAdvisory(text) {
			return fmt.Errorf("is not the id of one advisory, such as CVE-2024-21762 or POSTERN-EOL; patterns are not taken here")
		}
		r.Advisory = text
	case "target":
		r.Target, err = finding.ParseTargetPattern(text)
	case "tag":
		r.Tag = text
	case "reason":
		r.Reason = text
	case "owner":
		r.Owner = text
	case "expires":
		r.Expires = text
		return in.checkDay(text)
	case "justification":
		r.Justification = text
		if words := finding.Justifications(); !slices.Contains(words, text) {
			return fmt.Errorf("is none of OpenVEX's words: %s", strings.Join(words, ", "))
		}
	}
	return err
}

// checkDay takes a day that has passed: its entry has expired, which is said in the report.
func (in *reader) checkDay(text string) error {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return fmt.Errorf("is no day; write one such as %s", in.today.AddDate(0, 6, 0).Format(time.DateOnly))
	}
	last := in.today.Truncate(24*time.Hour).AddDate(0, 0, MaxDays)
	if day.After(last) {
		return fmt.Errorf("is more than %d days ahead; the last day is %s, then look at the risk again", MaxDays, last.Format(time.DateOnly))
	}
	return nil
}
