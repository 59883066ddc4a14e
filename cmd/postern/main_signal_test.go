package main

import (
	"os"
	"testing"
)

func TestSecondSignalGivesUp(t *testing.T) {
	signals, canceled := make(chan os.Signal, 2), 0
	signals <- os.Interrupt
	signals <- os.Interrupt
	if got := await(make(chan int), signals, func() { canceled++ }); got != 130 || canceled != 1 {
		t.Errorf("await = %d after %d cancellations, want 130 after 1", got, canceled)
	}
	done := make(chan int, 1)
	done <- 3
	if got := await(done, nil, func() { canceled++ }); got != 3 || canceled != 1 {
		t.Errorf("await = %d, want the command's own 3", got)
	}
}
