package importer

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"postern/advisories"
)

// KEV cuts CISA's catalogue (known_exploited_vulnerabilities.json) down to the CVEs that
// are known. It returns the overlay file and how many entries it has.
func KEV(data []byte, known func(cve string) bool) ([]byte, int, error) {
	var catalog struct {
		Version  string `json:"catalogVersion"`
		Released string `json:"dateReleased"`
		Entries  []struct {
			ID         string `json:"cveID"`
			Added      string `json:"dateAdded"`
			Due        string `json:"dueDate"`
			Ransomware string `json:"knownRansomwareCampaignUse"`
		} `json:"vulnerabilities"`
	}
	if err := json.Unmarshal(data, &catalog); err != nil {
		return nil, 0, fmt.Errorf("no KEV catalogue: %w", err)
	}
	if catalog.Version == "" || len(catalog.Entries) == 0 {
		return nil, 0, errors.New("no KEV catalogue: it has no catalogVersion or no vulnerabilities")
	}
	out := advisories.KEVCatalog{Version: plain(catalog.Version), Released: day(catalog.Released), Entries: []advisories.KEVEntry{}}
	var errs []error
	if out.Released == "" {
		errs = append(errs, fmt.Errorf("dateReleased is %q, which is no date", catalog.Released))
	}
	for _, e := range catalog.Entries {
		if !cveID.MatchString(e.ID) || !known(e.ID) {
			continue
		}
		if e.Ransomware != "Known" && e.Ransomware != "Unknown" {
			errs = append(errs, fmt.Errorf("%s: knownRansomwareCampaignUse is %q; it is Known or Unknown", e.ID, e.Ransomware))
		}
		if day(e.Added) != e.Added || e.Added == "" || e.Due != "" && day(e.Due) != e.Due {
			errs = append(errs, fmt.Errorf("%s: dateAdded %q or dueDate %q is no date", e.ID, e.Added, e.Due))
		}
		out.Entries = append(out.Entries, advisories.KEVEntry{ID: e.ID, Added: e.Added, Due: e.Due, Ransomware: e.Ransomware == "Known"})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, 0, err
	}
	slices.SortFunc(out.Entries, func(a, b advisories.KEVEntry) int { return compareCVE(a.ID, b.ID) })
	return kevLines(out), len(out.Entries), nil
}

// kevLines writes an entry a line, so that a refresh shows what changed.
func kevLines(catalog advisories.KEVCatalog) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"version\": %q, \"released\": %q, \"entries\": [", catalog.Version, catalog.Released)
	for i, e := range catalog.Entries {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n  {\"id\": %q, \"added\": %q, ", e.ID, e.Added)
		if e.Due != "" {
			fmt.Fprintf(&b, "\"due\": %q, ", e.Due)
		}
		fmt.Fprintf(&b, "\"ransomware\": %t}", e.Ransomware)
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// largestEPSS bounds a file of scores in bytes, unpacked; today's has some 10 MB.
const largestEPSS = 256 << 20

// EPSS cuts a file of EPSS scores, packed with gzip or not, down to the CVEs that are
// known. It returns the overlay file and how many scores it has.
func EPSS(data []byte, known func(cve string) bool) ([]byte, int, error) {
	var r io.Reader = bytes.NewReader(data)
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		unpacked, err := gzip.NewReader(r)
		if err != nil {
			return nil, 0, fmt.Errorf("no EPSS scores: %w", err)
		}
		r = unpacked
	}
	limited := &io.LimitedReader{R: r, N: largestEPSS}
	scores, err := advisories.ParseEPSS(limited)
	if limited.N == 0 {
		return nil, 0, fmt.Errorf("no EPSS scores: more than %d MB", largestEPSS>>20)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("no EPSS scores: %w", err)
	}
	if scores.Date == "" {
		return nil, 0, errors.New("no EPSS scores: the first line does not state score_date")
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "#%s\ncve,epss,percentile\n", plain(scores.Header))
	n := 0
	for _, id := range slices.SortedFunc(maps.Keys(scores.ByCVE), compareCVE) {
		if !known(id) {
			continue
		}
		n++
		score := scores.ByCVE[id]
		fmt.Fprintf(&b, "%s,%s,%s\n", id, decimal(score.Score), decimal(score.Percentile))
	}
	return b.Bytes(), n, nil
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

var cveParts = regexp.MustCompile(`^CVE-(\d+)-0*(\d+)$`)

// compareCVE orders by year and number; numbers without leading zeros sort by length.
func compareCVE(a, b string) int {
	x, y := cveParts.FindStringSubmatch(a), cveParts.FindStringSubmatch(b)
	if x == nil || y == nil {
		return cmp.Compare(a, b)
	}
	return cmp.Or(cmp.Compare(x[1], y[1]), cmp.Compare(len(x[2]), len(y[2])), cmp.Compare(x[2], y[2]))
}
