package advisories

import "slices"

// Entry is the entry of the product that decides about a model, judged by version: the
// one that names it, or else the one for every other model. It is nil where the advisory
// is not about versions of the product.
func (a *Advisory) Entry(product, model string) *Affected {
	var rest *Affected
	for i := range a.Affected {
		e := &a.Affected[i]
		switch {
		case e.Product != product || e.ranges == nil:
		case model != "" && slices.Contains(e.Models, model):
			return e
		case len(e.Models) == 0:
			rest = e
		}
	}
	return rest
}

// TellsModels reports whether the advisory has entries for single models of the product.
func (a *Advisory) TellsModels(product string) bool {
	return slices.ContainsFunc(a.Affected, func(e Affected) bool { return e.Product == product && len(e.Models) > 0 })
}

// namedModels lists the models of a product that any entry names.
func namedModels(product string, all []*Advisory) []string {
	var names []string
	for _, a := range all {
		for _, e := range a.Affected {
			if e.Product == product {
				names = append(names, e.Models...)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// checkModels wants every model of a product to be decided by exactly one entry. It
// returns the products with entries for single models.
func checkModels(p place, entries []Affected, orders Orders) map[string]bool {
	telling := map[string]bool{}
	rest, models := map[string]bool{}, map[string]bool{} // of products, and product/model
	for i := range entries {
		a, at := &entries[i], p.item(i)
		if len(a.Models) == 0 {
			if rest[a.Product] {
				at.bad("product %s is there twice; put its branches together or name the models of one entry, and put a port in an advisory of its own", a.Product)
			}
			rest[a.Product] = true
		}
		for j, model := range a.Models {
			telling[a.Product] = true
			here, name := at.key("models").item(j), a.Product+"/"+model
			if _, ok := orders(name); !ok {
				here.bad("%q is none of the models of %s; its product.yaml lists them", model, a.Product)
			}
			if models[name] {
				here.bad("model %s of %s is in another entry already", model, a.Product)
			}
			models[name] = true
		}
		if at.has("exposed_port") && len(a.Models) > 0 {
			at.key("exposed_port").bad("a port is about every model; remove models")
		}
	}
	for i, a := range entries {
		if len(a.Models) > 0 && !rest[a.Product] {
			p.item(i).bad("no entry of %s is about its other models; add one without models, that says for example unlisted_branches: unaffected and why", a.Product)
			rest[a.Product] = true // said once
		}
	}
	return telling
}
