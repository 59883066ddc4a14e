// Package sarif is the part of SARIF 2.1.0 that Postern writes, as structs whose fields
// are in the order in which they are written.
//
// A field that has nothing to say is absent. Consumers misread the defaults of the
// standard when they are spelled out: a byteOffset of -1 loses the line, a rank of -1
// the severity, an empty relationships array the weakness.
package sarif

import "encoding/json"

// Constants of a log.
const (
	Schema  = "https://json.schemastore.org/sarif-2.1.0.json"
	Version = "2.1.0"
	// CodePoints says that columns count characters.
	CodePoints = "unicodeCodePoints"
	// Fail is the only kind of result that every consumer keeps.
	Fail = "fail"
)

// Levels of results and notifications.
const (
	Error   = "error"
	Warning = "warning"
	Note    = "note"
)

// Log is a whole file. Code-scanning services refuse more than one run of one tool and
// category, so there is exactly one.
type Log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []Run  `json:"runs"`
}

// Run is one scan. Results come last, so that they can be written one by one.
type Run struct {
	Tool              Tool              `json:"tool"`
	AutomationDetails AutomationDetails `json:"automationDetails"`
	Invocations       []Invocation      `json:"invocations"`
	Artifacts         []Artifact        `json:"artifacts,omitempty"`
	ColumnKind        string            `json:"columnKind"`
	Properties        RunProperties     `json:"properties"`
	Results           []json.RawMessage `json:"results"`
}

// RunProperties say what the scan covered.
type RunProperties struct {
	RulesDigest  string  `json:"rulesDigest"`
	RulesDate    string  `json:"rulesDate"`
	RulesFrom    string  `json:"rulesFrom,omitempty"` // a folder; empty for the built-in ones
	Targets      int     `json:"targets"`
	Results      int     `json:"results"`
	Identified   int     `json:"identified"`
	Unidentified int     `json:"unidentified"`
	Unreachable  int     `json:"unreachable"`
	Interrupted  int     `json:"interrupted"`
	Coverage     float64 `json:"coverage"`
	// StillAffected counts endpoints that are affected by an earlier finding only, Accepted
	// the findings whose risk is accepted, LeftOut the results for which there was no room.
	StillAffected int       `json:"stillAffected,omitempty"`
	Accepted      int       `json:"accepted,omitempty"`
	LeftOut       int       `json:"leftOut,omitempty"`
	Baseline      *Baseline `json:"baseline,omitempty"`
	Shard         string    `json:"shard,omitempty"`  // "2/7"
	Shards        *Shards   `json:"shards,omitempty"` // of a merged scan
}

// Baseline names the earlier scan that the results were compared with.
type Baseline struct {
	StartTimeUTC string `json:"startTimeUtc"`
	RulesDigest  string `json:"rulesDigest"`
}

// Shards says of which parts a scan was merged.
type Shards struct {
	Of      int   `json:"of"`
	Missing []int `json:"missing,omitempty"`
}

// Artifact is an asset list.
type Artifact struct {
	Location ArtifactLocation `json:"location"`
	Roles    []string         `json:"roles"`
}

// Tool wraps the driver.
type Tool struct {
	Driver Driver `json:"driver"`
}

// Driver is Postern and the advisories that fired.
type Driver struct {
	Name            string            `json:"name"`
	FullName        string            `json:"fullName"`
	SemanticVersion string            `json:"semanticVersion,omitempty"`
	Version         string            `json:"version"`
	InformationURI  string            `json:"informationUri,omitempty"`
	Rules           []json.RawMessage `json:"rules"` // each an encoded Rule
	Notifications   []Descriptor      `json:"notifications,omitempty"`
}

// Descriptor names a kind of notification.
type Descriptor struct {
	ID               string  `json:"id"`
	Name             string  `json:"name"`
	ShortDescription Message `json:"shortDescription"`
}

// Rule is one advisory. It holds nothing about any host.
type Rule struct {
	ID                   string         `json:"id"`
	Name                 string         `json:"name"`
	ShortDescription     Message        `json:"shortDescription"`
	FullDescription      Message        `json:"fullDescription"`
	Help                 Message        `json:"help"`
	HelpURI              string         `json:"helpUri,omitempty"`
	DefaultConfiguration Configuration  `json:"defaultConfiguration"`
	Properties           RuleProperties `json:"properties"`
}

