package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"postern/advisories"
	"postern/fingerprints"
)

// check proves rules against their own examples and bounds: those in each folder that is
// named, or the built-in ones.
func (c *Command) check(_ context.Context, args []string) error {
	var schema string
	f := newFlags("postern check [flags] [DIR]...")
	f.group("DIR holds fingerprints/ and advisories/, or is one of the two; without it the built-in rules are checked", func() {
		f.StringVar(&schema, "schema", "", "print the JSON Schema of a `FORMAT` for editors, and check nothing: product, lifecycle, advisory or config")
	})
	dirs, err := f.parse(c, args)
	if err != nil {
		return err
	}
	if schema != "" {
		return c.printSchema(schema, dirs)
	}
	know, err := loadKnowledge()
	if err != nil {
		return err
	}
	if len(dirs) == 0 {
		if err := errors.Join(checkCatalog("fingerprints", know.catalog), know.db.Check(know.catalog.Order)); err != nil {
			return err
		}
		fmt.Fprintf(c.Stdout, "%d products and %d advisories hold what they state\n", len(know.catalog.Products()), len(know.db.All()))
		return nil
	}
	var errs []error
	for _, dir := range dirs {
		errs = append(errs, c.checkDir(dir, know.catalog))
	}
	return errors.Join(errs...)
}

func (c *Command) printSchema(format string, dirs []string) error {
	if len(dirs) > 0 {
		return fmt.Errorf("check -schema %s: takes no folder", format)
	}
	text := ""
	switch format {
	case "product":
		text = fingerprints.ProductSchema()
	case "lifecycle":
		text = fingerprints.LifecycleSchema()
	case "advisory":
		text = advisories.Schema()
	case "config":
		var err error
		if text, err = c.configSchema(); err != nil {
			return err
		}
	default:
		return fmt.Errorf("-schema %s: unknown format; it is product, lifecycle, advisory or config", format)
	}
	_, err := io.WriteString(c.Stdout, text)
	return err
}

// checkDir checks one folder: a tree with fingerprints/ and advisories/ in it, or one of
// the two.
func (c *Command) checkDir(dir string, builtin *fingerprints.Catalog) error {
	tree := os.DirFS(dir)
	products, advisoryFiles := tree, tree
	if hasDir(tree, "fingerprints") || hasDir(tree, "advisories") {
		products, advisoryFiles = subOrNil(tree, "fingerprints"), subOrNil(tree, "advisories")
	} else if matches, _ := fs.Glob(tree, "*/product.yaml"); len(matches) > 0 {
		advisoryFiles = nil
	} else if matches, _ := fs.Glob(tree, "*/*.yaml"); len(matches) > 0 {
		products = nil
	} else {
		return fmt.Errorf("%s: neither product folders (*/product.yaml) nor advisories (*/*.yaml) are in it", dir)
	}
	order := builtin.Order
	found := ""
	if products != nil {
		catalog, err := fingerprints.Load(products)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		if err := checkCatalog(dir, catalog); err != nil {
			return err
		}
		if advisoryFiles != nil {
			order = catalog.Order
		}
		found = fmt.Sprintf("%d products", len(catalog.Products()))
	}
	if advisoryFiles != nil {
		db, err := advisories.Load(advisoryFiles, order)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		if found != "" {
			found += " and "
		}
		found += fmt.Sprintf("%d advisories", len(db.All()))
	}
	fmt.Fprintf(c.Stdout, "%s: %s hold what they state\n", dir, found)
	return nil
}

func checkCatalog(dir string, catalog *fingerprints.Catalog) error {
	var errs []error
	for _, problem := range catalog.Check() {
		errs = append(errs, fmt.Errorf("%s/%w", dir, problem))
	}
	return errors.Join(errs...)
}

func hasDir(tree fs.FS, name string) bool {
	info, err := fs.Stat(tree, name)
	return err == nil && info.IsDir()
}

func subOrNil(tree fs.FS, name string) fs.FS {
	if !hasDir(tree, name) {
		return nil
	}
	sub, err := fs.Sub(tree, name)
	if err != nil {
		return nil // only an invalid name fails, and the names are constants
	}
	return sub
}
