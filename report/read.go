package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"postern/scanner/finding"
)

// maxResult bounds what one result, or the header, may take of memory while it is read.
const maxResult = 16 << 20 // bytes; a real result has a few thousand

// Read reads what the json format wrote, calling each for every result without holding
// them; the summary is zero if the document has none. A document that breaks off is an
// error that wraps [io.ErrUnexpectedEOF], after each was called for what is complete.
// An error of each ends the reading and is returned as it is.
func Read(r io.Reader, each func(finding.Result) error) (finding.Header, finding.Summary, error) {
	reader, err := NewReader(r)
	if err != nil {
		return finding.Header{}, finding.Summary{}, err
	}
	summary, err := reader.Each(each)
	return reader.Header(), summary, err
}

// Reader reads what the json format wrote in two steps, for those who need the header
// before the first result.
type Reader struct {
	dec     *json.Decoder
	in      *budget
	header  finding.Header
	summary finding.Summary
}

// NewReader reads up to the first result. It refuses a document of another format
// number, and one whose results come before the header.
func NewReader(r io.Reader) (*Reader, error) {
	in := &budget{r: r, left: maxResult}
	reader := &Reader{dec: json.NewDecoder(in), in: in}
	if err := reader.readHeader(); err != nil {
		return nil, err
	}
	return reader, nil
}

// Header is the header of the document.
func (r *Reader) Header() finding.Header { return r.header }

// maxAhead is how many results are read before they are asked for: few, since one may have
// maxResult bytes, and with 16 nothing is faster.
const maxAhead = 4

// Each calls f for every result, in order, and returns the summary. It can be called
// once. It reads ahead, since decoding takes as long as what most callers do with a result:
// a large report is converted in two thirds of the time.
func (r *Reader) Each(f func(finding.Result) error) (finding.Summary, error) {
	results, stop := make(chan finding.Result, maxAhead), make(chan struct{})
	defer close(stop)
	var failed error // of reading, known when results is closed
	go func() {
		defer close(results)
		failed = r.readResults(results, stop)
	}()
	for result := range results {
		if err := f(result); err != nil {
			return finding.Summary{}, err
		}
	}
	if failed != nil {
		return finding.Summary{}, failed
	}
	return r.summary, nil
}

// readResults reads from the first result to the end of the document, or until stop is closed.
func (r *Reader) readResults(results chan<- finding.Result, stop <-chan struct{}) error {
	count := 0
	for r.dec.More() {
		r.in.left = maxResult
		var result finding.Result
		if err := r.dec.Decode(&result); err != nil {
			return r.explain(fmt.Sprintf("result %d", count+1), err)
		}
		count++
		select {
		case results <- result:
		case <-stop:
			return nil
		}
	}
	r.in.left = maxResult
	if err := r.expect(json.Delim(']')); err != nil {
		return r.explain(fmt.Sprintf("after result %d", count), err)
	}
	return r.readRest()
}

// readHeader reads the keys up to and including the opening of the results.
func (r *Reader) readHeader() error {
	if err := r.expect(json.Delim('{')); err != nil {
		return fmt.Errorf("not a postern report: %w; only files written with -o json can be read", r.explain("beginning", err))
	}
	formatSeen := false
	for {
		key, err := r.key()
		switch {
		case err != nil:
			return r.explain("header", err)
		case key == "":
			return errors.New("not a postern report: it has no results")
		case !formatSeen && key != "format":
			return fmt.Errorf("not a postern report: it begins with %s instead of \"format\"; jsonl cannot be read back, only files written with -o json", quoted(key, 40))
		case key == "results":
			if err := r.expect(json.Delim('[')); err != nil {
				return r.explain("results", err)
			}
			return nil
		}
		formatSeen = true
		if err := r.dec.Decode(r.field(key)); err != nil {
			return r.explain(visible(key, 40), err)
		}
		if r.header.Format != finding.Format {
			return fmt.Errorf("the report has format %d and this postern reads format %d; read it with the version of postern that wrote it, or scan again", r.header.Format, finding.Format)
		}
	}
}

// readRest reads the keys after the results.
func (r *Reader) readRest() error {
	for {
		key, err := r.key()
		switch {
		case err != nil:
			return r.explain("after the results", err)
		case key == "":
			if _, err := r.dec.Token(); err != io.EOF {
				return fmt.Errorf("byte %d: something follows the report", r.dec.InputOffset())
			}
			return nil
		case key == "summary":
			err = r.dec.Decode(&r.summary)
		case key == "results" || key == "format" || key == "tool" || key == "version" || key == "rules" || key == "started" || key == "inputs" || key == "baseline" || key == "shard" || key == "shards":
			return fmt.Errorf("byte %d: %s must stand before the results and only once, as postern writes it", r.dec.InputOffset(), quoted(key, 40))
		default:
			err = r.dec.Decode(&json.RawMessage{})
		}
		if err != nil {
			return r.explain(visible(key, 40), err)
		}
	}
}

// field is where the value of a top-level key belongs. A key that is not known may be
// from a later version of the same format, and is passed over.
func (r *Reader) field(key string) any {
	switch key {
	case "format":
		return &r.header.Format
	case "tool":
		return &r.header.Tool
	case "version":
		return &r.header.Version
	case "rules":
		return &r.header.Rules
	case "started":
		return &r.header.Started
	case "inputs":
		return &r.header.Inputs
	case "baseline":
		return &r.header.Baseline
	case "shard":
		return &r.header.Shard
	case "shards":
		return &r.header.Shards
	case "summary":
		return &r.summary
	}
	return &json.RawMessage{}
}

// key reads the next key of the top level, or "" at its end.
func (r *Reader) key() (string, error) {
	token, err := r.dec.Token()
	if err != nil {
		return "", err
	}
	name, _ := token.(string) // the only other token here is the closing brace
	return name, nil
}

func (r *Reader) expect(want json.Delim) error {
	token, err := r.dec.Token()
	if err != nil {
		return err
	}
	if token != want {
		return fmt.Errorf("expected %q", want.String())
	}
	return nil
}

// explain says where reading failed.
func (r *Reader) explain(where string, err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s, byte %d: the file breaks off: %w", where, r.dec.InputOffset(), err)
	}
	return fmt.Errorf("%s, byte %d: %w", where, r.dec.InputOffset(), err)
}

// budget refuses to read on when one part of a document takes too much.
type budget struct {
	r    io.Reader
	left int64
}

func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("one part has more than %d bytes; postern writes nothing like it", maxResult)
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	return n, err
}
