package importer

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/advisories"
)

var update = flag.Bool("update", false, "write the expected drafts anew")

func records(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("testdata/CVE-*.json")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(name), ".json")] = data
	}
	return files
}

// Every record becomes the draft beside it, or is refused with the reason beside it.
func TestDraftsOfRecords(t *testing.T) {
	for id, data := range records(t) {
		t.Run(id, func(t *testing.T) {
			draft, err := CVE(data, Products{Order: orders})
			if err != nil {
				golden(t, id+".refused", []byte(err.Error()+"\n"+strings.Join(draft.Notes, "\n")+"\n"))
				return
			}
			golden(t, id+".yaml", draft.YAML)
			if err := advisories.CheckDraft(draft.File, draft.YAML, orders); err != nil {
				t.Errorf("the draft would not load once it is read: %v", err)
			}
			for _, note := range draft.Notes {
				if !strings.Contains(fold(string(draft.YAML)), note) {
					t.Errorf("the file lacks the note %q", note)
				}
			}
		})
	}
}

// fold takes the line breaks of comments and folded text out.
func fold(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), " # ", " ")
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not as expected; got\n%s", name, got)
	}
}

// What was expected of a record must be expected of something.
func TestEveryExpectationHasARecord(t *testing.T) {
	for _, pattern := range []string{"testdata/CVE-*.yaml", "testdata/CVE-*.refused"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v, %v", pattern, names, err)
		}
		for _, name := range names {
			record := strings.TrimSuffix(name, filepath.Ext(name)) + ".json"
			if _, err := os.Stat(record); err != nil {
				t.Errorf("%s is of no record", name)
			}
		}
	}
}

func TestRefusedDocuments(t *testing.T) {
	for name, tt := range map[string]struct{ data, want string }{
		"no JSON":          {"{", "no CVE record"},
		"another document": {`{"cveMetadata": {"cveId": "CVE-2024-0001"}}`, "dataType"},
		"no id":            {`{"dataType": "CVE_RECORD", "cveMetadata": {"cveId": "../../x"}}`, `cveId is "../../x"`},
		"rejected":         {`{"dataType": "CVE_RECORD", "cveMetadata": {"cveId": "CVE-2024-0001", "state": "REJECTED"}}`, "CVE-2024-0001: nothing to import: the record was rejected"},
	} {
		if _, err := CVE([]byte(tt.data), Products{Order: orders}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q in it", name, err, tt.want)
		}
	}
	other := `{"dataType": "CVE_RECORD", "cveMetadata": {"cveId": "CVE-2024-0001"}, "containers": {"cna": {"affected": [{"vendor": "Acme", "product": "Gate"}]}}}`
	if _, err := CVE([]byte(other), Products{Order: orders}); !errors.Is(err, ErrNothing) {
		t.Errorf("a record about another product: %v", err)
	}
}

// A draft never loads as it stands.
func TestLoaderRefusesDrafts(t *testing.T) {
	draft, err := CVE(records(t)["CVE-2024-21762"], Products{Order: orders})
	if err != nil {
		t.Fatal(err)
	}
	_, err = advisories.Load(oneFile{draft}.fs(), orders)
	if err == nil || !strings.Contains(err.Error(), "read it against the record, then remove this line") {
		t.Errorf("got %v", err)
	}
}

func FuzzCVE(f *testing.F) {
	for _, data := range records(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		draft, err := CVE(data, Products{Order: orders})
		if err != nil {
			return
		}
		if !filepath.IsLocal(draft.File) || strings.Count(draft.File, "/") != 1 {
			t.Errorf("the draft would lie at %q", draft.File)
		}
		if err := advisories.CheckDraft(draft.File, draft.YAML, orders); err != nil && !strings.Contains(string(draft.YAML), "does not load yet") {
			t.Errorf("the draft would not load: %v\n%s", err, draft.YAML)
		}
		if _, err := advisories.Load(oneFile{draft}.fs(), orders); err == nil {
			t.Error("the draft loads unread")
		}
	})
}
