package scanner

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
	"postern/scanner/internal/probe"
)

func TestStrain(t *testing.T) {
	good := finding.Result{Outcome: finding.Unidentified}
	late := finding.Result{Outcome: finding.Unreachable, Reason: "timeout", Detail: "GET /: no TLS handshake in time", Asked: []finding.Asked{{}}}
	empty := finding.Result{Outcome: finding.Unreachable, Reason: "timeout", Detail: "GET /: " + probe.NoConnection, Asked: []finding.Asked{{}}}
	round := func(s *strain, r finding.Result, others ...finding.Result) (said string) {
		for range strainRound {
			if text := s.count(append([]finding.Result{r}, others...)); text != "" {
				said = text
			}
		}
		return said
	}
	s := &strain{most: 64, now: 64}
	require.Empty(t, round(s, good))
	require.Empty(t, round(s, good, empty, empty))
	require.Equal(t, "100% of the endpoints that were reached do not answer in time any more; 32 targets at once", round(s, late))
	for range 5 {
		round(s, late)
	}
	require.Equal(t, strainLeast, s.now, "it never stops")
	require.Equal(t, "answers come in time again; 16 targets at once", round(s, good))
	for range 5 {
		round(s, good)
	}
	require.Equal(t, 64, s.now)

	tarpits := &strain{most: 64, now: 64}
	for range 4 {
		require.Empty(t, round(tarpits, late), "what was so from the beginning is no strain")
	}
	silent := &strain{most: 64, now: 64}
	for range 4 {
		require.Empty(t, round(silent, empty), "an empty range is no strain")
	}
}

// A schedule hands out no more targets at once than it is allowed, and more when it is
// allowed more.
func TestScheduleKeepsToItsLimit(t *testing.T) {
	s := newSchedule(0)
	for i := range 4 {
		s.add(&job{number: int64(i), target: Target{Host: "vpn.example.org"}})
	}
	s.allow(2)
	first, _ := s.take()
	_, _ = s.take()
	third := make(chan *job)
	go func() { j, _ := s.take(); third <- j }()
	select {
	case <-third:
		t.Fatal("a third target was handed out")
	case <-time.After(50 * time.Millisecond):
	}
	s.done(first)
	require.NotNil(t, <-third)
	go func() { j, _ := s.take(); third <- j }()
	s.allow(3)
	require.NotNil(t, <-third)
	s.close()
}
