package evidence

import (
	"errors"
	"fmt"
	"strings"
)

// Validate reports why a request is not a plain, harmless question: a method
// other than GET and HEAD, a relative path, traversal, a path with escapes or
// parameters, backslashes, control bytes, a query that escapes dots, backslashes,
// control bytes or another escape, or more than 200 bytes of path and query.
func (r Request) Validate() error {
	if r.Method != GET && r.Method != HEAD {
		return fmt.Errorf("method is %q; only GET and HEAD may be asked", r.Method)
	}
	if !strings.HasPrefix(r.Path, "/") {
		return fmt.Errorf("path %q does not begin with /", r.Path)
	}
	if r.MaxBytes < 0 {
		return fmt.Errorf("byte limit %d is negative", r.MaxBytes)
	}
	return validTarget(r.Path, r.Query)
}

const maxTarget = 200 // bytes; longer requests look like the overflow probes that must be left out

func validTarget(path, query string) error {
	if len(path)+len(query) > maxTarget {
		return fmt.Errorf("path and query have %d bytes; at most %d may be asked", len(path)+len(query), maxTarget)
	}
	for _, s := range []string{path, query} {
		for i := range len(s) {
			if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\\\"<>^`{}|#", c) >= 0 {
				return fmt.Errorf("%q holds %q, which is no part of a plain path", s, c)
			}
		}
	}
	if strings.Contains(path, "?") {
		return errors.New("the query belongs in its own field")
	}
	if strings.HasPrefix(path, "//") {
		return fmt.Errorf("path %q names another host", path)
	}
	if strings.ContainsAny(path, "%;") {
		return fmt.Errorf("path %q is encoded or carries parameters; write it plainly", path)
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return fmt.Errorf("path %q climbs the tree", path)
		}
	}
	low := strings.ToLower(query)
	for _, bad := range []string{"..", "%25", "%2e", "%5c", "%7f", "%0", "%1", "%c0", "%c1"} {
		if strings.Contains(low, bad) {
			return fmt.Errorf("query %q holds %q", query, bad)
		}
	}
	return nil
}
