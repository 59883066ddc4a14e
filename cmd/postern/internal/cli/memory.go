package cli

import (
	"runtime"
	"runtime/debug"
)

// keepMemorySmall has the garbage collector aim at twice what rules and list take, and at
// least at 64 MiB, while the scan runs: what devices send comes and goes. A limit that the
// user set with GOMEMLIMIT stays.
func (c *Command) keepMemorySmall() {
	if c.Getenv("GOMEMLIMIT") != "" {
		return
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	debug.SetMemoryLimit(max(64<<20, 2*int64(memory.HeapAlloc)))
}
