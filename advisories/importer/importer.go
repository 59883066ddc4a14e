// Package importer turns what others publish into drafts of advisories and into the
// overlays: CVE records, CSAF documents, CISA's catalogue, EPSS scores. It takes bytes
// and gives bytes; it reads no file and no network.
//
// A draft carries "review: required", with which the loader refuses it. It says what was
// assumed and what was left out: nothing that a record says of a product is lost
// silently. What a draft cannot know is what the record leaves out, such as fixes that
// only the vendor's own page names.
package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/advisories"
)

// A Draft is an advisory that somebody has to read.
type Draft struct {
	File  string   // "fortinet/CVE-2024-21762.yaml"
	YAML  []byte   // the whole file
	Notes []string // what to look at; they stand in the file too
}

// Products are the products that drafts can be about.
type Products struct {
	// Order is the version scheme of a product, or false for one that is not known.
	Order advisories.Orders
	// CPE is the product of a CPE vendor and product, in lower case: "netgate:pfsense".
	// nil knows none.
	CPE func(name string) (product string, ok bool)
	// Model is the model of a product that is written so; nil knows none.
	Model func(product, text string) (model string, ok bool)
}

// ErrNothing is wrapped by errors about a document that was read and gives no draft: it
// was rejected, is about no product that is known here, or states no range.
var ErrNothing = errors.New("nothing to import")

// CVE makes a draft of a CVE record in CVE JSON 5.x. It fails when the record cannot be
// read, and with [ErrNothing]; the Notes of the draft then say what was not understood.
func CVE(data []byte, ours Products) (Draft, error) {
	r, err := readRecord(data)
	if err != nil {
		return Draft{}, err
	}
	d := draft{Advisory: describe(r)}
	d.ranges(r, ours)
	return d.finish(ours)
}

// A draft is an advisory with what somebody should look at.
type draft struct {
	advisories.Advisory
	notes   []string
	reasons []error // why a product has no ranges
}

// ranges takes the ranges of the CNA, or else those that CISA added.
func (d *draft) ranges(r record, ours Products) {
	d.container(r.Containers.CNA, ours, "")
	if len(d.Affected) == 0 {
		d.container(r.Containers.CNA.applicability(), ours, "The ranges are those of the CPE statement of the record.")
	}
	if len(d.Affected) > 0 {
		return
	}
	for _, adp := range r.Containers.ADP {
		if len(adp.Affected) == 0 || len(d.Affected) > 0 {
			continue
		}
		d.container(adp, ours, fmt.Sprintf(
			"The ranges are those that %s added to the record. Such rows have merged release lines and listed fixed builds as affected before: hold them against the vendor's page.",
			adp.Provider.Name))
	}
}

func (d *draft) container(from container, ours Products, note string) {
	found, notes := collect(from, ours)
	for _, c := range found {
		entry, err := c.entry()
		if err != nil {
			d.reasons = append(d.reasons, err)
		} else {
			c.compare(&entry, from.Listed)
			entry.Models = c.models
			d.Affected = append(d.Affected, entry)
			if note != "" {
				d.notes = append(d.notes, note)
			}
			switch names := unique(c.names); {
			case len(names) > 1:
				d.notes = append(d.notes, "The ranges join what the record says of "+strings.Join(names, ", ")+".")
			case slices.Contains(perModel, c.id) && len(c.models) == 0:
				d.notes = append(d.notes, "Versions mean different things on different models; the record speaks of "+names[0]+".")
			}
		}
		for _, n := range c.notes {
			if len(found) > 1 {
				n = c.id + ": " + n
			}
			notes = append(notes, n)
		}
	}
	d.notes = append(d.notes, notes...)
	d.otherModels(ours)
}

// finish writes the file, or says why there is none.
func (d *draft) finish(ours Products) (Draft, error) {
	d.notes = unique(d.notes)
	if len(d.Affected) == 0 {
		if len(d.reasons) == 0 {
			return Draft{}, fmt.Errorf("%s: %w: it names no product that is known here", d.ID, ErrNothing)
		}
		return Draft{Notes: d.notes}, fmt.Errorf("%s: %w: %w", d.ID, ErrNothing, errors.Join(d.reasons...))
	}
	for _, err := range d.reasons {
		d.notes = append(d.notes, plain(err.Error())+"; it was left out.")
	}
	vendor, _, _ := strings.Cut(d.Affected[0].Product, "-")
	file := vendor + "/" + d.ID + ".yaml"
	text := render(d)
	if err := advisories.CheckDraft(file, text, ours.Order); err != nil {
		d.notes = append(d.notes, "It does not load yet: "+plain(err.Error()))
		text = render(d)
	}
	return Draft{File: file, YAML: text, Notes: d.notes}, nil
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
