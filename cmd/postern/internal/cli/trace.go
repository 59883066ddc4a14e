package cli

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"postern/report"
	"postern/scanner"
	"postern/scanner/evidence"
)

// trace writes every request and answer to a file in HAR 1.2 while a scan runs; the file
// gets its name when it is whole. A nil one does nothing.
type trace struct {
	file *atomicFile

	mu      sync.Mutex
	out     *bufio.Writer
	entries int
	err     error // the first
}

// openTrace begins the trace of a plan, if it has one, and hooks it into the scan.
func (c *Command) openTrace(plan *scanPlan) (*trace, error) {
	if plan.trace == "" {
		return nil, nil
	}
	file, err := createAtomic(plan.trace)
	if err != nil {
		return nil, fmt.Errorf("-trace %s: %w", plan.trace, err)
	}
	t := &trace{file: file, out: bufio.NewWriterSize(file, 64<<10)}
	creator, err := json.Marshal(map[string]string{"name": "postern", "version": Version})
	if err != nil {
		return nil, err
	}
	_, t.err = fmt.Fprintf(t.out, "{\"log\":{\"version\":\"1.2\",\"creator\":%s,\"entries\":[", creator)
	plan.options.OnSent = t.add
	return t, nil
}

// add writes one exchange. It is called from any goroutine.
func (t *trace) add(sent scanner.Sent) {
	line, err := json.Marshal(newHAREntry(sent))
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err = errors.Join(t.err, err); t.err != nil {
		return
	}
	between := ",\n"
	if t.entries == 0 {
		between = "\n"
	}
	t.entries++
	if _, t.err = t.out.WriteString(between); t.err == nil {
		_, t.err = t.out.Write(report.PrintableJSON(line))
	}
}

// close ends the file and gives it its name.
func (t *trace) close() error {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err == nil {
		_, t.err = t.out.WriteString("\n]}}\n")
	}
	if err := errors.Join(t.err, t.out.Flush()); err != nil {
		_ = t.file.temp.Close() // the first error is the one to tell
		return fmt.Errorf("write trace: %w; what was written so far is in %s", err, t.file.temp.Name())
	}
	if err := t.file.commit(); err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	return nil
}

// The parts of HAR 1.2 that a scan has something to say for. Names that begin with _ are
// additions, as the format allows.
type (
	harEntry struct {
		Started  string        `json:"startedDateTime"`
		Time     float64       `json:"time"` // milliseconds, as all times
		Request  harRequest    `json:"request"`
		Response harResponse   `json:"response"`
		Cache    struct{}      `json:"cache"`
		Timings  harTimings    `json:"timings"`
		ServerIP string        `json:"serverIPAddress,omitempty"`
		Port     string        `json:"connection,omitempty"`
		TLS      *evidence.TLS `json:"_tls,omitempty"`
	}
	harRequest struct {
		Method      string      `json:"method"`
		URL         string      `json:"url"`
		HTTPVersion string      `json:"httpVersion"`
		Cookies     []harHeader `json:"cookies"`
		Headers     []harHeader `json:"headers"`
		Query       []harHeader `json:"queryString"`
		HeadersSize int         `json:"headersSize"`
		BodySize    int         `json:"bodySize"`
	}
	harResponse struct {
		Status      int         `json:"status"` // 0: none
		StatusText  string      `json:"statusText"`
		HTTPVersion string      `json:"httpVersion"`
		Cookies     []harHeader `json:"cookies"`
		Headers     []harHeader `json:"headers"`
		Content     harContent  `json:"content"`
		RedirectURL string      `json:"redirectURL"`
		HeadersSize int         `json:"headersSize"`
		BodySize    int         `json:"bodySize"`
		Error       string      `json:"_error,omitempty"` // why there is no response
	}
	harHeader struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		// Base64 holds the value's bytes where they are no plain text.
		Base64 string `json:"_base64,omitempty"`
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text,omitempty"`
		Encoding string `json:"encoding,omitempty"`
		Comment  string `json:"comment,omitempty"`
	}
	harTimings struct {
		Blocked float64 `json:"blocked"` // for the limits of the scan
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"`
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

func newHAREntry(sent scanner.Sent) harEntry {
	connecting := min(sent.Connecting, sent.Took)
	e := harEntry{
		Started: sent.Started.UTC().Format("2006-01-02T15:04:05.000Z"),
		Time:    milliseconds(sent.Waited + sent.Took),
		Request: harRequest{
			Method: sent.Request.Method, URL: sent.URL, HTTPVersion: "HTTP/1.1", Cookies: []harHeader{},
			Headers: harHeaders(sent.Header), Query: harQuery(sent.Request.Query), HeadersSize: -1,
		},
		Response: newHARResponse(sent.Response),
		Timings:  harTimings{milliseconds(sent.Waited), -1, milliseconds(connecting), -1, 0, milliseconds(sent.Took - connecting), 0},
		TLS:      sent.TLS,
	}
	if sent.Remote.IsValid() {
		e.ServerIP, e.Port = sent.Remote.Addr().Unmap().String(), sent.Remote.String()
	}
	if sent.Failure != nil {
		e.Response.Error = printable(string(sent.Failure.Kind) + ": " + sent.Failure.Detail)
	}
	return e
}

func newHARResponse(r *evidence.Response) harResponse {
	none := []harHeader{}
	if r == nil {
		return harResponse{Cookies: none, Headers: none, Content: harContent{MimeType: "x-unknown"}, HeadersSize: -1, BodySize: -1}
	}
	h := harResponse{
		Status: r.Status, StatusText: http.StatusText(r.Status), HTTPVersion: cleanText(r.Proto), Cookies: none,
		Headers: harHeaders(r.Header), RedirectURL: cleanText(r.Header.Get("Location")),
		Content:     harContent{Size: len(r.Body), MimeType: cleanText(r.Header.Get("Content-Type"))},
		HeadersSize: -1, BodySize: len(r.Body),
	}
	if r.Truncated {
		h.Content.Comment = "the body went on, or broke off"
	}
	if h.Content.Text = string(r.Body); !plainText(h.Content.Text) {
		h.Content.Text, h.Content.Encoding = base64.StdEncoding.EncodeToString(r.Body), "base64"
	}
	return h
}

func harHeaders(header http.Header) []harHeader {
	list := []harHeader{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			h := harHeader{Name: cleanText(name), Value: value}
			if !plainText(value) {
				h.Value, h.Base64 = cleanText(value), base64.StdEncoding.EncodeToString([]byte(value))
			}
			list = append(list, h)
		}
	}
	return list
}

// harQuery splits a query, which is plain: see [evidence.Request.Validate].
func harQuery(query string) []harHeader {
	list := []harHeader{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(value); err == nil && plainText(plain) {
			value = plain
		}
		list = append(list, harHeader{Name: name, Value: value})
	}
	return list
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1000
}

// plainText reports whether text can be shown as it is: valid, and nothing in it that
// steers what shows it.
func plainText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, hidden)
}

func hidden(r rune) bool {
	return !unicode.IsPrint(r) && r != '\n' && r != '\r' && r != '\t'
}

// cleanText shows what is no plain text with marks in its place.
func cleanText(text string) string {
	return strings.Map(func(r rune) rune {
		if hidden(r) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
