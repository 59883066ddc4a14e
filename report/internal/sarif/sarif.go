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
	ColumnKind        string            `json:"columnKind"`
	Properties        RunProperties     `json:"properties"`
	Results           []json.RawMessage `json:"results"`
}

// RunProperties say what the scan covered.
type RunProperties struct {
	RulesDigest  string  `json:"rulesDigest"`
	RulesDate    string  `json:"rulesDate"`
	Targets      int     `json:"targets"`
	Results      int     `json:"results"`
	Identified   int     `json:"identified"`
	Unidentified int     `json:"unidentified"`
	Unreachable  int     `json:"unreachable"`
	Interrupted  int     `json:"interrupted"`
	Coverage     float64 `json:"coverage"`
}

// Tool wraps the driver.
type Tool struct {
	Driver Driver `json:"driver"`
}

// Driver is Postern and the advisories that fired.
type Driver struct {
	Name            string       `json:"name"`
	FullName        string       `json:"fullName"`
	SemanticVersion string       `json:"semanticVersion,omitempty"`
	Version         string       `json:"version"`
	InformationURI  string       `json:"informationUri,omitempty"`
	Rules           []Rule       `json:"rules"`
	Notifications   []Descriptor `json:"notifications,omitempty"`
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
	RuleIndex           int               `json:"ruleIndex"`
	Kind                string            `json:"kind"`
	Level               string            `json:"level"`
	Message             Message           `json:"message"`
	Locations           []Location        `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	Properties          ResultProperties  `json:"properties"`
}

// ResultProperties are for those who read more than SARIF says.
type ResultProperties struct {
	Verdict      string   `json:"verdict"`
	Vendor       string   `json:"vendor"`
	Product      string   `json:"product"`
	Version      string   `json:"version"`
	VersionState string   `json:"versionState"`
	Confidence   string   `json:"confidence"`
	Fixed        string   `json:"fixed,omitempty"`
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
