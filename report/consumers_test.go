package report

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// consumerCheck is something that a reader of SARIF refuses or misreads. The code in
// brackets is the rule of Microsoft's validator that says so (SARIF, GH, GHAzDO); what
// no rule says was seen in the sources or threads of the consumer that is named.
type consumerCheck struct {
	name    string
	refuses func(log map[string]any) []string
}

func consumerChecks() []consumerCheck {
	return slices.Concat(logChecks(), driverChecks(), ruleChecks(), rulesTogetherChecks(), noticeChecks(), messageChecks(), resultChecks(), placeChecks())
}

func logChecks() []consumerCheck {
	return []consumerCheck{
		{"a schema or version that is not the final one (GH1011, GH1013)", func(log map[string]any) []string {
			return unless(log["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json" && log["version"] == "2.1.0", "%v %v", log["$schema"], log["version"])
		}},
		{"other than one run: GitHub takes one run of a tool and category", func(log map[string]any) []string {
			return unless(len(list(log, "runs")) == 1, "%d runs", len(list(log, "runs")))
		}},
		{"a run without results, not even none (GH1014)", func(log map[string]any) []string {
			_, ok := at(log, "runs", 0, "results").([]any)
			return unless(ok, "no results array")
		}},
		{"a run without automationDetails.id (GHAzDO1014), or one without category", func(log map[string]any) []string {
			id := text(log, "runs", 0, "automationDetails", "id")
			return unless(strings.Count(id, "/") == 2 && !strings.HasSuffix(id, "/"), "id %q", id)
		}},
		{"an end before the start (SARIF1006)", func(log map[string]any) []string {
			start, _ := time.Parse(time.RFC3339, text(log, "runs", 0, "invocations", 0, "startTimeUtc"))
			end, err := time.Parse(time.RFC3339, text(log, "runs", 0, "invocations", 0, "endTimeUtc"))
			return unless(err != nil || !end.Before(start), "%v before %v", end, start)
		}},
		{"an invocation that does not say whether it succeeded", func(log map[string]any) []string {
			_, ok := at(log, "runs", 0, "invocations", 0, "executionSuccessful").(bool)
			return unless(ok, "no executionSuccessful")
		}},
		{"arguments of the program: they hold secrets", func(log map[string]any) []string {
			i := at(log, "runs", 0, "invocations", 0)
			return unless(at(i, "arguments") == nil && at(i, "commandLine") == nil && at(i, "environmentVariables") == nil, "arguments are written")
		}},
		{"more than 25,000 results or rules: GitHub refuses the run", func(log map[string]any) []string {
			return unless(len(list(log, "runs", 0, "results")) <= 25_000 && len(rulesOf(log)) <= 25_000, "too many")
		}},
		{"base addresses of paths: GitHub's server knows none", func(log map[string]any) []string {
			return unless(at(log, "runs", 0, "originalUriBaseIds") == nil, "has originalUriBaseIds")
		}},
		{"an asset list that is no relative path, or twice (GH1005)", func(log map[string]any) []string {
			seen := map[string]bool{}
			for _, a := range list(log, "runs", 0, "artifacts") {
				uri := text(a, "location", "uri")
				if !relativePath.MatchString(uri) || seen[uri] {
					return []string{uri}
				}
				seen[uri] = true
			}
			return nil
		}},
		{"a null or a -1: viewers crash on the one and read the other as a value", func(log map[string]any) []string {
			return empties(log, "")
		}},
		{"extensions: DefectDojo reads no rule of them", func(log map[string]any) []string {
			return unless(at(log, "runs", 0, "tool", "extensions") == nil, "has extensions")
		}},
	}
}

// relativePath is one that every service takes: no scheme, no root, no climbing.
var relativePath = regexp.MustCompile(`^[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*(/[A-Za-z0-9_~%-][A-Za-z0-9._~%-]*)*$`)

// empties lists every null and every -1.
func empties(v any, path string) []string {
	var all []string
	switch v := v.(type) {
	case nil:
		all = append(all, path)
	case float64:
		all = unless(v != -1, "%s", path)
	case []any:
		for _, inner := range v {
			all = append(all, empties(inner, path+"[]")...)
		}
	case map[string]any:
		for key, inner := range v {
			all = append(all, empties(inner, path+"."+key)...)
		}
	}
	return all
}

func driverChecks() []consumerCheck {
	driver := func(log map[string]any, key string) string { return text(log, "runs", 0, "tool", "driver", key) }
	return []consumerCheck{
		{"a driver without name or rules (GH1018)", func(log map[string]any) []string {
			_, ok := at(log, "runs", 0, "tool", "driver", "rules").([]any)
			return unless(ok && driver(log, "name") != "", "no name or no rules")
		}},
		{"a driver without full name (GHAzDO1018)", func(log map[string]any) []string {
			return unless(driver(log, "fullName") != "", "no fullName")
		}},
		{"a tool name of more than three words (SARIF2005)", func(log map[string]any) []string {
			return unless(len(strings.Fields(driver(log, "name"))) <= 3, "%s", driver(log, "name"))
		}},
		{"a version that does not begin with a number, or none (SARIF2005)", func(log map[string]any) []string {
			return unless(regexp.MustCompile(`^\d+`).MatchString(driver(log, "version")), "version %q", driver(log, "version"))
		}},
	}
}

func ruleChecks() []consumerCheck {
	return []consumerCheck{
		eachRule("a rule without id, descriptions or help (GH2012)", func(r map[string]any) bool {
			return text(r, "id") != "" && text(r, "shortDescription", "text") != "" && text(r, "fullDescription", "text") != "" && text(r, "help", "text") != ""
		}),
		eachRule("a rule whose name is missing or not Pascal-case (GHAzDO2012, SARIF2012)", func(r map[string]any) bool {
			return regexp.MustCompile(`^(\p{Lu}[\p{Ll}\p{Nd}]+)+$`).MatchString(text(r, "name"))
		}),
		eachRule("a rule whose name is its id (SARIF1001)", func(r map[string]any) bool { return text(r, "id") != text(r, "name") }),
		eachRule("a rule text of more than 1,024 characters: GitHub", func(r map[string]any) bool {
			for _, s := range []string{text(r, "shortDescription", "text"), text(r, "fullDescription", "text"), text(r, "help", "text"), text(r, "help", "markdown")} {
				if len([]rune(s)) > 1024 {
					return false
				}
			}
			return true
		}),
		eachRule("a security-severity that is no number as text, or without the tag security: GitHub ignores it, DefectDojo fails", func(r map[string]any) bool {
			value := at(r, "properties", "security-severity")
			score, err := strconv.ParseFloat(fmt.Sprint(value), 64)
			_, isText := value.(string)
			return value == nil || isText && err == nil && score >= 0 && score <= 10 && slices.Contains(list(r, "properties", "tags"), any("security"))
		}),
		eachRule("more than 20 tags on a rule: GitHub", func(r map[string]any) bool { return len(list(r, "properties", "tags")) <= 20 }),
		eachRule("a weakness that is not written external/cwe/cwe-N", func(r map[string]any) bool {
			for _, tag := range list(r, "properties", "tags") {
				if s := tag.(string); strings.Contains(strings.ToLower(s), "cwe") && !regexp.MustCompile(`^external/cwe/cwe-\d+$`).MatchString(s) {
					return false
				}
			}
			return true
		}),
		eachRule("a help address that is not absolute (SARIF1005)", func(r map[string]any) bool {
			u, err := url.Parse(text(r, "helpUri"))
			return err == nil && (text(r, "helpUri") == "" || u.IsAbs() && strings.HasPrefix(u.Scheme, "http"))
		}),
		eachRule("a precision that GitHub does not know", func(r map[string]any) bool {
			return slices.Contains([]string{"very-high", "high", "medium", "low"}, text(r, "properties", "precision"))
		}),
		eachRule("a relationships array: DefectDojo then reads no weakness", func(r map[string]any) bool { return r["relationships"] == nil }),
	}
}

func rulesTogetherChecks() []consumerCheck {
	return []consumerCheck{
		{"two rules with one id", func(log map[string]any) []string {
			seen := map[string]bool{}
			for _, r := range rulesOf(log) {
				if seen[text(r, "id")] {
					return []string{text(r, "id")}
				}
				seen[text(r, "id")] = true
			}
			return nil
		}},
		{"a rule that did not fire", func(log map[string]any) []string {
			fired := map[string]bool{}
			for _, r := range list(log, "runs", 0, "results") {
				fired[text(r, "ruleId")] = true
			}
			for _, r := range rulesOf(log) {
				if !fired[text(r, "id")] {
					return []string{text(r, "id")}
				}
			}
			return nil
		}},
		{"a host in a rule: rules are shared by all hosts", func(log map[string]any) []string {
			rules := fmt.Sprint(rulesOf(log))
			for _, result := range list(log, "runs", 0, "results") {
				host := text(result, "locations", 0, "logicalLocations", 0, "fullyQualifiedName")
				if host != "" && strings.Contains(rules, host) {
					return []string{host}
				}
			}
			return nil
		}},
	}
}

func noticeChecks() []consumerCheck {
	notices := func(log map[string]any) []any {
		return list(log, "runs", 0, "invocations", 0, "toolExecutionNotifications")
	}
	each := func(name string, accepts func(log, n map[string]any) bool) consumerCheck {
		return consumerCheck{name, func(log map[string]any) []string {
			var bad []string
			for _, v := range notices(log) {
				if n, ok := v.(map[string]any); !ok || !accepts(log, n) {
					bad = append(bad, text(v, "message", "text"))
				}
			}
			return bad
		}}
	}
	return []consumerCheck{
		each("a notification whose descriptor is not where it says (SARIF1009)", func(log, n map[string]any) bool {
			d := at(log, "runs", 0, "tool", "driver", "notifications", integer(n, "descriptor", "index"))
			return d != nil && text(d, "id") == text(n, "descriptor", "id")
		}),
		each("a notification without sentence (SARIF2001)", func(_, n map[string]any) bool {
			return strings.HasSuffix(text(n, "message", "text"), ".") && !strings.ContainsAny(text(n, "message", "text"), "`<\n")
		}),
		each("a notification in a file with scheme, root or colon", func(_, n map[string]any) bool {
			return len(list(n, "locations")) == 0 || relativePath.MatchString(uriOf(n))
		}),
	}
}

// The small language in which the checks read a file.

func at(v any, path ...any) any {
	for _, step := range path {
		switch key := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key < 0 || key >= len(l) {
				return nil
			}
			v = l[key]
		}
	}
	return v
}

