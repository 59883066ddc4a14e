package advisories

import (
	"strings"
	"testing"
)

func TestLoadRefusesRanges(t *testing.T) {
	branch72 := "      - branch: \"7.2\"\n        events:\n          - introduced: \"7.2.1\"\n          - fixed: \"7.2.7\"\n"
	if !strings.Contains(gate, branch72) {
		t.Fatal("the advisory has no such branch")
	}
	events := func(lines ...string) string {
		text := "      - branch: \"7.2\"\n        events:\n"
		for _, line := range lines {
			text += "          - " + line + "\n"
		}
		return text
	}
	tests := []struct {
		name     string
		old, new string
		want     string
	}{
		{"product unknown", "product: acme-gate", "product: acme-door", `15: product "acme-door" is not known; it needs a folder of that name in fingerprints`},
		{"unlisted missing", "    unlisted_branches: unknown\n", "", "15: unlisted_branches of acme-gate is missing; say what holds for versions of no branch: unaffected, affected or unknown"},
		{"unlisted word", "unlisted_branches: unknown", "unlisted_branches: safe", `28: unlisted_branches is "safe"; it is unaffected, affected or unknown`},
		{"patch invisible without why", "    unlisted_branches: unknown\n", "    unlisted_branches: unknown\n    patch_visible: false\n", "29: patch_visible is false; say in patch_note why the fix cannot be seen"},
		{"note without effect", "    unlisted_branches: unknown\n", "    unlisted_branches: unknown\n    patch_note: x\n", "29: patch_note is given, but patch_visible is not false"},
		{"port out of range", "    unlisted_branches: unknown\n", "    exposed_port: 0\n", "15: exposed_port is about every version; put branches, notes and holds in an advisory of their own\n28: exposed_port is 0; it is a TCP port from 1 to 65535"},

		{"product twice", "affected:\n", "affected:\n  - {product: acme-gate, exposed_port: 4430}\n", "16: product acme-gate is there twice; put its branches together or name the models of one entry, and put a port in an advisory of its own"},

		{"branch unknown to the scheme", `branch: "7.4"`, `branch: "seven"`, `27: branch: "seven" is no dotted version; write it like 2.12.1; the branch of every version is "all"`},
		{"branch twice", `branch: "7.4"`, `branch: "7.0"`, "27: branches 7.0 and 7.0 are the same; put their events together"},
		{"neither status nor events", `{branch: "7.4", status: unaffected}`, `{branch: "7.4"}`, "27: branch 7.4 states neither status nor events"},
		{"status and events", "        fix: \"7.0.14\"\n", "        status: affected\n", "21: branch 7.0 states both status and events; keep one"},
		{"status word", "status: unaffected", "status: fine", `27: status is "fine"; it is affected, unaffected or unknown`},
		{"fix of what is not affected", "status: unaffected", "status: unaffected, fix: none", "27: fix is stated for branch 7.4, which is not affected; remove it"},
		{"fix twice", branch72, branch72 + "        fix: \"7.2.7\"\n", "21: fix is stated, and the events of branch 7.2 say it already; remove it"},
		{"fix that is no version", `fix: "7.0.14"`, `fix: "soon"`, `25: fix: "soon" is no dotted version; write it like 2.12.1; or write none`},
		{"fix that is affected", `fix: "7.0.14"`, `fix: "7.0.13"`, "25: fix 7.0.13 of branch 7.0 is affected itself: branch 7.0 is affected in <=7.0.13"},

		{"two keys in one event", branch72, events(`introduced: "0"`, `{fixed: "7.2.7", last_affected: "7.2.6"}`), "20: event has 2 keys; give one of introduced, fixed and last_affected"},
		{"no key in an event", branch72, events(`introduced: "0"`, `{}`), "20: event has 0 keys; give one of introduced, fixed and last_affected"},
		{"end without beginning", branch72, events(`fixed: "7.2.7"`), "19: fixed 7.2.7: nothing was introduced that could end here; state introduced first, \"0\" for the beginning of the branch"},
		{"two ends", branch72, events(`introduced: "0"`, `last_affected: "7.2.6"`, `fixed: "7.2.7"`), "21: fixed 7.2.7: nothing was introduced that could end here; state introduced first, \"0\" for the beginning of the branch"},
		{"two beginnings", branch72, events(`introduced: "7.2.1"`, `introduced: "7.2.3"`, `fixed: "7.2.7"`), "20: introduced 7.2.3: the versions before it are affected already; state where they were fixed"},
		{"beginning late", branch72, events(`introduced: "7.2.1"`, `fixed: "7.2.7"`, `introduced: "0"`), "21: introduced \"0\" is the beginning of the branch and comes first"},
		{"empty range", branch72, events(`introduced: "7.2.7"`, `fixed: "7.2.7"`), "20: fixed 7.2.7 is the version that introduced it; the range is empty"},
		{"backwards", branch72, events(`introduced: "7.2.7"`, `last_affected: "7.2.1"`), "20: last_affected 7.2.1 is before 7.2.7, where the range begins; the range is backwards"},
		{"out of order", branch72, events(`introduced: "7.2.5"`, `fixed: "7.2.7"`, `introduced: "7.2.1"`, `fixed: "7.2.3"`), "21: introduced 7.2.1 does not come after 7.2.7; put the events in rising order"},
		{"fixed and introduced at once", branch72, events(`introduced: "7.2.1"`, `fixed: "7.2.7"`, `introduced: "7.2.7"`), "21: introduced 7.2.7 does not come after 7.2.7; put the events in rising order"},
		{"outside the branch", branch72, events(`introduced: "7.2.1"`, `fixed: "7.4.0"`), "20: fixed 7.4.0 is outside branch 7.2; state it in its own branch, or as fix of this one"},
		{"no version", branch72, events(`introduced: "7.2.x"`, `fixed: "7.2.7"`), `19: introduced: "7.2.x" is no dotted version; write it like 2.12.1`},
		{"a fix in a more specific branch", branch72, branch72 + "      - {branch: \"7.2.7\", status: affected}\n",
			"33: holds.not_affected: 7.2.7 comes out as affected: branch 7.2.7 is affected"},
		{"a range that other branches take", branch72, events(`introduced: "7.2.1"`, `last_affected: "7.2.1"`) + "      - {branch: \"7.2.1\", status: affected}\n",
			"19: >=7.2.1 <=7.2.1: more specific branches decide all of this range; remove it"},

		{"a slip in a fix, late", `fixed: "7.2.7"`, `fixed: "7.2.8"`, "32: holds.not_affected: 7.2.7 comes out as affected: branch 7.2 is affected in >=7.2.1 <7.2.8"},
		{"a slip in a fix, early", `fixed: "7.2.7"`, `fixed: "7.2.6"`, "31: holds.affected: 7.2.6 comes out as not_affected: branch 7.2 is affected in >=7.2.1 <7.2.6"},
		{"a slip in the beginning", `introduced: "7.2.1"`, `introduced: "7.2.2"`, "31: holds.affected: 7.2.1 comes out as not_affected: branch 7.2 is affected in >=7.2.2 <7.2.7"},
		{"a slip in the last affected", `last_affected: "7.0.13"`, `last_affected: "7.0.12"`, "31: holds.affected: 7.0.13 comes out as not_affected: branch 7.0 is affected in <=7.0.12"},
		{"a slip in a status", `"6.4", status: affected, fix: none`, `"6.4", status: unaffected`, "31: holds.affected: 6.4.99 comes out as not_affected: branch 6.4 is unaffected"},
		{"a slip in unlisted", "unlisted_branches: unknown\n    unlisted_note: no source says anything about older ones", "unlisted_branches: unaffected", "32: holds.possible: 6.2.16 comes out as not_affected: no branch is unaffected"},
		{"fix not proven", `"7.2.7", "7.0.14"`, `"7.0.14"`, "20: fixed 7.2.7 is not in holds; add \"7.2.7\" to not_affected, so that a slip in the bound is noticed"},
		{"beginning not proven", `["7.2.1", "7.2.6"`, `["7.2.6"`, "19: introduced 7.2.1 is not in holds; add \"7.2.1\" to affected, so that a slip in the bound is noticed"},
		{"end not proven", `"7.0.0", "7.0.13"`, `"7.0.0"`, "24: last_affected 7.0.13 is not in holds; add \"7.0.13\" to affected, so that a slip in the bound is noticed"},
		{"branch not proven", `"7.0.14", "7.4.0"`, `"7.0.14"`, "27: branch 7.4 is unaffected, and holds names no version of it; add one"},
		{"rest not proven", "      possible: [\"6.2.16\"]\n", "", "28: no branch is unknown, and holds names no version of it; add one"},
		{"no version that is affected", "      affected: [\"7.2.1\", \"7.2.6\", \"7.0.0\", \"7.0.13\", \"6.4.99\"]\n", "", "31: holds of acme-gate names no affected version; give one that must come out so"},
		{"no version that is not", "      not_affected: [\"7.2.0\", \"7.2.7\", \"7.0.14\", \"7.4.0\"]\n", "", "31: holds of acme-gate names no version that is not affected; give one that must come out so"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { refused(t, gate, tt.old, tt.new, tt.want) })
	}
}
