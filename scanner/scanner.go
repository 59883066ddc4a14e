// Package scanner asks many targets the catalog's questions, within bounds, and has
// the answers judged.
//
// For each endpoint [fingerprints.Catalog.Next] names the next question, package probe
// asks it, and so on until nothing is worth asking; then [fingerprints.Catalog.Identify]
// concludes and package finding judges. Everything that can go wrong with a target is a
// value in its result; it never ends a scan.
package scanner

import (
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

	exclude *Exclusions
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
	MaxBody     int64         // bytes of a body; 0 means 512 KiB
	MaxHeader   int64         // bytes of a response header; 0 means 64 KiB
	Rate        float64       // requests a second over all targets; 0 means 500, negative no limit
	Ports       []int         // for targets without one; nil means DefaultPorts
	Contact     string        // appended to the User-Agent
	Version     string        // of the program, for the User-Agent
	// Proxy chooses the proxy for an endpoint; nil means none.
	Proxy func(endpoint *url.URL) (*url.URL, error)
	// OnProgress, if set, is called after each target is finished, from any goroutine,
	// one call at a time.
	OnProgress func(Progress)
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
	return &Scanner{catalog: catalog, db: db, opts: opts, prober: probe.New(probe.Limits{
		Timeout: opts.Timeout, DialTimeout: opts.DialTimeout,
		MaxBody: opts.MaxBody, MaxHeader: opts.MaxHeader,
		Rate: opts.Rate, Proxy: opts.Proxy,
		UserAgent: userAgent(opts.Version, opts.Contact),
	})}
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
	if o.Rate == 0 {
		o.Rate = 500
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
