package scanner

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/twmb/murmur3"

	"postern/scanner/finding"
)

// Shard returns the share of l that falls to one of s.Of machines, s.Index from 1; both
// must be in order. It may be empty. The whole list keeps its order and its numbers, see
// [Target.Position].
//
// To whom a target falls depends on the host that is connected to and on nothing else: not
// on its port, its place in the list or the other targets. So all of one host falls to one
// machine, which keeps the limits for one host. A name and its address are not known to be
// one host before the name is looked up.
func (l *List) Shard(s finding.Shard) *List {
	if l == nil {
		return nil
	}
	part := *l
	part.shard, part.count = s, 0
	for range part.All() {
		part.count++
	}
	return &part
}

// mine reports whether a target on this host falls to this list.
func (l *List) mine(host string) bool {
	if l.shard.Of == 0 {
		return true
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return l.mineAt(addr)
	}
	return l.falls(murmur3.StringSum64(host))
}

// mineAt is mine for an address: the same for however it is written.
func (l *List) mineAt(addr netip.Addr) bool {
	if l.shard.Of == 0 {
		return true
	}
	bytes := addr.As16()
	return l.falls(murmur3.Sum64(bytes[:]))
}

func (l *List) falls(hash uint64) bool {
	return hash%uint64(l.shard.Of) == uint64(l.shard.Index-1)
}

// connects is the host that an entry for a name connects to.
func (e *entry) connects() string {
	if e.address == "" {
		return e.host
	}
	at, err := parseHostPort(e.address)
	switch {
	case err != nil:
		return e.address
	case at.host == "":
		return at.prefix.Addr().String()
	}
	return at.host
}

// Digest tells lists apart by their targets, what is noted of each, and their order:
// "sha256:…". The shards of a list have the digest of the whole list, and so has the same
// list in a file of another name.
func (l *List) Digest() (string, error) {
	sum := sha256.New()
	encoder := json.NewEncoder(sum)
	type claimed struct {
		Host, Scheme, Address string
		Port                  int
		Spans                 []string
		Input                 finding.Input
	}
	for i, e := range l.all() {
		if !l.left.has(i) {
			continue
		}
		c := claimed{Host: e.host, Scheme: e.scheme, Address: e.address, Port: e.port, Input: e.input}
		c.Input.File = ""
		spans := l.spans[i]
		if e.host == "" && e.single() {
			spans = []span{spanOf(e.prefix)}
		}
		for _, s := range spans {
			c.Spans = append(c.Spans, s.first.String()+"-"+s.last.String())
		}
		if err := encoder.Encode(c); err != nil {
			return "", fmt.Errorf("digest of the list: %w", err)
		}
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}
