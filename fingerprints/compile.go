package fingerprints

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"postern/scanner/evidence"
)

const rootKey = "GET /"

// Words that On takes beside the ids of requests.
const (
	onRoot = "root" // GET /
	onAny  = "any"  // every answer
	onTLS  = "tls"  // the handshake alone
)

// product is a Product, compiled.
type product struct {
	Product
	file     string            // "fortinet-fortios/product.yaml"
	node     func() *yaml.Node // the document, for the lines on which things stand
	requests []evidence.Request
	keys     map[string]string // id of a request to its key; root included
	rules    []*rule
	order    []int // of rules: each comes after those that it needs
	tables   map[string]*table
}

// rule is a Rule, compiled.
type rule struct {
	Rule
	index         int      // in Rules
	keys          []string // of the requests whose answers it reads
	any, tls      bool
	needs         []int
	needed        bool // by another rule
	match, unless *matcher
	reading       *reading      // nil when it reads no version
	model         *modelReading // nil when it reads no model
	// pathless: it looks only at what does not depend on the path that was asked.
	pathless bool
}

// compiler turns one product's YAML into a product and lists what is wrong with it.
type compiler struct {
	*product
	folder   string
	files    fs.FS
	literals *literals // of the whole catalog
	checked  bool      // it was compiled before and found to be right; see prepared
	problems []Problem
}

