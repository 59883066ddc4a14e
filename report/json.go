package report

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"time"

	"postern/scanner/finding"
)

// jsonWriter writes one object, result by result: the header's keys, then results, then
// summary. What a device sent stays exactly what it was, as escapes where it would not
// show.
type jsonWriter struct {
	out     *stream
	some    bool
	buf     bytes.Buffer
	encoder *json.Encoder // into buf; it keeps its room from one result to the next
}

func newJSON(out *stream, h finding.Header) (*jsonWriter, error) {
	head, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return nil, err
	}
	head = bytes.TrimSuffix(head, []byte("\n}"))
	w := &jsonWriter{out: out}
	w.encoder = json.NewEncoder(&w.buf)
	w.encoder.SetIndent("    ", "  ")
	return w, out.write(escapeJSON(head), []byte(",\n  \"results\": ["))
}

func (w *jsonWriter) Write(r finding.Result) error {
	w.buf.Reset()
	if w.some {
		w.buf.WriteByte(',')
	}
	w.buf.WriteString("\n    ")
	if err := w.encoder.Encode(encodable(r)); err != nil {
		return err
	}
	w.some = true
	return w.out.write(escapeJSON(bytes.TrimSuffix(w.buf.Bytes(), []byte("\n"))))
}

func (w *jsonWriter) Close(s finding.Summary) error {
	s.Coverage = finite(s.Coverage)
	b, err := json.MarshalIndent(s, "  ", "  ")
	if err != nil {
		return err
	}
	end := "],\n  \"summary\": "
	if w.some {
		end = "\n  " + end
	}
	return w.out.write([]byte(end), escapeJSON(b), []byte("\n}\n"))
}

// jsonlWriter writes one result a line, and nothing else: every line has the same
// shape, so that a filter needs no exception for the first or the last. Header and
// summary are in the json format only.
type jsonlWriter struct {
	out *stream
}

func (w *jsonlWriter) Write(r finding.Result) error {
	b, err := json.Marshal(encodable(r))
	if err != nil {
		return err
	}
	return w.out.write(append(escapeJSON(b), '\n'))
}

func (w *jsonlWriter) Close(finding.Summary) error { return w.out.write() }

// encodable replaces the few values that JSON cannot hold, so that one strange device
// does not cost the report: times outside the years 0 to 9999 are left out, and a list
// that the contract promises is never null.
func encodable(r finding.Result) finding.Result {
	r.Seconds = finite(r.Seconds)
	if r.TLS != nil {
		handshake := *r.TLS
		handshake.NotBefore = writableTime(handshake.NotBefore)
		handshake.NotAfter = writableTime(handshake.NotAfter)
		r.TLS = &handshake
	}
	r.Products, r.Findings = encodableProducts(r.Products), encodableFindings(r.Findings)
	if r.Earlier != nil {
		r.Earlier = &finding.Earlier{Products: encodableProducts(r.Earlier.Products), Findings: encodableFindings(r.Earlier.Findings)}
	}
	return r
}

func encodableProducts(products []finding.Product) []finding.Product {
	products = slices.Clone(products)
	for i := range products {
		p := &products[i]
		if p.Because == nil {
			p.Because = []finding.Reason{}
		}
		p.Findings = encodableFindings(p.Findings)
	}
	return products
}

func encodableFindings(findings []finding.Finding) []finding.Finding {
	findings = slices.Clone(findings)
	for i := range findings {
		f := &findings[i]
		f.Score, f.EPSS, f.EPSSPercentile = finite(f.Score), finite(f.EPSS), finite(f.EPSSPercentile)
		if f.Seen != nil {
			seen := writableTime(*f.Seen)
			f.Seen = &seen
		}
	}
	return findings
}

func finite(f float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

func writableTime(t time.Time) time.Time {
	t = t.UTC()
	if t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}
