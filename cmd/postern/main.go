// Postern finds out which of a defender's VPN gateways have become a back door.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"postern/cmd/postern/internal/cli"
)

func main() {
	os.Exit(run())
}

func run() int {
	log.SetOutput(io.Discard) // net/http logs what devices send
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan int, 1)
	command := cli.Command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Environ: os.Environ}
	go func() { done <- command.Main(ctx, os.Args[1:]) }()
	return await(done, signals, cancel)
}

// await ends the command in order on the first signal, and gives up on the second.
func await(done <-chan int, signals <-chan os.Signal, cancel func()) int {
	for stopping := false; ; stopping = true {
		select {
		case status := <-done:
			return status
		case <-signals:
			if stopping {
				return cli.ExitKilled
			}
			cancel()
		}
	}
}
