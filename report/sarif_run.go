package report

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/report/internal/sarif"
	"postern/scanner/finding"
)

// maxSARIFLists is how many asset lists are named.
const maxSARIFLists = 100

// run encodes the whole file without its results.
func (w *sarifWriter) run(s finding.Summary, rules []json.RawMessage) ([]byte, error) {
	log := sarif.Log{Schema: sarif.Schema, Version: sarif.Version, Runs: []sarif.Run{{
		Tool:              sarif.Tool{Driver: w.driver(rules)},
		AutomationDetails: sarif.AutomationDetails{ID: runID(w.header)},
		Invocations:       []sarif.Invocation{w.invocation(s)},
		Artifacts:         lists(w.header),
		ColumnKind:        sarif.CodePoints,
		Properties:        w.properties(s),
		Results:           []json.RawMessage{},
	}}}
	b, err := json.MarshalIndent(log, "", "  ")
	if err != nil {
		return nil, err
	}
	return escapeJSON(b), nil
}

// lists names every asset list once, as results do.
func lists(h finding.Header) []sarif.Artifact {
	var all []sarif.Artifact
	seen := map[string]bool{}
	for _, in := range h.Inputs {
		if uri := listPath(in); uri != "" && !seen[uri] && len(all) < maxSARIFLists {
			seen[uri] = true
			all = append(all, sarif.Artifact{Location: sarif.ArtifactLocation{URI: uri}, Roles: []string{"analysisTarget"}})
		}
	}
	return all
}

func (w *sarifWriter) invocation(s finding.Summary) sarif.Invocation {
	i := sarif.Invocation{
		ExecutionSuccessful:        gaps(w.header, s) == "",
		ExitCode:                   s.ExitStatus,
		ToolExecutionNotifications: w.notices.list,
	}
	if start := writableTime(w.header.Started); !start.IsZero() {
		i.StartTimeUTC = start.Format(time.RFC3339)
		if end := writableTime(s.Ended); !end.Before(start) { // a zero end is before
			i.EndTimeUTC = end.Format(time.RFC3339)
		}
	}
	return i
}

func (w *sarifWriter) properties(s finding.Summary) sarif.RunProperties {
	h := w.header
	p := sarif.RunProperties{
		RulesDigest: plain(h.Rules.Digest, 100), RulesDate: plain(h.Rules.Date, 40), RulesFrom: plain(h.Rules.From, 200),
		Targets: s.Targets, Results: s.Results, Identified: s.Identified, Unidentified: s.Unidentified,
		Unreachable: s.Unreachable, Interrupted: s.Interrupted, Coverage: finite(s.Coverage),
		StillAffected: s.StillAffected, Accepted: s.Accepted, LeftOut: w.kept.dropped(),
	}
	if b := h.Baseline; b != nil {
		p.Baseline = &sarif.Baseline{StartTimeUTC: writableTime(b.Started).Format(time.RFC3339), RulesDigest: plain(b.Rules.Digest, 100)}
	}
	if h.Shard != nil {
		p.Shard = strconv.Itoa(h.Shard.Index) + "/" + strconv.Itoa(h.Shard.Of)
	}
	if len(h.Shards) > 0 {
		p.Shards = &sarif.Shards{Of: len(h.Shards), Missing: absentShards(h)}
	}
	return p
}

// absentShards are the parts that a merged report lacks, by number.
func absentShards(h finding.Header) []int {
	var missing []int
	for _, part := range h.Shards {
		if part.Summary == nil {
			missing = append(missing, part.Index)
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}

// home is where people can read about Postern. It is left out while there is no such
// place.
const home = ""

func (w *sarifWriter) driver(rules []json.RawMessage) sarif.Driver {
	d := sarif.Driver{
		Name: "Postern", FullName: "Postern VPN gateway scanner", InformationURI: home,
		Rules: rules, Notifications: w.notices.descriptors,
	}
	d.Version, d.SemanticVersion = toolVersion(w.header.Version)
	return d
}

var semantic = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// toolVersion gives the two spellings of the program's version: consumers want the first
// to begin with a digit and the second to be a semantic version.
func toolVersion(v string) (version, semver string) {
	version = strings.TrimPrefix(plain(v, 100), "v")
	if semantic.MatchString(version) {
		return version, version
	}
	if version == "" || version[0] < '0' || version[0] > '9' {
		return "0.0.0-dev", "0.0.0-dev" // built from a checkout
	}
	return version, ""
}

// runID is "postern/LIST/TIME". What stands before the last slash is the category, in
// which the next scan of the same list replaces this one; a part of a scan has one of its
// own, or it would replace the other parts.
func runID(h finding.Header) string {
	var names []string
	for _, in := range h.Inputs {
		if in != "-" {
			names = append(names, fileName(path.Base(strings.ReplaceAll(in, `\`, "/"))))
		}
	}
	category := strings.Join(names, "+")
	if category == "" {
		category = "targets"
	}
	category = category[:min(len(category), 120)]
	if h.Shard != nil {
		category += "-shard-" + strconv.Itoa(h.Shard.Index) + "-of-" + strconv.Itoa(h.Shard.Of)
	}
	return "postern/" + category + "/" + writableTime(h.Started).Format("20060102T150405Z")
}
