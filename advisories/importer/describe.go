package importer

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"postern/advisories"
)

// Words that stand where a record says nothing, so that the file loads once it is read.
const (
	toTitle  = "TITLE: one line, product and weakness"
	toRemedy = "See the vendor's advisory."
	longest  = 900 // bytes of a text that are taken over
)

// describe is everything of an advisory but its ranges, in the words of the record.
func describe(r record) advisories.Advisory {
	cna := r.Containers.CNA
	words := english(cna.Descriptions)
	a := advisories.Advisory{
		ID:          r.Metadata.ID,
		Title:       shorten(plain(cna.Title), 120),
		Summary:     shorten(words, longest),
		Published:   day(cna.Published, r.Metadata.Published, r.Metadata.Updated),
		References:  references(r),
		Requires:    shorten(english(cna.Configurations), longest),
		Workaround:  shorten(english(cna.Workarounds), longest),
		Remediation: shorten(english(cna.Solutions), longest),
		Source:      fmt.Sprintf("CVE record (CNA %s)", plain(r.Metadata.CNA)),
		Review:      "required",
	}
	if updated := day(r.Metadata.Updated); updated != "" {
		a.Source += " updated " + updated
	}
	if a.Title == "" {
		a.Title = shorten(words, 120)
	}
	if a.Title == "" {
		a.Title, a.Summary = toTitle, toTitle
	}
	if a.Remediation == "" {
		a.Remediation = toRemedy
	}
	a.CVSS, a.CWE = vectors(r), weaknesses(r)
	a.Severity = a.CVSS.Severity()
	if a.Severity == "" {
		a.Severity, a.SeverityReason = "medium", "The record has no vector."
	}
	best := a.CVSS.Best()
	a.Preauth = strings.Contains(best, "/PR:N")
	return a
}

var isoDay = regexp.MustCompile(`^\d{4}-\d\d-\d\d`)

// day is the first text that begins with a date.
func day(texts ...string) string {
	for _, s := range texts {
		d := isoDay.FindString(s)
		if _, err := time.Parse(time.DateOnly, d); err == nil {
			return d
		}
	}
	return ""
}

// vectors prefers the CNA's; a score that CISA added counts where the CNA has none.
func vectors(r record) advisories.CVSS {
	var c advisories.CVSS
	for _, from := range append([]container{r.Containers.CNA}, r.Containers.ADP...) {
		for _, metric := range from.Metrics {
			for _, kind := range []struct {
				key string
				to  *string
			}{{"cvssV4_0", &c.V40}, {"cvssV3_1", &c.V31}, {"cvssV3_0", &c.V31}} {
				object, _ := metric[kind.key].(map[string]any)
				vector, _ := object["vectorString"].(string)
				if *kind.to == "" && (advisories.CVSS{V31: vector}).Score() > 0 {
					*kind.to = vector
				}
			}
		}
		if c.Best() != "" {
			return c
		}
	}
	return c
}

var cwe = regexp.MustCompile(`CWE-[1-9][0-9]*`)

func weaknesses(r record) []string {
	var list []string
	for _, from := range append([]container{r.Containers.CNA}, r.Containers.ADP...) {
		for _, p := range from.ProblemTypes {
			for _, d := range p.Descriptions {
				id := cwe.FindString(d.CWE + " " + d.Text)
				if id != "" && !slices.Contains(list, id) {
					list = append(list, id)
				}
			}
		}
	}
	return list
}

// references are the CNA's, the vendor's advisory first. Addresses that no report could
// link to are left out.
func references(r record) []advisories.Reference {
	var list []advisories.Reference
	for _, row := range r.Containers.CNA.References {
		u, err := url.Parse(row.URL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || row.URL != plain(row.URL) || strings.ContainsAny(row.URL, " <>\"`") {
			continue
		}
		ref := advisories.Reference{Type: "article", URL: row.URL}
		if slices.ContainsFunc(row.Tags, func(tag string) bool { return tag == "vendor-advisory" || tag == "x_refsource_CONFIRM" }) {
			ref.Type = "advisory"
		}
		if !slices.ContainsFunc(list, func(o advisories.Reference) bool { return o.URL == ref.URL }) {
			list = append(list, ref)
		}
	}
	if len(list) == 0 {
		list = []advisories.Reference{{Type: "article", URL: "https://www.cve.org/CVERecord?id=" + r.Metadata.ID}}
	}
	if !slices.ContainsFunc(list, func(o advisories.Reference) bool { return o.Type == "advisory" }) {
		list[0].Type = "advisory"
	}
	slices.SortStableFunc(list, func(a, b advisories.Reference) int { return strings.Compare(a.Type, b.Type) })
	return list[:min(len(list), 8)]
}

// shorten cuts a text after a word.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := strings.LastIndexByte(s[:limit], ' ')
	if cut < limit/2 {
		cut = limit
	}
	return strings.ToValidUTF8(s[:cut], "") + " …"
}
