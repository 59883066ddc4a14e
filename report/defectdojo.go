package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"postern/scanner/finding"
)

// dojoWriter writes DefectDojo's "Generic Findings Import": what is affected as active,
// verified findings, what is possible as active ones that are not verified, also what an
// earlier scan found and this one could not judge: an import closes what it lacks. What
// somebody has accepted is not active, and a report that is not complete says so in a finding
// of its own. The importer refuses keys that it does not know.
type dojoWriter struct {
	out    *stream
	header finding.Header
	some   bool
}

// dojoFinding has the keys of the importer's documentation that concern a gateway.
type dojoFinding struct {
	Title            string         `json:"title"`
	Description      string         `json:"description"`
	Severity         string         `json:"severity"` // Critical, High, Medium, Low, Info
	Date             string         `json:"date,omitempty"`
	Mitigation       string         `json:"mitigation,omitempty"`
	Impact           string         `json:"impact,omitempty"`
	References       string         `json:"references,omitempty"`
	Active           bool           `json:"active"`
	Verified         bool           `json:"verified"`
	RiskAccepted     bool           `json:"risk_accepted,omitempty"`
	Static           bool           `json:"static_finding"`
	Dynamic          bool           `json:"dynamic_finding"`
	CVE              string         `json:"cve,omitempty"`
	CWE              int            `json:"cwe,omitempty"`
	CVSSv3           string         `json:"cvssv3,omitempty"`
	CVSSv4           string         `json:"cvssv4,omitempty"`
	EPSS             float64        `json:"epss_score,omitempty"`
	EPSSPercentile   float64        `json:"epss_percentile,omitempty"`
	KnownExploited   bool           `json:"known_exploited"`
	Ransomware       bool           `json:"ransomware_used"`
	KEVDate          string         `json:"kev_date,omitempty"`
	FixAvailable     bool           `json:"fix_available"`
	FixVersion       string         `json:"fix_version,omitempty"`
	ComponentName    string         `json:"component_name,omitempty"`
	ComponentVersion string         `json:"component_version,omitempty"`
	Service          string         `json:"service,omitempty"`
	UniqueID         string         `json:"unique_id_from_tool"`
	VulnID           string         `json:"vuln_id_from_tool"`
	Tags             []string       `json:"tags,omitempty"`
	Endpoints        []dojoEndpoint `json:"endpoints"`
}

type dojoEndpoint struct {
	Protocol string `json:"protocol,omitempty"`
	Host     string `json:"host"`
	Port     int    `json:"port,omitempty"`
}

func newDojo(out *stream, h finding.Header) (*dojoWriter, error) {
	name, err := json.Marshal("Postern " + visible(h.Version, 50))
	if err != nil {
		return nil, err
	}
	return &dojoWriter{out: out, header: h}, out.write([]byte(`{"name": `), escapeJSON(name), []byte(`, "type": "Postern", "findings": [`))
}

func (w *dojoWriter) Write(r finding.Result) error {
	for _, c := range claims(r) {
		if err := w.put(w.finding(r, c)); err != nil {
			return err
		}
	}
	return w.out.write()
}

func (w *dojoWriter) put(d dojoFinding) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(true)
	if err := encoder.Encode(d); err != nil {
		return err
	}
	separator := ",\n  "
	if !w.some {
		separator = "\n  "
	}
	w.some = true
	return w.out.write([]byte(separator), escapeJSON(bytes.TrimSpace(b.Bytes())))
}

func (w *dojoWriter) Close(s finding.Summary) error {
	if why := gaps(w.header, s); why != "" {
		if err := w.put(w.incomplete(why)); err != nil {
			return err
		}
	}
	return w.out.write([]byte("\n]}\n"))
}

// incomplete is open until the import of a complete report.
func (w *dojoWriter) incomplete(why string) dojoFinding {
	const id = "POSTERN-INCOMPLETE"
	return dojoFinding{
		Title: id + ": The scan is not complete", Description: markdown(why, 1000), Severity: "Info", Date: w.date(),
		Mitigation: "Scan again. An import that closes what a report lacks has closed findings that nobody looked at.",
		Active:     true, Verified: true, Dynamic: true, UniqueID: fingerprint("", id), VulnID: id, Endpoints: []dojoEndpoint{},
	}
}

// date is the day of the scan, if it is known.
func (w *dojoWriter) date() string {
	if w.header.Started.IsZero() {
		return ""
	}
	return w.header.Started.UTC().Format(time.DateOnly)
}

