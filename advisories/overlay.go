package advisories

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// Overlays are data that change every day, kept apart so that a refresh touches no
// reviewed file. Their folder lies beside those of the vendors, and need not be there.
const (
	overlayFolder = "overlay"
	KEVOverlay    = overlayFolder + "/kev.json" // in the form of [KEVCatalog]
	EPSSOverlay   = overlayFolder + "/epss.csv" // as [ParseEPSS] reads it
)

// KEVCatalog is CISA's catalogue of known exploited vulnerabilities, cut down to the CVEs
// that are known here.
type KEVCatalog struct {
	Version  string     `json:"version"`  // "2026.08.07"
	Released string     `json:"released"` // "2026-08-07"
	Entries  []KEVEntry `json:"entries"`
}

// KEVEntry is one CVE of the catalogue.
type KEVEntry struct {
	ID         string `json:"id"`
	Added      string `json:"added"`
	Due        string `json:"due,omitempty"`
	Ransomware bool   `json:"ransomware"`
}

// An overlay is what is known beyond the files, by CVE.
type overlay struct {
	kev      map[string]KEV
	epss     map[string]EPSS
	released string
	scored   string
}

func readOverlay(fsys fs.FS) (overlay, []Problem) {
	var o overlay
	var problems []Problem
	for _, part := range []struct {
		name string
		read func([]byte) error
	}{{KEVOverlay, o.readKEV}, {EPSSOverlay, o.readEPSS}} {
		data, err := readFile(fsys, part.name, maxOverlay)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = part.read(data)
		}
		if err != nil {
			problems = append(problems, Problem{File: part.name, Message: err.Error()})
		}
	}
	return o, problems
}

func (o *overlay) readKEV(data []byte) error {
	catalog, err := parseKEV(data)
	o.released, o.kev = catalog.Released, map[string]KEV{}
	for _, e := range catalog.Entries {
		if _, twice := o.kev[e.ID]; twice {
			err = errors.Join(err, fmt.Errorf("%s is there twice", e.ID))
		}
		o.kev[e.ID] = KEV{Added: e.Added, Due: e.Due, Ransomware: e.Ransomware}
	}
	return err
}

func parseKEV(data []byte) (KEVCatalog, error) {
	var catalog KEVCatalog
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&catalog); err != nil {
		return catalog, fmt.Errorf("%w; make it anew with postern import kev", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return catalog, errors.New("something stands behind the catalogue; make it anew with postern import kev")
	}
	errs := []error{day("released", catalog.Released)}
	for _, e := range catalog.Entries {
		if !cveForm.MatchString(e.ID) {
			errs = append(errs, fmt.Errorf("id %q is no CVE", e.ID))
		}
		errs = append(errs, day(e.ID+": added", e.Added))
		if e.Due != "" {
			errs = append(errs, day(e.ID+": due", e.Due))
		}
	}
	return catalog, errors.Join(errs...)
}

func day(what, date string) error {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return fmt.Errorf("%s is %q, which is no date; write \"2024-02-09\"", what, date)
	}
	return nil
}

func (o *overlay) readEPSS(data []byte) error {
	scores, err := ParseEPSS(bytes.NewReader(data))
	o.epss, o.scored = scores.ByCVE, scores.Date
	return err
}

// apply puts the overlay over what the files say: its dates are newer.
func (o *overlay) apply(all []*Advisory) {
	for _, a := range all {
		for _, id := range append([]string{a.ID}, a.Aliases...) {
			if kev, ok := o.kev[id]; ok {
				a.Exploitation.KEV = &kev
				break
			}
		}
		for _, id := range append([]string{a.ID}, a.Aliases...) {
			if epss, ok := o.epss[id]; ok {
				a.EPSS = &epss
				break
			}
		}
	}
}

func (o *overlay) date() string { return max(o.released, o.scored) }
