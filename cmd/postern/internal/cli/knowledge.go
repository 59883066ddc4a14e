package cli

import (
	"crypto/sha256"
	"fmt"
	"io/fs"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/finding"
)

// Version is the version of the program.
const Version = "0.1.0"

// knowledge is what the program knows of products and advisories.
type knowledge struct {
	catalog *fingerprints.Catalog
	db      *advisories.DB
}

func loadKnowledge() (knowledge, error) {
	catalog, err := fingerprints.Builtin()
	if err != nil {
		return knowledge{}, fmt.Errorf("built-in fingerprints: %w", err)
	}
	db, err := advisories.Builtin(catalog.Order)
	if err != nil {
		return knowledge{}, fmt.Errorf("built-in advisories: %w", err)
	}
	return knowledge{catalog: catalog, db: db}, nil
}

// rules names the knowledge by a digest over every file of it.
func (k knowledge) rules() (finding.Rules, error) {
	sum := sha256.New()
	for _, files := range []fs.FS{k.catalog.Files(), k.db.Files()} {
		err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := fs.ReadFile(files, path)
			fmt.Fprintf(sum, "%s %d\n%s", path, len(data), data)
			return err
		})
		if err != nil {
			return finding.Rules{}, fmt.Errorf("rules: %w", err)
		}
	}
	return finding.Rules{
		Digest:     fmt.Sprintf("sha256:%x", sum.Sum(nil)),
		Date:       k.db.Date(),
		Products:   len(k.catalog.Products()),
		Advisories: len(k.db.All()),
	}, nil
}
