package report

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"postern/report/internal/sarif"
	"postern/scanner/finding"
)

// result is the claim about one endpoint; hash is its fingerprint.
func (c claim) result(r finding.Result, hash string) sarif.Result {
	f, p := c.finding, c.product
	lvl := sarif.Note
	switch {
	case c.affected():
		lvl = level(f.Severity)
	case f.Kind != finding.Vulnerability && f.Verdict == finding.Affected:
		lvl = kindLevel(f.Kind)
	}
	return sarif.Result{
		RuleID: c.ruleID(), Kind: sarif.Fail, Level: lvl,
		Message:   sarif.Message{Text: c.message(r)},
		Locations: []sarif.Location{place(r)},
		PartialFingerprints: map[string]string{
			"primaryLocationLineHash": hash + ":1",
			"postern/v1":              hash,
		},
		Properties: sarif.ResultProperties{
			Verdict: plain(string(f.Verdict), 40), Vendor: plain(p.Vendor, 100), Product: plain(p.Name, 100),
			Version: plain(p.Version.Text, 200), VersionState: plain(string(p.Version.State), 40),
			Confidence: plain(string(p.Confidence), 40), Fixed: plain(fixed(f), 100),
			Change: plain(string(f.Change), 40), LastSeen: c.lastSeen(time.RFC3339),
			KEV: f.KEV != nil, Ransomware: f.KEV != nil && f.KEV.Ransomware,
			Owner: plain(r.Input.Owner, 200), Tags: resultTags(r.Input.Tags), Evidence: shown(p),
		},
	}
}

// message names endpoint, product, version and advisory in its first sentence, because
// some viewers show no more, and then says what to do.
func (c claim) message(r finding.Result) string {
	f := c.finding
	if f.Kind != finding.Vulnerability {
		return kindMessage(r, c)
	}
	verb := runs(c.product)
	if c.earlier() {
		verb = ran(c.product)
	}
	subject := quote(r.Target) + " " + verb + " " + prose(fullName(c.product), 100)
	if versionRead(c.product.Version) {
		subject += " " + quote(c.product.Version.Text)
	}
	var parts []string
	switch {
	case !c.affected():
		parts = []string{subject + " and may be affected by " + plain(f.Advisory, 100) + ".", sentence("Not certain: " + prose(why(f), 600))}
	case strings.HasPrefix(f.Advisory, "CVE-"):
		parts = []string{subject + ", affected by " + plain(f.Advisory, 100) + "."}
	default: // an id of our own says nothing by itself
		parts = []string{subject + ", affected by " + plain(f.Advisory, 100) + ", " + strings.TrimSuffix(prose(f.Title, 300), ".") + ".", sentence(prose(f.Reason, 600))}
	}
	if v := fixed(f); v != "" {
		parts = append(parts, "Upgrade to "+prose(v, 100)+" or later.")
	} else if f.Remediation != "" {
		parts = append(parts, sentence(prose(f.Remediation, 800)))
	}
	parts = append(append(parts, c.notJudged()), caveats(f)...)
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	text := cut(strings.Join(parts, " "), 2000)
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	return text
}

// runs is how sure it is that a product is there at all.
func runs(p finding.Product) string {
	if p.Confidence == declared {
		return "is declared to run"
	}
	return "runs"
}

// ran is the same for a product that an earlier scan saw.
func ran(p finding.Product) string {
	if p.Confidence == declared {
		return "was declared to run"
	}
	return "ran"
}

// notJudged says of a finding of an earlier scan that it stands, and since when.
func (c claim) notJudged() string {
	switch day := c.lastSeen(time.DateOnly); {
	case !c.earlier():
		return ""
	case day == "":
		return "It was not judged again this time, so the finding stands."
	default:
		return "Last seen on " + day + " and not judged again this time, so the finding stands."
	}
}

// lastSeen is when an earlier scan judged a finding, or "".
func (c claim) lastSeen(layout string) string {
	if c.finding.Seen == nil || c.finding.Seen.IsZero() {
		return ""
	}
	return writableTime(*c.finding.Seen).Format(layout)
}

// quote marks text that varies from result to result.
func quote(s string) string { return "'" + plain(s, 300) + "'" }

// fixed is the version to upgrade to, or "" when there is none.
func fixed(f finding.Finding) string {
	if f.Fixed == "none" {
		return ""
	}
	return f.Fixed
}

// resultTags are an asset list's tags; a property bag refuses one that repeats.
func resultTags(tags []string) []string {
	var all []string
	for _, t := range tags {
		if t = plain(t, 100); t != "" && !slices.Contains(all, t) && len(all) < 20 {
			all = append(all, t)
		}
	}
	return all
}

// shown lists what the device showed: what the version rests on first.
func shown(p finding.Product) []string {
	var all []string
	for _, reason := range strongest(p, 4) {
		all = append(all, plain(reason.Request+" shows "+reason.Shows+" (rule "+reason.Rule+")", 400))
	}
	return all
}

// fingerprint is what stays the same while a result is the same: neither the place in
// the asset list nor the version. Two strings are never joined to the same text,
// because no endpoint has a line break.
func fingerprint(target, rule string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(target) + "\n" + rule))
	return hex.EncodeToString(sum[:16])
}

// place is the line of the asset list that an endpoint came from. One that came from an
// argument or from standard input gets a path of its own, since services refuse results
// without a file; the file need not exist.
func place(r finding.Result) sarif.Location {
	in := r.Input
	uri := listPath(in.File)
	start, end := max(in.Column, 1), in.EndColumn
	if end <= start {
		end = start + max(utf8.RuneCountInString(in.Text), 1)
	}
	region := sarif.Region{StartLine: max(in.Line, 1), StartColumn: start, EndLine: max(in.Line, 1), EndColumn: end}
	if uri == "" {
		uri = "postern/targets/" + fileName(strings.ToLower(r.Target))
		region = sarif.Region{StartLine: 1, EndLine: 1, StartColumn: 1, EndColumn: 2}
	}
	return sarif.Location{
		PhysicalLocation: sarif.PhysicalLocation{ArtifactLocation: sarif.ArtifactLocation{URI: uri}, Region: region},
		LogicalLocations: []sarif.LogicalLocation{{FullyQualifiedName: plain(r.Target, 300), Kind: "resource"}},
	}
}

// listPath is a file's path as a relative URI reference, or "" for what is no file. A
// path that leaves the working folder keeps its last part only: services refuse others,
// and nobody else needs to know where it lay.
func listPath(file string) string {
	if file == "" || file == "-" {
		return ""
	}
	file = strings.ReplaceAll(file, `\`, "/")
	windows := len(file) > 1 && file[1] == ':'
	if strings.HasPrefix(file, "/") || windows || strings.Contains(file, "://") || slices.Contains(strings.Split(file, "/"), "..") {
		file = file[strings.LastIndexAny(file, "/:")+1:]
	}
	file = strings.TrimPrefix(path.Clean(file), "/")
	if file == "." || file == ".." || file == "" {
		return ""
	}
	var b strings.Builder
	for i := range len(file) {
		if c := file[i]; c == '/' || isPlainByte(c) {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return b.String()
}

// fileName makes a name of any text: "vpn.example.org_443", "2001_db8__1_443".
func fileName(text string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == '[' || r == ']':
			return -1
		case r < 0x80 && isPlainByte(byte(r)):
			return r
		}
		return '_'
	}, text)
	name = strings.Trim(name, ".")
	if name == "" {
		return "unnamed"
	}
	return name[:min(len(name), 200)]
}

// isPlainByte reports whether a byte stands for itself in every part of a URI.
func isPlainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
