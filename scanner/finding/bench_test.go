package finding

import (
	"fmt"
	"testing"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// BenchmarkJudge is what a device costs whose version was judged before, BenchmarkJudgeNew one
// whose version is new, from its text on, and BenchmarkMatch the same with the reasons for what
// is ruled out; each with every advisory of FortiOS.
func BenchmarkJudge(b *testing.B) {
	p, id, db := fortiOS(b)
	b.ReportAllocs()
	for b.Loop() {
		Judge(p, id, db)
	}
	b.ReportMetric(float64(len(db.For(p.ID))*b.N)/b.Elapsed().Seconds(), "verdicts/s")
}

func BenchmarkJudgeNew(b *testing.B) {
	p, id, db := fortiOS(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		v, err := p.Versions.Parse(fmt.Sprintf("7.2.%d", n))
		if err != nil {
			b.Fatal(err)
		}
		id.Versions = version.Exactly(v)
		Judge(p, id, db)
	}
	b.ReportMetric(float64(len(db.For(p.ID))*n)/b.Elapsed().Seconds(), "verdicts/s")
}

func BenchmarkMatch(b *testing.B) {
	p, id, db := fortiOS(b)
	b.ReportAllocs()
	for b.Loop() {
		Match(p, nil, id.Versions, db)
	}
	b.ReportMetric(float64(len(db.For(p.ID))*b.N)/b.Elapsed().Seconds(), "verdicts/s")
}

func fortiOS(b *testing.B) (fingerprints.Product, fingerprints.Identification, *advisories.DB) {
	b.Helper()
	catalog, err := fingerprints.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	db, err := advisories.Builtin(catalog.Order)
	if err != nil {
		b.Fatal(err)
	}
	p, _ := catalog.Product("fortinet-fortios")
	v, err := p.Versions.Parse("7.2.6")
	if err != nil {
		b.Fatal(err)
	}
	return p, fingerprints.Identification{Product: p.ID, Versions: version.Exactly(v), Read: true}, db
}
