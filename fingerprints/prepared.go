package fingerprints

import (
	"crypto/sha256"
	_ "embed" // for the prepared products
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// prepared holds what the built-in files say in a form that is read ten times as fast as
// YAML, a line a product: the digest of the files that it was made from, the folder, and
// the product without its examples, which only checks need. The YAML stays the truth: a
// line whose digest is not that of the files is not used, and a product without a line is
// read from its YAML.
//
//go:generate go test . -run TestPreparedIsFresh -update
//go:embed prepared.tsv
var prepared string

// preparedLine is one line of it.
type preparedLine struct{ digest, product string }

// preparedProduct is what a line says, and the lifecycle that stands in a file of its own.
type preparedProduct struct {
	Product
	Lifecycle *Lifecycle
}

// readPrepared is every line by the name of the folder.
func readPrepared(text string) map[string]preparedLine {
	lines := make(map[string]preparedLine, strings.Count(text, "\n"))
	for line := range strings.Lines(text) {
		digest, rest, _ := strings.Cut(line, "\t")
		folder, product, _ := strings.Cut(rest, "\t")
		lines[folder] = preparedLine{digest, product}
	}
	return lines
}

// loadPrepared is the product of a line that was made from the files of its folder; false
// when there is none.
func loadPrepared(fsys fs.FS, folder string, line preparedLine, literals *literals) (*product, bool) {
	if sum, err := folderDigest(fsys, folder); err != nil || sum != line.digest {
		return nil, false
	}
	var in preparedProduct
	if err := json.Unmarshal([]byte(line.product), &in); err != nil {
		return nil, false
	}
	p := &product{Product: in.Product, file: folder + "/product.yaml", node: documentOf(nil)}
	c := &compiler{product: p, folder: folder, files: fsys, literals: literals, checked: true}
	c.compile()
	if in.Lifecycle != nil {
		c.useLifecycle(in.Lifecycle)
	}
	return p, len(c.problems) == 0
}

// folderDigest is over every file that a product is made from.
func folderDigest(fsys fs.FS, folder string) (string, error) {
	tables, err := fs.Glob(fsys, folder+"/tables/*.tsv")
	if err != nil {
		return "", err
	}
	slices.Sort(tables)
	sum := sha256.New()
	for _, file := range append([]string{path.Join(folder, "product.yaml"), path.Join(folder, lifecycleFile)}, tables...) {
		data, err := readFile(fsys, file)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", file, len(data), data)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

// prepare writes the line of a product.
func prepare(fsys fs.FS, p *product) (string, error) {
	sum, err := folderDigest(fsys, p.ID)
	if err != nil {
		return "", err
	}
	out := preparedProduct{Product: p.Product, Lifecycle: p.Lifecycle}
	out.Rules = slices.Clone(p.Rules)
	for i := range out.Rules {
		out.Rules[i].Examples, out.Rules[i].Rejects = nil, nil
	}
	data, err := json.Marshal(out)
	return fmt.Sprintf("%s\t%s\t%s\n", sum, p.ID, data), err
}
