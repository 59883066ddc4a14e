// Package scanner asks many targets the catalog's questions, within bounds, and has
// the answers judged.
//
// For each endpoint [fingerprints.Catalog.Next] names the next question, package probe
// asks it, and so on until nothing is worth asking; then [fingerprints.Catalog.Identify]
// concludes and package finding judges. Everything that can go wrong with a target is a
// value in its result; it never ends a scan.
package scanner

import (
	"net/netip"
	"net/url"
	"strings"
	"time"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/finding"
	"postern/scanner/internal/probe"
)

// Target is one entry of an asset list, after expansion. Targets of a [List] also carry
// its exclusions: a name that resolves to an excluded address is not connected to.
type Target struct {
	// Host is the name or address to ask for (Host header, SNI), without brackets.
	Host string
	// Port is 0 when the list names none: then Options.Ports are tried.
	Port int
	// Scheme is "https", "http" or, usually, empty: TLS first, plain HTTP when the
	// answer says so.
	Scheme string
	// Address, "host:port" or "host", is where to connect when it is not Host:Port.
	Address string
	// Input is where the target came from.
	Input finding.Input
	// Declared is what the list states of the gateway that runs there; nil for nothing.
	Declared *finding.Declaration
	// Position is its number in the whole list, from 1, where the list is a shard; else 0.
	Position int64

	exclude *Exclusions
	shown   string       // what results add to Host:Port; often empty
	addrs   []netip.Addr // of Host, when they were looked up already
}

// Options adjust a scan. The zero value is what the command line defaults to.
type Options struct {
	Parallel int // targets at once; 0 means 64
	// Timeout is for one endpoint, from the first dial to the last byte, without the
	// time that its requests wait for the Rate; 0 means 15s. For a target without a
	// port, connecting to all its ports together takes no longer than that either:
	// each port gets an equal share of what is left.
	Timeout     time.Duration
	DialTimeout time.Duration // one connection and handshake; 0 means a third of Timeout
	// MaxBody is bytes of a body; 0 means 512 KiB. To be matched, a body that is packed with
	// gzip is unpacked to 512 KiB at most.
	MaxBody   int64
	MaxHeader int64 // bytes of a response header; 0 means 64 KiB
	MaxFields int   // fields of a response header; 0 means 500
	// MaxRequests is how many questions one endpoint is asked, the redirects that are
	// followed among them; 0 means 16. Each takes one connection at most, and one more where
	// it is asked again.
	MaxRequests int
	// MaxChain and MaxChainBytes are how many certificates an endpoint may show, and how
	// large they are together, for its handshake to count; 0 means 100 and 256 KiB. More
	// than 256 KiB is never read.
	MaxChain      int
	MaxChainBytes int64
	Rate          float64 // requests a second over all targets; 0 means 500, negative no limit
	// Gap is the time between two requests to one host, each stretched at random by up to a
	// half; 0 means 100ms, negative none. PerNet is how many hosts of one /24, or /48 in
	// IPv6, are asked at once; 0 means 8, negative no limit. Loopback is exempt from both.
	Gap    time.Duration
	PerNet int
	// MaxOutage is how long the scan waits when this machine loses its network; then it
	// ends, with what was not finished as interrupted. 0 means 10m.
	MaxOutage time.Duration
	Ports     []int  // for targets without one; nil means DefaultPorts
	Contact   string // appended to the User-Agent
	Version   string // of the program, for the User-Agent
	// Proxy chooses the proxy for an endpoint; nil means none.
	Proxy func(endpoint *url.URL) (*url.URL, error)
	// Engine is empty, or "httpx" in a program that was built with it, see [HasHTTPX]: then
	// another library asks in place of the scanner's own client. It does not keep to the
	// limits of this package and can be led to other hosts; it is for comparing.
	Engine string
	// Deny is never connected to, whatever leads there; targets in it are reported as
	// excluded. A name that a proxy would look up is denied if Deny holds addresses. nil
	// denies nothing.
	Deny *Exclusions
	// Resolver is the only name server that is asked; zero means those of the system.
	Resolver netip.AddrPort
	// AllAddresses asks every address of a name, at most 16, each for results of its own.
	AllAddresses bool
	// ClientCert is shown to endpoints that ask for a certificate; nil shows none.
	ClientCert *ClientCertificate
	// Today is the day by which releases have ended, see [finding.LifeEnded]; zero judges
	// no release by its age.
	Today time.Time
	// Earlier, if set, says what an earlier run found of a target, by its number in the
	// order of the list, from 0. Such a target is not asked again. It is called from many
	// goroutines.
	Earlier func(target int64) (results []finding.Result, ok bool)
	// OnFinished, if set, gets the results of every target that was asked to its end,
	// before they are yielded, from many goroutines.
	OnFinished func(target int64, results []finding.Result)
	// OnProgress, if set, is called after each target is finished, from any goroutine,
	// one call at a time.
	OnProgress func(Progress)
	// Notice, if set, is told what happens to the scan itself; Explain each decision about
	// an endpoint, in words that may hold the endpoint's own text; OnSent each request that
	// was made. All are called from any goroutine.
	Notice  func(text string)
	Explain func(endpoint, why string)
	OnSent  func(Sent)
}