func (w *dojoWriter) finding(r finding.Result, c claim) dojoFinding {
	f, p := c.finding, c.product
	d := dojoFinding{
		Title: cut(visible(f.Advisory+": "+f.Title, 500), 500), Date: w.date(),
		Description: dojoText(r, c),
		Severity:    dojoSeverity(f.Severity), Impact: markdown(f.AppliesIf, 1000),
		Mitigation: markdown(f.Remediation, 2000), References: link(f.URL),
		Active: f.Accepted == nil, RiskAccepted: f.Accepted != nil, Verified: c.affected() || f.Kind != finding.Vulnerability && f.Verdict == finding.Affected, Dynamic: true,
		CWE: dojoCWE(f.CWE), EPSS: finite(f.EPSS), EPSSPercentile: finite(f.EPSSPercentile),
		FixAvailable: fixed(f) != "", FixVersion: visible(fixed(f), 100),
		Service: visible(r.Target, 200), UniqueID: fingerprint(r.Target, f.Advisory), VulnID: visible(f.Advisory, 100),
		Endpoints: []dojoEndpoint{dojoPlace(r)},
	}
	if strings.HasPrefix(f.Advisory, "CVE-") {
		d.CVE = visible(f.Advisory, 50)
	}
	switch {
	case strings.HasPrefix(f.Vector, "CVSS:3"):
		d.CVSSv3 = visible(f.Vector, 200)
	case strings.HasPrefix(f.Vector, "CVSS:4"):
		d.CVSSv4 = visible(f.Vector, 250)
	}
	if f.KEV != nil {
		d.KnownExploited, d.Ransomware = true, f.KEV.Ransomware
		if _, err := time.Parse(time.DateOnly, f.KEV.Added); err == nil { // the importer refuses anything else
			d.KEVDate = f.KEV.Added
		}
	}
	if p.ID != "" {
		d.ComponentName = visible(fullName(p), 200)
	}
	if versionRead(p.Version) {
		d.ComponentVersion = visible(p.Version.Text, 100)
	}
	d.Tags = resultTags(r.Input.Tags)
	if r.Input.Owner != "" {
		d.Tags = append(d.Tags, "owner:"+plain(r.Input.Owner, 100))
	}
	return d
}

// dojoText is Markdown: the verdict and the bytes that it rests on.
func dojoText(r finding.Result, c claim) string {
	lines := []string{"**" + markdown(r.Target, 200) + "**"}
	if c.product.ID != "" {
		lines[0] += " runs " + markdown(fullName(c.product), 100) + ", version " + markdown(c.product.Version.Text, 100)
	}
	lines = append(lines, "Verdict: **"+markdown(string(c.finding.Verdict), 20)+"**, "+markdown(c.finding.Reason, 1000))
	if c.earlier() {
		lines = append(lines, c.notJudged())
	}
	if a := c.finding.Accepted; a != nil {
		lines = append(lines, "Risk accepted by "+markdown(a.Owner, 100)+" until "+markdown(a.Expires, 20)+": "+markdown(withJustification(a), 600))
	}
	for _, reason := range strongest(c.product, 4) {
		lines = append(lines, fmt.Sprintf("Seen: %s showed %s (rule %s)", markdown(reason.Request, 200), markdown(quoted(reason.Shows, 160), 400), markdown(reason.Rule, 100)))
	}
	if text := attacks(c.finding); text != "" {
		lines = append(lines, markdown(text, 1000))
	}
	return strings.Join(lines, "\n\n")
}

func dojoSeverity(s string) string {
	switch s {
	case "critical":
		return "Critical"
	case "high":
		return "High"
	case "medium":
		return "Medium"
	case "low":
		return "Low"
	}
	return "Info"
}

// dojoCWE is the number of the first kind of weakness, 0 for none.
func dojoCWE(all []string) int {
	for _, text := range all {
		if n, err := strconv.Atoi(strings.TrimPrefix(text, "CWE-")); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

func dojoPlace(r finding.Result) dojoEndpoint {
	host, port := finding.SplitTarget(r.Target)
	e := dojoEndpoint{Host: visible(host, 200), Port: port} // port 0 is left out
	if scheme, _, ok := strings.Cut(r.URL, "://"); ok && (scheme == "http" || scheme == "https") {
		e.Protocol = scheme
	}
	return e
}
