package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// A record is the part of a CVE record, CVE JSON 5.x, that a draft is made of.
type record struct {
	DataType string `json:"dataType"`
	Metadata struct {
		ID        string `json:"cveId"`
		State     string `json:"state"`
		CNA       string `json:"assignerShortName"`
		Published string `json:"datePublished"`
		Updated   string `json:"dateUpdated"`
	} `json:"cveMetadata"`
	Containers struct {
		CNA container   `json:"cna"`
		ADP []container `json:"adp"`
	} `json:"containers"`
}

// A container is what one party says: the CNA, or one that added to the record.
type container struct {
	Provider struct {
		Name string `json:"shortName"`
	} `json:"providerMetadata"`
	Title          string           `json:"title"`
	Published      string           `json:"datePublic"`
	Descriptions   []text           `json:"descriptions"`
	Affected       []affectedRow    `json:"affected"`
	ProblemTypes   []problemType    `json:"problemTypes"`
	References     []referenceRow   `json:"references"`
	Metrics        []map[string]any `json:"metrics"`
	Configurations []text           `json:"configurations"`
	Workarounds    []text           `json:"workarounds"`
	Solutions      []text           `json:"solutions"`
	Exploits       []text           `json:"exploits"`
	Applicability  []applicability  `json:"cpeApplicability"`
	// Listed is every affected version as Palo Alto Networks spells it out.
	Listed []string `json:"x_affectedList"`
}

type text struct {
	Lang  string `json:"lang"`
	Value string `json:"value"`
}

type problemType struct {
	Descriptions []struct {
		CWE  string `json:"cweId"`
		Text string `json:"description"`
	} `json:"descriptions"`
}

type referenceRow struct {
	URL  string   `json:"url"`
	Tags []string `json:"tags"`
}

// An affectedRow is what is said of one product.
type affectedRow struct {
	Vendor    string       `json:"vendor"`
	Product   string       `json:"product"`
	Platforms []string     `json:"platforms"`
	Default   string       `json:"defaultStatus"`
	Versions  []versionRow `json:"versions"`
}

// A versionRow is one version or range, as the CNA wrote it.
type versionRow struct {
	Version  string `json:"version"`
	Status   string `json:"status"`
	LessThan string `json:"lessThan"`
	Through  string `json:"lessThanOrEqual"`
	Changes  []struct {
		At     string `json:"at"`
		Status string `json:"status"`
	} `json:"changes"`
}

// String is the row as a person would quote it.
func (v versionRow) String() string {
	s := strings.TrimSpace(v.Version)
	if v.LessThan != "" {
		s += " < " + strings.TrimSpace(v.LessThan)
	}
	if v.Through != "" {
		s += " <= " + strings.TrimSpace(v.Through)
	}
	for _, c := range v.Changes {
		s += ", " + c.Status + " at " + strings.TrimSpace(c.At)
	}
	if v.Status != "affected" && v.Status != "" {
		s += " (" + v.Status + ")"
	}
	return s
}

var cveID = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`)

// readRecord reads one CVE record; it refuses what is none, and rejected ones.
func readRecord(data []byte) (record, error) {
	var r record
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("no CVE record: %w", err)
	}
	switch {
	case r.DataType != "CVE_RECORD":
		return r, errors.New(`no CVE record in the format 5: "dataType" is not CVE_RECORD`)
	case !cveID.MatchString(r.Metadata.ID):
		return r, fmt.Errorf("no CVE record: cveId is %q", r.Metadata.ID)
	case r.Metadata.State == "REJECTED":
		return r, fmt.Errorf("%s: %w: the record was rejected", r.Metadata.ID, ErrNothing)
	}
	return r, nil
}

// english joins the English texts, or all where no language is given.
func english(texts []text) string {
	var parts []string
	for _, t := range texts {
		if t.Lang == "" || strings.HasPrefix(strings.ToLower(t.Lang), "en") {
			parts = append(parts, t.Value)
		}
	}
	return plain(strings.Join(parts, " "))
}