// HasHTTPX says whether this program was built with the engine "httpx".
const HasHTTPX = probe.HasHTTPX

// Sent is one request as it was made, and what became of it.
type Sent = probe.Sent

// ClientCertificate is shown to endpoints that ask for one.
type ClientCertificate = probe.ClientCertificate

// ParseClientCertificate reads a certificate, with its chain, and its key, both in PEM.
func ParseClientCertificate(certificate, key []byte) (*ClientCertificate, error) {
	return probe.ParseClientCertificate(certificate, key)
}

// Progress is a running count.
type Progress struct {
	Done, Gateways, Affected int // targets finished; results
	Requests                 int // made to those targets
}

// Scanner asks and judges. It may be used for several scans, also at the same time.
type Scanner struct {
	catalog *fingerprints.Catalog
	db      *advisories.DB
	opts    Options
	prober  *probe.Prober
}

// DefaultPorts are the ports where gateways are usually found, in the order in which they
// are tried on a target without a port.
func DefaultPorts() []int { return []int{443, 4430, 4433, 4443, 8443, 10443} }

// New returns a scanner that recognises what catalog knows and judges by db.
func New(catalog *fingerprints.Catalog, db *advisories.DB, opts Options) *Scanner {
	opts = opts.withDefaults()
	limits := probe.Limits{
		Timeout: opts.Timeout, DialTimeout: opts.DialTimeout,
		MaxBody: opts.MaxBody, MaxHeader: opts.MaxHeader, MaxFields: opts.MaxFields,
		MaxChain: opts.MaxChain, MaxChainBytes: opts.MaxChainBytes,
		Rate: opts.Rate, Gap: opts.Gap, PerNet: opts.PerNet, MaxOutage: opts.MaxOutage,
		Engine: opts.Engine, Proxy: opts.Proxy, Resolver: opts.Resolver, ClientCert: opts.ClientCert,
		UserAgent: userAgent(opts.Version, opts.Contact),
		Notice:    opts.Notice, OnSent: opts.OnSent,
	}
	if opts.Deny != nil {
		limits.Deny = opts.Deny.Covers
	}
	return &Scanner{catalog: catalog, db: db, opts: opts, prober: probe.New(limits)}
}

func (o Options) withDefaults() Options {
	if o.Parallel <= 0 {
		o.Parallel = 64
	}
	if o.Timeout <= 0 {
		o.Timeout = 15 * time.Second
	}
	if o.DialTimeout <= 0 {
		o.DialTimeout = o.Timeout / 3
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 512 << 10
	}
	if o.MaxHeader <= 0 {
		o.MaxHeader = 64 << 10
	}
	if o.MaxFields <= 0 {
		o.MaxFields = 500
	}
	if o.MaxRequests <= 0 {
		o.MaxRequests = 16
	}
	if o.MaxChain <= 0 {
		o.MaxChain = 100
	}
	if o.MaxChainBytes <= 0 {
		o.MaxChainBytes = 256 << 10
	}
	if o.Rate == 0 {
		o.Rate = 500
	}
	if o.Gap == 0 {
		o.Gap = 100 * time.Millisecond
	}
	if o.PerNet == 0 {
		o.PerNet = 8
	}
	if o.MaxOutage <= 0 {
		o.MaxOutage = 10 * time.Minute
	}
	if o.Ports == nil {
		o.Ports = DefaultPorts()
	}
	return o
}

// userAgent tells whoever reads a log what this was, and whom to ask.
func userAgent(version, contact string) string {
	plain := func(text string) string {
		return strings.TrimSpace(strings.Map(func(r rune) rune {
			if r < ' ' || r >= 0x7f || r == '(' || r == ')' {
				return -1
			}
			return r
		}, text))
	}
	agent := "Postern"
	if version = plain(version); version != "" {
		agent += "/" + version
	}
	if contact = plain(contact); contact != "" {
		agent += " (+" + contact + ")"
	}
	return agent
}
