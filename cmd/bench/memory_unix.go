//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// processTime is the CPU time of this process so far, in seconds.
func processTime() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// peakMemory is the most memory that a finished process had in use, in MiB.
func peakMemory(state *os.ProcessState) float64 {
	used, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	unit := 1024.0 // kilobytes
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		unit = 1
	}
	return float64(used.Maxrss) * unit / (1 << 20)
}
