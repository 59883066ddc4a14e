package fingerprints

import (
	"regexp"
	"slices"
	"strings"

	"postern/scanner/version"
)

// Model is a model of a product, or several that advisories treat alike.
type Model struct {
	Name string `yaml:"name"` // as advisories and results write it: "Vigor2960", "USG FLEX"
	// Shown is a pattern of how else it is written, over the whole text and without
	// regard to case: "usg flex ?[1-7]00w?". The name itself always counts.
	Shown string `yaml:"shown,omitempty"`
	// Versions are the lines that the model has, where a source tells; empty: any.
	Versions []Span `yaml:"versions,omitempty"`
	// Written is a pattern of how the versions of this model are written, over the whole
	// text, where the spelling tells models apart: a text that it does not match states no
	// version of this model.
	Written string `yaml:"written,omitempty"`
	Source  string `yaml:"source,omitempty"` // needed with versions or written
	// Runs is Versions as a set; every version without them.
	Runs version.Set `yaml:"-" json:"-"`

	shown, written *regexp.Regexp // nil without Shown, Written
}

// ModelNames lists the models of the product, in the order of the file.
func (p Product) ModelNames() []string {
	var names []string
	for _, m := range p.Models {
		names = append(names, m.Name)
	}
	return names
}

// FindModel is the name of the model that a person or a device writes so, without regard
// to case and spaces; false for a text that is none of the product's models.
func (p Product) FindModel(text string) (name string, ok bool) {
	for _, m := range p.Models {
		if squeezed(m.Name) == squeezed(text) {
			return m.Name, true
		}
	}
	for _, m := range p.Models {
		if m.shown != nil && m.shown.MatchString(strings.TrimSpace(text)) {
			return m.Name, true
		}
	}
	return "", false
}

// squeezed is a text by which "Vigor 2960" and "VIGOR2960" are the same.
func squeezed(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(text), ""))
}

// ModelsWriting lists the models whose versions a person may write so; nil when the
// spelling rules none out, or all of them.
func (p Product) ModelsWriting(version string) []string {
	var names []string
	for _, m := range p.Models {
		if m.written == nil || m.written.MatchString(strings.TrimSpace(version)) {
			names = append(names, m.Name)
		}
	}
	if len(names) == len(p.Models) {
		return nil
	}
	return names
}

// ModelsFor lists the models that a device may be that runs any version of the set, out
// of those that are already known; nil knows nothing. A version that no such model runs
// rules none of them out: then the lines are not complete.
func (p Product) ModelsFor(known []string, may version.Set) []Model {
	var left, able []Model
	for _, m := range p.Models {
		if len(known) > 0 && !slices.Contains(known, m.Name) {
			continue
		}
		left = append(left, m)
		if m.Runs.Overlaps(may) {
			able = append(able, m)
		}
	}
	if len(able) == 0 {
		for i := range left {
			left[i].Runs = version.All(p.Versions)
		}
		return left
	}
	return able
}

func (c *compiler) compileModels() {
	seen := map[string]bool{}
	for i := range c.Models {
		m, at := &c.Models[i], spot{"models", i}
		switch key := squeezed(m.Name); {
		case key == "" || strings.ContainsAny(m.Name, ",/\t\n"):
			c.fail(at, "", "model %q needs a name, without commas and slashes", m.Name)
		case seen[key]:
			c.fail(at, "", "model %s is listed twice", m.Name)
		default:
			seen[key] = true
		}
		if m.Shown != "" {
			var err error
			if m.shown, err = regexp.Compile(`^(?i:` + m.Shown + `)$`); err != nil {
				c.fail(at.to("shown"), "", "shown: %v", err)
			}
		}
		if m.Written != "" {
			var err error
			if m.written, err = regexp.Compile(`^(?:` + m.Written + `)$`); err != nil {
				c.fail(at.to("written"), "", "written: %v", err)
			}
		}
		if len(m.Versions)+len(m.Written) > 0 && strings.TrimSpace(m.Source) == "" {
			c.fail(at, "", "model %s says which versions it has; say in source who tells", m.Name)
		}
		m.Runs = version.All(c.Versions)
		if len(m.Versions) == 0 {
			continue
		}
		m.Runs = version.Set{}
		for j, span := range m.Versions {
			part, err := newSpan(c.Versions, span)
			if err != nil {
				c.fail(at.to("versions", j), "", "model %s: %v", m.Name, err)
			}
			m.Runs = m.Runs.Union(part)
		}
	}
}
