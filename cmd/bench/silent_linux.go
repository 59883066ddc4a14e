package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// scanSilence scans addresses that answer nothing at all, and is how long that took, as a
// share of the time for a connection times targets through parallel.
//
// A port is made to swallow what is sent to it, on every address of loopback: the queue of
// those who wait to be accepted is full, and nobody accepts. That needs no privileges.
func (b *bench) scanSilence() (share float64, err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("a port that swallows: %w", err)
	}
	defer syscall.Close(fd)
	if err := syscall.BindToDevice(fd, "lo"); err != nil {
		return 0, fmt.Errorf("a port that swallows, on lo alone: %w", err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{}); err != nil {
		return 0, fmt.Errorf("a port that swallows: %w", err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		return 0, fmt.Errorf("a port that swallows: %w", err)
	}
	bound, err := syscall.Getsockname(fd)
	if err != nil {
		return 0, fmt.Errorf("a port that swallows: %w", err)
	}
	port := bound.(*syscall.SockaddrInet4).Port
	for full := false; !full; {
		conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), 200*time.Millisecond)
		if full = err != nil; !full {
			defer conn.Close()
		}
	}
	var list strings.Builder
	addr := netip.MustParseAddr("127.20.0.1")
	for range silentTargets {
		fmt.Fprintf(&list, "%s:%d\n", addr, port)
		addr = addr.Next()
	}
	file := filepath.Join(b.dir, "silent.txt")
	if err := os.WriteFile(file, []byte(list.String()), 0o644); err != nil {
		return 0, err
	}
	fmt.Fprintln(b.out, "twenty thousand silent addresses")
	args := append(scanArgs(file), "-parallel", fmt.Sprint(silentParallel), "-timeout", (3 * silentTimeout).String())
	u, err := b.run(b.postern, args...)
	return u.wall / (silentTimeout.Seconds() * silentTargets / silentParallel), err
}
