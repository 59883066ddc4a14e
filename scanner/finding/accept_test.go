package finding

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func pattern(t *testing.T, text string) TargetPattern {
	t.Helper()
	p, err := ParseTargetPattern(text)
	require.NoError(t, err, text)
	require.Equal(t, text, p.String())
	return p
}

func TestTargetPatternCovers(t *testing.T) {
	tests := []struct {
		pattern, target string
		want            bool
	}{
		{"vpn.example.org", "vpn.example.org:443", true},
		{"vpn.example.org", "vpn.example.org", true},
		{"VPN.Example.org.", "vpn.example.ORG:8443", true},
		{"vpn.example.org", "vpn.example.org:443@192.0.2.7", true},
		{"vpn.example.org", "vpn.example.org.evil.example:443", false},
		{"vpn.example.org", "avpn.example.org:443", false},
		{"vpn.example.org", "vpn-example-org:443", false},
		{"vpn.example.org:443", "vpn.example.org:443", true},
		{"vpn.example.org:443", "vpn.example.org:8443", false},
		{"vpn.example.org:443", "vpn.example.org", false},
		{"*.example.org", "vpn.example.org:443", true},
		{"*.example.org", "a.vpn.example.org:443", false},
		{"*.example.org", "example.org:443", false},
		{"vpn*.example.org:443", "vpn12.example.org:443", true},
		{"vpn*.example.org:443", "vpn12.example.org:444", false},
		{"*.*.example.org", "a.vpn.example.org:443", true},
		{"*.example", "192.0.2.1:443", false},
		{"192.0.2.7", "192.0.2.7:443", true},
		{"192.0.2.7", "192.0.2.70:443", false},
		{"192.0.2.7:443", "192.0.2.7:443", true},
		{"192.0.2.7:443", "192.0.2.7:444", false},
		{"192.0.2.7", "vpn.example.org:443@192.0.2.7", true},
		{"192.0.2.7", "vpn.example.org:443@192.0.2.7:8443", true},
		{"192.0.2.7:8443", "vpn.example.org:443@192.0.2.7:8443", false},
		{"192.0.2.7", "[::ffff:192.0.2.7]:443", true},
		{"192.0.2.0/28", "192.0.2.15:443", true},
		{"192.0.2.0/28", "192.0.2.16:443", false},
		{"192.0.2.0/28", "vpn.example.org:443", false},
		{"2001:db8::1", "[2001:db8::1]:443", true},
		{"[2001:db8::1]:443", "[2001:db8::1]:443", true},
		{"[2001:db8::1]:443", "[2001:db8::1]:8443", false},
		{"2001:db8::/32", "[2001:db8::1]:443", true},
		{"2001:db8::/32", "vpn.example.org:443@[2001:db8::1]", true},
		{"2001:db8::/32", "[2001:db9::1]:443", false},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, pattern(t, tt.pattern).Covers(tt.target), "%s covers %s", tt.pattern, tt.target)
	}
	require.False(t, TargetPattern{}.Covers("vpn.example.org:443"))
	require.False(t, TargetPattern{}.Covers(""))
}

func TestTargetPatternsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "no name",
		"*":                        "covers every name",
		"*.*":                      "covers every name",
		"*:443":                    "covers every name",
		"0.0.0.0/0":                "covers every address",
		"::/0":                     "covers every address",
		"192.0.2.5/24":             "write 192.0.2.0/24",
		"10.0.*.1":                 "write a range",
		"vpn.example.org/24":       "is no range",
		"https://vpn.example.org/": "write a name",
		"vpn.example.org:0":        "neither a name with a port",
		"vpn.example.org:65536":    "neither a name with a port",
		"vpn..example.org":         "an empty part",
		"vpn[0-9].example.org":     "letters, digits",
		"vpn?.example.org":         "write a name",
		"vpn.example.org@192.0.2.": "write a name",
		"fe80::1%eth0":             "has a zone",
		"vpn\x1b.example.org":      "letters, digits",
		"ünïcode.example":          "letters, digits",
		"a b":                      "write a name",
		"[2001:db8::1":             "neither a name with a port",
	} {
		_, err := ParseTargetPattern(text)
		require.ErrorContains(t, err, want, text)
	}
}

// Nothing that is written as a pattern makes it cover everything.
func FuzzTargetPattern(f *testing.F) {
	for _, text := range []string{"vpn.example.org:443", "*.example.org", "192.0.2.0/24", "[2001:db8::1]:443", "*", "::/0", "a@b", "[", "*:1", "xn--a.*b*"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseTargetPattern(text)
		if err != nil {
			return
		}
		if p.Covers("vpn.example.org:443") && p.Covers("gate.invalid:443") || p.Covers("192.0.2.1:443") && p.Covers("[2001:db8::1]:443") {
			t.Fatalf("%q covers everything", text)
		}
	})
}

