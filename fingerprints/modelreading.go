package fingerprints

import (
	"slices"
	"strings"
)

// ModelReading says how a matched answer tells a model.
type ModelReading struct {
	From    string `yaml:"from,omitempty"`    // as in Reading
	Pattern string `yaml:"pattern,omitempty"` // captures (?P<model>…)
	// Table is the id of a table of models in which the whole value is looked up, in
	// place of Pattern. What it does not list tells nothing.
	Table string `yaml:"table,omitempty"`
	// Means are the models that the device may be once the rule matches; without From.
	Means []string `yaml:"means,omitempty"`
}

// modelReading is a ModelReading, compiled.
type modelReading struct {
	ModelReading
	product *product
	values  func(*facts) []string // nil when Means stands alone
	pattern *pattern
	table   *table
}

// modelOutcome is what a model reading made of one answer.
type modelOutcome struct {
	models []string // nil when nothing was understood
	raw    string   // what was captured and is no model of the product
	shows  string
}

// read takes the model of one answer; false when there is none.
func (m *modelReading) read(f *facts) (modelOutcome, bool) {
	if m.values == nil {
		return modelOutcome{models: m.Means}, true
	}
	for _, text := range m.values(f) {
		if m.table != nil {
			if model, ok := m.table.read().models[strings.ToLower(strings.TrimSpace(text))]; ok {
				return modelOutcome{models: []string{model}, shows: m.From + " " + text}, true
			}
			continue
		}
		if m.pattern == nil || m.From == "body" && !f.may(m.pattern) {
			continue
		}
		at := m.pattern.expression().FindStringSubmatchIndex(text)
		if at == nil {
			continue
		}
		group := 2 * m.pattern.expression().SubexpIndex("model")
		if at[group] < 0 {
			continue
		}
		value := cut(text[at[group]:at[group+1]], maxValue)
		o := modelOutcome{shows: text[at[0]:at[1]]}
		if name, ok := m.product.FindModel(value); ok {
			o.models = []string{name}
		} else {
			o.raw = "model " + value
		}
		return o, true
	}
	return modelOutcome{}, false
}

func (c *compiler) compileModelReading(def ModelReading, at spot, rule string) *modelReading {
	m := &modelReading{ModelReading: def, product: c.product}
	if len(c.Models) == 0 {
		c.fail(at, rule, "the product lists no models; add models to it")
	}
	if def.From == "" {
		if len(def.Means) == 0 || def.Pattern+def.Table != "" {
			c.fail(at, rule, "model needs from and pattern or table, or means alone")
		}
		for i, name := range def.Means {
			if !slices.Contains(c.ModelNames(), name) {
				c.fail(at.to("means", i), rule, "%q is none of the models of the product", name)
			}
		}
		return m
	}
	if len(def.Means) > 0 {
		c.fail(at.to("means"), rule, "model has both from and means; keep one")
	}
	if m.values = valuesFrom(def.From); m.values == nil {
		c.fail(at.to("from"), rule, "from is %q; it is header:NAME, cookie:NAME, location, title, body, body_md5, gzip_mtime, cert_subject or cert_issuer", def.From)
	}
	if (def.Pattern == "") == (def.Table == "") {
		c.fail(at, rule, "model needs either a pattern with the group (?P<model>…) or a table")
		return m
	}
	if def.Table != "" {
		if m.table = c.tables[def.Table]; m.table == nil || !m.table.Models {
			c.fail(at.to("table"), rule, "table %q is no table of models of this product", def.Table)
			return m
		}
		m.table.used = true
		return m
	}
	m.pattern = c.pattern(def.Pattern, at.to("pattern"), rule, "pattern")
	if def.From == "body" {
		c.literals.addAll(m.pattern)
	}
	if m.pattern != nil && !c.checked && m.pattern.expression().SubexpIndex("model") < 0 {
		c.fail(at.to("pattern"), rule, "pattern needs the group (?P<model>…)")
	}
	return m
}

func (r *tableReader) readModel(line int, key, text string) {
	name, ok := r.FindModel(text)
	if !ok {
		r.failLine(line, "%q is none of the models of the product", strings.TrimSpace(text))
		return
	}
	if other, listed := r.table.models[key]; listed {
		r.failLine(line, "%s is %s here and %s further up", key, name, other)
	}
	r.table.models[key] = name
}

// models is every model that the rules which count allow; nil when none tells one, or
// when they contradict each other. Raw holds what was not understood.
func (s *state) models() (models, raw []string) {
	told := false
	for i := range s.rules {
		if s.rules[i].weight < counted {
			continue
		}
		for _, h := range s.rules[i].hits {
			if text := cut(h.model.raw, maxShows); text != "" && !slices.Contains(raw, text) {
				raw = append(raw, text)
			}
			switch {
			case h.model.models == nil:
			case !told:
				told, models = true, slices.Clone(h.model.models)
			default:
				models = slices.DeleteFunc(models, func(m string) bool { return !slices.Contains(h.model.models, m) })
			}
		}
	}
	if told && len(models) == 0 {
		return nil, append(raw, "models that exclude each other")
	}
	return models, raw
}

// checkModel compares what a rule reads of the model with what its example states.
func (k *checker) checkModel(r *rule, e Example, f *facts, fail func(string, ...any)) {
	if r.model == nil {
		if e.Model != "" {
			fail("states the model %s, and the rule reads none", e.Model)
		}
		return
	}
	o, ok := r.model.read(f)
	read := strings.Join(o.models, ",")
	switch {
	case !ok && e.Model == "" && (r.Identifies != "" || r.reading != nil):
	case !ok:
		fail("holds no model that the rule could read")
	case e.Model == "" && o.models == nil: // one that the product does not list
	case e.Model == "":
		fail("states no model; the rule reads %s", read)
	case read != e.Model:
		fail("reads the model %q, not %s as stated", read+o.raw, e.Model)
	}
}
