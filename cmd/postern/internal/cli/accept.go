package cli

import (
	"time"

	"postern/scanner/finding"
)

// acceptances are the accepted risks of the configuration as of a day; without a
// configuration there are none, and nothing is accepted.
func (f *flags) acceptances(day time.Time) *finding.Acceptances {
	if f.file == nil {
		return finding.NewAcceptances(nil, day)
	}
	return finding.NewAcceptances(f.file.Ignore, day)
}

// savedAcceptances are those for results that were saved: what they say of that themselves
// stays without a configuration, but where they are judged anew only as long as it holds.
func (f *flags) savedAcceptances(day time.Time, anew bool) *finding.Acceptances {
	switch {
	case f.file != nil:
		return f.acceptances(day)
	case anew:
		return finding.StoredAcceptances(day)
	}
	return nil
}

// noteIdle says which accepted risks have expired and which cover nothing. What one of
// several shards has no use for, another may.
func (c *Command) noteIdle(idle []finding.IdleAcceptance, shard bool) {
	for _, a := range idle {
		about := a.Target
		if a.Tag != "" {
			about = "tag " + a.Tag
		}
		switch {
		case a.Expired:
			c.notef("%s: %s for %s was accepted by %s until %s: it counts again where it is still there", a.Place, a.Advisory, about, a.Owner, a.Expires)
		case !shard:
			c.notef("%s: %s for %s covers nothing: remove the entry if it is fixed, mend it if it is misspelt", a.Place, a.Advisory, about)
		}
	}
}
