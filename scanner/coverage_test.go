package scanner

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/fingerprints"
)

// minLookalikes is how many servers that are no gateway, but look like one, are kept.
const minLookalikes = 100

// Every product that answers can identify has an appliance that is that product alone, and
// every rule that reads a version an appliance on which it does.
func TestEveryProductHasAnAppliance(t *testing.T) {
	catalog, db := shipped(t)
	s := New(catalog, db, Options{Rate: -1})
	alone := map[string]int{} // appliances by product
	read := map[string]int{}  // of those with a version
	rules := map[string]int{} // appliances by product and rule that says a version
	for _, a := range appliances(t) {
		if len(a.Expect) != 1 {
			continue
		}
		alone[a.Expect[0].Product]++
		if a.Expect[0].Versions != "*" {
			read[a.Expect[0].Product]++
		}
		_, target := switchOn(t, a)
		for _, p := range collect(t, s, target)[0].Products {
			for _, reason := range p.Because {
				if reason.Says != "" && reason.Says != "*" {
					rules[p.ID+"/"+reason.Rule]++
				}
			}
		}
	}
	for _, p := range catalog.Products() {
		if p.NoSignals != "" {
			continue
		}
		if alone[p.ID] == 0 {
			t.Errorf("%s: no appliance is this product", p.ID)
		}
		reads := slices.ContainsFunc(p.Rules, func(r fingerprints.Rule) bool { return r.Version != nil })
		if reads && read[p.ID] == 0 {
			t.Errorf("%s: no appliance has its version read", p.ID)
		}
		for _, r := range p.Rules {
			if r.Version != nil && rules[p.ID+"/"+r.ID] == 0 {
				t.Errorf("%s: rule %s reads the version of no appliance", p.ID, r.ID)
			}
		}
	}
}

// Servers that only look like gateways are many and of many kinds; TestAppliances checks
// that none is identified.
func TestLookalikes(t *testing.T) {
	var names []string
	for _, a := range appliances(t) {
		if len(a.Expect) == 0 {
			names = append(names, a.Name)
		}
	}
	require.GreaterOrEqual(t, len(names), minLookalikes)
	for _, kind := range kinds() {
		require.True(t, slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, kind) }), "no look-alike is a %s", kind)
	}
}

// kinds are words in the names of look-alikes that must be among them.
func kinds() []string {
	return []string{
		"nginx", "apache", "iis", "tomcat", "gitlab", "jenkins", "phpmyadmin", "rdweb", "blog", "sharefile", "router",
		"load-balancer", "shop-behind-big-ip", "captive-portal", "every-answer", "empty", "parked", "honeypot",
		"scanner-report", "documentation", "waf-block", "sso", "exchange-owa", "vcenter", "printer", "camera", "nas",
		"grafana", "keycloak", "wordpress", "webmail",
	}
}
