package importer

import (
	"slices"
	"strings"

	"postern/advisories"
)

// modelsOf are the models that a row is about: those of its own name, or else those that
// the description names. A model that another row had before is left to that one; taken
// remembers them.
func (p Products) modelsOf(product string, row affectedRow, from container, taken map[string]bool) []string {
	if p.Model == nil {
		return nil
	}
	models := p.modelsIn(product, row.Product)
	if len(models) == 0 {
		models = p.modelsIn(product, english(from.Descriptions))
	}
	slices.Sort(models)
	models = slices.Compact(models)
	// The same row again, as one version each, is about the same models.
	key := product + "|" + strings.Join(models, "|")
	if taken[key] {
		return models
	}
	models = slices.DeleteFunc(models, func(m string) bool { return taken[product+"/"+m] })
	for _, m := range models {
		taken[product+"/"+m] = true
	}
	taken[product+"|"+strings.Join(models, "|")] = true
	return models
}

// longestModel is how many words a model is written in at most.
const longestModel = 3

// modelsIn finds the models of a product in a text, which writes those with and without
// wireless as one: "USG FLEX 50(W)".
func (p Products) modelsIn(product, text string) []string {
	text = strings.ReplaceAll(plain(text), "(W)", "")
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,;:_/", r) })
	var models []string
	for i := 0; i < len(words); i++ {
		for n := min(longestModel, len(words)-i); n > 0; n-- {
			if model, ok := p.Model(product, strings.Trim(strings.Join(words[i:i+n], " "), ".()")); ok {
				models = append(models, model)
				i += n - 1
				break
			}
		}
	}
	return models
}

// otherModels completes products of which the record names models: other models are
// as the record says of what it does not name.
func (d *draft) otherModels(ours Products) {
	for i := range d.Affected {
		a := d.Affected[i]
		rest := slices.ContainsFunc(d.Affected, func(o advisories.Affected) bool { return o.Product == a.Product && len(o.Models) == 0 })
		if len(a.Models) == 0 || rest {
			continue
		}
		scheme, _ := ours.Order(a.Product)
		other := advisories.Affected{Product: a.Product, UnlistedBranches: advisories.StatusUnknown, UnlistedNote: "The record names models, and says nothing of others."}
		if a.UnlistedBranches == advisories.StatusUnaffected {
			other.UnlistedBranches, other.UnlistedNote = a.UnlistedBranches, "The record names the models that are affected."
		}
		if err := other.Compile(scheme); err != nil {
			d.reasons = append(d.reasons, err)
			continue
		}
		other.Holds = proofs(&other, scheme)
		d.Affected = append(d.Affected, other)
		d.notes = append(d.notes, "The models are those that the record names; see whether others share their releases.")
	}
}
