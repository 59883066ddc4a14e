package importer

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

const catalogue = `{"title": "CISA Catalog of Known Exploited Vulnerabilities", "catalogVersion": "2026.08.07", "dateReleased": "2026-08-07T16:45:47.0648Z", "count": 3,
"vulnerabilities": [
 {"cveID": "CVE-2024-21762", "vendorProject": "Fortinet", "dateAdded": "2024-02-09", "dueDate": "2024-02-16", "knownRansomwareCampaignUse": "Known"},
 {"cveID": "CVE-2024-9474", "dateAdded": "2024-11-18", "dueDate": "2024-12-09", "knownRansomwareCampaignUse": "Unknown"},
 {"cveID": "CVE-2020-0001", "dateAdded": "2022-01-01", "dueDate": "2022-02-01", "knownRansomwareCampaignUse": "Unknown"}
]}`

const scores = "#model_version:v2025.03.14,score_date:2026-08-07T12:55:00Z\ncve,epss,percentile\nCVE-2024-21762,0.94250,0.99912\nCVE-2020-0001,0.00043,0.10000\n"

func isKnown(cve string) bool { return strings.HasPrefix(cve, "CVE-2024-") }

func TestKEVOverlay(t *testing.T) {
	got, n, err := KEV([]byte(catalogue), isKnown)
	want := `{"version": "2026.08.07", "released": "2026-08-07", "entries": [
  {"id": "CVE-2024-9474", "added": "2024-11-18", "due": "2024-12-09", "ransomware": false},
  {"id": "CVE-2024-21762", "added": "2024-02-09", "due": "2024-02-16", "ransomware": true}
]}
`
	if err != nil || n != 2 || string(got) != want {
		t.Errorf("got %d entries, %v:\n%s", n, err, got)
	}
}

func TestRefusedCatalogues(t *testing.T) {
	for name, tt := range map[string]struct{ old, new, want string }{
		"no JSON":            {"{", "", "no KEV catalogue"},
		"another document":   {"vulnerabilities", "entries", "no catalogVersion or no vulnerabilities"},
		"no day":             {"2026-08-07T16", "soon", "dateReleased"},
		"ransomware unclear": {`"Known"`, `"Yes"`, `CVE-2024-21762: knownRansomwareCampaignUse is "Yes"`},
		"no day of an entry": {`"2024-02-09"`, `"9 Feb"`, `CVE-2024-21762: dateAdded "9 Feb"`},
		"a day too many":     {`"2024-02-09"`, `"2024-02-30"`, `CVE-2024-21762: dateAdded "2024-02-30"`},
	} {
		if _, _, err := KEV([]byte(strings.Replace(catalogue, tt.old, tt.new, 1)), isKnown); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q in it", name, err, tt.want)
		}
	}
}

func TestEPSSOverlay(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(scores)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := "#model_version:v2025.03.14,score_date:2026-08-07T12:55:00Z\ncve,epss,percentile\nCVE-2024-21762,0.9425,0.99912\n"
	for name, data := range map[string][]byte{"plain": []byte(scores), "packed": packed.Bytes()} {
		if got, n, err := EPSS(data, isKnown); err != nil || n != 1 || string(got) != want {
			t.Errorf("%s: got %d scores, %v:\n%s", name, n, err, got)
		}
	}
	cut := packed.Bytes()[:packed.Len()-12]
	if _, _, err := EPSS(cut, isKnown); err == nil {
		t.Error("a file that breaks off was taken")
	}
	if _, _, err := EPSS([]byte(strings.TrimPrefix(scores, "#model_version:v2025.03.14,score_date:2026-08-07T12:55:00Z\n")), isKnown); err == nil {
		t.Error("scores without a day were taken")
	}
}
