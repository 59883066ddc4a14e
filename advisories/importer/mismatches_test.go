package importer

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"postern/scanner/version"
)

const (
	mismatchFile   = "testdata/mismatches.tsv"
	mismatchHeader = "cve\tproduct\tversion\tdraft\treviewed\tcause"
	// toExplain stands where somebody has to write the cause.
	toExplain = "?"
)

// folders is the text of every product folder in fingerprints. What is needed of it is read
// line by line, so that the importer can be worked on while a fingerprint is broken.
var folders = sync.OnceValue(func() map[string]string {
	files, _ := filepath.Glob(filepath.Join("..", "..", "fingerprints", "*", "product.yaml")) // well formed
	texts := map[string]string{}
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			texts[filepath.Base(filepath.Dir(file))] = string(data)
		}
	}
	return texts
})

// folderOrders is the scheme that a product folder states.
func folderOrders(product string) (version.Scheme, bool) {
	product, model, _ := strings.Cut(product, "/")
	text := folders()[product]
	if !strings.Contains(text, model) {
		return "", false
	}
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "versions:"); ok {
			scheme := version.Scheme(strings.Trim(strings.TrimSpace(name), `"'`))
			return scheme, scheme.Known()
		}
	}
	return "", false
}

// folderCPE is the product whose folder states a CPE name.
func folderCPE(name string) (string, bool) {
	for _, product := range slices.Sorted(maps.Keys(folders())) {
		for line := range strings.Lines(folders()[product]) {
			list, ok := strings.CutPrefix(strings.TrimSpace(line), "cpe: [")
			if ok && slices.Contains(strings.Split(strings.TrimSuffix(list, "]"), ", "), name) {
				return product, true
			}
		}
	}
	return "", false
}

// folderModel is the model in a product folder that is written so.
func folderModel(product, text string) (string, bool) {
	if !strings.Contains(folders()[product], "\nmodels:") {
		return "", false
	}
	for _, m := range modelLine.FindAllStringSubmatch(folders()[product], -1) {
		if strings.EqualFold(m[1], text) {
			return m[1], true
		}
		if m[2] != "" && regexp.MustCompile(`(?i)^(?:`+m[2]+`)$`).MatchString(text) {
			return m[1], true
		}
	}
	return "", false
}

var modelLine = regexp.MustCompile(`(?m)^  - \{name: ([^,}]+)(?:, shown: '([^']*)')?`)

// A mismatch is one row of the list: a product of a CVE on which the draft decides
// otherwise than the reviewed file, with the first versions on which it does.
type mismatch [6]string

func (m mismatch) key() string { return m[0] + " " + m[1] }

// mismatchesOf lists what a draft decides otherwise, and the records that give none. What
// a draft leaves open is no mismatch.
func mismatchesOf(outcomes []outcome) []mismatch {
	var rows []mismatch
	for _, o := range outcomes {
		if o.refused != "" {
			rows = append(rows, mismatch{o.cve, "-", "-", "none", "ranges", ""})
			continue
		}
		for _, d := range o.differ {
			if d.open() {
				continue
			}
			at := slices.IndexFunc(rows, func(m mismatch) bool {
				return m[0] == o.cve && m[1] == d.product && m[3] == d.draft && m[4] == d.reviewed
			})
			switch {
			case at < 0:
				rows = append(rows, mismatch{o.cve, d.product, d.version, d.draft, d.reviewed, ""})
			case strings.Count(rows[at][2], " ") < 2:
				rows[at][2] += " " + d.version
			}
		}
	}
	return rows
}

func recordsIn(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/records/CVE-*.json")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// checkMismatches compares the products that differ with those in the list. Which versions
// differ is shown there and not compared: they change with every word of a reviewed file.
func checkMismatches(t *testing.T, outcomes []outcome) {
	t.Helper()
	cause := map[string]string{}
	for line := range strings.Lines(string(readFile(t, mismatchFile))) {
		line = strings.TrimSuffix(line, "\n")
		if fields := strings.Split(line, "\t"); len(fields) == 6 && line != mismatchHeader {
			cause[fields[0]+" "+fields[1]] = fields[5]
		} else if line != mismatchHeader {
			t.Errorf("%s: %q has no six columns", mismatchFile, line)
		}
	}
	judged := map[string]bool{} // a file that does not load at the moment says nothing of its rows
	for _, o := range outcomes {
		judged[o.cve] = true
	}
	rows := mismatchesOf(outcomes)
	var out strings.Builder
	out.WriteString(mismatchHeader + "\n")
	found := map[string]bool{}
	for _, row := range rows {
		found[row.key()] = true
		row[5] = cause[row.key()]
		if row[5] == "" {
			row[5] = toExplain
		}
		if row[5] == toExplain && !*update {
			t.Errorf("%s: the draft says %s and the reviewed file %s of %s; add the row to %s with its cause: go test ./advisories/importer -run Agree -update",
				row.key(), row[3], row[4], row[2], mismatchFile)
		}
		out.WriteString(strings.Join(row[:], "\t") + "\n")
	}
	if *update && len(judged) < len(recordsIn(t)) {
		t.Fatal("some reviewed files do not load; the list was left as it is")
	}
	if *update {
		if err := os.WriteFile(mismatchFile, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for key := range cause {
		if cve, _, _ := strings.Cut(key, " "); judged[cve] && !found[key] {
			t.Errorf("%s: %s matches now; go test ./advisories/importer -run Agree -update takes the row away", mismatchFile, key)
		}
	}
}