// Configuration holds a rule's level.
type Configuration struct {
	Level string `json:"level"`
}

// RuleProperties are read by code-scanning services: SecuritySeverity is a score as
// text, and counts only beside the tag "security".
type RuleProperties struct {
	Tags             []string `json:"tags"`
	Precision        string   `json:"precision"`
	SecuritySeverity string   `json:"security-severity,omitempty"`
}

// Message is text, with Markdown where a viewer may prefer it.
type Message struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

// Result is one advisory on one endpoint.
type Result struct {
	RuleID              string            `json:"ruleId"`
	Kind                string            `json:"kind"`
	Level               string            `json:"level"`
	Message             Message           `json:"message"`
	Locations           []Location        `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	// BaselineState is written for every result of a run or for none, and so are
	// Suppressions, where nil is none and empty says that a result is not suppressed.
	BaselineState string           `json:"baselineState,omitempty"`
	Suppressions  []Suppression    `json:"suppressions,omitzero"`
	Properties    ResultProperties `json:"properties"`
	// RuleIndex is known when all results are, and comes last so that it can be written then.
	RuleIndex int `json:"ruleIndex"`
}

// Suppression says that somebody accepts a result.
type Suppression struct {
	Kind          string `json:"kind"`   // External
	Status        string `json:"status"` // Accepted
	Justification string `json:"justification"`
}

// The one way in which results are suppressed: by an entry outside of the asset list.
const (
	External = "external"
	Accepted = "accepted"
)

// States of a result in relation to a baseline.
const (
	New       = "new"
	Unchanged = "unchanged"
)

// ResultProperties are for those who read more than SARIF says.
type ResultProperties struct {
	Verdict      string   `json:"verdict"`
	Vendor       string   `json:"vendor"`
	Product      string   `json:"product"`
	Version      string   `json:"version"`
	VersionState string   `json:"versionState"`
	Confidence   string   `json:"confidence"`
	Fixed        string   `json:"fixed,omitempty"`
	Change       string   `json:"change,omitempty"`   // since the baseline
	LastSeen     string   `json:"lastSeen,omitempty"` // when an earlier scan judged it; RFC 3339
	KEV          bool     `json:"kev"`
	Ransomware   bool     `json:"ransomware,omitempty"`
	Owner        string   `json:"owner,omitempty"`
	Evidence     []string `json:"evidence,omitempty"`
	Tags         []string `json:"tags,omitempty"`
}

// Location is a line of an asset list, and the endpoint that it led to.
type Location struct {
	PhysicalLocation PhysicalLocation  `json:"physicalLocation"`
	LogicalLocations []LogicalLocation `json:"logicalLocations,omitempty"`
}

// PhysicalLocation is a region of a file.
type PhysicalLocation struct {
	ArtifactLocation ArtifactLocation `json:"artifactLocation"`
	Region           Region           `json:"region"`
}

// ArtifactLocation is a relative path, percent-encoded, with forward slashes.
type ArtifactLocation struct {
	URI string `json:"uri"`
}

// Region bounds a part of one line; EndColumn is exclusive.
type Region struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

// LogicalLocation names an endpoint.
type LogicalLocation struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
	Kind               string `json:"kind"`
}

// AutomationDetails names the run; what stands before the last slash is the category.
type AutomationDetails struct {
	ID string `json:"id"`
}

// Invocation says how the scan went. It has no arguments: they may hold secrets.
type Invocation struct {
	ExecutionSuccessful        bool           `json:"executionSuccessful"`
	ExitCode                   int            `json:"exitCode"`
	StartTimeUTC               string         `json:"startTimeUtc,omitempty"`
	EndTimeUTC                 string         `json:"endTimeUtc,omitempty"`
	ToolExecutionNotifications []Notification `json:"toolExecutionNotifications,omitempty"`
}

// Notification is something that the scan could not do.
type Notification struct {
	Descriptor DescriptorReference `json:"descriptor"`
	Level      string              `json:"level"`
	Message    Message             `json:"message"`
	Locations  []Location          `json:"locations,omitempty"`
}

// DescriptorReference points at a descriptor of the driver.
type DescriptorReference struct {
	ID    string `json:"id"`
	Index int    `json:"index"`
}
