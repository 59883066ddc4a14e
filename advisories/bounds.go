package advisories

import (
	"fmt"
	"io"
	"io/fs"
)

const (
	maxFile    = 1 << 20  // bytes of an advisory
	maxOverlay = 32 << 20 // bytes of an overlay, which may hold a line for every CVE
)

// readFile reads a file that is not larger than limit bytes.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: goes on after %d bytes; such a file is smaller", name, limit)
	}
	return data, err
}

// How much one advisory may say. Every range is held against every other, so that more
// would take minutes to check.
const (
	maxAffected = 200 // entries
	maxBranches = 500 // branches, events and holds of one entry together
	// maxListed is of one entry. Listed versions are put in order at once and not held
	// against each other; the longest real list has 1,332.
	maxListed = 5000
)

// tooMany complains of an advisory that says more than any does.
func tooMany(p place, entries []Affected) bool {
	if len(entries) > maxAffected {
		p.bad("affected has %d entries; at most %d are read", len(entries), maxAffected)
		return true
	}
	many := false
	for i, a := range entries {
		parts := len(a.Branches) + len(a.Holds.Affected) + len(a.Holds.NotAffected) + len(a.Holds.Possible)
		for _, b := range a.Branches {
			parts += len(b.Events)
		}
		if parts > maxBranches {
			p.item(i).bad("the entry has %d branches, events and versions; at most %d are read", parts, maxBranches)
			many = true
		}
		if len(a.Listed) > maxListed {
			p.item(i).key("listed").bad("listed has %d versions; at most %d are read", len(a.Listed), maxListed)
			many = true
		}
	}
	return many
}
