//go:build unix

package cli

import "syscall"

// maxDescriptors is how many files and connections this program may have open, 0 if that
// is not known. The Go runtime has raised it to what is allowed by then.
func maxDescriptors() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return uint64(limit.Cur) // signed on some systems
}
