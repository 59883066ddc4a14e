package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"postern/advisories"
	"postern/advisories/importer"
	"postern/fingerprints"
)

// importing turns what others publish into drafts and overlays. Files are read and
// written here; what they mean is decided in advisories/importer.
func (c *Command) importing(_ context.Context, args []string) error {
	var out, write string
	f := newFlags("postern import cve|csaf|kev|epss [flags] FILE...")
	f.group("Drafts of advisories: cve (CVE JSON 5.x records) and csaf (CSAF 2.0 documents); FILE may be a folder", func() {
		f.StringVar(&out, "out", "", "write each draft to `DIR`/vendor/CVE.yaml, never over a file (default: print them)")
	})
	f.group("Overlays: kev (CISA's JSON catalogue) and epss (FIRST's CSV, also .gz)", func() {
		f.StringVar(&write, "write", "", "write the overlay in `DIR`, the folder of the advisories (default: print it)")
	})
	rest, err := f.parse(c, args)
	if err != nil {
		return err
	}
	if len(rest) < 2 {
		return errors.New("import: say what it is and name a file: postern import cve|csaf|kev|epss FILE (see postern import -help)")
	}
	kind, files := rest[0], rest[1:]
	overlay := kind == "kev" || kind == "epss"
	switch {
	case kind != "cve" && kind != "csaf" && !overlay:
		return fmt.Errorf("import: unknown kind %q; it is cve, csaf, kev or epss", kind)
	case overlay && out != "":
		return fmt.Errorf("import %s: -out is for drafts; name the folder of the advisories with -write", kind)
	case !overlay && write != "":
		return fmt.Errorf("import %s: -write is for overlays; name the folder for the drafts with -out", kind)
	case overlay && len(files) > 1:
		return fmt.Errorf("import %s: takes one file", kind)
	}
	know, err := loadKnowledge()
	if err != nil {
		return err
	}
	if overlay {
		return c.importOverlay(kind, files[0], write, know.db)
	}
	in := &drafts{command: c, out: out, read: importer.CSAF}
	if kind == "cve" {
		in.read = func(data []byte, ours importer.Products) ([]importer.Draft, error) {
			draft, err := importer.CVE(data, ours)
			return []importer.Draft{draft}, err
		}
	}
	return in.run(files, importer.Products{Order: know.catalog.Order, CPE: byCPE(know.catalog), Model: findModel(know.catalog)})
}

// byCPE finds the product that states a CPE vendor and product.
func byCPE(catalog *fingerprints.Catalog) func(string) (string, bool) {
	ids := map[string]string{}
	for _, p := range catalog.Products() {
		for _, name := range p.CPE {
			if _, taken := ids[name]; !taken {
				ids[name] = p.ID
			}
		}
	}
	return func(name string) (string, bool) {
		id, ok := ids[name]
		return id, ok
	}
}

// findModel is the model of a product that a text names.
func findModel(catalog *fingerprints.Catalog) func(product, text string) (string, bool) {
	return func(id, text string) (string, bool) {
		product, _ := catalog.Product(id)
		return product.FindModel(text)
	}
}

// drafts is one run over records.
type drafts struct {
	command *Command
	out     string // folder; empty: standard output
	read    func([]byte, importer.Products) ([]importer.Draft, error)

	made, empty int
	failed      bool // something could not be read or written
}

// run imports every file. One that cannot be read does not stop the others.
func (d *drafts) run(args []string, ours importer.Products) error {
	files, err := documents(args)
	if err != nil {
		return err
	}
	for _, name := range files {
		data, err := readLimited(name)
		if err != nil {
			d.fail(err)
			continue
		}
		made, err := d.read(data, ours)
		for _, draft := range made {
			if draft.File != "" {
				d.put(draft)
			}
		}
		if err != nil {
			d.refuse(name, err, made)
		}
	}
	where := "printed"
	if d.out != "" {
		where = "written under " + d.out
	}
	d.command.notef("%d drafts %s; %d documents gave none", d.made, where, d.empty)
	if d.failed || d.made == 0 {
		return statusError{code: ExitUsage}
	}
	return nil
}

func (d *drafts) fail(err error) {
	d.failed = true
	d.command.complain(err)
}

// refuse says why a document gave no draft, and what of it was not understood.
func (d *drafts) refuse(name string, err error, made []importer.Draft) {
	if !errors.Is(err, importer.ErrNothing) {
		d.fail(fmt.Errorf("%s: %w", name, err))
		return
	}
	d.empty++
	d.command.notef("%s: %v", name, err)
	for _, draft := range made {
		if draft.File == "" {
			for _, note := range draft.Notes {
				d.command.notef("  %s", note)
			}
		}
	}
}

// put writes one draft, and leaves a file that is there alone.
func (d *drafts) put(draft importer.Draft) {
	if d.out == "" {
		if d.made > 0 {
			fmt.Fprintln(d.command.Stdout, "---")
		}
		fmt.Fprintf(d.command.Stdout, "# %s\n%s", draft.File, draft.YAML)
		d.made++
		return
	}
	name := filepath.Join(d.out, filepath.FromSlash(draft.File))
	err := writeNew(name, draft.YAML)
	switch {
	case errors.Is(err, fs.ErrExist):
		d.fail(fmt.Errorf("%s is there already and was left as it is; remove it, or import into another folder", name))
	case err != nil:
		d.fail(err)
	default:
		d.made++
		d.command.notef("%s: %d notes", name, len(draft.Notes))
	}
}

func writeNew(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

// documents lists the files that are named, and every .json file of a folder.
func documents(args []string) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil || !info.IsDir() {
			files = append(files, arg) // an error is told when it is read
			continue
		}
		err = filepath.WalkDir(arg, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() && strings.EqualFold(filepath.Ext(name), ".json") {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// largestImport bounds a file in bytes. Records have some kilobytes, overlays megabytes.
const largestImport = 64 << 20

func readLimited(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, largestImport+1))
	if err != nil {
		return nil, err
	}
	if len(data) > largestImport {
		return nil, fmt.Errorf("%s: larger than %d MB", name, largestImport>>20)
	}
	return data, nil
}

// importOverlay makes an overlay for the CVEs that are known: the built-in ones, and those
// in the folder that it is written to.
func (c *Command) importOverlay(kind, name, dir string, db *advisories.DB) error {
	data, err := readLimited(name)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, a := range db.All() {
		for _, id := range append([]string{a.ID}, a.Aliases...) {
			known[id] = true
		}
	}
	if dir != "" {
		files, err := filepath.Glob(filepath.Join(dir, "*", "CVE-*.yaml"))
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		for _, file := range files {
			known[strings.TrimSuffix(filepath.Base(file), ".yaml")] = true
		}
	}
	cut, target := importer.KEV, advisories.KEVOverlay
	if kind == "epss" {
		cut, target = importer.EPSS, advisories.EPSSOverlay
	}
	text, n, err := cut(data, func(cve string) bool { return known[cve] })
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if n == 0 {
		return fmt.Errorf("%s: names no CVE that is known here; nothing was written", name)
	}
	if dir == "" {
		_, err := c.Stdout.Write(text)
		return err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("-write %s: is no folder; name the one with the folders of the vendors", dir)
	}
	file := filepath.Join(dir, filepath.FromSlash(target))
	if err := replace(file, text); err != nil {
		return err
	}
	c.notef("%s: %d CVEs", file, n)
	return nil
}

// replace writes a file beside the old one first, so that a reader sees one or the other.
func replace(name string, data []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, data) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	err = errors.Join(err, temp.Chmod(0o644), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // the first error is the one to tell
	}
	return err
}
