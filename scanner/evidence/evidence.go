// Package evidence records what was asked of a host and what was seen, and
// nothing about what it means.
//
// A [Request] can express an unauthenticated GET or HEAD of a plain path and
// nothing else: there is no field for a body, a header or a credential, so that
// no fingerprint can ask for anything that changes a device.
//
// The package is pure. It uses net/http for its header type and to read recorded
// responses; it opens no connection.
package evidence

import (
	"net/http"
	"strings"
	"time"
)

// Methods that a Request may use.
const (
	GET  = http.MethodGet
	HEAD = http.MethodHead
)

// Request is one question to a host.
type Request struct {
	// Method is GET or HEAD.
	Method string
	// Path is absolute and plain: see [Request.Validate].
	Path string
	// Query is what follows the question mark, without it; often empty.
	Query string
	// MaxBytes is how many bytes of the body are wanted; 0 means the limit of
	// the scan.
	MaxBytes int64
	// Via is the Key of the request whose redirect this one follows; empty for
	// a request that a fingerprint asks for.
	Via string
}

// Key tells requests apart: two requests with the same key are the same question.
func (r Request) Key() string {
	if r.Query == "" {
		return r.Method + " " + r.Path
	}
	return r.Method + " " + r.Path + "?" + r.Query
}

// Target is the path and query as they stand in the request line.
func (r Request) Target() string {
	_, target, _ := strings.Cut(r.Key(), " ")
	return target
}

// Response is what came back for one request.
type Response struct {
	// Status is the HTTP status code.
	Status int
	// Proto is the protocol of the status line, such as "HTTP/1.1".
	Proto string
	// Header holds the fields by canonical name.
	Header http.Header
	// Body is the body as it was sent, not decompressed, cut at the limit.
	Body []byte
	// Truncated says that the body went on past the limit or broke off.
	Truncated bool
	// Malformed names what is wrong with the answer and was overlooked to read it, in
	// words of the closed list of [Malformation]; empty for a proper one.
	Malformed []Malformation
}

// Malformation is a way in which an answer breaks HTTP.
type Malformation string

// What a tolerant reader overlooks.
const (
	BadStatusLine Malformation = "status-line"    // HTTP/0.9, or a line that net/http refuses
	BadHeader     Malformation = "header"         // a field that net/http refuses
	BadLength     Malformation = "content-length" // several, or no number, or more than comes
	BadChunking   Malformation = "chunking"       // chunks that break off or have no size
)

// TLS is what the handshake showed.
type TLS struct {
	// Version is the protocol, such as "TLS 1.2".
	Version string `json:"version,omitempty"`
	// Cipher is the suite, by its IANA name.
	Cipher string `json:"cipher,omitempty"`
	// Subject and Issuer of the leaf certificate in RFC 2253 order, such as
	// "CN=vpn,O=Example".
	Subject string `json:"subject,omitempty"`
	Issuer  string `json:"issuer,omitempty"`
	// SAN lists the names and addresses of the leaf certificate.
	SAN []string `json:"san,omitempty"`
	// NotBefore and NotAfter bound the leaf certificate's validity.
	NotBefore time.Time `json:"not_before,omitzero"`
	NotAfter  time.Time `json:"not_after,omitzero"`
	// SHA256 is the hex digest of the leaf certificate.
	SHA256 string `json:"sha256,omitempty"`
	// Needed names what a client of today refuses and this endpoint needs, in words of
	// a closed list: "ssl3", "tls1.0", "tls1.1", "rc4", "3des", "des", "rc2", "rsa-kex",
	// "dhe", "weak-dh", "export", "weak-key", "md5-signature", "sha1-signature",
	// "bad-certificate".
	Needed []string `json:"needed,omitempty"`
	// Escalated is why the fast client gave up, in words; empty when it did not.
	Escalated string `json:"escalated,omitempty"`
}

// FailureKind is the way in which a request ended without a response. The list
// is closed, and its words are shown to people.
type FailureKind string

// The ways in which a request can fail.
const (
	Refused     FailureKind = "refused"     // nothing listens on the port
	Timeout     FailureKind = "timeout"     // no answer in time
	DNS         FailureKind = "dns"         // the name has no address
	TLSFailed   FailureKind = "tls"         // the handshake failed
	Reset       FailureKind = "reset"       // the connection was cut
	NotHTTP     FailureKind = "not_http"    // something answered that is no HTTP
	Unroutable  FailureKind = "unroutable"  // no route to the host or network
	ProxyFailed FailureKind = "proxy"       // the proxy refused or failed
	Excluded    FailureKind = "excluded"    // the name has an address that must not be asked
	Local       FailureKind = "local"       // this machine is out of ports, descriptors …
	Canceled    FailureKind = "interrupted" // the scan was stopped
)

// Failure says why there is no response.
type Failure struct {
	Kind FailureKind
	// Detail is the error in words, without the address.
	Detail string
}

// Exchange is one request and what became of it. Exactly one of Response and
// Failure is set.
type Exchange struct {
	Request  Request
	Response *Response
	Failure  *Failure
}

// Seen is everything that is known about one endpoint, in the order in which it
// was asked.
type Seen struct {
	// Scheme is "https" or "http".
	Scheme string
	// Host is the name or address of the endpoint, without port or brackets.
	Host string
	// Port is the TCP port.
	Port int
	// TLS is nil when the endpoint speaks plain HTTP.
	TLS *TLS
	// Decoy is a path that no product has, chosen at random for this scan. What
	// a server answers there it answers everywhere, so it proves nothing.
	Decoy string
	// Exchanges are the questions so far and their answers.
	Exchanges []Exchange
}

// Find returns the exchange whose request has the given key, or nil.
func (s *Seen) Find(key string) *Exchange {
	for i := range s.Exchanges {
		if s.Exchanges[i].Request.Key() == key {
			return &s.Exchanges[i]
		}
	}
	return nil
}
