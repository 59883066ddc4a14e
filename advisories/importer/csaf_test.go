package importer

import (
	"errors"
	"os"
	"strings"
	"testing"

	"postern/advisories"
)

func TestDraftsOfACSAFDocument(t *testing.T) {
	data, err := os.ReadFile("testdata/csaf-acme.json")
	if err != nil {
		t.Fatal(err)
	}
	drafts, err := CSAF(data, Products{Order: orders})
	if len(drafts) != 2 || drafts[1].File != "" {
		t.Fatalf("got %d drafts", len(drafts))
	}
	for _, want := range []string{
		"CVE-2024-0002: nothing to import: it names no product that is known here",
		`nothing to import: "Without a number" is about no CVE`,
	} {
		if !errors.Is(err, ErrNothing) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
	golden(t, "csaf-acme.yaml", drafts[0].YAML)
	if err := advisories.CheckDraft(drafts[0].File, drafts[0].YAML, orders); err != nil {
		t.Errorf("the draft would not load once it is read: %v", err)
	}
}

func TestRefusedCSAFDocuments(t *testing.T) {
	for name, tt := range map[string]struct {
		data, want string
		nothing    bool
	}{
		"no JSON":            {"{", "no CSAF document", false},
		"a CVE record":       {`{"dataType": "CVE_RECORD"}`, `csaf_version is ""`, false},
		"a later version":    {`{"document": {"csaf_version": "2.1"}}`, `csaf_version is "2.1"`, false},
		"no vulnerabilities": {`{"document": {"csaf_version": "2.0"}}`, "it lists no vulnerabilities", true},
	} {
		drafts, err := CSAF([]byte(tt.data), Products{Order: orders})
		if err == nil || len(drafts) > 0 || !strings.Contains(err.Error(), tt.want) || errors.Is(err, ErrNothing) != tt.nothing {
			t.Errorf("%s: %v, want %q in it", name, err, tt.want)
		}
	}
}

func TestRangesOfCSAF(t *testing.T) {
	for text, want := range map[string]string{
		"vers:generic/>=1.0|<1.2":           "1.0 < 1.2",
		">=1.0|<=1.2":                       "1.0 <= 1.2",
		"<1.2":                              "0 < 1.2",
		"vers:x/<1.2|>=2.0|<2.3":            "0 < 1.2; 2.0 < 2.3",
		">= 1.0, < 1.2":                     "1.0 < 1.2",
		">=1.0":                             "1.0 < *",
		"vers:x/1.0|1.1":                    "1.0; 1.1",
		">1.0":                              ">1.0 (unknown)",
		"5.9.2.14-12o and older versions":   "5.9.2.14-12o and older versions",
		"vers:x/>=1.0|<1.2|!=1.1|>=2|<=2.1": "1.0 < 1.2; !=1.1 (unknown); 2 <= 2.1",
	} {
		var got []string
		for _, row := range (csafProduct{version: text, ranged: true}).rows("affected") {
			got = append(got, row.String())
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%s: got %s, want %s", text, s, want)
		}
	}
}

func FuzzCSAF(f *testing.F) {
	data, err := os.ReadFile("testdata/csaf-acme.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		drafts, _ := CSAF(data, Products{Order: orders})
		for _, draft := range drafts {
			if draft.File == "" {
				continue
			}
			if _, err := advisories.Load(oneFile{draft}.fs(), orders); err == nil {
				t.Error("the draft loads unread")
			}
		}
	})
}
