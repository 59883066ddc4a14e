package importer

import (
	"slices"
	"strings"
	"testing"

	"postern/scanner/version"
)

// A record that speaks of versions in terms of CPE alone gives the ranges of that, also for
// a product that the importer has no name for.
func TestRangesOfACPEStatement(t *testing.T) {
	ours := Products{
		Order: func(product string) (version.Scheme, bool) { return version.Dotted, product == "netgate-pfsense" },
		CPE:   func(name string) (string, bool) { return "netgate-pfsense", name == "netgate:pfsense" },
	}
	draft, err := CVE([]byte(`{"dataType": "CVE_RECORD", "cveMetadata": {"cveId": "CVE-2099-0001"}, "containers": {"cna": {
		"affected": [{"vendor": "n/a", "product": "n/a", "versions": [{"version": "n/a", "status": "affected"}]}],
		"cpeApplicability": [{"nodes": [{"cpeMatch": [
			{"vulnerable": true, "criteria": "cpe:2.3:a:netgate:pfsense:*:*:*:*:*:*:*:*", "versionStartIncluding": "2.5.0", "versionEndExcluding": "2.7.1"},
			{"vulnerable": true, "criteria": "cpe:2.3:a:netgate:pfsense:*:*:*:*:*:*:*:*", "versionStartExcluding": "23.0", "versionEndIncluding": "23.9"},
			{"vulnerable": false, "criteria": "cpe:2.3:h:netgate:sg-1100:-:*:*:*:*:*:*:*"},
			{"vulnerable": true, "criteria": "cpe:2.3:a:acme:gate\\:way:1.0:*:*:*:*:*:*:*"}]}]}]}}}`), ours)
	if err != nil {
		t.Fatal(err)
	}
	text := string(draft.YAML)
	if !strings.Contains(text, `[{introduced: "2.5.0"}, {fixed: "2.7.1"}]`) || strings.Contains(text, "sg-1100") {
		t.Errorf("the draft is\n%s", text)
	}
	for _, want := range []string{`"after 23.0" was left out`, `"gate:way" of "acme" is no product here`, "CPE statement"} {
		if !slices.ContainsFunc(draft.Notes, func(n string) bool { return strings.Contains(n, want) }) {
			t.Errorf("no note says %q: %q", want, draft.Notes)
		}
	}
}

func TestCPEParts(t *testing.T) {
	got := cpeParts(`cpe:2.3:a:acme:gate\:way\_2:1.0:*`)
	if want := []string{"cpe", "2.3", "a", "acme", "gate:way_2", "1.0", "*"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
