// Package journal keeps what a scan has found on disk while it runs, so that a scan that
// was killed, or whose machine lost power, can go on where it stopped.
//
// A journal is a text file of JSON lines: a header, then one line for each finished
// target, with a checksum. It is only ever appended to. What a crash tore is recognised
// and dropped: its targets are asked again, and nothing else is.
package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"postern/scanner/finding"
)

// Format is the number of the file format; it changes when older programs cannot read it.
const Format = 1

// maxLine bounds one line in bytes. The results of one target stay far below it.
const maxLine = 64 << 20

// Header says which scan a journal belongs to. A scan goes on only where all of it but
// Started and Rules is the same.
type Header struct {
	Format int `json:"postern_journal"`
	// Scan is a digest of the targets in their order and of the options that decide what
	// is asked of them.
	Scan string `json:"scan"`
	// Targets is how many targets the scan has, after expansion.
	Targets int64 `json:"targets"`
	// Header is that of the reports; Started is when the first run began.
	finding.Header
}

// entry is one line: a finished target, by its number in the order of the list, from 0.
type entry struct {
	Target int64 `json:"target"`
	// Sum is the CRC-32C of Results as they stand in the line, in hex.
	Sum     string          `json:"sum"`
	Results json.RawMessage `json:"results"`
}

func checksum(results []byte) string {
	return fmt.Sprintf("%08x", crc32.Checksum(results, crc32.MakeTable(crc32.Castagnoli)))
}

// A Journal is what an earlier run has finished. It may be used from many goroutines.
type Journal struct {
	Header Header
	// Dropped is how many lines were torn or damaged; their targets count as not finished.
	Dropped int

	file     *os.File
	finished int
	// pages hold where the line of a target begins, 0 for none, in blocks: a list may
	// have millions of targets, of which a short run finished few.
	pages map[int64]*[pageSize]int64
}

const pageSize = 4096

// Finished is how many targets were finished.
func (j *Journal) Finished() int { return j.finished }

func (j *Journal) offset(target int64) int64 {
	page := j.pages[target/pageSize]
	if page == nil || target < 0 {
		return 0
	}
	return page[target%pageSize]
}

func (j *Journal) keep(target, offset int64) {
	page := j.pages[target/pageSize]
	if page == nil {
		page = new([pageSize]int64)
		j.pages[target/pageSize] = page
	}
	if page[target%pageSize] == 0 {
		j.finished++
	}
	page[target%pageSize] = offset
}

// Results returns what was found of a target; ok is false if it was not finished.
func (j *Journal) Results(target int64) (results []finding.Result, ok bool, err error) {
	offset := j.offset(target)
	if offset == 0 {
		return nil, false, nil
	}
	lines := bufio.NewReader(io.NewSectionReader(j.file, offset, maxLine))
	line, err := nextLine(lines)
	if err != nil {
		return nil, false, fmt.Errorf("journal %s: target %d: %w", j.file.Name(), target, err)
	}
	e, err := parse(line)
	if err != nil {
		return nil, false, fmt.Errorf("journal %s: target %d changed while it was read: %w", j.file.Name(), target, err)
	}
	if err := json.Unmarshal(e.Results, &results); err != nil {
		return nil, false, fmt.Errorf("journal %s: target %d: %w", j.file.Name(), target, err)
	}
	return results, true, nil
}

// parse reads one line and checks its sum.
func parse(line []byte) (entry, error) {
	e := entry{Target: -1}
	if err := json.Unmarshal(line, &e); err != nil {
		return e, err
	}
	if e.Target < 0 || e.Sum != checksum(e.Results) {
		return e, errors.New("the checksum does not fit")
	}
	return e, nil
}

// errTornHeader says that a crash came before anything could be finished.
var errTornHeader = errors.New("the header is torn")

// torn reports whether a line without an end may be the beginning of a header.
func torn(line []byte) bool {
	begin := []byte(`{"postern_journal":`)
	most := min(len(line), len(begin))
	return bytes.Equal(line[:most], begin[:most])
}

// read takes over a whole journal and says where its last whole line ends.
func read(file *os.File) (j *Journal, end int64, err error) {
	j = &Journal{file: file, pages: map[int64]*[pageSize]int64{}}
	lines := bufio.NewReaderSize(file, 1<<20)
	first, err := nextLine(lines)
	if errors.Is(err, io.EOF) && torn(first) {
		return nil, 0, errTornHeader
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s:1: not the header of a journal", file.Name())
	}
	if err := json.Unmarshal(first, &j.Header); err != nil || j.Header.Format == 0 {
		return nil, 0, fmt.Errorf("%s:1: not the header of a journal", file.Name())
	}
	if j.Header.Format != Format {
		return nil, 0, fmt.Errorf("%s:1: journal format %d, and this program reads %d; finish the scan with the version %q that began it", file.Name(), j.Header.Format, Format, j.Header.Version)
	}
	end = int64(len(first)) + 1
	for {
		line, err := nextLine(lines)
		if errors.Is(err, io.EOF) {
			if len(line) > 0 {
				j.Dropped++
			}
			return j, end, nil
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", file.Name(), err)
		}
		if e, err := parse(line); err == nil && e.Target < j.Header.Targets {
			j.keep(e.Target, end)
		} else {
			j.Dropped++
		}
		end += int64(len(line)) + 1
	}
}

// nextLine reads a line without its end. With io.EOF it returns what is left of one.
func nextLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		case len(line) > maxLine:
			return nil, fmt.Errorf("a line is longer than %d bytes; it is not a journal", maxLine)
		}
	}
}
