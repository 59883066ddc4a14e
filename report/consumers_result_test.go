package report

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Compiled once, since a run may have 25,000 results.
var (
	saysVerb     = regexp.MustCompile(" (runs|ran|(is|was) declared to run|has|had) ")
	placeholder  = regexp.MustCompile(`\{\d`)
	lineHash     = regexp.MustCompile(`^[0-9a-f]{16,}:1$`)
	printVersion = regexp.MustCompile(`^v\d+$`)
	pathLetters  = regexp.MustCompile(`^[A-Za-z0-9._~/%-]*$`)
)

func messageChecks() []consumerCheck {
	return []consumerCheck{
		eachResult("a result without its rule's id (SARIF1010, GHAzDO1015, GitLab)", func(_, r map[string]any) bool { return text(r, "ruleId") != "" }),
		eachResult("a rule index outside the rules, or of another rule (SARIF1009, SARIF2012)", func(log, r map[string]any) bool {
			i := integer(r, "ruleIndex")
			return i >= 0 && i < len(rulesOf(log)) && text(rulesOf(log)[i], "id") == text(r, "ruleId")
		}),
		eachResult("a rule object beside the rule id (SARIF1010)", func(_, r map[string]any) bool { return r["rule"] == nil }),
		eachResult("a message without text (GH1007, GH1015)", func(_, r map[string]any) bool { return text(r, "message", "text") != "" }),
		eachResult("a message by id and arguments (GH1007, SARIF1012)", func(_, r map[string]any) bool {
			return at(r, "message", "id") == nil && at(r, "message", "arguments") == nil
		}),
		eachResult("a message that does not end in a full stop (SARIF2001)", func(_, r map[string]any) bool {
			return strings.HasSuffix(text(r, "message", "text"), ".")
		}),
		eachResult("a message that does not name its endpoint in single quotes (SARIF2014, SARIF2015)", func(_, r map[string]any) bool {
			host := text(r, "locations", 0, "logicalLocations", 0, "fullyQualifiedName")
			return host != "" && strings.HasPrefix(text(r, "message", "text"), "'"+host+"' ")
		}),
		eachResult("a first sentence that says too little: GitHub shows no more as title", func(_, r map[string]any) bool {
			first, _, _ := strings.Cut(text(r, "message", "text"), ". ")
			advisory, _, _ := strings.Cut(text(r, "ruleId"), "/")
			return saysVerb.MatchString(first) && strings.Contains(first, advisory)
		}),
		eachResult("a link, placeholder or code in a message", func(_, r map[string]any) bool {
			m := text(r, "message", "text")
			return !strings.Contains(m, "](") && !placeholder.MatchString(m) && !strings.ContainsAny(m, "`<\n")
		}),
	}
}

func resultChecks() []consumerCheck {
	return []consumerCheck{
		eachResult("a kind other than fail: DefectDojo drops it", func(_, r map[string]any) bool { return r["kind"] == "fail" }),
		eachResult("a level that is none or unknown", func(_, r map[string]any) bool {
			return slices.Contains([]any{"error", "warning", "note"}, r["level"])
		}),
		eachResult("a negative rank: GitLab reads it before the severity", func(_, r map[string]any) bool { return r["rank"] == nil }),
		{"suppressions on some results only (the standard), or half of one: GitLab skips what is accepted", func(log map[string]any) []string {
			results := list(log, "runs", 0, "results")
			for _, r := range results {
				if all, ok := at(r, "suppressions").([]any); ok != (at(results[0], "suppressions") != nil) || len(all) > 1 ||
					len(all) == 1 && (text(all[0], "kind") != "external" || text(all[0], "status") != "accepted" || text(all[0], "justification") == "") {
					return []string{text(r, "message", "text")}
				}
			}
			return nil
		}},
		{"a baseline state on some results only (the standard), or an unknown one", func(log map[string]any) []string {
			results := list(log, "runs", 0, "results")
			for _, r := range results {
				state := text(r, "baselineState")
				if (state == "") != (text(results[0], "baselineState") == "") || !slices.Contains([]string{"", "new", "unchanged"}, state) {
					return []string{state}
				}
			}
			return nil
		}},
		eachResult("related locations (GH1007): GitHub refuses them without message", func(_, r map[string]any) bool { return r["relatedLocations"] == nil }),
		eachResult("no primaryLocationLineHash: GitHub makes one of the line's neighbours", func(_, r map[string]any) bool {
			return lineHash.MatchString(text(r, "partialFingerprints", "primaryLocationLineHash"))
		}),
		eachResult("a fingerprint name whose end is not vN: DefectDojo fails", func(_, r map[string]any) bool {
			prints, _ := r["partialFingerprints"].(map[string]any)
			for name := range prints {
				if _, version, ok := strings.Cut(name, "/"); ok && !printVersion.MatchString(version) {
					return false
				}
			}
			return r["fingerprints"] == nil
		}),
		{"two results with one fingerprint", func(log map[string]any) []string {
			seen := map[string]bool{}
			for _, r := range list(log, "runs", 0, "results") {
				hash := text(r, "partialFingerprints", "primaryLocationLineHash")
				if seen[hash] {
					return []string{hash}
				}
				seen[hash] = true
			}
			return nil
		}},
		eachResult("tags that repeat (the schema's property bag)", func(_, r map[string]any) bool {
			tags := list(r, "properties", "tags")
			for i, tag := range tags {
				if slices.Contains(tags[:i], tag) {
					return false
				}
			}
			return true
		}),
	}
}

