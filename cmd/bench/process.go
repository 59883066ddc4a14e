package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// usage is what one run of a program took.
type usage struct {
	cpu, wall float64 // seconds
	rss       float64 // MiB, at its peak; 0 where the system does not tell
}

// build makes the program that is measured, as action.yml and the Dockerfile do, and finds the
// one that measures.
func (b *bench) build() error {
	b.postern = filepath.Join(b.dir, "postern")
	cmd := exec.CommandContext(b.ctx, "go", "build", "-trimpath", "-o", b.postern, "./cmd/postern")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build ./cmd/postern: %w; run bench at the root of a checkout\n%s", err, out)
	}
	b.self, err = os.Executable()
	return err
}

// run runs a program to its end. Exit statuses 1 and 2 are how scanners say that they have
// found something.
func (b *bench) run(program string, args ...string) (usage, error) {
	ctx, cancel := context.WithTimeout(b.ctx, 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var said prefix
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	cmd.Env = append(os.Environ(), "HTTPS_PROXY=", "HTTP_PROXY=", "POSTERN_CONFIG=")
	started := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(started).Seconds()}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && (exit.ExitCode() == 1 || exit.ExitCode() == 2 && program != b.postern) {
		err = nil
	}
	if err != nil {
		return u, fmt.Errorf("%s %v: %w: %s", filepath.Base(program), args, err, said.text)
	}
	u.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	u.rss = peakMemory(cmd.ProcessState)
	return u, nil
}

// prefix keeps the first bytes that are written to it.
type prefix struct{ text []byte }

func (p *prefix) Write(data []byte) (int, error) {
	p.text = append(p.text, data[:min(len(data), 2000-len(p.text))]...)
	return len(data), nil
}

// series are the figures of several runs.
type series []float64

func (s series) sorted() series {
	sorted := slices.Clone(s)
	slices.Sort(sorted)
	return sorted
}

func (s series) median() float64 {
	if len(s) == 0 {
		return 0
	}
	sorted := s.sorted()
	if n := len(sorted); n%2 == 0 {
		return (sorted[n/2-1] + sorted[n/2]) / 2
	}
	return sorted[len(sorted)/2]
}

// spread is the lowest and the highest.
func (s series) spread(format string) string {
	if len(s) == 0 {
		return ""
	}
	sorted := s.sorted()
	return fmt.Sprintf(format+" to "+format, sorted[0], sorted[len(sorted)-1])
}