// fail notes a problem at the node that p leads to.
func (c *compiler) fail(p spot, rule, format string, args ...any) {
	line, column := locate(c.node(), p)
	c.problems = append(c.problems, Problem{File: c.file, Line: line, Column: column, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

var idShape = regexp.MustCompile(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)

func (c *compiler) compile() {
	if c.ID != c.folder {
		c.fail(spot{"id"}, "", "id is %q but the folder is %q", c.ID, c.folder)
	}
	if !idShape.MatchString(c.ID) {
		c.fail(spot{"id"}, "", "id %q is not lower-case letters, digits and single hyphens", c.ID)
	}
	if !c.Versions.Known() {
		c.fail(spot{"versions"}, "", "unknown version scheme %q", c.Versions)
		return // nothing that concerns versions can be said without an order
	}
	c.compileModels()
	c.compileRequests()
	c.compileTables()
	c.compileRules()
}

func (c *compiler) compileRequests() {
	c.keys = map[string]string{onRoot: rootKey}
	ids := map[string]string{} // of keys
	for i, q := range c.Requests {
		at := spot{"requests", i}
		switch _, taken := c.keys[q.ID]; {
		case !idShape.MatchString(q.ID):
			c.fail(at, "", "request id %q is not lower-case letters, digits and single hyphens", q.ID)
		case q.ID == onRoot || q.ID == onAny || q.ID == onTLS:
			c.fail(at, "", "request id %q is taken by Postern itself; GET / is always there as \"root\"", q.ID)
		case taken:
			c.fail(at, "", "request %s is listed twice", q.ID)
		}
		ask, err := newRequest(q)
		if err != nil {
			c.fail(at, "", "request %s: %v", q.ID, err)
		}
		key := ask.Key()
		if other, same := ids[key]; same || key == rootKey {
			c.fail(at, "", "request %s asks %s, as %s does; use that id", q.ID, key, orRoot(other))
		}
		if q.Guess < 0 {
			c.fail(at, "", "request %s: guess is %d; 1 is asked first, 0 is never guessed", q.ID, q.Guess)
		}
		ids[key], c.keys[q.ID] = q.ID, key
		c.requests = append(c.requests, ask)
	}
}

func orRoot(id string) string {
	if id == "" {
		return onRoot
	}
	return id
}

func newRequest(q Request) (evidence.Request, error) {
	if (q.Get == "") == (q.Head == "") {
		return evidence.Request{}, fmt.Errorf("needs either get or head")
	}
	method, target := evidence.GET, q.Get
	if q.Head != "" {
		method, target = evidence.HEAD, q.Head
	}
	p, query, _ := strings.Cut(target, "?")
	ask := evidence.Request{Method: method, Path: p, Query: query, MaxBytes: q.Bytes}
	return ask, ask.Validate()
}

func (c *compiler) compileRules() {
	index := map[string]int{}
	for i, r := range c.Rules {
		if !idShape.MatchString(r.ID) {
			c.fail(spot{"rules", i}, "", "rule id %q is not lower-case letters, digits and single hyphens", r.ID)
		}
		if _, taken := index[r.ID]; taken {
			c.fail(spot{"rules", i}, "", "rule %s is listed twice", r.ID)
		}
		index[r.ID] = i
	}
	for i := range c.Rules {
		c.rules = append(c.rules, c.compileRule(i, index))
	}
	for _, r := range c.rules {
		for _, need := range r.needs {
			c.rules[need].needed = true
		}
	}
	c.orderRules()
}

func (c *compiler) compileRule(i int, index map[string]int) *rule {
	r := &rule{Rule: c.Rules[i], index: i}
	at := spot{"rules", i}
	if r.Group == "" {
		r.Group = r.ID
	}
	switch r.Identifies {
	case "", Definitive, Strong, Weak:
	default:
		c.fail(at.to("identifies"), r.ID, "identifies is %q; it is definitive, strong or weak", r.Identifies)
	}
	c.compileOn(r, at)
	for _, need := range r.Needs {
		j, known := index[need]
		if !known {
			c.fail(at.to("needs"), r.ID, "needs %q, which is no rule of this product", need)
			continue
		}
		r.needs = append(r.needs, j)
	}
	r.match = c.compileMatch(r.Match, at.to("match"), r.ID)
	if r.Unless != nil {
		r.unless = c.compileMatch(*r.Unless, at.to("unless"), r.ID)
	}
	if r.Version != nil {
		r.reading = c.compileReading(*r.Version, at.to("version"), r.ID)
	}
	if r.Model != nil {
		r.model = c.compileModelReading(*r.Model, at.to("model"), r.ID)
	}
	r.pathless = r.match.only(onFields, onCertificate) && (r.unless == nil || r.unless.only(onFields, onCertificate))
	return r
}

// readsValue reports whether the rule takes a version or a model out of an answer.
func (r *rule) readsValue() bool {
	return r.reading != nil && r.reading.values != nil || r.model != nil && r.model.values != nil
}

func (c *compiler) compileOn(r *rule, at spot) {
	if len(r.On) == 0 {
		c.fail(at, r.ID, "on is empty; name the requests whose answers it reads, \"any\" or \"tls\"")
	}
	for _, on := range r.On {
		switch key, known := c.keys[on]; {
		case on == onAny:
			r.any = true
		case on == onTLS:
			r.tls = true
		case !known:
			c.fail(at.to("on"), r.ID, "on %q, which is no request of this product", on)
		case slices.Contains(r.keys, key):
			c.fail(at.to("on"), r.ID, "on %q twice", on)
		default:
			r.keys = append(r.keys, key)
		}
	}
	if r.any && len(r.On) > 1 {
		c.fail(at.to("on"), r.ID, "on \"any\" reads every answer; name nothing beside it")
	}
}

// orderRules sorts rules behind what they need, keeping the order of the file
// otherwise, and refuses circles.
func (c *compiler) orderRules() {
	const (
		unseen = iota
		open
		done
	)
	state := make([]int, len(c.rules))
	var visit func(i int)
	visit = func(i int) {
		state[i] = open
		for _, need := range c.rules[i].needs {
			switch state[need] {
			case unseen:
				visit(need)
			case open:
				c.fail(spot{"rules", i, "needs"}, c.rules[i].ID, "needs %s, which needs it in turn", c.rules[need].ID)
			}
		}
		state[i] = done
		c.order = append(c.order, i)
	}
	for i := range c.rules {
		if state[i] == unseen {
			visit(i)
		}
	}
}
