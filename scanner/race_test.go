//go:build race

package scanner

// underRace says that the race detector runs, which multiplies time and memory.
const underRace = true
