package finding

import (
	"regexp"
	"strconv"
	"sync"
	"testing"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

func builtin(t *testing.T) *advisories.DB {
	t.Helper()
	catalog, err := shippedCatalog()
	if err != nil {
		t.Fatal(err)
	}
	db, err := advisories.Builtin(catalog.Order)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

var shippedCatalog = sync.OnceValues(fingerprints.Builtin)

func shippedProduct(t *testing.T, id string) fingerprints.Product {
	t.Helper()
	catalog, err := shippedCatalog()
	if err != nil {
		t.Fatal(err)
	}
	p, ok := catalog.Product(id)
	if !ok {
		t.Fatalf("no product %s", id)
	}
	return p
}

// verdictOn is what an advisory says of one version of a product.
func verdictOn(t *testing.T, db *advisories.DB, a *advisories.Advisory, entry *advisories.Affected, v version.Version) Finding {
	t.Helper()
	p := shippedProduct(t, entry.Product)
	var models []string // those that the entry is about
	for _, name := range p.ModelNames() {
		if a.Entry(p.ID, name) == entry {
			models = append(models, name)
		}
	}
	for _, f := range Match(p, models, version.Exactly(v), db) {
		if f.Advisory == a.ID {
			return f
		}
	}
	t.Fatalf("%s has no finding for %s", a.ID, entry.Product)
	return Finding{}
}

// eachRange calls f for every shipped entry that is judged by version.
func eachRange(t *testing.T, f func(db *advisories.DB, a *advisories.Advisory, entry *advisories.Affected)) {
	t.Helper()
	db := builtin(t)
	for _, a := range db.All() {
		if a.Withdrawn != "" {
			continue
		}
		for i := range a.Affected {
			if a.Affected[i].Ranges() != nil {
				f(db, a, &a.Affected[i])
			}
		}
	}
}

func TestShippedVersionsComeOutAsStated(t *testing.T) {
	eachRange(t, func(db *advisories.DB, a *advisories.Advisory, entry *advisories.Affected) {
		for verdict, versions := range map[Verdict][]string{
			Affected: entry.Holds.Affected, NotAffected: entry.Holds.NotAffected, Possible: entry.Holds.Possible,
		} {
			for _, text := range versions {
				v, err := entry.Ranges().Scheme.Parse(text)
				if err != nil {
					t.Fatalf("%s: %v", a.ID, err)
				}
				if f := verdictOn(t, db, a, entry, v); f.Verdict != verdict {
					t.Errorf("%s: %s %s is %s, want %s: %s", a.ID, entry.Product, text, f.Verdict, verdict, f.Reason)
				}
			}
		}
	})
}

// Both sides of every bound: what is at it, and the version before it. A bound that a
// more specific branch takes over is that branch's matter.
func TestShippedBoundsOnBothSides(t *testing.T) {
	sides := 0
	eachRange(t, func(_ *advisories.DB, a *advisories.Advisory, entry *advisories.Affected) {
		hit := Affected
		if !entry.Visible() {
			hit = Possible
		}
		expect := func(line advisories.Line, v version.Version, want Verdict, what string) {
			if v.IsZero() || !line.Covers.Contains(v) {
				return
			}
			sides++
			if may := version.Exactly(v); want == Affected && !may.Within(entry.Ranges().Affected) {
				want = Possible // the text leaves out the build that the fix is in
			}
			if got, reason, _ := judge(ask(version.Exactly(v)), entry); got != want {
				t.Errorf("%s: %s %s, %s, is %s, want %s: %s", a.ID, entry.Product, v, what, got, want, reason)
			}
		}
		for _, line := range entry.Ranges().Lines {
			for _, span := range line.Spans {
				expect(line, span.From, hit, "introduced")
				expect(line, span.LastAffected, hit, "last affected")
				expect(line, span.Fixed, NotAffected, "fixed")
				if before := justBefore(span.Fixed); !before.IsZero() && span.Versions.Contains(before) {
					expect(line, before, hit, "just before fixed "+span.Fixed.String())
				}
				if before := justBefore(span.From); !before.IsZero() && !entry.Ranges().Affected.Contains(before) {
					expect(line, before, NotAffected, "just before introduced "+span.From.String())
				}
				if fix := span.Fixed; !fix.IsZero() && !span.From.IsZero() && line.Covers.Contains(span.From) {
					if _, _, got := judge(ask(version.Exactly(span.From)), entry); got != fix.String() {
						t.Errorf("%s: %s is told to upgrade to %q, want %s", a.ID, span.From, got, fix)
					}
				}
			}
		}
	})
	if sides < 200 {
		t.Errorf("only %d sides of bounds were looked at", sides)
	}
}

var lastNumber = regexp.MustCompile(`^(.*?[.-])([0-9]+)([a-z]*)$`)

// justBefore is the version whose last number is one less, where there is one: enough
// to see a bound that is one off.
func justBefore(v version.Version) version.Version {
	m := lastNumber.FindStringSubmatch(v.String())
	if m == nil {
		return version.Version{}
	}
	n, err := strconv.Atoi(m[2])
	if err != nil || n == 0 {
		return version.Version{}
	}
	before, err := v.Scheme().Parse(m[1] + strconv.Itoa(n-1) + m[3])
	if err != nil {
		return version.Version{}
	}
	return before
}

func TestJustBefore(t *testing.T) {
	for text, want := range map[string]string{"7.2.7": "7.2.6", "7.10.0": "", "7.2.10": "7.2.9"} {
		v, err := version.FortiOS.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := justBefore(v).String(); got != want {
			t.Errorf("before %s comes %q, want %q", text, got, want)
		}
	}
}

// Nothing that a device may be running is called clean by a set that holds an affected
// version, whatever else is in the set.
func TestShippedAdvisoriesNeverCallAMixtureClean(t *testing.T) {
	eachRange(t, func(_ *advisories.DB, a *advisories.Advisory, entry *advisories.Affected) {
		if entry.Ranges().Affected.IsEmpty() && entry.Ranges().Unknown.IsEmpty() {
			return // for the models that the advisory is not about
		}
		var mixture version.Set
		for _, text := range append(append([]string{}, entry.Holds.Affected...), entry.Holds.NotAffected...) {
			v, err := entry.Ranges().Scheme.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			mixture = mixture.Union(version.Exactly(v))
		}
		for _, may := range []version.Set{mixture, version.All(entry.Ranges().Scheme), {}} {
			if len(entry.Holds.Affected) == 0 && may.Equal(mixture) && !may.IsEmpty() {
				continue // only clean ones are in it
			}
			verdict, reason, _ := judge(ask(may), entry)
			if verdict == NotAffected || reason == "" {
				t.Errorf("%s: %s is %s: %q", a.ID, may, verdict, reason)
			}
		}
	})
}
