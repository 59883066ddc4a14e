package advisories

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

//go:embed */*.yaml overlay/kev.json overlay/epss.csv
var builtin embed.FS

// Builtin is the advisories that the program carries. They were proved by the tests, and
// proving takes half of the time of loading, so only [DB.Check] does it again.
func Builtin(orders Orders) (*DB, error) {
	return load(builtin, orders, false, readPrepared(prepared))
}

// BuiltinFiles is what [Builtin] is made from.
func BuiltinFiles() fs.FS { return builtin }

// BuiltinExtent is how many advisories the program carries and the newest day that they
// know of; see [DB.Date]. It is told without reading them.
func BuiltinExtent() (count int, date string, err error) {
	names, _, err := find(builtin)
	if err != nil {
		return 0, "", err
	}
	ready := readPrepared(prepared)
	for _, name := range names {
		data, err := readFile(builtin, name, maxFile)
		if err != nil {
			return 0, "", err
		}
		line := ready[name]
		if !line.fits(data) {
			a, _ := (&source{name: name}).parse(data)
			if a == nil {
				return 0, "", fmt.Errorf("advisories: %s cannot be read; postern check says why", name)
			}
			line.newest = a.newest()
		}
		date = max(date, line.newest)
	}
	overlay, _ := readOverlay(builtin)
	return len(names), max(date, overlay.date()), nil
}

// Check holds every advisory against the versions that it states.
func (db *DB) Check(orders Orders) error {
	_, err := Load(db.files, orders)
	return err
}

// DB is every advisory, compiled. It does not change, and neither must what it
// returns.
type DB struct {
	all     []*Advisory                 // by id
	byID    map[string]*Advisory        // withdrawn ones too
	product map[string][]*Advisory      // by id, without withdrawn ones
	clean   map[string]func() []Release // by product/model; the model is empty for those that no entry names
	date    string
	files   fs.FS

	remembered sync.Map
	left       atomic.Int64 // how many answers more are kept
}

// maxRemembered bounds what [DB.Remember] keeps: devices say which versions are asked
// for. An answer takes up to some 5 kB.
const maxRemembered = 6000

// Remember is what make gave for the key before, or gives now: for what follows from the
// advisories and the key alone. The answers are shared: read only.
func (db *DB) Remember(key any, make func() any) any {
	if answer, ok := db.remembered.Load(key); ok {
		return answer
	}
	answer := make()
	if db.left.Add(-1) >= 0 {
		db.remembered.Store(key, answer)
	}
	return answer
}

// RememberProduct is [DB.Remember] for what follows from a product alone: there is one answer
// for each, which is always kept.
func (db *DB) RememberProduct(id string, make func() any) any {
	type product string
	if answer, ok := db.remembered.Load(product(id)); ok {
		return answer
	}
	answer, _ := db.remembered.LoadOrStore(product(id), make())
	return answer
}

func newDB(fsys fs.FS, all []*Advisory) *DB {
	db := &DB{all: all, byID: map[string]*Advisory{}, product: map[string][]*Advisory{}, clean: map[string]func() []Release{}, files: fsys}
	db.left.Store(maxRemembered)
	slices.SortFunc(db.all, func(a, b *Advisory) int { return strings.Compare(a.ID, b.ID) })
	for _, a := range db.all {
		db.byID[a.ID] = a
		db.date = max(db.date, a.newest())
		if a.Withdrawn != "" {
			continue
		}
		for i := range a.Affected {
			product := a.Affected[i].Product
			if list := db.product[product]; len(list) == 0 || list[len(list)-1] != a { // of several models
				db.product[product] = append(list, a)
			}
		}
	}
	for product, list := range db.product {
		for _, model := range append(namedModels(product, list), "") {
			db.clean[product+"/"+model] = cleanFixes(product, model, list)
		}
	}
	return db
}

// newest is the latest day on which something was said; dates sort as text.
func (a *Advisory) newest() string {
	day := max(a.Published, a.Modified, a.Withdrawn)
	if a.Exploitation.KEV != nil {
		day = max(day, a.Exploitation.KEV.Added)
	}
	return day
}

// All lists every advisory by id, withdrawn ones too.
func (db *DB) All() []*Advisory { return db.all }

// For lists the advisories of a product by id, without those that were withdrawn.
func (db *DB) For(product string) []*Advisory { return db.product[product] }

// Get finds an advisory by its id.
func (db *DB) Get(id string) (*Advisory, bool) {
	a, ok := db.byID[id]
	return a, ok
}

// Date is the newest day on which an advisory was published, changed, withdrawn, or
// added to CISA's catalogue, or that an overlay is of, such as "2026-08-07".
func (db *DB) Date() string { return db.date }

// Files is what the advisories were loaded from.
func (db *DB) Files() fs.FS { return db.files }
