package scanner

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/finding"
	"postern/scanner/scannertest"
	"postern/scanner/version"
	"postern/testdata"
)

// Requests to one host at most.
const (
	maxGateway = 6
	maxOther   = 8 // a page made to look like every gateway at once
)

// shipped loads what is built in.
func shipped(t testing.TB) (*fingerprints.Catalog, *advisories.DB) {
	t.Helper()
	catalog, err := fingerprints.Builtin()
	require.NoError(t, err)
	db, err := advisories.Builtin(catalog.Order)
	require.NoError(t, err)
	return catalog, db
}

// appliances parses every recorded appliance.
func appliances(t testing.TB) []*scannertest.Appliance {
	t.Helper()
	files, err := fs.Glob(testdata.Appliances, "appliances/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []*scannertest.Appliance
	for _, file := range files {
		data, err := fs.ReadFile(testdata.Appliances, file)
		require.NoError(t, err)
		a, err := scannertest.Parse(path.Base(file), data)
		require.NoError(t, err)
		all = append(all, a)
	}
	return all
}

// switchOn starts an appliance and returns it as a target under its own name.
func switchOn(t testing.TB, a *scannertest.Appliance) (*scannertest.Server, Target) {
	t.Helper()
	s, err := a.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	host := a.Demo.Host
	if host == "" {
		host = a.Name + ".example"
	}
	return s, Target{Host: host, Port: 443, Address: s.Address()}
}

// Every recorded appliance is concluded to be what its file says.
func TestAppliances(t *testing.T) {
	catalog, db := shipped(t)
	s := New(catalog, db, Options{Rate: -1})
	for _, a := range appliances(t) {
		t.Run(a.Name, func(t *testing.T) {
			server, target := switchOn(t, a)
			r := collect(t, s, target)[0]
			requireIdentified(t, catalog, a, r)
			requireVerdicts(t, a, r)
			requirePolite(t, a, server)
		})
	}
}

func requireIdentified(t *testing.T, catalog *fingerprints.Catalog, a *scannertest.Appliance, r finding.Result) {
	t.Helper()
	var want, got []string
	for _, e := range a.Expect {
		order, ok := catalog.Order(e.Product)
		require.True(t, ok, "product %s is not known", e.Product)
		set, err := version.ParseSet(order, e.Versions)
		require.NoError(t, err)
		want = append(want, e.Product+" "+set.String())
	}
	for _, p := range r.Products {
		got = append(got, p.ID+" "+p.Version.Set)
	}
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(t, want, got, "asked %v, because %+v", r.Asked, because(r))
	outcome := finding.Identified
	if len(want) == 0 {
		outcome = finding.Unidentified
	}
	require.Equal(t, outcome, r.Outcome)
	require.Equal(t, a.Reason, r.Reason)
}

// because lists the rules that hold.
func because(r finding.Result) []string {
	var out []string
	for _, p := range r.Products {
		for _, reason := range p.Because {
			out = append(out, p.ID+"/"+reason.Rule+" on "+reason.Request+" says "+reason.Says)
		}
	}
	return out
}

func requireVerdicts(t *testing.T, a *scannertest.Appliance, r finding.Result) {
	t.Helper()
	verdicts := map[string]finding.Verdict{}
	for _, p := range r.Products {
		for _, f := range p.Findings {
			verdicts[f.Advisory] = f.Verdict
		}
		for _, id := range p.NotAffected {
			verdicts[id] = finding.NotAffected
		}
	}
	for want, ids := range map[finding.Verdict][]string{
		finding.Affected: a.Affected, finding.Possible: a.Possible, finding.NotAffected: a.NotAffected,
	} {
		for _, id := range ids {
			require.Equal(t, want, verdicts[id], "verdict of %s", id)
		}
	}
}

// requirePolite checks what the appliance itself received.
func requirePolite(t *testing.T, a *scannertest.Appliance, server *scannertest.Server) {
	t.Helper()
	requests := server.Requests()
	for _, request := range requests {
		method, _, _ := strings.Cut(request, " ")
		require.Contains(t, []string{"GET", "HEAD"}, method, request)
	}
	require.Equal(t, len(requests), len(slices.Compact(slices.Sorted(slices.Values(requests)))), "nothing is asked twice: %v", requests)
	most := maxOther
	if len(a.Expect) > 0 {
		most = maxGateway
	}
	require.LessOrEqual(t, len(requests), most, "%v", requests)
}
