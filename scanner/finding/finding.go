// Package finding decides whether a device is affected, and is the shape of a
// result: what every report is made of and what the JSON output promises.
package finding

import (
	"time"

	"postern/fingerprints"
	"postern/scanner/evidence"
)

// Format is the number of the JSON contract; it changes when a field changes its
// meaning or goes away.
const Format = 1

// Outcome is how the scan of one endpoint ended.
type Outcome string

// The outcomes. None of them means "clean".
const (
	Identified   Outcome = "identified"   // at least one gateway was recognised
	Unidentified Outcome = "unidentified" // it answered, and no known gateway was recognised
	Unreachable  Outcome = "unreachable"  // no usable answer; Reason says why
	Interrupted  Outcome = "interrupted"  // the scan was stopped first
)

// Verdict is what an advisory means for a device.
type Verdict string

// The verdicts.
const (
	Affected    Verdict = "affected"     // every candidate version is inside the range
	Possible    Verdict = "possible"     // some are, or it cannot be seen from outside
	NotAffected Verdict = "not_affected" // none is
)

// Result is all there is to say of one endpoint.
type Result struct {
	// Target is the endpoint as a person would write it, "vpn.example.org:443", with
	// "@address" behind it where a name is asked at several addresses.
	Target string `json:"target"`
	// URL is where the endpoint answered; empty when it did not.
	URL string `json:"url,omitempty"`
	// Input is the asset-list entry that led here.
	Input   Input   `json:"input"`
	Outcome Outcome `json:"outcome"`
	// Reason is why an endpoint is unreachable or unidentified: a kind such as
	// "refused" or "timeout"; Detail is the error in words.
	Reason string `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
	// Products are the gateways that were recognised, surest first; and those that the
	// asset list declares and nothing contradicts, with Confidence "declared".
	Products []Product `json:"products,omitempty"`
	// Findings are about the endpoint itself, whatever runs there: POSTERN-LEGACY-TLS,
	// POSTERN-CONTRADICTORY, POSTERN-DECLARED.
	Findings []Finding `json:"findings,omitempty"`
	// Earlier is what the baseline says of the endpoint and was not judged again: it was not
	// reached, not recognised, or hid its version. That stands until it is judged; each
	// finding says when it was last seen. Nil when there is nothing of the kind.
	Earlier *Earlier `json:"earlier,omitempty"`
	// TLS is what the handshake showed; nil on plain HTTP.
	TLS *evidence.TLS `json:"tls,omitempty"`
	// Asked is every request that was made, in order, with the status it got.
	Asked []Asked `json:"asked,omitempty"`
	// Seconds is how long the endpoint took.
	Seconds float64 `json:"seconds"`
	// Position is the number of the target in the whole list, from 1, in the report of a
	// shard; else 0. The results of one target share it.
	Position int64 `json:"position,omitempty"`
}

// Earlier holds findings that an earlier scan made and this one could not judge, in the
// product that they are about, or beside it where they are about the endpoint.
type Earlier struct {
	Products []Product `json:"products,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}

// Input is one entry of an asset list.
type Input struct {
	Text string `json:"text"`           // as it was written, without comment
	File string `json:"file,omitempty"` // "-" for standard input; empty for an argument
	Line int    `json:"line,omitempty"` // from 1
	// Column and EndColumn (exclusive) bound Text on its line, from 1, in characters.
	Column    int               `json:"column,omitempty"`
	EndColumn int               `json:"end_column,omitempty"`
	Owner     string            `json:"owner,omitempty"`
	Tags      []string          `json:"tags,omitempty"`
	Meta      map[string]string `json:"meta,omitempty"` // further columns or key=value words
}

// Asked is one request that was made.
type Asked struct {
	Request string `json:"request"`          // "GET /remote/login"
	Status  int    `json:"status,omitempty"` // 0: no response
	Bytes   int    `json:"bytes,omitempty"`  // of body kept
	Failure string `json:"failure,omitempty"`
	// Malformed names the ways in which the answer breaks HTTP and was read all the same.
	Malformed []evidence.Malformation `json:"malformed,omitempty"`
}

// Product is one gateway that was recognised on an endpoint.
type Product struct {
	ID         string                  `json:"product"` // "fortinet-fortios"
	Name       string                  `json:"name"`
	Vendor     string                  `json:"vendor"`
	Confidence fingerprints.Confidence `json:"confidence"`
	Version    Version                 `json:"version"`
	// Models are the models that the device may be; empty when nothing tells.
	Models  []string `json:"models,omitempty"`
	CPE     []string `json:"cpe,omitempty"` // full CPE 2.3 names, versioned when one candidate is left
	Because []Reason `json:"because"`
	// Findings are the affected and possible advisories, worst first.
	Findings []Finding `json:"findings,omitempty"`
	// Upgrade is the lowest fixed version above everything that the device may run, or
	// inside that range, which no known advisory affects and which still gets security
	// fixes, where there is one; empty when nothing that has a fix is open, or no source
	// names such a version.
	Upgrade string `json:"upgrade,omitempty"`
	// NotAffected lists the advisories that the version rules out.
	NotAffected []string `json:"not_affected,omitempty"`
}

// Version is what is known of a device's version.
type Version struct {
	// State is exact, candidates, range, unknown or contradictory.
	State VersionState `json:"state"`
	// Text is for people: "7.2.4", "7.2.4 or 7.2.5", "22.7R2 or later", "unknown".
	Text string `json:"text"`
	// Set is the whole set in the notation of version.ParseSet, "7.2.4 || 7.2.5".
	Set string `json:"set"`
	// Candidates are the single versions when the set is finite.
	Candidates []string `json:"candidates,omitempty"`
	// Raw holds what a rule captured and could not understand: the device's text.
	Raw []string `json:"raw,omitempty"`
	// Declared is the version that the asset list states, when it was used or
	// contradicts what was seen; see UsesDeclared.
	Declared string `json:"declared,omitempty"`
	// UsesDeclared says that the set rests on the declared version.
	UsesDeclared bool `json:"uses_declared,omitempty"`
}

// VersionState says how much is known of a version.
type VersionState string

// The states of a version.
const (
	Exact         VersionState = "exact"
	Candidates    VersionState = "candidates"
	InRange       VersionState = "range"
	Unknown       VersionState = "unknown"
	Contradictory VersionState = "contradictory"
)

// Reason is one rule that holds, with the bytes it rests on.
type Reason struct {
	Rule       string                  `json:"rule"`
	Identifies fingerprints.Confidence `json:"identifies,omitempty"`
	Request    string                  `json:"request"`        // "GET /remote/login" or "tls"
	Shows      string                  `json:"shows"`          // the device's own text, at most 160 bytes: hostile
	Says       string                  `json:"says,omitempty"` // the version set that it allows
	Source     string                  `json:"source"`
}

// Kind tells findings apart that are not about a weakness with a CVE.
type Kind string

// The kinds of findings.
const (
	Vulnerability Kind = ""              // an advisory's affected range, or its exposed port
	EndOfLife     Kind = "end_of_life"   // POSTERN-EOL: no more security fixes
	LegacyTLS     Kind = "legacy_tls"    // POSTERN-LEGACY-TLS: only a tolerant client reaches it
	Contradiction Kind = "contradiction" // POSTERN-CONTRADICTORY, POSTERN-DECLARED
)

// Finding is what one advisory means for one device.
type Finding struct {
	Advisory string `json:"advisory"`
	// Kind is empty for an advisory's finding. Others never count as affected.
	Kind    Kind    `json:"kind,omitempty"`
	Verdict Verdict `json:"verdict"`
	// Reason is the verdict in words: "every candidate version is before the fix 7.2.7".
	Reason string `json:"reason"`
	// Fixed is the version to upgrade to, for the device's own branch where there
	// is one; empty when no source names one.
	Fixed    string  `json:"fixed,omitempty"`
	Title    string  `json:"title"`
	Severity string  `json:"severity"`
	Score    float64 `json:"score,omitempty"` // the best CVSS base score
	Vector   string  `json:"vector,omitempty"`
	KEV      *KEV    `json:"kev,omitempty"`
	// EPSS is the probability of exploitation within 30 days as FIRST's model scores it,
	// and EPSSPercentile the share of CVEs that score no higher; both from 0 to 1, and
	// absent without a score.
	EPSS           float64 `json:"epss,omitempty"`
	EPSSPercentile float64 `json:"epss_percentile,omitempty"`
	// AppliesIf is the configuration that the weakness needs.
	AppliesIf string `json:"applies_if,omitempty"`
	Preauth   bool   `json:"preauth"`
	// Exploitation holds sentences about attacks, with who claims and who disputes it.
	Exploitation []string `json:"exploitation,omitempty"`
	Remediation  string   `json:"remediation,omitempty"`
	URL          string   `json:"url,omitempty"` // the first advisory reference
	CWE          []string `json:"cwe,omitempty"`
	// Change is what became of the finding since the baseline; empty without one.
	Change Status `json:"change,omitempty"`
	// Seen is when a scan last judged the finding, where that was an earlier one; see
	// [Result.Earlier].
	Seen *time.Time `json:"seen,omitempty"`
	// Accepted is the risk that somebody has accepted, with reason and expiry; nil where
	// nobody has. An accepted finding crosses no gate.
	Accepted *Acceptance `json:"accepted,omitempty"`
}

// Acceptance is somebody's decision to live with a finding for a while.
type Acceptance struct {
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Expires string `json:"expires"` // the last day on which it holds, "2027-01-31"
	// Justification is one of OpenVEX's words for "not affected in this configuration",
	// where the decision is that; empty for a risk that is merely accepted.
	Justification string `json:"justification,omitempty"`
}

// KEV is the entry in CISA's catalogue of known exploited vulnerabilities.
type KEV struct {
	Added      string `json:"added"`
	Due        string `json:"due,omitempty"`
	Ransomware bool   `json:"ransomware"`
}

// Report is a whole report, as the json format writes it; see [Schema]. Writers
// stream it: the summary comes last.
type Report struct {
	Header
	Results []Result `json:"results"`
	Summary Summary  `json:"summary"`
}

// Header opens a report.
type Header struct {
	Format  int       `json:"format"`
	Tool    string    `json:"tool"`    // "postern"
	Version string    `json:"version"` // of the program
	Rules   Rules     `json:"rules"`
	Started time.Time `json:"started"`
	// Inputs names the asset lists, as given; empty when targets were arguments.
	Inputs []string `json:"inputs,omitempty"`
	// Baseline is the earlier scan that findings were compared with; nil without one.
	Baseline *Baseline `json:"baseline,omitempty"`
	// Shard is the share of the targets that this scan took; nil when it took all.
	Shard *Shard `json:"shard,omitempty"`
	// Shards are the parts of a merged report, in order.
	Shards []ShardRun `json:"shards,omitempty"`
}

// Baseline names an earlier scan.
type Baseline struct {
	Started time.Time `json:"started"`
	Rules   Rules     `json:"rules"`
}

// Shard is one part of a scan that several machines share.
type Shard struct {
	Index int `json:"index"` // from 1
	Of    int `json:"of"`
	// List is a digest of the whole list and of what decides which ports are asked, and
	// Targets is how many targets the whole list has, after expansion.
	List    string `json:"list"`
	Targets int    `json:"targets"`
}

// ShardRun is a part of a merged report; its summary is nil when the part is missing.
type ShardRun struct {
	Shard
	Summary *Summary `json:"summary,omitempty"`
}

// Rules names the knowledge that a scan was judged by.
type Rules struct {
	Digest string `json:"digest"` // "sha256:…" over every file of the rules
	// From is the folder of the rules that were used in place of the built-in ones.
	From       string `json:"from,omitempty"`
	Date       string `json:"date"` // the newest date in an advisory, "2026-08-07"
	Products   int    `json:"products"`
	Advisories int    `json:"advisories"`
}

// Summary closes a report. Counts are of results unless they say otherwise.
type Summary struct {
	Targets      int `json:"targets"` // entries that the scan was given, after expansion
	Results      int `json:"results"`
	Identified   int `json:"identified"`
	Unidentified int `json:"unidentified"`
	Unreachable  int `json:"unreachable"`
	Interrupted  int `json:"interrupted"`
	// Affected and PossiblyAffected count results with such a finding; a result
	// with both counts once, as affected. KEV counts affected results with an
	// affected finding in CISA's catalogue. An accepted finding counts in Accepted alone.
	Affected         int `json:"affected"`
	PossiblyAffected int `json:"possibly_affected"`
	KEV              int `json:"kev"`
	// EndOfLife counts results with a product whose release certainly gets no security
	// fixes, LegacyTLS those that a client of today does not reach.
	EndOfLife int `json:"end_of_life"`
	LegacyTLS int `json:"legacy_tls"`
	Requests  int `json:"requests"`
	// Changes counts findings by what became of them since the baseline; nil without one.
	Changes *ChangeCounts `json:"changes,omitempty"`
	// Gone are the findings of the baseline that this scan has no longer: fixed ones, and
	// those of endpoints that are not in the asset list any more. It names 10,000 at most;
	// Changes counts all.
	Gone []Change `json:"gone,omitempty"`
	// StillAffected counts results that are not affected by what was seen this time and
	// have an earlier affected finding that was not judged again.
	StillAffected int `json:"still_affected,omitempty"`
	// Accepted counts findings whose risk is accepted; Acceptances says which entries have
	// expired or cover nothing.
	Accepted    int              `json:"accepted,omitempty"`
	Acceptances []IdleAcceptance `json:"acceptances,omitempty"`
	// Coverage is the share of results that were identified or unidentified, 0 to 1;
	// targets that a stopped scan never came to count as results without an answer.
	Coverage float64 `json:"coverage"`
	// Complete is false when the scan was stopped before every target was asked.
	Complete bool      `json:"complete"`
	Ended    time.Time `json:"ended"`
	// ExitStatus is what the program ended with.
	ExitStatus int `json:"exit_status"`
}

// ChangeCounts counts findings by status.
type ChangeCounts struct {
	New          int `json:"new"`
	Unchanged    int `json:"unchanged"`
	Fixed        int `json:"fixed"`
	NotEvaluated int `json:"not_evaluated"`
}

// IdleAcceptance is an accepted risk that did nothing: it has expired, or no finding matches it.
type IdleAcceptance struct {
	Advisory string `json:"advisory"`
	Target   string `json:"target,omitempty"`
	Tag      string `json:"tag,omitempty"`
	Owner    string `json:"owner"`
	Expires  string `json:"expires"`
	Expired  bool   `json:"expired"`
	Place    string `json:"place"` // "postern.yaml:12"
}
