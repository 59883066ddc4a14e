// Package version orders the version strings that vendors print and does set
// arithmetic on ranges of them.
//
// Vendors do not agree on an order, so every comparison happens inside a
// [Scheme]. A [Set] is a union of ranges in one scheme; it stands both for "the
// versions this device may be running" and for "the versions this advisory
// affects", which makes the central question of the program a set operation.
//
// A scheme turns a spelling into a key, a list of whole numbers, and keys are
// compared as dotted numbers. Components at the end of a key that a text leaves
// out are zero where the vendor means zero, and unstated where it means a build:
// see [Exactly] and [Prefix].
//
// The package is pure: it does no input or output.
package version

import (
	"strings"

	hashicorp "github.com/hashicorp/go-version"
)

// Version is one version in one scheme. The zero value is no version.
//
// Versions are compared with [Version.Compare], not with ==, which tells apart
// spellings that state different precision, such as "10.2" and "10.2.0".
type Version struct {
	scheme Scheme
	text   string
	key    key
	stated int // how many components of key the text states, from 1
}

// String is the version in the scheme's own canonical spelling, without spaces;
// Parse of it gives the same version back.
func (v Version) String() string { return v.text }

// Scheme is the order that the version belongs to.
func (v Version) Scheme() Scheme { return v.scheme }

// IsZero reports whether v is no version.
func (v Version) IsZero() bool { return v.text == "" }

// Compare orders v and w: negative if v comes first, zero if they are the same
// place in the order, positive if w comes first. Builds that a text leaves out
// count as 0. Both must be of one scheme; versions of different schemes have no
// order, and come out sorted by the scheme's name so that sorting still ends.
func (v Version) Compare(w Version) int {
	if v.scheme != w.scheme {
		return strings.Compare(string(v.scheme), string(w.scheme))
	}
	return v.key.number().Compare(w.key.number())
}

// number is the key as hashicorp/go-version reads it: digits and dots alone, the
// part of that library whose order is the right one for appliances.
func (k key) number() *hashicorp.Version {
	n, err := hashicorp.NewVersion(k.dotted(0, k.used(1)))
	if err != nil { // a key is digits and dots, so there is nothing to refuse
		return new(hashicorp.Version)
	}
	return n
}
