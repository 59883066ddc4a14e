package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A csafDocument is the part of a CSAF 2.0 document that drafts are made of. The reading
// library for it brings a database and an HTTP client, and costs every start of the
// program 9 ms; this is all that is needed.
type csafDocument struct {
	Document struct {
		Version   string `json:"csaf_version"`
		Title     string `json:"title"`
		Publisher struct {
			Name string `json:"name"`
		} `json:"publisher"`
		Tracking struct {
			ID      string `json:"id"`
			Initial string `json:"initial_release_date"`
			Current string `json:"current_release_date"`
		} `json:"tracking"`
		References []csafReference `json:"references"`
	} `json:"document"`
	Tree struct {
		Branches []csafBranch `json:"branches"`
	} `json:"product_tree"`
	Vulnerabilities []csafVulnerability `json:"vulnerabilities"`
}

type csafReference struct {
	Category string `json:"category"`
	URL      string `json:"url"`
}

type csafBranch struct {
	Category string       `json:"category"`
	Name     string       `json:"name"`
	Branches []csafBranch `json:"branches"`
	Product  struct {
		ID string `json:"product_id"`
	} `json:"product"`
}

type csafVulnerability struct {
	CVE   string `json:"cve"`
	Title string `json:"title"`
	CWE   struct {
		ID string `json:"id"`
	} `json:"cwe"`
	Notes []struct {
		Category string `json:"category"`
		Text     string `json:"text"`
	} `json:"notes"`
	References   []csafReference     `json:"references"`
	Status       map[string][]string `json:"product_status"` // lists of product ids
	Remediations []struct {
		Category string `json:"category"`
		Details  string `json:"details"`
	} `json:"remediations"`
	Scores []struct {
		V3 struct {
			Vector string `json:"vectorString"`
		} `json:"cvss_v3"`
	} `json:"scores"`
}

// CSAF makes a draft of each CVE of a CSAF 2.0 document. It fails when the document cannot
// be read; the error joins one with [ErrNothing] for each CVE that gives no draft, which
// stands in the list with its Notes and without a file.
func CSAF(data []byte, ours Products) ([]Draft, error) {
	var doc csafDocument
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("no CSAF document: %w", err)
	}
	if doc.Document.Version != "2.0" {
		return nil, fmt.Errorf("no CSAF 2.0 document: csaf_version is %q", doc.Document.Version)
	}
	products := map[string]csafProduct{}
	collectProducts(doc.Tree.Branches, csafProduct{}, products, 0)
	var drafts []Draft
	var errs []error
	for _, v := range doc.Vulnerabilities {
		if !cveID.MatchString(v.CVE) {
			errs = append(errs, fmt.Errorf("%w: %s is about no CVE", ErrNothing, quoted(v.Title)))
			continue
		}
		d := draft{Advisory: describe(doc.record(v))}
		d.Source = fmt.Sprintf("CSAF document %s of %s", plain(doc.Document.Tracking.ID), plain(doc.Document.Publisher.Name))
		if updated := day(doc.Document.Tracking.Current); updated != "" {
			d.Source += ", release of " + updated
		}
		d.container(container{Affected: v.rows(products)}, ours, "")
		made, err := d.finish(ours)
		drafts = append(drafts, made)
		errs = append(errs, err)
	}
	if len(doc.Vulnerabilities) == 0 {
		errs = append(errs, fmt.Errorf("%w: it lists no vulnerabilities", ErrNothing))
	}
	return drafts, errors.Join(errs...)
}

// A csafProduct is a leaf of the product tree.
type csafProduct struct {
	vendor, product, version string
	ranged                   bool // version is a range
}

// deepest bounds the product tree; real ones have four or five levels.
const deepest = 20

func collectProducts(branches []csafBranch, above csafProduct, into map[string]csafProduct, depth int) {
	for _, b := range branches {
		p := above
		switch b.Category {
		case "vendor":
			p.vendor = b.Name
		case "product_name":
			p.product = b.Name
		case "product_version", "product_version_range":
			p.version, p.ranged = b.Name, b.Category == "product_version_range"
		}
		if b.Product.ID != "" {
			into[b.Product.ID] = p
		}
		if depth < deepest {
			collectProducts(b.Branches, p, into, depth+1)
		}
	}
}