// As many risks and results as a file and a large list have do not hold a run up.
func TestManyRisks(t *testing.T) {
	var risks []Risk
	for i := range 5000 {
		risks = append(risks, risk(t, "CVE-2024-0001", fmt.Sprintf("vpn%d.*.example.org:443", i), "", "2027-01-31"))
	}
	a, start := NewAcceptances(risks, today), time.Now()
	for i := range 1000 {
		r := full()
		r.Target = fmt.Sprintf("vpn%d.paris.example.org:443", i)
		yes, _ := accepted(a.Apply(r))
		require.Equal(t, 4, yes)
	}
	require.Less(t, time.Since(start), 20*time.Second)
	require.Len(t, a.Idle(true, true), 4000)
}

var today = time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)

func risk(t *testing.T, advisory, target, tag, expires string) Risk {
	r := Risk{Advisory: advisory, Tag: tag, Acceptance: Acceptance{Reason: "why", Owner: "netops", Expires: expires}, Place: "postern.yaml:3"}
	if target != "" {
		r.Target = pattern(t, target)
	}
	return r
}

// full is a result with the same hole in everything that can have findings.
func full() Result {
	hole := func() []Finding { return []Finding{{Advisory: "CVE-2024-0001", Verdict: Affected, KEV: &KEV{}}} }
	product := func() []Product {
		return []Product{{ID: "acme-gate", Version: Version{State: Exact}, Findings: hole()}}
	}
	return Result{
		Target: "vpn.example.org:443", Outcome: Identified, Input: Input{Tags: []string{"prod"}},
		Products: product(), Findings: hole(), Earlier: &Earlier{Products: product(), Findings: hole()},
	}
}

func accepted(r Result) (yes, no int) {
	r.eachFinding(func(_ string, f *Finding) {
		if f.Accepted != nil {
			yes++
		} else {
			no++
		}
	})
	return yes, no
}

func TestApply(t *testing.T) {
	tests := []struct {
		name, advisory, target, tag, expires string
		want                                 int
	}{
		{"by target", "CVE-2024-0001", "vpn.example.org", "", "2027-01-31", 4},
		{"by tag", "CVE-2024-0001", "", "prod", "2027-01-31", 4},
		{"in another spelling", "cve-2024-0001", "vpn.example.org", "", "2027-01-31", 4},
		{"on its last day", "CVE-2024-0001", "vpn.example.org", "", "2026-11-23", 4},
		{"expired", "CVE-2024-0001", "vpn.example.org", "", "2026-11-22", 0},
		{"another advisory", "CVE-2024-00011", "vpn.example.org", "", "2027-01-31", 0},
		{"another target", "CVE-2024-0001", "vpn2.example.org", "", "2027-01-31", 0},
		{"another tag", "CVE-2024-0001", "", "Prod", "2027-01-31", 0},
		{"a star is no advisory", "*", "vpn.example.org", "", "2027-01-31", 0},
	}
	for _, tt := range tests {
		a := NewAcceptances([]Risk{risk(t, tt.advisory, tt.target, tt.tag, tt.expires)}, today)
		before := full()
		yes, no := accepted(a.Apply(before))
		require.Equal(t, tt.want, yes, tt.name)
		require.Equal(t, 4-tt.want, no, tt.name)
		changed, _ := accepted(before)
		require.Zero(t, changed, "%s: the result that was passed in", tt.name)
	}
}

// What a stored result says of acceptances does not outlive the entry.
func TestApplyReplacesWhatWasAccepted(t *testing.T) {
	once := NewAcceptances([]Risk{risk(t, "CVE-2024-0001", "vpn.example.org", "", "2027-01-31")}, today).Apply(full())
	yes, _ := accepted(NewAcceptances(nil, today).Apply(once))
	require.Zero(t, yes)
	var none *Acceptances
	yes, _ = accepted(none.Apply(once))
	require.Equal(t, 4, yes, "without a configuration it stays")
	require.Nil(t, none.Idle(true, true))
}

func TestVerdictsAndKindsThatCanBeAccepted(t *testing.T) {
	r := full()
	r.Products[0].Findings = []Finding{
		{Advisory: "CVE-2024-0001", Verdict: Possible}, {Advisory: "POSTERN-EOL", Kind: EndOfLife, Verdict: Affected}, {Advisory: "CVE-2024-0002", Verdict: NotAffected},
	}
	a := NewAcceptances([]Risk{
		risk(t, "CVE-2024-0001", "", "prod", "2027-01-31"), risk(t, "POSTERN-EOL", "", "prod", "2027-01-31"), risk(t, "CVE-2024-0002", "", "prod", "2027-01-31"),
	}, today)
	got := a.Apply(r).Products[0].Findings
	require.NotNil(t, got[0].Accepted)
	require.NotNil(t, got[1].Accepted)
	require.Nil(t, got[2].Accepted, "there is nothing to accept")
}

