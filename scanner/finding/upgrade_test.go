package finding

import (
	"strings"
	"testing"
	"time"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// TestUpgradeLeavesNothingOpen asks for the advice for every version that a shipped
// advisory calls affected, and judges the version advised.
func TestUpgradeLeavesNothingOpen(t *testing.T) {
	db := builtin(t)
	advised := 0
	for _, a := range db.All() {
		for _, entry := range a.Affected {
			if entry.Ranges() == nil {
				continue
			}
			scheme := entry.Ranges().Scheme
			for _, text := range entry.Holds.Affected {
				v, err := scheme.Parse(text)
				if err != nil {
					t.Fatal(err)
				}
				id := fingerprints.Identification{Product: entry.Product, Versions: version.Exactly(v), Read: true}
				id.Models = entry.Models
				p := shippedProduct(t, entry.Product)
				findings, _ := Judge(p, id, db)
				to := upgrade(p, findings, id, db, time.Time{})
				if to == "" {
					continue
				}
				advised++
				target, err := scheme.Parse(to)
				if err != nil {
					t.Fatalf("%s %s: upgrade to %q: %v", entry.Product, text, to, err)
				}
				if target.Compare(v) <= 0 {
					t.Errorf("%s %s: upgrade to %s, which is not newer", entry.Product, text, to)
				}
				for _, f := range Match(p, entry.Models, version.Exactly(target), db) {
					if f.Verdict == Affected {
						t.Errorf("%s %s: upgrade to %s, which %s affects", entry.Product, text, to, f.Advisory)
					}
				}
			}
		}
	}
	if advised < 100 {
		t.Errorf("only %d versions got advice", advised)
	}
}

func TestUpgrade(t *testing.T) {
	db := builtin(t)
	tests := []struct {
		name, product, set string
		want               bool
	}{
		{"one affected version", "fortinet-fortios", "7.2.4", true},
		{"candidates in two branches", "fortinet-fortios", "6.2.13 || 7.2.4", true},
		{"nothing open", "fortinet-fortios", "99.0.0", false},
		{"a version that cannot be read", "fortinet-fortios", "*", false},
		{"a fix that cannot be seen", "sangfor-ssl-vpn", "M6.3R1", false},
		{"a contradiction", "fortinet-fortios", "none", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			scheme := db.For(tt.product)[0].Affected[0].Ranges().Scheme
			set, err := version.ParseSet(scheme, tt.set)
			if err != nil {
				t.Fatal(err)
			}
			id := fingerprints.Identification{Product: tt.product, Versions: set, Read: !set.IsAll()}
			p := shippedProduct(t, tt.product)
			findings, _ := Judge(p, id, db)
			if got := upgrade(p, findings, id, db, time.Time{}); (got != "") != tt.want {
				t.Errorf("upgrade = %q, want one: %t", got, tt.want)
			}
		})
	}
}

// The advice leads past releases that get no more fixes, as long as there is another.
func TestUpgradePrefersSupportedReleases(t *testing.T) {
	tests := []struct{ may, fixes, ended, want string }{
		{"6.4.1", "6.4.9 7.0.5 7.2.1", "none", "6.4.9"},
		{"6.4.1", "6.4.9 7.0.5 7.2.1", ">=6.4 <7.2", "7.2.1"},
		{"6.4.1 || 7.0.1", "6.4.9 7.0.5 7.2.1", ">=6.4 <6.5", "7.0.5"},
		{"6.4.1", "6.4.9 7.0.5", "*", "6.4.9"}, // all have ended: the nearest is better than none
		{"7.0.1", "6.4.9 7.0.5", ">=7.0", "7.0.5"},
		{"7.2.1", "6.4.9 7.0.5", "none", ""},
	}
	for _, tt := range tests {
		var fixes []advisories.Release
		for text := range strings.FieldsSeq(tt.fixes) {
			v, err := version.Dotted.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			fixes = append(fixes, advisories.Release{Version: v, Text: text})
		}
		if got := supportedFix(set(t, version.Dotted, tt.may), fixes, set(t, version.Dotted, tt.ended)); got != tt.want {
			t.Errorf("from %s to one of %s, without %s: %q, want %q", tt.may, tt.fixes, tt.ended, got, tt.want)
		}
	}
}
