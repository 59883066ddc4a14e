package advisories

import (
	"strings"
	"testing"
	"testing/fstest"
)

const (
	kevText  = `{"version": "2026.08.07", "released": "2026-08-07", "entries": [{"id": "CVE-2024-0001", "added": "2025-01-02", "due": "2025-01-23", "ransomware": false}]}`
	epssText = "#model_version:v1,score_date:2026-08-09T00:00:00Z\ncve,epss,percentile\nCVE-2024-0001,0.5,0.75\nCVE-2024-0009,0.1,0.2\n"
)

func overlaid(kev, epss string) fstest.MapFS {
	return fstest.MapFS{gateFile: {Data: []byte(gate)}, KEVOverlay: {Data: []byte(kev)}, EPSSOverlay: {Data: []byte(epss)}}
}

func TestOverlayWins(t *testing.T) {
	db, err := Load(overlaid(kevText, epssText), testOrders)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := db.Get("CVE-2024-0001")
	if want := (KEV{Added: "2025-01-02", Due: "2025-01-23"}); a.Exploitation.KEV == nil || *a.Exploitation.KEV != want {
		t.Errorf("KEV is %+v, want %+v", a.Exploitation.KEV, want)
	}
	if want := (EPSS{Score: 0.5, Percentile: 0.75}); a.EPSS == nil || *a.EPSS != want {
		t.Errorf("EPSS is %+v, want %+v", a.EPSS, want)
	}
	if db.Date() != "2026-08-09" {
		t.Errorf("the date is %s; the scores are of 2026-08-09", db.Date())
	}
}

func TestOverlayNeedNotBeThere(t *testing.T) {
	db, err := Load(fstest.MapFS{gateFile: {Data: []byte(gate)}}, testOrders)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := db.Get("CVE-2024-0001"); a.Exploitation.KEV.Added != "2024-02-09" || a.EPSS != nil {
		t.Errorf("KEV %+v and EPSS %+v are not those of the file", a.Exploitation.KEV, a.EPSS)
	}
}

func TestOverlayFindsAliases(t *testing.T) {
	text := strings.Replace(gate, `aliases: ["AG-24-001"]`, `aliases: ["CVE-2024-0009"]`, 1)
	fsys := overlaid(kevText, epssText)
	fsys[gateFile] = &fstest.MapFile{Data: []byte(text)}
	db, err := Load(fsys, testOrders)
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := db.Get("CVE-2024-0001"); a.EPSS.Score != 0.5 {
		t.Errorf("the score is %+v; that of the id comes first", a.EPSS)
	}
	fsys[EPSSOverlay] = &fstest.MapFile{Data: []byte("cve,epss,percentile\nCVE-2024-0009,0.1,0.2\n")}
	if db, err = Load(fsys, testOrders); err != nil {
		t.Fatal(err)
	}
	if a, _ := db.Get("CVE-2024-0001"); a.EPSS == nil || a.EPSS.Score != 0.1 {
		t.Errorf("the score of the alias is %+v", a.EPSS)
	}
}

func TestBrokenOverlaysAreRefused(t *testing.T) {
	entry := `{"id": "CVE-2024-0001", "added": "2025-01-02", "due": "2025-01-23", "ransomware": false}`
	for _, tt := range []struct{ name, kev, epss, want string }{
		{"no JSON", "", epssText, "overlay/kev.json: EOF; make it anew with postern import kev"},
		{"unknown key", strings.Replace(kevText, `"due"`, `"do"`, 1), epssText, `overlay/kev.json: json: unknown field "do"; make it anew with postern import kev`},
		{"something behind it", kevText + "{}", epssText, "overlay/kev.json: something stands behind the catalogue; make it anew with postern import kev"},
		{"no day", strings.Replace(kevText, "2026-08-07", "soon", 1), epssText, `overlay/kev.json: released is "soon", which is no date; write "2024-02-09"`},
		{"no day of an entry", strings.Replace(kevText, "2025-01-02", "2025-02-30", 1), epssText, `overlay/kev.json: CVE-2024-0001: added is "2025-02-30", which is no date; write "2024-02-09"`},
		{"entry twice", strings.Replace(kevText, entry, entry+","+entry, 1), epssText, "overlay/kev.json: CVE-2024-0001 is there twice"},
		{"no CVE", strings.Replace(kevText, "CVE-2024-0001", "CVE-1", 1), epssText, `overlay/kev.json: id "CVE-1" is no CVE`},
		{"columns", kevText, "cve,score\n", "overlay/epss.csv: holds no EPSS scores: record on line 1: wrong number of fields"},
		{"other columns", kevText, "cve,percentile,epss\n", "overlay/epss.csv: the columns are cve,percentile,epss; they are cve,epss,percentile"},
		{"no number", kevText, "cve,epss,percentile\nCVE-2024-0001,NaN,0.1\n", `overlay/epss.csv: line 2 of the table: "NaN" is no number from 0 to 1`},
		{"beyond one", kevText, "cve,epss,percentile\nCVE-2024-0001,0.1,1.1\n", `overlay/epss.csv: line 2 of the table: "1.1" is no number from 0 to 1`},
		{"score twice", kevText, "cve,epss,percentile\nCVE-2024-0001,0.1,0.1\nCVE-2024-0001,0.1,0.1\n", "overlay/epss.csv: line 3 of the table: CVE-2024-0001 is there twice"},
		{"comment without a day", kevText, "#model\ncve,epss,percentile\n", `overlay/epss.csv: score_date is "", which is no date; write "2024-02-09"`},
	} {
		_, err := Load(overlaid(tt.kev, tt.epss), testOrders)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s:\ngot  %v\nwant %s", tt.name, err, tt.want)
		}
	}
}

func TestOverlayFolderIsNoVendor(t *testing.T) {
	fsys := overlaid(kevText, epssText)
	fsys["overlay/CVE-2024-0002.yaml"] = &fstest.MapFile{Data: []byte(gate)}
	_, err := Load(fsys, testOrders)
	if want := "overlay/CVE-2024-0002.yaml: lies in the folder of the overlays; move it to the folder of its vendor"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Where the shipped overlay and a file both have an entry, they are of the same day.
func TestShippedOverlayAgreesWithTheFiles(t *testing.T) {
	var o overlay
	data, err := builtin.ReadFile(KEVOverlay)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.readKEV(data); err != nil {
		t.Fatal(err)
	}
	eachFile(t, func(name, text string) {
		in := &source{name: name}
		a, _ := in.parse([]byte(text))
		if a == nil || a.Exploitation.KEV == nil {
			return
		}
		if kev, ok := o.kev[a.ID]; ok && kev.Added != a.Exploitation.KEV.Added {
			t.Errorf("%s: added %s, and %s in the overlay", name, a.Exploitation.KEV.Added, kev.Added)
		}
	})
	if len(o.kev) == 0 {
		t.Error("the overlay is empty")
	}
}
