package importer

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"postern/advisories"
)

var recordsDir = flag.String("records", "", "hold the drafts of the records in this folder against the reviewed advisories, and print the differences")

// enough is the share of drafts, in percent, that must agree with the reviewed advisory.
const enough = 80

// A difference is a version on which a draft and the reviewed advisory do not agree.
type difference struct {
	product, version, draft, reviewed string
}

// open reports that the draft leaves to its reader what the reviewed file decides.
func (d difference) open() bool { return d.draft == "possible" }

// An outcome is what came of one record.
type outcome struct {
	cve     string
	refused string       // why there is no draft
	differ  []difference // on every stated version
}

// agrees reports that the draft says nothing that the reviewed file does not say.
func (o outcome) agrees() bool {
	return o.refused == "" && !slices.ContainsFunc(o.differ, func(d difference) bool { return !d.open() })
}

// Drafts of real records agree with what people made of the same CVEs, on every version
// that one of the two states and on every bound. Where they do not, mismatches.tsv says
// why. A draft may leave open what somebody decided later from other sources: such CVEs
// are counted apart.
func TestDraftsAgreeWithReviewedAdvisories(t *testing.T) {
	if testing.Short() {
		t.Skip("drafts a hundred advisories")
	}
	dir := cmp.Or(*recordsDir, filepath.Join("testdata", "records"))
	outcomes := importAll(t, dir)
	same, left, refused := 0, 0, 0
	for _, o := range outcomes {
		switch {
		case o.refused != "":
			refused++
		case len(o.differ) == 0:
			same++
		case o.agrees():
			left++
		}
	}
	drafts := len(outcomes) - refused
	t.Logf("%d reviewed CVEs have a record; %d of them give a draft: %d the same, %d leave open what other sources decide, %d decide otherwise",
		len(outcomes), drafts, same, left, drafts-same-left)
	if drafts == 0 || (same+left)*100 < enough*drafts {
		t.Errorf("%d of %d drafts agree with the reviewed advisory; at least %d %% must", same+left, drafts, enough)
	}
	if *recordsDir == "" {
		checkMismatches(t, outcomes)
		return
	}
	for _, o := range outcomes {
		for _, d := range o.differ {
			t.Logf("%s %s %s: draft %s, reviewed %s", o.cve, d.product, d.version, d.draft, d.reviewed)
		}
	}
}

// importAll drafts every record of a folder whose CVE has been reviewed.
func importAll(t *testing.T, dir string) []outcome {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "CVE-*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s holds no records: %v", dir, err)
	}
	var all []outcome
	for _, name := range names {
		cve := strings.TrimSuffix(filepath.Base(name), ".json")
		files, err := filepath.Glob(filepath.Join("..", "*", cve+".yaml"))
		if err != nil || len(files) == 0 {
			if *recordsDir == "" {
				t.Errorf("%s: no reviewed advisory has this CVE; remove the record", name)
			}
			continue
		}
		reviewed, err := loadOne(cve, readFile(t, files[0]))
		if err != nil {
			t.Logf("%s does not load, and was left out: %v", files[0], err)
			continue
		}
		o := outcome{cve: cve}
		draft, err := CVE(readFile(t, name), Products{Order: folderOrders, CPE: folderCPE, Model: folderModel})
		if err != nil {
			o.refused = err.Error()
		} else if made, err := loadOne(cve, draft.YAML); err != nil {
			t.Errorf("%s: the draft would not load once it is read: %v", cve, err)
			o.refused = err.Error()
		} else {
			o.differ = compareWith(made, reviewed)
		}
		all = append(all, o)
	}
	return all
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// loadOne compiles one file apart from all others, so that a fault elsewhere does not
// matter here. A draft is taken for read.
func loadOne(cve string, data []byte) (*advisories.Advisory, error) {
	data = []byte(strings.Replace(string(data), "\nreview: required\n", "\n", 1))
	db, err := advisories.Load(fstest.MapFS{"vendor/" + cve + ".yaml": {Data: data}}, folderOrders)
	if err != nil {
		return nil, err
	}
	return db.All()[0], nil
}

// compareWith holds a draft against the reviewed advisory, on every version that either of
// them states.
func compareWith(draft, reviewed *advisories.Advisory) []difference {
	var all []difference
	for i := range reviewed.Affected {
		right := &reviewed.Affected[i]
		if right.Ranges() == nil {
			continue // a port
		}
		name := right.Product
		if len(right.Models) > 0 {
			name += " (" + strings.Join(right.Models, ", ") + ")"
		}
		left := entryFor(draft, right)
		if left == nil {
			all = append(all, difference{name, "-", "no range", "ranges"})
			continue
		}
		for _, text := range statedBy(left, right) {
			if got, want := verdictOf(left, text), verdictOf(right, text); got != want {
				all = append(all, difference{name, text, got, want})
			}
		}
	}
	return all
}

// entryFor is what the draft says of the product and models of a reviewed entry.
func entryFor(draft *advisories.Advisory, of *advisories.Affected) *advisories.Affected {
	var general *advisories.Affected
	for i := range draft.Affected {
		switch a := &draft.Affected[i]; {
		case a.Product != of.Product:
		case len(a.Models) == 0:
			general = a
		case slices.ContainsFunc(of.Models, func(m string) bool { return slices.Contains(a.Models, m) }):
			return a
		}
	}
	return general
}

// statedBy lists every version that one of two entries states, as a bound or under holds.
func statedBy(left, right *advisories.Affected) []string {
	var list []string
	for _, a := range []*advisories.Affected{left, right} {
		list = append(list, slices.Concat(a.Holds.Affected, a.Holds.NotAffected, a.Holds.Possible)...)
		for _, b := range a.Branches {
			for _, e := range b.Events {
				if text := cmp.Or(e.Introduced, e.Fixed, e.LastAffected); text != "0" {
					list = append(list, text)
				}
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// verdictOf is what the ranges say of a version, whether or not the fix can be seen from
// outside: no record says that.
func verdictOf(a *advisories.Affected, text string) string {
	v, err := a.Ranges().Scheme.Parse(text)
	if err != nil {
		return fmt.Sprint(err)
	}
	bare := *a
	bare.PatchVisible = nil
	return bare.HoldsOf(v)
}
