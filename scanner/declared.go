package scanner

import (
	"errors"
	"fmt"
	"strings"

	"postern/fingerprints"
	"postern/scanner/finding"
)

// declare reads what an entry states of the gateway that runs there: product, version and
// model among its words or columns. Without a catalog they are metadata like any other.
func (o ListOptions) declare(e *entry) error {
	stated := map[string]string{}
	for key, value := range e.input.Meta {
		if key = strings.ToLower(key); key == "product" || key == "version" || key == "model" {
			stated[key] = value
		}
	}
	switch {
	case o.Catalog == nil || stated["product"] == "" && stated["version"] == "":
		return nil // a model alone is a word of the list's owner
	case stated["product"] == "":
		return fmt.Errorf("version %s is declared without a product; add product=ID (postern products lists them)", stated["version"])
	case e.host == "" && !e.prefix.IsSingleIP():
		return errors.New("declares a product for a range of addresses; list each gateway on a line of its own")
	}
	product, ok := o.Catalog.Product(stated["product"])
	if !ok {
		return fmt.Errorf("declares the unknown product %q; postern products lists those that are known", cut(stated["product"]))
	}
	d := &finding.Declaration{Product: product}
	var err error
	if text := stated["version"]; text != "" {
		if d.Version, err = product.Versions.Parse(text); err != nil {
			return fmt.Errorf("declares a version of %s: %w; correct it or leave it out", product.ID, err)
		}
	}
	if text := stated["model"]; text != "" && len(product.Models) > 0 {
		if d.Models, err = modelsOf(text, product); err != nil {
			return fmt.Errorf("declares a model of %s: %w", product.ID, err)
		}
	}
	e.declared = d
	return nil
}

// modelsOf reads models with commas and spells them as the product does.
func modelsOf(text string, product fingerprints.Product) ([]string, error) {
	var models []string
	for word := range strings.SplitSeq(text, ",") {
		name, ok := product.FindModel(strings.TrimSpace(word))
		if !ok {
			return nil, fmt.Errorf("%q is none of %s", cut(word), strings.Join(product.ModelNames(), ", "))
		}
		models = append(models, name)
	}
	return models, nil
}

// compareDeclarations refuses entries that declare one endpoint to be two things.
func compareDeclarations(list []stated, m *mistakes) {
	first := map[endpointKey]*stated{}
	for i := range list {
		e := &list[i]
		before := first[e.key]
		switch {
		case before == nil:
			first[e.key] = e
		case before.declared.String() != e.declared.String():
			m.add(e.input.Line, e.input.Column, e.input.Text, fmt.Errorf("declares %s, and line %d declares %s; keep one of the two",
				e.declared, before.input.Line, before.declared))
		}
	}
}
