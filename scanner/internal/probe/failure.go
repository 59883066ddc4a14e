package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"postern/scanner/evidence"
)

var (
	errConnect  = errors.New(NoConnection)
	errEngine   = errors.New("the engine does not start")
	errDeadline = errors.New("the time for this endpoint is used up")
	errExcluded = errors.New("the name leads to an address that is excluded")
	// errUnchecked keeps a proxy from finding an address that must not be asked.
	errUnchecked = errors.New("a proxy would look the name up, and its address could not be checked against what is denied; write name@address")
)

// NoConnection is the detail of a timeout before anybody accepted a connection.
const NoConnection = "no connection in time"

// proxyError is a failure of the proxy, in words that may be its own.
type proxyError string

func (e proxyError) Error() string { return string(e) }

// stageError is what went wrong, and where.
type stageError struct {
	stage  stage
	reused bool // on a connection that had served a request before
	err    error
}

func (e *stageError) Error() string { return e.err.Error() }
func (e *stageError) Unwrap() error { return e.err }

// spoiled reports whether a request failed on a connection that an answer before it may
// have spoiled, such as a body after HEAD or a wrong length.
func spoiled(err error) bool {
	var staged *stageError
	return errors.As(err, &staged) && staged.reused && !late(err)
}

// failure sorts an error into the closed list of kinds. ctx is that of the scan.
func failure(ctx context.Context, err error) *evidence.Failure {
	at := waiting
	var staged *stageError
	if errors.As(err, &staged) {
		at = staged.stage
	}
	var lookup *net.DNSError
	switch kind, known := systemKind(err); {
	case ctx.Err() != nil || errors.Is(err, context.Canceled):
		return &evidence.Failure{Kind: evidence.Canceled, Detail: "the scan was stopped"}
	case errors.Is(err, errUnchecked):
		return &evidence.Failure{Kind: evidence.Excluded, Detail: errUnchecked.Error()}
	case errors.Is(err, errExcluded):
		return &evidence.Failure{Kind: evidence.Excluded, Detail: errExcluded.Error()}
	case errors.Is(err, errEngine):
		return &evidence.Failure{Kind: evidence.Local, Detail: words(err)}
	case proxied(err):
		return &evidence.Failure{Kind: evidence.ProxyFailed, Detail: words(err)}
	case errors.As(err, &lookup):
		return &evidence.Failure{Kind: evidence.DNS, Detail: words(err)}
	case late(err):
		return lateAt(at, err)
	case known:
		return &evidence.Failure{Kind: kind, Detail: words(err)}
	case errors.As(err, &tls.RecordHeaderError{}):
		return &evidence.Failure{Kind: evidence.NotHTTP, Detail: "the answer is neither TLS nor HTTP"}
	case at == handshaking || alerted(err):
		return &evidence.Failure{Kind: evidence.TLSFailed, Detail: words(err)}
	case at == waiting:
		return &evidence.Failure{Kind: evidence.NotHTTP, Detail: words(err)}
	}
	return &evidence.Failure{Kind: evidence.Unroutable, Detail: words(err)}
}

// lateAt says what did not come in time.
func lateAt(at stage, err error) *evidence.Failure {
	f := &evidence.Failure{Kind: evidence.Timeout}
	switch {
	case errors.Is(err, errDeadline) && at == waiting:
		f.Detail = "no whole answer in time"
	case at == lookingUp:
		f.Kind, f.Detail = evidence.DNS, "no answer about the name in time"
	case at == handshaking || alerted(err):
		f.Detail = "no TLS handshake in time"
	case at == dialing:
		f.Detail = NoConnection
	default:
		f.Detail = "no answer in time"
	}
	return f
}

func late(err error) bool {
	var timed net.Error
	return errors.Is(err, errConnect) || errors.Is(err, errDeadline) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &timed) && timed.Timeout()
}

func proxied(err error) bool {
	var own proxyError
	var op *net.OpError
	return errors.As(err, &own) || errors.As(err, &op) && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks"))
}

// alerted reports whether the endpoint ended TLS with an alert, as it may do after the
// handshake when it wants a client certificate.
func alerted(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

// systemKind sorts the errors of the operating system and of a connection that was cut.
func systemKind(err error) (evidence.FailureKind, bool) {
	kinds := []struct {
		kind evidence.FailureKind
		errs []error
	}{
		{evidence.Refused, []error{syscall.ECONNREFUSED}},
		{evidence.Local, []error{syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS, syscall.ENOMEM, syscall.EPERM}},
		{evidence.Unroutable, []error{syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN, syscall.EAFNOSUPPORT, syscall.EACCES}},
		{evidence.Reset, []error{syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed}},
	}
	for _, k := range kinds {
		if slices.ContainsFunc(k.errs, func(target error) bool { return errors.Is(err, target) }) {
			return k.kind, true
		}
	}
	// net/http keeps the error for this to itself.
	return evidence.Reset, strings.HasSuffix(err.Error(), "server closed idle connection")
}

// words is the innermost part of an error, which holds no address.
func words(err error) string {
	for {
		var op *net.OpError
		if !errors.As(err, &op) || op.Err == nil {
			break
		}
		err = op.Err
	}
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		err = sys.Err
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return clean(errno.Error())
	}
	var lookup *net.DNSError
	if errors.As(err, &lookup) {
		return clean(lookup.Err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "connection closed without an answer"
	}
	text := strings.TrimPrefix(err.Error(), "net/http: ")
	text = strings.TrimPrefix(text, "HTTP/1.x transport connection broken: ")
	if strings.HasPrefix(text, "malformed HTTP") || strings.HasPrefix(text, "readLoopPeekFailLocked") {
		return "the answer is no HTTP" // what net/http says depends on who spoke first
	}
	return clean(text)
}

// clean bounds text that may be a device's, and takes out what is not to be shown.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	const most = 200
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// otherScheme reports whether the first answer says that the endpoint speaks plain HTTP
// where TLS was tried, or the other way round.
func (s *Session) otherScheme(resp *evidence.Response, err error) bool {
	if s.scheme == "https" {
		var record tls.RecordHeaderError
		return s.endpoint.Scheme == "" && errors.As(err, &record) && plainStart(record.RecordHeader)
	}
	if err != nil {
		return tlsStart(err.Error())
	}
	if resp == nil {
		return false
	}
	if resp.Status >= 300 && resp.Status < 400 {
		return s.sameAsTLS(resp.Header.Get("Location"))
	}
	return resp.Status == http.StatusBadRequest && wantsTLS(string(resp.Body))
}

// plainStart recognises the beginning of an HTTP response, or of a bare page.
func plainStart(header [5]byte) bool {
	switch start := strings.ToLower(string(header[:])); start {
	case "http/", "<!doc", "<html", "<head", "<?xml":
		return true
	}
	return false
}

// tlsStart reports whether an error of net/http says that an alert of TLS came.
func tlsStart(text string) bool {
	return strings.Contains(text, `malformed HTTP response "\x15\x03`)
}

func wantsTLS(body string) bool {
	body = strings.ToLower(body)
	for _, phrase := range []string{"sent to https port", "request to an https server", "plain http to an ssl-enabled", "speaking plain http"} {
		if strings.Contains(body, phrase) {
			return true
		}
	}
	return false
}

// sameAsTLS reports whether a redirect goes to the same host and port in TLS.
func (s *Session) sameAsTLS(location string) bool {
	u, err := url.Parse(location)
	if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Hostname(), s.endpoint.Host) {
		return false
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return port == strconv.Itoa(s.endpoint.Port)
}
