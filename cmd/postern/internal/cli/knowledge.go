package cli

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"slices"

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
	from    string // the folder that was given in place of the built-in rules; empty for those
}

// rulesFlag is the help of the flag that takes other rules than the built-in ones.
const rulesFlag = "use the rules in `DIR`/fingerprints and DIR/advisories in place of the built-in ones"

// loadRules is the knowledge in a folder, or the built-in one without a folder. It says on
// standard error that other rules are used. What the rules state of themselves is proved by
// check; here they only have to load.
func (c *Command) loadRules(dir string) (knowledge, error) {
	if dir == "" {
		return loadKnowledge()
	}
	tree := os.DirFS(dir)
	products, advisoryFiles := subOrNil(tree, "fingerprints"), subOrNil(tree, "advisories")
	if products == nil || advisoryFiles == nil {
		return knowledge{}, fmt.Errorf("-rules %s: needs the folders fingerprints and advisories in it", dir)
	}
	catalog, err := fingerprints.Load(products)
	if err != nil {
		return knowledge{}, fmt.Errorf("-rules %s: %w", dir, err)
	}
	db, err := advisories.Load(advisoryFiles, catalog.Order)
	if err != nil {
		return knowledge{}, fmt.Errorf("-rules %s: %w", dir, err)
	}
	know := knowledge{catalog: catalog, db: db, from: dir}
	rules, err := know.rules()
	if err != nil {
		return knowledge{}, err
	}
	c.notef("rules of %s in place of the built-in ones: %d products, %d advisories, %s", dir, rules.Products, rules.Advisories, rules.Digest[:len("sha256:")+12])
	return know, nil
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

// ruleFiles are the files that rules consist of, in a folder that may hold others too.
var ruleFiles = [2][]string{
	{"*/lifecycle.yaml", "*/product.yaml", "*/tables/*.tsv"},
	{"*/*.yaml", advisories.KEVOverlay, advisories.EPSSOverlay},
}

// rules names the knowledge by a digest over every file of it. The same rules have the same
// digest, built in or in a folder.
func (k knowledge) rules() (finding.Rules, error) {
	digest, err := digestRules(k.catalog.Files(), k.db.Files())
	if err != nil {
		return finding.Rules{}, err
	}
	return finding.Rules{
		Digest:     digest,
		From:       k.from,
		Date:       k.db.Date(),
		Products:   len(k.catalog.Products()),
		Advisories: len(k.db.All()),
	}, nil
}

// builtinRules names the built-in rules without reading them.
func builtinRules() (finding.Rules, error) {
	products, err := fingerprints.BuiltinExtent()
	if err != nil {
		return finding.Rules{}, fmt.Errorf("built-in fingerprints: %w", err)
	}
	count, date, err := advisories.BuiltinExtent()
	if err != nil {
		return finding.Rules{}, fmt.Errorf("built-in advisories: %w", err)
	}
	digest, err := digestRules(fingerprints.BuiltinFiles(), advisories.BuiltinFiles())
	if err != nil {
		return finding.Rules{}, err
	}
	return finding.Rules{Digest: digest, Date: date, Products: products, Advisories: count}, nil
}

func digestRules(fingerprintFiles, advisoryFiles fs.FS) (string, error) {
	sum := sha256.New()
	for i, files := range []fs.FS{fingerprintFiles, advisoryFiles} {
		var names []string
		for _, pattern := range ruleFiles[i] {
			found, err := fs.Glob(files, pattern)
			if err != nil {
				return "", fmt.Errorf("rules: %w", err)
			}
			names = append(names, found...)
		}
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			data, err := fs.ReadFile(files, name)
			if err != nil {
				return "", fmt.Errorf("rules: %w", err)
			}
			fmt.Fprintf(sum, "%s %d\n%s", name, len(data), data)
		}
	}
	return fmt.Sprintf("sha256:%x", sum.Sum(nil)), nil
}
