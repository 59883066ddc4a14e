package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"postern/scanner/finding"
)

// syncEvery is how much work, in time, a loss of power may cost. A crash of the program
// costs nothing that was finished: every line is handed to the system at once.
const syncEvery = time.Second

// Writer appends finished targets. It may be used from many goroutines, and must be
// closed.
type Writer struct {
	mu     sync.Mutex
	file   *os.File
	synced time.Time
	failed error // of the first write that failed; a line may be torn since
}

// Create begins a journal. A file that exists is refused: it may be all that is left of
// an earlier scan.
func Create(path string, h Header) (*Writer, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR|os.O_APPEND, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("journal %s exists; go on with it by -resume, or remove it", path)
	}
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	h.Format = Format
	w := &Writer{file: file, synced: time.Now()}
	if err := errors.Join(w.append(h), file.Sync(), syncFolder(path)); err != nil {
		_ = file.Close()    // the first error says more
		_ = os.Remove(path) // nothing is in it
		return nil, fmt.Errorf("journal: %w", err)
	}
	return w, nil
}

// Resume reads a journal and opens it for what is left; one that does not exist yet, or
// whose header was torn, is begun, so that the same command can be given again after every
// crash. It refuses the journal of another scan. The journal can be read until the writer
// is closed.
func Resume(path string, h Header) (*Writer, *Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		w, err := Create(path, h)
		if err != nil {
			return nil, nil, err
		}
		return w, &Journal{Header: h, file: w.file}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("journal: %w", err)
	}
	w, j, err := resume(file, h)
	if err != nil {
		_ = file.Close() // the first error says more
		return nil, nil, err
	}
	return w, j, nil
}

func resume(file *os.File, h Header) (*Writer, *Journal, error) {
	w := &Writer{file: file, synced: time.Now()}
	j, end, err := read(file)
	if errors.Is(err, errTornHeader) {
		h.Format = Format
		if err := errors.Join(file.Truncate(0), w.append(h), file.Sync()); err != nil {
			return nil, nil, fmt.Errorf("journal: %w", err)
		}
		return w, &Journal{Header: h, file: file}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	if err := fits(file.Name(), j.Header, h); err != nil {
		return nil, nil, err
	}
	if err := file.Truncate(end); err != nil { // a torn line would swallow the next
		return nil, nil, fmt.Errorf("journal: %w", err)
	}
	return w, j, nil
}

func fits(path string, old, now Header) error {
	switch {
	case shardOf(old) != shardOf(now):
		return fmt.Errorf("journal %s belongs to %s, and this is %s; go on with the journal of this one, or begin anew with another file", path, shardOf(old), shardOf(now))
	case old.Targets != now.Targets:
		return fmt.Errorf("journal %s belongs to a scan of %d targets, and this one has %d; give the same lists, or begin anew with another file", path, old.Targets, now.Targets)
	case old.Scan != now.Scan:
		return fmt.Errorf("journal %s belongs to a scan of other targets or ports; give the same lists and flags, or begin anew with another file", path)
	}
	return nil
}

// shardOf names the share of a list that a scan takes.
func shardOf(h Header) string {
	if h.Shard == nil {
		return "a scan of a whole list"
	}
	return fmt.Sprintf("shard %d/%d", h.Shard.Index, h.Shard.Of)
}

// Add appends what was found of a target, by its number in the order of the list. After
// an error nothing more is appended, and every call returns that error.
func (w *Writer) Add(target int64, results []finding.Result) error {
	raw, err := json.Marshal(results)
	if err != nil {
		return fmt.Errorf("journal: target %d: %w", target, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed != nil {
		return w.failed
	}
	err = w.append(entry{Target: target, Sum: checksum(raw), Results: raw})
	if err == nil && time.Since(w.synced) >= syncEvery {
		err = w.file.Sync()
		w.synced = time.Now()
	}
	if err != nil {
		w.failed = fmt.Errorf("journal: %w", err)
	}
	return w.failed
}

// append writes one line with one call, so that a crash tears at most the last.
func (w *Writer) append(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.file.Write(append(line, '\n'))
	return err
}

// Close puts everything on disk.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := errors.Join(w.file.Sync(), w.file.Close())
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// syncFolder puts the name of a new file on disk, where folders can be synced.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
