//go:build !unix

package main

import (
	"os"
	"time"
)

var begun = time.Now()

// processTime is wall time where the system tells no other.
func processTime() float64 { return time.Since(begun).Seconds() }

// peakMemory is not told by this system.
func peakMemory(*os.ProcessState) float64 { return 0 }