func text(v any, path ...any) string { s, _ := at(v, path...).(string); return s }
func list(v any, path ...any) []any  { l, _ := at(v, path...).([]any); return l }

// integer is a whole number, or -1 for anything else.
func integer(v any, path ...any) int {
	f, ok := at(v, path...).(float64)
	if !ok || f != math.Trunc(f) {
		return -1
	}
	return int(f)
}

func rulesOf(log any) []any { return list(log, "runs", 0, "tool", "driver", "rules") }

func unless(ok bool, format string, args ...any) []string {
	if ok {
		return nil
	}
	return []string{fmt.Sprintf(format, args...)}
}

func eachRule(name string, accepts func(map[string]any) bool) consumerCheck {
	return consumerCheck{name, func(log map[string]any) []string {
		var bad []string
		for _, v := range rulesOf(log) {
			if r, ok := v.(map[string]any); !ok || !accepts(r) {
				bad = append(bad, "rule "+text(v, "id"))
			}
		}
		return bad
	}}
}

func eachResult(name string, accepts func(log, r map[string]any) bool) consumerCheck {
	return consumerCheck{name, func(log map[string]any) []string {
		var bad []string
		for i, v := range list(log, "runs", 0, "results") {
			if r, ok := v.(map[string]any); !ok || !accepts(log, r) {
				bad = append(bad, fmt.Sprintf("result %d: %s", i, text(v, "message", "text")))
			}
		}
		return bad
	}}
}
