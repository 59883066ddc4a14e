package report

import (
	"context"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner"
	"postern/scanner/finding"
	"postern/scanner/scannertest"
	"postern/testdata"
)

// fleet is an organisation with the recorded appliances as its gateways: host, owner,
// tag, appliance. One without an appliance does not answer.
const fleet = `
vpn-oslo.example.com netops prod fortios-7.2.4-login
vpn-bergen.example.com netops prod fortios-7.2.4-login
vpn-lisbon.example.com netops prod fortios-7.2.3-hash
vpn-porto.example.com netops prod fortios-7.2.3-hash
vpn-vienna.example.com netops prod fortios-hidden
gp-paris.example.com netops prod panos-11.0.2-portal
gp-lyon.example.com netops prod panos-11.0.2-portal
gp-nantes.example.com netops prod panos-10.2.2-portal
gp-lab.example.com research lab panos-8.1.10-portal
remote.example.net workplace prod ivanti-22.7r2.4
remote2.example.net workplace prod ivanti-22.7r2.5-welcome
partners.example.net workplace partners ivanti-9.1r14-installer
access.example.org workplace prod netscaler-13.1-48.47
access-dr.example.org workplace standby netscaler-last-modified
citrix-old.example.org workplace legacy netscaler-12.0-epa
fw-oslo.example.net security prod checkpoint-gaia-r8110
fw-madrid.example.net security prod checkpoint-gaia-r8120
asa-rome.example.net security prod cisco-asa-login
asa-milan.example.net security prod cisco-asa-2014
ra.example.org security prod sonicwall-sma1000-branch
sma-dublin.example.com branches branch sonicwall-sma100-10.2.1.2
sma-cork.example.com branches branch sonicwall-sma100-portal
shop-ghent.example.com branches branch draytek-4.4.2.1
shop-bruges.example.com branches branch draytek-4.4.2.1
shop-delft.example.com branches branch zyxel-usg-flex-100
shop-breda.example.com branches branch zyxel-usg-flex-100
shop-turin.example.com branches branch mikrotik-6.43-upnp
shop-bari.example.com branches branch sophos-17.5.13
vpn-seoul.example.com apac prod array-ag-login
vpn-shanghai.example.com apac legacy sangfor-m6.3r1
vpn-shenzhen.example.com apac prod sangfor-m7.6.8r2
vpn-hanoi.example.com apac prod h3c-ssl-vpn
f5-tokyo.example.com apac prod f5-tmui-15.1.3
support.example.com helpdesk prod beyondtrust-24.1.2
support-old.example.com helpdesk legacy beyondtrust-14.3.1
edge-lab.example.com research lab opnsense-2024
pf-lab.example.com research lab pfsense-2.7
ovpn.example.com research lab openvpn-as-connect
vpn-lagos.example.com branches branch
www.example.com web public nginx-welcome
blog.example.com web public wordpress-blog
grafana.example.net sre internal grafana-login
sso.example.com identity prod keycloak-login
`

// nightBefore is what was another appliance the night before.
var nightBefore = map[string]string{
	"remote2.example.net":    "ivanti-22.7r2.4",
	"access-dr.example.org":  "netscaler-13.1-48.47",
	"vpn-lagos.example.com":  "fortios-7.2.4-login",
	"sma-dublin.example.com": "sonicwall-sma100-portal",
	"gp-nantes.example.com":  "panos-hidden-gateway",
}

// compared is the fleet's report, compared with that of the night before, and with a risk
// that somebody has accepted.
func compared(t *testing.T) (finding.Header, finding.Summary, []finding.Result) {
	t.Helper()
	now := time.Date(2026, 10, 5, 2, 0, 0, 0, time.UTC)
	earlier, before := scanFleet(t, now.AddDate(0, 0, -1), nightBefore)
	h, results := scanFleet(t, now, nil)
	comparison := finding.NewComparison(earlier)
	for _, r := range before {
		comparison.Before(r)
	}
	h.Baseline = &finding.Baseline{Started: earlier.Started, Rules: earlier.Rules}
	s := finding.Summary{Targets: len(results), Complete: true}
	var all []finding.Result
	for _, r := range results {
		for _, marked := range comparison.Apply(r) {
			if marked.Target == "gp-lab.example.com:443" {
				for i := range marked.Products[0].Findings {
					marked.Products[0].Findings[i].Accepted = &finding.Acceptance{Owner: "research", Expires: "2026-12-31", Reason: "Reachable from the lab network only; it is switched off in December."}
				}
			}
			all = append(all, marked)
		}
	}
	all = append(all, comparison.Rest()...)
	for _, r := range all {
		s.Add(r)
	}
	s.Finish(now.Add(7 * time.Second))
	s.Compare(comparison)
	s.Acceptances = []finding.IdleAcceptance{{Advisory: "CVE-2022-42475", Target: "vpn-lisbon.example.com", Owner: "netops", Expires: "2026-09-30", Expired: true, Place: "postern.yaml:14"}}
	return h, s, all
}

// scanFleet scans it for real, on loopback.
func scanFleet(t *testing.T, now time.Time, otherwise map[string]string) (finding.Header, []finding.Result) {
	t.Helper()
	catalog, err := fingerprints.Builtin()
	require.NoError(t, err)
	db, err := advisories.Builtin(catalog.Order)
	require.NoError(t, err)
	var targets []scanner.Target
	for i, line := range strings.Split(strings.TrimSpace(fleet), "\n") {
		words := strings.Fields(line)
		target := scanner.Target{Host: words[0], Port: 443, Address: "127.0.0.1:1", Input: finding.Input{
			Text: words[0], File: "gateways.txt", Line: i + 1, Column: 1, EndColumn: len(words[0]) + 1, Owner: words[1], Tags: []string{words[2]}}}
		if other := otherwise[words[0]]; other != "" {
			words = append(words[:3], other)
		}
		if len(words) > 3 {
			data, err := fs.ReadFile(testdata.Appliances, "appliances/"+words[3]+".txtar")
			require.NoError(t, err)
			appliance, err := scannertest.Parse(words[3], data)
			require.NoError(t, err)
			server, err := appliance.Start()
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, server.Close()) })
			target.Address = server.Address()
		}
		targets = append(targets, target)
	}
	s := scanner.New(catalog, db, scanner.Options{Rate: -1, Gap: -1, Today: now})
	results := slices.Collect(s.Scan(context.Background(), slices.Values(targets)))
	h := finding.Header{Format: finding.Format, Tool: "postern", Version: "1.0.0", Started: now, Inputs: []string{"gateways.txt"},
		Rules: finding.Rules{Digest: "sha256:" + strings.Repeat("0123456789abcdef", 4), Date: now.Format(time.DateOnly), Products: 90, Advisories: 700}}
	return h, results
}
