// Package fingerprints turns evidence into a product and the versions that it may
// be running.
//
// What it knows is data: one folder a product, embedded, each rule with a source,
// with answers that it must match and answers that it must not. [Catalog.Next] says
// what is still worth asking a host, and [Catalog.Identify] concludes; both are
// functions of what was seen, and neither can reach a network.
package fingerprints

import "postern/scanner/version"

// Confidence is how much one rule proves.
type Confidence string

// The grades of a rule. One definitive rule identifies a product, or two strong
// ones of different groups; a weak one only supports.
const (
	Definitive Confidence = "definitive"
	Strong     Confidence = "strong"
	Weak       Confidence = "weak"
)

// Product is one folder of YAML.
type Product struct {
	ID       string         `yaml:"id"`              // equals the folder: vendor-product
	Name     string         `yaml:"name"`            // as people say it, "FortiOS SSL-VPN"
	Vendor   string         `yaml:"vendor"`          // "Fortinet"
	Versions version.Scheme `yaml:"versions"`        // the order of its versions
	CPE      []string       `yaml:"cpe,omitempty"`   // "fortinet:fortios": vendor and product
	Ports    []int          `yaml:"ports,omitempty"` // where it is usually found; information only
	About    string         `yaml:"about,omitempty"` // limits and pitfalls, in words
	LeaveOut []string       `yaml:"leave_out"`       // requests that must never be made, with why
	// NoSignals says why no answer tells this product from others: it has no requests
	// and no rules then, and is judged only when its version is given.
	NoSignals string `yaml:"no_signals,omitempty"`
	// NoVersion says why no answer tells the version; needed when no rule reads one.
	NoVersion string `yaml:"no_version,omitempty"`
	// Models are the models that advisories tell apart; a device is always one of them.
	// Empty when the version alone decides.
	Models   []Model   `yaml:"models,omitempty"`
	Requests []Request `yaml:"requests"`         // the questions that it may ask
	Rules    []Rule    `yaml:"rules"`            // what tells it from others, and its version
	Tables   []Table   `yaml:"tables,omitempty"` // of what a device shows, and the versions that it means
	// Lifecycle is what lifecycle.yaml beside the product says; nil without one.
	Lifecycle *Lifecycle `yaml:"-" json:"-"`
}

// Lifecycle says when release branches stop getting security fixes.
type Lifecycle struct {
	Source   string            `yaml:"source"`         // where the dates are from, and of which day
	Note     string            `yaml:"note,omitempty"` // what is left out, or how the days are meant
	Branches []LifecycleBranch `yaml:"branches"`       // release lines and the last day of each
	share    func()            // sets Versions of the branches, once; nil when that is done
}

// LifecycleBranch is one release line. The longest branch that a version begins with
// decides, as in advisories.
type LifecycleBranch struct {
	Branch string `yaml:"branch"` // "7.0", or "all" for the whole product
	// Ends is the last day with security fixes, "2025-09-30"; also one still to come.
	Ends   string   `yaml:"ends"`
	Models []string `yaml:"models,omitempty"` // only these; empty: every model
	Source string   `yaml:"source,omitempty"` // if it differs from that of the file
	Note   string   `yaml:"note,omitempty"`   // what else is to know of the day
	// Versions is every version whose branch this is, in what [Lifecycle.Of] gives.
	Versions version.Set `yaml:"-" json:"-"`
}

// Request is a question of a product. Exactly one of Get and Head is set.
type Request struct {
	ID    string `yaml:"id"`              // the name that rules use in on
	Get   string `yaml:"get,omitempty"`   // path, optionally with ?query
	Head  string `yaml:"head,omitempty"`  // the same, without asking for the body
	Bytes int64  `yaml:"bytes,omitempty"` // how much of the body is wanted; 0: the scan's limit
	// Guess ranks a request that is worth asking when the root says nothing at
	// all: 1 is asked first. 0, the usual case: ask only with a hint.
	Guess int `yaml:"guess,omitempty"`
}

