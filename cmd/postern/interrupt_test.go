package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// hung counts the connections that a script's hanging host has accepted.
type hung struct{}

// hang gives $NAME the address of a host that accepts connections and never says a word.
func hang(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hang NAME")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	accepted := ts.Value(hung{}).(*atomic.Int32)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			accepted.Add(1)
		}
	}()
	ts.Defer(func() { _ = listener.Close() })
	ts.Setenv(args[0], listener.Addr().String())
}

// interrupt runs a command, sends it as many interrupts as it is told once the hanging host
// was connected to, and compares the exit status.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt STATUS TIMES COMMAND [ARG]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	times, err := strconv.Atoi(args[1])
	ts.Check(err)
	var program string
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, args[2]); program == "" && exec.Command(path).Err == nil {
			if _, err := os.Stat(path); err == nil {
				program = path
			}
		}
	}
	var stderr bytes.Buffer
	cmd := exec.Command(program, args[3:]...)
	cmd.Dir, cmd.Stderr, cmd.Env = ts.MkAbs("."), &stderr, append(os.Environ(), "PATH="+ts.Getenv("PATH"))
	ts.Check(cmd.Start())
	accepted := ts.Value(hung{}).(*atomic.Int32)
	for deadline := time.Now().Add(20 * time.Second); accepted.Load() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			_ = cmd.Process.Kill()
			ts.Fatalf("the hanging host was not connected to; %s", stderr.String())
		}
	}
	accepted.Store(0)
	for range times {
		ts.Check(cmd.Process.Signal(os.Interrupt))
	}
	err = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit status %d (%v), want %d; %s", got, err, want, stderr.String())
	}
}
