package scanner

import (
	"fmt"
	"strings"

	"postern/scanner/finding"
	"postern/scanner/internal/probe"
)

// strain notices that the scan asks more than the way to its targets takes, such as a
// firewall that counts connections: endpoints that accept a connection stop answering in
// time, and did answer before. Then half as many targets are asked at once, and twice as many
// again as soon as answers come. Addresses that accept nothing say nothing of that: in a range
// most are empty.
type strain struct {
	most, now  int // targets at once
	seen, late int // of this round
	rounds     int // so far
	usual      float64
}

const (
	strainRound  = 64  // endpoints that accepted a connection
	strainSevere = 0.5 // share of them that did not answer in time
	strainRise   = 0.3 // above what was usual in the first round
	strainLeast  = 8   // targets at once
)

// count takes the results of a target and says what to tell the user; empty for nothing.
func (s *strain) count(results []finding.Result) string {
	for _, r := range results {
		switch {
		case r.Outcome == finding.Identified || r.Outcome == finding.Unidentified:
			s.seen++
		case r.Reason == "timeout" && len(r.Asked) > 0 && !strings.HasSuffix(r.Detail, probe.NoConnection):
			s.seen++
			s.late++
		}
	}
	if s.seen < strainRound {
		return ""
	}
	share := float64(s.late) / float64(s.seen)
	s.seen, s.late = 0, 0
	if s.rounds++; s.rounds == 1 {
		s.usual = share
		return ""
	}
	switch {
	case share > strainSevere && share > s.usual+strainRise && s.now > strainLeast:
		s.now = max(strainLeast, s.now/2)
		return fmt.Sprintf("%.0f%% of the endpoints that were reached do not answer in time any more; %d targets at once", 100*share, s.now)
	case share <= s.usual+strainRise/3 && s.now < s.most:
		s.now = min(s.most, 2*s.now)
		return fmt.Sprintf("answers come in time again; %d targets at once", s.now)
	}
	return ""
}