// Rule is one thing that a response or a handshake can show.
type Rule struct {
	ID string `yaml:"id"` // the name of the rule
	// On lists the requests whose answers the rule reads; redirects that were
	// followed from one count as its answer. "any" reads every answer, "tls" the
	// handshake alone. The id "root" is GET / and needs no declaration.
	On []string `yaml:"on"`
	// Identifies is how much the rule proves about the product; empty for a rule
	// that only reads a version.
	Identifies Confidence `yaml:"identifies,omitempty"`
	// Group names what several rules share: strong rules of one group count once.
	// Empty: the rule's own id.
	Group string `yaml:"group,omitempty"`
	// Needs lists rules that must hold for this one to count.
	Needs []string `yaml:"needs,omitempty"`
	Match Match    `yaml:"match"`
	// Unless is what must not hold on the same answer.
	Unless *Match `yaml:"unless,omitempty"`
	// Version says how the rule reads or narrows a version.
	Version *Reading `yaml:"version,omitempty"`
	// Model says how the rule tells the model, one of the product's Models.
	Model    *ModelReading `yaml:"model,omitempty"`
	Source   string        `yaml:"source"`            // where the fact is from
	Note     string        `yaml:"note,omitempty"`    // what else is to know of it
	Examples []Example     `yaml:"examples"`          // answers that it must match
	Rejects  []Example     `yaml:"rejects,omitempty"` // answers that it must not match
}

// Match lists conditions that must all hold on one answer. Patterns are RE2,
// unanchored, case-sensitive unless they say (?i). Literals of Body are compared
// without regard to ASCII case.
type Match struct {
	Status      []int             `yaml:"status,omitempty"`       // one of these statuses
	Header      map[string]string `yaml:"header,omitempty"`       // name to pattern over each value
	Cookie      map[string]string `yaml:"cookie,omitempty"`       // name of a Set-Cookie to pattern over its value; a name ending in * is a prefix
	Location    string            `yaml:"location,omitempty"`     // pattern over the Location field as sent
	Title       string            `yaml:"title,omitempty"`        // pattern over the text of <title>, entities decoded, space folded
	Body        []string          `yaml:"body,omitempty"`         // literals, all of them
	BodyPattern string            `yaml:"body_pattern,omitempty"` // a pattern over the body
	Subject     string            `yaml:"cert_subject,omitempty"` // patterns over the leaf certificate
	Issuer      string            `yaml:"cert_issuer,omitempty"`
	SAN         string            `yaml:"cert_san,omitempty"`
	FaviconMMH3 []int32           `yaml:"favicon_mmh3,omitempty"` // Shodan's hash of the body
	BodyMD5     []string          `yaml:"body_md5,omitempty"`     // hex digest of the whole body
	GzipName    string            `yaml:"gzip_name,omitempty"`    // file name in the gzip header of the raw body
}

// Reading says how a matched answer tells a version.
//
// A value is taken From a place, by the group "version" of Pattern, decoded As a
// kind, and then either parsed, looked up in Table, or turned into candidates
// through the dates of Table. Means alone narrows without any value.
type Reading struct {
	// From is header:NAME, cookie:NAME, location, title, body, body_md5, gzip_mtime,
	// cert_subject or cert_issuer.
	From string `yaml:"from,omitempty"`
	// Pattern captures (?P<version>…); without it the whole value is taken. Several
	// named groups v1, v2 … are put together by Join, a template such as
	// "{v1}.{v2}R{v3}".
	Pattern string `yaml:"pattern,omitempty"`
	Join    string `yaml:"join,omitempty"`
	// As is text (the default), unix (decimal seconds), unixhex, usechex
	// (microseconds), httpdate or stamp (YYMMDDhhmmss).
	As string `yaml:"as,omitempty"`
	// Precision is exact (the default: the text is the whole version) or prefix (the
	// device never shows more than the leading part).
	Precision string `yaml:"precision,omitempty"`
	// Table is the id of a table of this product.
	Table string `yaml:"table,omitempty"`
	// Means narrows to a union of ranges. Alone it needs no value; with From and
	// Pattern it holds once the pattern matches, and nothing is parsed; with Table it
	// also narrows what the table says, and stands for a value that the table does not
	// know.
	Means []Span `yaml:"means,omitempty"`
}

// Span is a range of versions as YAML writes it.
type Span struct {
	From    string `yaml:"from,omitempty"`    // this version and later ones
	After   string `yaml:"after,omitempty"`   // later versions than this
	Before  string `yaml:"before,omitempty"`  // earlier versions than this
	Through string `yaml:"through,omitempty"` // this version and earlier ones
	Prefix  string `yaml:"prefix,omitempty"`  // alone: every version that refines it
}

