package cli

import (
	"runtime"
	"runtime/debug"
)

const (
	// gcPercent is how much may be allocated before memory is collected, as a share of what
	// is in use. It takes 6 MB off the peak of a scan of 2,000 targets, and adds 4 % to its
	// CPU time.
	gcPercent = 60
	// spareMemory is what a scan may take beside rules and list: what devices send comes and
	// goes. Each target at once beyond usualParallel adds sparePerTarget, for the answers that
	// wait for their turn. leastMemory is for all together: a fleet of every product at once
	// comes near it and pays 8 % of its CPU time for 5 MB less, ordinary hosts never do.
	spareMemory    = 24 << 20
	sparePerTarget = 192 << 10
	usualParallel  = 64
	leastMemory    = 35 << 20
)

// keepMemorySmall has the garbage collector aim at that, while the list is read and again
// while the scan runs with so many targets at once. What the user set with GOGC or
// GOMEMLIMIT stays.
func (c *Command) keepMemorySmall(parallel int) {
	if c.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if c.Getenv("GOMEMLIMIT") != "" {
		return
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	spare := spareMemory + sparePerTarget*int64(max(0, parallel-usualParallel))
	debug.SetMemoryLimit(max(leastMemory, int64(memory.HeapAlloc)+spare))
}