// record is the vulnerability in the shape of a CVE record, without its ranges.
func (doc *csafDocument) record(v csafVulnerability) record {
	var r record
	r.Metadata.ID = v.CVE
	cna := &r.Containers.CNA
	cna.Title = v.Title
	if cna.Title == "" {
		cna.Title = doc.Document.Title
	}
	cna.Published = doc.Document.Tracking.Initial
	for _, n := range v.Notes {
		if n.Category == "description" || n.Category == "summary" {
			cna.Descriptions = append(cna.Descriptions, text{Value: n.Text})
		}
	}
	for _, remedy := range v.Remediations {
		switch remedy.Category {
		case "vendor_fix":
			cna.Solutions = append(cna.Solutions, text{Value: remedy.Details})
		case "workaround", "mitigation":
			cna.Workarounds = append(cna.Workarounds, text{Value: remedy.Details})
		}
	}
	for _, ref := range append(slices.Clone(doc.Document.References), v.References...) {
		row := referenceRow{URL: ref.URL}
		if ref.Category == "self" {
			row.Tags = []string{"vendor-advisory"}
		}
		cna.References = append(cna.References, row)
	}
	for _, score := range v.Scores {
		key := "cvssV3_1"
		if strings.HasPrefix(score.V3.Vector, "CVSS:3.0/") {
			key = "cvssV3_0"
		}
		cna.Metrics = append(cna.Metrics, map[string]any{key: map[string]any{"vectorString": score.V3.Vector}})
	}
	if v.CWE.ID != "" {
		var p problemType
		if err := json.Unmarshal(fmt.Appendf(nil, `{"descriptions": [{"cweId": %q}]}`, cwe.FindString(v.CWE.ID)), &p); err == nil {
			cna.ProblemTypes = []problemType{p}
		}
	}
	return r
}

// rows is what the product lists say, as the rows of a CVE record.
func (v csafVulnerability) rows(products map[string]csafProduct) []affectedRow {
	var rows []affectedRow
	at := func(p csafProduct) *affectedRow {
		for i := range rows {
			if rows[i].Vendor == p.vendor && rows[i].Product == p.product {
				return &rows[i]
			}
		}
		rows = append(rows, affectedRow{Vendor: p.vendor, Product: p.product})
		return &rows[len(rows)-1]
	}
	for _, list := range []struct{ name, status string }{
		{"known_affected", "affected"}, {"first_affected", "affected"}, {"last_affected", "affected"},
		{"fixed", "unaffected"}, {"first_fixed", "unaffected"}, {"known_not_affected", "unaffected"},
		{"under_investigation", "unknown"},
	} {
		for _, id := range v.Status[list.name] {
			p, ok := products[id]
			if !ok {
				p = csafProduct{product: id} // not in the tree: told as no product here
			}
			row := at(p)
			switch {
			case list.name == "last_affected" && !p.ranged:
				row.Versions = append(row.Versions, versionRow{Through: p.version, Status: list.status})
			case list.name == "first_affected":
				continue // known_affected says how far it goes
			default:
				row.Versions = append(row.Versions, p.rows(list.status)...)
			}
		}
	}
	return rows
}

var rangeTerm = regexp.MustCompile(`^(>=|<=|<|>|=|!=)?\s*(.*)$`)

// rows reads a version, or a range: "vers:generic/>=7.4.0|<7.4.3", ">=7.4.0|<=7.4.2", and
// what is neither as prose.
func (p csafProduct) rows(status string) []versionRow {
	s := plain(p.version)
	if rest, ok := strings.CutPrefix(s, "vers:"); ok {
		_, s, _ = strings.Cut(rest, "/")
	}
	if !p.ranged || !strings.ContainsAny(s, "<>=|") {
		return []versionRow{{Version: s, Status: status}}
	}
	var rows []versionRow
	open := false // the last row has a beginning and waits for its end
	for _, term := range strings.FieldsFunc(s, func(r rune) bool { return r == '|' || r == ',' }) {
		m := rangeTerm.FindStringSubmatch(strings.TrimSpace(term))
		if upper := m[1] == "<" || m[1] == "<="; upper && !open {
			rows = append(rows, versionRow{Version: "0", Status: status})
		}
		switch m[1] {
		case "<":
			rows[len(rows)-1].LessThan, open = m[2], false
		case "<=":
			rows[len(rows)-1].Through, open = m[2], false
		case ">=":
			rows, open = append(rows, versionRow{Version: m[2], LessThan: "*", Status: status}), true
		case ">", "!=": // no version is named that it begins with: quoted as not understood
			rows, open = append(rows, versionRow{Version: term, Status: "unknown"}), false
		default:
			rows, open = append(rows, versionRow{Version: m[2], Status: status}), false
		}
	}
	for i := range rows {
		if rows[i].Through != "" && rows[i].LessThan == "*" {
			rows[i].LessThan = ""
		}
	}
	return rows
}