// Table maps what a device shows to versions. File is a TSV in the product folder:
// lines that begin with # are comments and the first of them states the source, then
// column names, then rows.
type Table struct {
	ID    string `yaml:"id"`    // the name that readings use
	File  string `yaml:"file"`  // tables/NAME.tsv
	Key   string `yaml:"key"`   // column compared with the value read, or the date column
	Value string `yaml:"value"` // column that holds the version, or the model
	// Models says that the values are models of the product, for [ModelReading].
	Models bool `yaml:"models,omitempty"`
	// Precision of the values: exact (default) or prefix.
	Precision string `yaml:"precision,omitempty"`
	// SHA256 is the hex digest of the file, so that no row changes unseen: a wrong version
	// in a row looks like a right one. Every shipped table states it.
	SHA256 string `yaml:"sha256,omitempty"`
	// Also names a table whose rows are used for versions that this one does not
	// list, with its own Key and Dates; empty for none.
	Also string `yaml:"also,omitempty"`
	// SkipIf names a column and a word; rows whose column contains it are left out.
	SkipIf *Skip `yaml:"skip_if,omitempty"`
	// Dates makes this a table of dates: a date that was read selects the rows whose
	// date lies between the date read minus Early days and plus Late days.
	Dates *Dates `yaml:"dates,omitempty"`
}

// Skip leaves rows out of a table.
type Skip struct {
	Column   string `yaml:"column"`   // the name of the column
	Contains string `yaml:"contains"` // a row whose column holds this is left out
}

// Dates says how far a row's date may lie from the date that a device shows.
type Dates struct {
	EarlyDays int `yaml:"early_days"` // row date may be this much before the date read
	LateDays  int `yaml:"late_days"`  // or this much after it
	// Gaps is "none" when the table lists every version, or "fill" when it does not:
	// then the versions of a branch between two listed neighbours are candidates too
	// if they may have come out within those days, that is if the days overlap the
	// time between the neighbours; so are those above a branch's newest row and
	// below its oldest.
	Gaps string `yaml:"gaps"`
}

// Example is an answer that a rule must match, or must not.
type Example struct {
	// On is the request it answers; empty means the rule's first.
	On string `yaml:"on,omitempty"`
	// Response is a whole HTTP response as text. BodyHex or BodyBase64 replace its body.
	Response   string `yaml:"response,omitempty"`
	BodyHex    string `yaml:"body_hex,omitempty"`    // in hex
	BodyBase64 string `yaml:"body_base64,omitempty"` // in base64
	// FaviconMMH3 and BodyMD5 state a hash whose bytes cannot be shipped.
	FaviconMMH3 *int32 `yaml:"favicon_mmh3,omitempty"`
	BodyMD5     string `yaml:"body_md5,omitempty"` // the hash of a body whose bytes cannot be shipped
	// Certificate fields, for rules on tls.
	Subject string   `yaml:"cert_subject,omitempty"`
	Issuer  string   `yaml:"cert_issuer,omitempty"`
	SAN     []string `yaml:"cert_san,omitempty"`
	// Version is what the rule must read, in the notation of version.ParseSet. It
	// must be stated by every example of a rule that reads a version.
	Version string `yaml:"version,omitempty"`
	// Model is what the rule must read, for every example of a rule that tells models:
	// one model, or several with commas.
	Model string `yaml:"model,omitempty"`
	// Note says where the answer was recorded or why it is a trap.
	Note string `yaml:"note,omitempty"`
}

// Identification is a product that the evidence proves.
type Identification struct {
	Product    string
	Confidence Confidence // the best rule's
	// Versions is every version that the evidence allows: All when nothing was
	// read, empty when rules contradict each other.
	Versions version.Set
	// Read says that at least one rule narrowed the version.
	Read bool
	// Raw holds what rules captured and could not understand.
	Raw []string
	// Models are the models that the device may be; nil when nothing tells.
	Models []string
	// Because lists the rules that hold, identifying ones first.
	Because []Reason
}

// Reason is one rule that holds, and the bytes it rests on.
type Reason struct {
	Rule       string
	Identifies Confidence  // empty for a rule that only reads a version
	Request    string      // the key of the request, or "tls"
	Shows      string      // at most 160 bytes of the device's own text: hostile
	Says       version.Set // what it says of the version; the zero Set for nothing
	Source     string
}
