package finding

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// asked is what a device may run, with what sentences need of it: it is worked out once for
// all advisories.
type asked struct {
	version.Set
	versions []version.Version // where finite, all that are in the set
	finite   bool
	subject  string // how a sentence calls the device's version
}

func ask(may version.Set) asked {
	a := asked{Set: may, subject: "every candidate version"}
	a.versions, a.finite = may.Candidates()
	switch {
	case !a.finite:
		a.subject += " (" + may.Describe() + ")"
	case len(a.versions) == 1:
		a.subject = a.versions[0].String()
	}
	return a
}

// withNote adds a note of the advisory, which may be a clause or sentences.
func withNote(sentence, note string) string {
	note = strings.TrimSuffix(strings.TrimSpace(note), ".")
	if note == "" {
		return sentence
	}
	if first, _ := utf8.DecodeRuneInString(note); unicode.IsUpper(first) {
		return sentence + ". " + note
	}
	return sentence + ": " + note
}

func withFix(sentence, fix string) string {
	if fix == "" {
		return sentence
	}
	return sentence + "; fixed in " + fix
}

// ofBranch is empty where there is no branch worth naming.
func ofBranch(line *advisories.Line) string {
	if line.Name == "" || line.Name == "all" {
		return ""
	}
	return " of branch " + line.Name
}

// contradiction names the rules that do not go together, where they are known.
func contradiction(because []fingerprints.Reason) string {
	var says []string
	for _, r := range because {
		if !r.Says.IsEmpty() && !r.Says.IsAll() {
			says = append(says, fmt.Sprintf("%s says %s", r.Rule, r.Says.Describe()))
		}
	}
	if len(says) == 0 {
		return "the evidence contradicts itself: no version fits everything that was seen"
	}
	return "the evidence contradicts itself: " + strings.Join(says, ", ")
}

// inside is why every version of the set is affected.
func inside(may asked, r *advisories.Ranges, fix string) string {
	all := hits(may.Set, r)
	if len(all) != 1 {
		return withFix(may.subject+" is in an affected range", fix)
	}
	line, span := all[0].line, all[0].span
	var sentence string
	switch {
	case line.Status == "" && span.String() != "every version":
		sentence = fmt.Sprintf("%s is in the affected range %s%s", may.subject, span, ofBranch(line))
	case line.Name == "all":
		sentence = "every version is affected"
	case line.Name == "":
		sentence = may.subject + " is in no listed branch, and such versions are affected"
	case line.Name == "listed":
		sentence = may.subject + " is listed as affected"
	default:
		sentence = fmt.Sprintf("%s is in branch %s, of which every version is affected", may.subject, line.Name)
	}
	return withNote(withFix(sentence, fix), line.Note)
}

// partly is why some versions of the set are affected.
func partly(may asked, r *advisories.Ranges, fix string) string {
	ranges := "in affected ranges"
	if all := hits(may.Set, r); len(all) == 1 {
		ranges = fmt.Sprintf("in the affected range %s%s", all[0].span, ofBranch(all[0].line))
		if name := all[0].line.Name; name == "listed" {
			ranges = "listed as affected"
		} else if name != "" && all[0].span.String() == "every version" {
			ranges = "in branch " + name + ", of which every version is affected"
		}
	}
	inside := 0
	for _, v := range may.versions {
		if version.Exactly(v).Within(r.Affected) {
			inside++
		}
	}
	var sentence string
	switch {
	case !may.finite:
		sentence = fmt.Sprintf("part of the range that the version is in (%s) is %s", may.Describe(), ranges)
	case inside > 0:
		sentence = fmt.Sprintf("%d of %d candidate versions are %s", inside, len(may.versions), ranges)
		if inside == 1 {
			sentence = fmt.Sprintf("1 of %d candidate versions is %s", len(may.versions), ranges)
		}
	default: // builds that the version leaves out decide
		sentence = fmt.Sprintf("%s does not tell the build, and only some builds are %s", may.Describe(), ranges)
	}
	return withFix(sentence, fix)
}

// unsaid is why no source decides.
func unsaid(may asked, r *advisories.Ranges) string {
	line := hits(may.Set, r)[0].line
	if n := len(line.Spans); n > 0 {
		who := may.subject + " is"
		if !may.Within(line.After) {
			who = "some of the candidate versions are"
		}
		return withNote(fmt.Sprintf("%s after %s, the last version%s that is said to be affected, and no source says what holds after it", who, line.Spans[n-1].LastAffected, ofBranch(line)), line.Note)
	}
	note := line.Note
	if note == "" {
		note = "no source says whether that is affected"
	}
	if line.Name == "all" {
		return withNote("no range of versions is known", note)
	}
	who := may.subject + " is"
	if !may.Within(r.Unknown) {
		who = "some of the candidate versions are"
	}
	if line.Name == "" {
		return withNote(who+" in no listed branch", note)
	}
	return withNote(who+" in branch "+line.Name, note)
}

// outside is why no version of the set is affected.
func outside(may asked, r *advisories.Ranges) string {
	for i := range r.Lines {
		if line := &r.Lines[i]; may.Within(line.Covers) {
			return outsideOf(may, line)
		}
	}
	if may.finite {
		return "no candidate version is in an affected range"
	}
	return "no candidate version (" + may.Describe() + ") is in an affected range"
}

func outsideOf(may asked, line *advisories.Line) string {
	who := may.subject
	switch {
	case line.Name == "":
		return who + " is in no affected branch"
	case line.Status != "":
		return withNote(fmt.Sprintf("%s is in branch %s, which is not affected", who, line.Name), line.Note)
	}
	first := line.Spans[0]
	if within(may.Set, version.Bounds{Before: first.From}) {
		return fmt.Sprintf("%s is before %s, the first affected version%s", who, first.From, ofBranch(line))
	}
	for i, span := range line.Spans {
		if i+1 < len(line.Spans) && !within(may.Set, version.Bounds{Before: line.Spans[i+1].From}) {
			continue // it is not this fix that decides
		}
		switch {
		case !span.Fixed.IsZero() && within(may.Set, version.Bounds{From: span.Fixed}):
			return afterFix(may, line, span)
		case !span.LastAffected.IsZero() && within(may.Set, version.Bounds{After: span.LastAffected}):
			return fmt.Sprintf("%s is after %s, the last affected version%s", who, span.LastAffected, ofBranch(line))
		}
	}
	return who + " is in no affected range" + ofBranch(line)
}

func afterFix(may asked, line *advisories.Line, span advisories.Span) string {
	who := may.subject
	switch {
	case may.Equal(version.Exactly(span.Fixed)) && len(line.Spans) == 1:
		return fmt.Sprintf("%s is the first fixed version%s", who, ofBranch(line))
	case may.Equal(version.Exactly(span.Fixed)):
		return fmt.Sprintf("%s is the fix of the range %s", who, span)
	case may.Contains(span.Fixed):
		return fmt.Sprintf("%s is at or after the fix %s", who, span.Fixed)
	}
	return fmt.Sprintf("%s is after the fix %s", who, span.Fixed)
}

// within reports whether the set lies between bounds, of which at least one is set.
func within(may version.Set, bounds version.Bounds) bool {
	if bounds == (version.Bounds{}) {
		return false
	}
	between, err := version.Range(may.Scheme(), bounds)
	return err == nil && may.Within(between)
}