func placeChecks() []consumerCheck {
	return []consumerCheck{
		eachResult("a result whose asset list is not among the artifacts", func(log, r map[string]any) bool {
			for _, a := range list(log, "runs", 0, "artifacts") {
				if text(a, "location", "uri") == uriOf(r) {
					return true
				}
			}
			return strings.HasPrefix(uriOf(r), "postern/targets/") || len(list(log, "runs", 0, "artifacts")) == 0
		}),
		eachResult("no location (GH1001, GH1015), or more than one: DefectDojo makes a finding of each", func(_, r map[string]any) bool {
			return len(list(r, "locations")) == 1
		}),
		eachResult("a location without file (GH1016, GH1017): DefectDojo fails", func(_, r map[string]any) bool {
			return uriOf(r) != ""
		}),
		eachResult("a file with scheme, host or root (GH1005, GH1006): GitHub refuses the whole upload", func(_, r map[string]any) bool {
			u, err := url.Parse(uriOf(r))
			return err != nil || !u.IsAbs() && u.Host == "" && !strings.HasPrefix(u.Path, "/")
		}),
		eachResult("a colon or backslash in a path: GitHub reads localhost:8000 as a scheme", func(_, r map[string]any) bool {
			return !strings.ContainsAny(uriOf(r), `:\`)
		}),
		eachResult("a path that is no URI, or climbs (SARIF1002)", func(_, r map[string]any) bool {
			_, err := url.Parse(uriOf(r))
			return err == nil && pathLetters.MatchString(uriOf(r)) && !slices.Contains(strings.Split(uriOf(r), "/"), "..")
		}),
		eachResult("a path below a base: GitHub knows none", func(_, r map[string]any) bool {
			return at(r, "locations", 0, "physicalLocation", "artifactLocation", "uriBaseId") == nil
		}),
		eachResult("a region without start (GH1003, GH1017), or not whole (SARIF2017)", func(_, r map[string]any) bool {
			region := regionOf(r)
			return integer(region, "startLine") > 0 && integer(region, "startColumn") > 0 && integer(region, "endLine") > 0 && integer(region, "endColumn") > 0
		}),
		eachResult("a region that ends before it starts (GH1017)", func(_, r map[string]any) bool {
			region := regionOf(r)
			return integer(region, "endLine") >= integer(region, "startLine") && integer(region, "endColumn") >= integer(region, "startColumn")
		}),
		eachResult("a byte or character offset: DefectDojo then loses the line", func(_, r map[string]any) bool {
			return at(regionOf(r), "byteOffset") == nil && at(regionOf(r), "charOffset") == nil
		}),
		eachResult("an id of a location: GitHub takes none below 0", func(_, r map[string]any) bool { return at(r, "locations", 0, "id") == nil }),
	}
}

func uriOf(r map[string]any) string {
	return text(r, "locations", 0, "physicalLocation", "artifactLocation", "uri")
}

func regionOf(r map[string]any) any { return at(r, "locations", 0, "physicalLocation", "region") }
