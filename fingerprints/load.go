package fingerprints

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"postern/scanner/evidence"
	"postern/scanner/version"
)

//go:embed */product.yaml */tables/*.tsv */lifecycle.yaml
var embedded embed.FS

// Catalog is every product, compiled. It never changes and may be used from many
// goroutines at once.
type Catalog struct {
	files    fs.FS
	prepared bool       // some products are without their examples
	products []*product // by id
	byID     map[string]*product
	gates    gates // from what is seen to the products that it may be
	// wanted is how much of a body is wanted by whoever wants most; 0 is the limit.
	wanted map[string]int64
	// guesses are the questions for a host that gave no hint, best first.
	guesses []evidence.Request
}

// Builtin is the catalog that the program ships. Its products are without examples, which
// [Catalog.Check] reads again.
func Builtin() (*Catalog, error) {
	catalog, problems := load(embedded, readPrepared(prepared))
	return catalog, joinProblems(problems)
}

// BuiltinFiles is what [Builtin] is made from.
func BuiltinFiles() fs.FS { return embedded }

// BuiltinExtent is how many products the program ships, told without reading them.
func BuiltinExtent() (int, error) {
	files, err := fs.Glob(embedded, "*/product.yaml")
	return len(files), err
}

// Load compiles every */product.yaml of fsys with the tables and the lifecycle.yaml
// beside it. The error
// joins every [Problem] that keeps a product from being compiled; what compiles but
// contradicts its own examples is left to [Catalog.Check].
func Load(fsys fs.FS) (*Catalog, error) {
	catalog, problems := load(fsys, nil)
	if len(problems) > 0 {
		return nil, joinProblems(problems)
	}
	if len(catalog.products) == 0 {
		return nil, errors.New("no product: no folder holds a product.yaml")
	}
	return catalog, nil
}

// load compiles what can be compiled and lists what is wrong with the rest. Products are
// taken from what is prepared where that was made from the same files.
func load(fsys fs.FS, ready map[string]preparedLine) (*Catalog, []Problem) {
	files, err := fs.Glob(fsys, "*/product.yaml")
	if err != nil {
		return nil, []Problem{{File: ".", Message: err.Error()}}
	}
	slices.Sort(files)
	var products []*product
	literals := &literals{}
	problems, fromPrepared := strayLifecycles(fsys), false
	for _, file := range files {
		folder := path.Dir(file)
		if p, ok := loadPrepared(fsys, folder, ready[folder], literals); ok {
			products, fromPrepared = append(products, p), true
			continue
		}
		p, faults := loadProduct(fsys, file, literals)
		problems = append(problems, faults...)
		if len(faults) == 0 {
			products = append(products, p)
		}
	}
	catalog := newCatalog(fsys, products)
	catalog.gates.bodies = literals
	catalog.prepared = fromPrepared
	return catalog, problems
}

func loadProduct(fsys fs.FS, file string, literals *literals) (*product, []Problem) {
	data, err := readFile(fsys, file)
	if err != nil {
		return nil, []Problem{{File: file, Message: err.Error()}}
	}
	p := &product{file: file, node: documentOf(data)}
	if faults := decode(file, data, &p.Product); len(faults) > 0 {
		return nil, faults
	}
	c := &compiler{product: p, folder: path.Dir(file), files: fsys, literals: literals}
	c.compile()
	if len(c.problems) == 0 {
		c.problems = c.loadLifecycle()
	}
	return p, c.problems
}

// documentOf parses data again when somebody asks where in it something stands, which is
// half of the work of reading it.
func documentOf(data []byte) func() *yaml.Node {
	return sync.OnceValue(func() *yaml.Node {
		var node yaml.Node
		_ = yaml.Unmarshal(data, &node) // decode says what is wrong; then there is nothing to place
		return &node
	})
}

// decode reads the one YAML document of data strictly into v.
func decode(file string, data []byte, v any) []Problem {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(v); err != nil {
		if errors.Is(err, io.EOF) {
			return []Problem{{File: file, Message: "is empty"}}
		}
		return yamlProblems(file, data, err)
	}
	var more yaml.Node
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return []Problem{{File: file, Line: more.Line, Column: more.Column, Message: "holds a second document; write one product a file"}}
	}
	return nil
}

var (
	yamlLine    = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	yamlKind    = regexp.MustCompile(`([a-z])([A-Z])`)
	yamlUnknown = regexp.MustCompile(`^field (\S+) not found in type fingerprints\.(\w+)$`)
)

func yamlProblems(file string, data []byte, err error) []Problem {
	lines := []string{err.Error()}
	if typed := (*yaml.TypeError)(nil); errors.As(err, &typed) {
		lines = typed.Errors
	}
	problems := make([]Problem, 0, len(lines))
	for _, text := range lines {
		p := Problem{File: file, Message: strings.TrimPrefix(text, "yaml: ")}
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			p.Line, _ = strconv.Atoi(m[1]) // the pattern lets only digits through
			p.Message = m[2]
		}
		if m := yamlUnknown.FindStringSubmatch(p.Message); m != nil {
			p.Message = fmt.Sprintf("unknown key %q in a %s", m[1], strings.ToLower(yamlKind.ReplaceAllString(m[2], "$1 $2")))
		}
		p.Column = findColumn(data, p.Line, p.Message)
		problems = append(problems, p)
	}
	return problems
}

// newCatalog indexes compiled products.
func newCatalog(files fs.FS, products []*product) *Catalog {
	slices.SortFunc(products, func(a, b *product) int { return strings.Compare(a.ID, b.ID) })
	c := &Catalog{files: files, products: products, byID: map[string]*product{}, wanted: map[string]int64{}}
	for _, p := range products {
		c.byID[p.ID] = p
		for _, q := range p.requests {
			most, asked := c.wanted[q.Key()]
			if !asked || most != 0 && (q.MaxBytes == 0 || q.MaxBytes > most) {
				c.wanted[q.Key()] = q.MaxBytes
			}
		}
	}
	c.wanted[rootKey] = 0
	c.guesses = c.rankGuesses()
	return c
}

// rankGuesses orders the questions that are worth asking without a hint.
func (c *Catalog) rankGuesses() []evidence.Request {
	type guess struct {
		rank int
		ask  evidence.Request
	}
	var all []guess
	for _, p := range c.products {
		for i, q := range p.Requests {
			if q.Guess > 0 {
				all = append(all, guess{q.Guess, p.requests[i]})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b guess) int { return a.rank - b.rank }) // by id within a rank
	asks := make([]evidence.Request, len(all))
	for i, g := range all {
		asks[i] = g.ask
	}
	return asks
}

// Products lists every product, by id. The slices in them are shared: read only.
func (c *Catalog) Products() []Product {
	list := make([]Product, len(c.products))
	for i, p := range c.products {
		list[i] = p.Product
	}
	return list
}

// Product is the product of that id.
func (c *Catalog) Product(id string) (Product, bool) {
	p, ok := c.byID[id]
	if !ok {
		return Product{}, false
	}
	return p.Product, true
}

// Order is the order of a product's versions; also of one of its models, which is written
// "draytek-vigor/Vigor2960". It is false for an unknown product or model.
func (c *Catalog) Order(product string) (version.Scheme, bool) {
	id, model, named := strings.Cut(product, "/")
	p, ok := c.byID[id]
	if !ok || named && !slices.Contains(p.ModelNames(), model) {
		return "", false
	}
	return p.Versions, true
}

// Files is what the catalog was loaded from, for a digest over the rules.
func (c *Catalog) Files() fs.FS { return c.files }
