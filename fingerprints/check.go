package fingerprints

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// Check holds every product against what it states of itself: each rule has a source
// and an example that it matches and reads as stated, matches none of its rejects,
// and no example is taken for another product; everything that is declared is used.
// It returns nothing when all is well.
func (c *Catalog) Check() []Problem {
	var problems []Problem
	if c.prepared {
		if c, problems = load(c.files, nil); len(problems) > 0 {
			return problems
		}
	}
	for _, p := range c.products {
		k := &checker{catalog: c, product: p}
		k.checkProduct()
		for _, r := range p.rules {
			k.checkRule(r)
		}
		problems = append(problems, k.problems...)
	}
	return problems
}

// checker looks for faults of one product.
type checker struct {
	*product
	catalog  *Catalog
	problems []Problem
}

func (k *checker) fail(at spot, rule, format string, args ...any) {
	c := compiler{product: k.product}
	c.fail(at, rule, format, args...)
	k.problems = append(k.problems, c.problems...)
}

var cpeShape = regexp.MustCompile(`^[a-z0-9._\\-]+:[a-z0-9._\\/-]+$`)

func (k *checker) checkProduct() {
	for _, stated := range []struct{ key, text string }{{"name", k.Name}, {"vendor", k.Vendor}} {
		if strings.TrimSpace(stated.text) == "" {
			k.fail(spot{stated.key}, "", "%s is empty", stated.key)
		}
	}
	for i, cpe := range k.CPE {
		if !cpeShape.MatchString(cpe) {
			k.fail(spot{"cpe", i}, "", "cpe %q is not vendor:product in lower case", cpe)
		}
	}
	for i, port := range k.Ports {
		if port < 1 || port > 65535 {
			k.fail(spot{"ports", i}, "", "port %d is not between 1 and 65535", port)
		}
	}
	if len(k.LeaveOut) == 0 && k.NoSignals == "" {
		k.fail(spot{"leave_out"}, "", "leave_out is empty; say which requests must never be made, and why")
	}
	for i, text := range k.LeaveOut {
		if strings.TrimSpace(text) == "" {
			k.fail(spot{"leave_out", i}, "", "leave_out holds an empty entry")
		}
	}
	k.checkUse()
	k.checkStatements()
	if k.NoSignals == "" {
		k.checkProvable()
	}
}

// checkStatements holds what a product says it cannot tell against what its rules do.
func (k *checker) checkStatements() {
	reads := slices.ContainsFunc(k.rules, func(r *rule) bool { return r.reading != nil })
	switch {
	case k.NoSignals != "":
		for _, part := range []struct {
			key   string
			count int
		}{{"requests", len(k.Requests)}, {"rules", len(k.Rules)}, {"tables", len(k.Tables)}} {
			if part.count > 0 {
				k.fail(spot{part.key}, "", "no_signals says that nothing identifies the product; remove its %s, or no_signals", part.key)
			}
		}
		if k.NoVersion != "" {
			k.fail(spot{"no_version"}, "", "no_signals says it already; remove no_version")
		}
	case reads && k.NoVersion != "":
		k.fail(spot{"no_version"}, "", "no_version says that no rule reads a version, and one does; remove no_version")
	case !reads && k.NoVersion == "":
		k.fail(spot{"rules"}, "", "no rule reads a version; add one, or say in no_version why no answer tells it")
	}
	for _, stated := range []struct{ key, text string }{{"no_signals", k.NoSignals}, {"no_version", k.NoVersion}} {
		if stated.text != "" && strings.TrimSpace(stated.text) == "" {
			k.fail(spot{stated.key}, "", "%s is blank; say why", stated.key)
		}
	}
}

// checkUse finds requests and tables that nothing reads.
func (k *checker) checkUse() {
	read := map[string]bool{}
	for _, r := range k.Rules {
		for _, on := range r.On {
			read[on] = true
		}
	}
	for i, q := range k.Requests {
		if !read[q.ID] {
			k.fail(spot{"requests", i}, "", "request %s is read by no rule", q.ID)
		}
	}
	listed := map[string]bool{}
	for i, t := range k.Tables {
		listed[t.File] = true
		if !k.tables[t.ID].used {
			k.fail(spot{"tables", i}, "", "table %s is used by no rule", t.ID)
		}
		if sum := k.tableSum(t.File); t.SHA256 != "" && t.SHA256 != sum {
			k.fail(spot{"tables", i, "sha256"}, "", "table %s: %s has changed; compare its rows with their source, then state sha256: %s", t.ID, t.File, sum)
		}
	}
	files, _ := fs.Glob(k.catalog.files, k.ID+"/tables/*") // the pattern is well formed
	for _, file := range files {
		if !listed[strings.TrimPrefix(file, k.ID+"/")] {
			k.problems = append(k.problems, Problem{File: file, Message: "no table of the product names this file"})
		}
	}
}

func (k *checker) tableSum(file string) string {
	data, _ := fs.ReadFile(k.catalog.files, k.ID+"/"+file) // that it can be read is checked on loading
	return fmt.Sprintf("%x", sha256.Sum256(data))
}

// checkProvable finds a product that no evidence could identify.
func (k *checker) checkProvable() {
	groups := map[string]bool{}
	for _, r := range k.rules {
		switch r.Identifies {
		case Definitive:
			return
		case Strong:
			groups[r.Group] = true
		}
	}
	if len(groups) < 2 {
		k.fail(spot{"rules"}, "", "nothing can identify the product: it needs a definitive rule or strong rules of two groups")
	}
}

func (k *checker) checkRule(r *rule) {
	at := spot{"rules", r.index}
	if strings.TrimSpace(r.Source) == "" {
		k.fail(at, r.ID, "states no source")
	}
	if r.Identifies == "" && r.reading == nil && r.model == nil {
		k.fail(at, r.ID, "neither identifies nor reads a version or a model")
	}
	k.checkMatch(r, at)
	if len(r.Examples) == 0 {
		k.fail(at, r.ID, "has no example")
	}
	if r.Identifies != "" && len(r.Rejects) == 0 {
		k.fail(at, r.ID, "identifies the product and has no reject: an answer close to it that it must not match")
	}
	for i := range r.Examples {
		k.checkExample(r, i)
	}
	for i := range r.Rejects {
		k.checkReject(r, i)
	}
}

// checkMatch finds matches that say nothing or look at what is not there.
func (k *checker) checkMatch(r *rule, at spot) {
	if len(r.match.conditions) == 0 {
		switch {
		case r.Identifies != "" || r.reading == nil || len(r.needs) == 0:
			k.fail(at.to("match"), r.ID, "match is empty; only a rule that needs another and reads a version may match every answer")
		case r.reading.values == nil:
			k.fail(at.to("match"), r.ID, "match is empty, so every answer would mean %s", r.reading.means)
		}
	}
	if r.unless != nil && len(r.unless.conditions) == 0 {
		k.fail(at.to("unless"), r.ID, "unless is empty, so the rule would never hold")
	}
	if !r.tls {
		return
	}
	reads := r.reading == nil || strings.HasPrefix(r.reading.From, "cert_") || r.reading.values == nil
	if !reads || !r.match.only(onCertificate) || r.unless != nil && !r.unless.only(onCertificate) {
		k.fail(at.to("on"), r.ID, "on tls reads the certificate alone; put other conditions on a request or \"any\"")
	}
}