func TestIdle(t *testing.T) {
	unreachable := Result{Target: "vpn.example.org:443", Outcome: Unreachable}
	unread := full()
	unread.Earlier, unread.Products[0].Version.State = nil, Unknown
	other := Result{Target: "other.example.org:443", Outcome: Identified}
	tests := []struct {
		name             string
		advisory, expiry string
		seen             []Result
		complete, part   bool
		want             string // "", expired or unused
	}{
		{"used", "CVE-2024-0001", "2027-01-31", []Result{full(), other}, true, false, ""},
		{"fixed", "CVE-2024-0009", "2027-01-31", []Result{full()}, true, false, "unused"},
		{"not in the list", "CVE-2024-0001", "2027-01-31", []Result{other}, true, false, "unused"},
		{"nothing was scanned", "CVE-2024-0001", "2027-01-31", nil, true, false, "unused"},
		{"stopped before", "CVE-2024-0009", "2027-01-31", []Result{full()}, false, false, ""},
		{"unreachable", "CVE-2024-0001", "2027-01-31", []Result{unreachable}, true, false, ""},
		{"one of two unreachable", "CVE-2024-0009", "2027-01-31", []Result{unreachable, full()}, true, false, ""},
		{"version unread", "CVE-2024-0009", "2027-01-31", []Result{unread}, true, false, ""},
		{"expired", "CVE-2024-0001", "2026-11-22", []Result{full()}, true, false, "expired"},
		{"another target was named", "CVE-2024-0001", "2027-01-31", []Result{other}, true, true, ""},
		{"the target was named, and fixed", "CVE-2024-0009", "2027-01-31", []Result{full()}, true, true, "unused"},
		{"expired, and another target was named", "CVE-2024-0001", "2026-11-22", []Result{other}, true, true, ""},
		{"expired, and the target was named", "CVE-2024-0001", "2026-11-22", []Result{full()}, true, true, "expired"},
		{"expired, and stopped", "CVE-2024-0001", "2026-11-22", nil, false, false, "expired"},
	}
	for _, tt := range tests {
		a := NewAcceptances([]Risk{risk(t, tt.advisory, "vpn.example.org", "", tt.expiry)}, today)
		for _, r := range tt.seen {
			a.Apply(r)
		}
		got := ""
		for _, idle := range a.Idle(tt.complete, !tt.part) {
			require.Equal(t, IdleAcceptance{Advisory: tt.advisory, Target: "vpn.example.org", Owner: "netops", Expires: tt.expiry, Expired: idle.Expired, Place: "postern.yaml:3"}, idle)
			got = map[bool]string{true: "expired", false: "unused"}[idle.Expired]
		}
		require.Equal(t, tt.want, got, tt.name)
	}
}

// The headline does not cry wolf, and the count of accepted findings hides nothing.
func TestSummaryOfAccepted(t *testing.T) {
	r := full()
	a := NewAcceptances([]Risk{risk(t, "CVE-2024-0001", "", "prod", "2027-01-31")}, today)
	var s Summary
	s.Add(a.Apply(r))
	require.Equal(t, []int{0, 0, 0, 4}, []int{s.Affected, s.PossiblyAffected, s.KEV, s.Accepted})

	r.Products[0].Findings = append(r.Products[0].Findings, Finding{Advisory: "CVE-2024-0002", Verdict: Possible})
	s = Summary{}
	s.Add(a.Apply(r))
	require.Equal(t, []int{0, 1, 0, 4}, []int{s.Affected, s.PossiblyAffected, s.KEV, s.Accepted})

	r.Products[0].Findings = append(r.Products[0].Findings, Finding{Advisory: "CVE-2024-0003", Verdict: Affected})
	s = Summary{}
	s.Add(a.Apply(r))
	require.Equal(t, []int{1, 0, 0, 4}, []int{s.Affected, s.PossiblyAffected, s.KEV, s.Accepted}, "KEV is the accepted one's alone")
}

func TestKeepAccepted(t *testing.T) {
	before := NewAcceptances([]Risk{risk(t, "CVE-2024-0001", "", "prod", "2026-11-23")}, today).Apply(full())
	anew := full()
	anew.Products[0].Findings = append(anew.Products[0].Findings, Finding{Advisory: "CVE-2024-0002", Verdict: Affected})
	yes, no := accepted(KeepAccepted(before, anew, today))
	require.Equal(t, []int{4, 1}, []int{yes, no})
	yes, _ = accepted(KeepAccepted(before, before, today.AddDate(0, 0, 1)))
	require.Zero(t, yes, "it has expired since")
}
