package report

import (
	"slices"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"

	"postern/scanner/finding"
)

// gatewayComponent describes one product on one endpoint. It has the version and the CPE
// only where one version is left, since consumers take both as certain; what is known
// beside that is in properties. There is no package URL, which has no type for appliances.
func gatewayComponent(r finding.Result, p finding.Product, ref string) cyclonedx.Component {
	c := cyclonedx.Component{
		BOMRef: ref, Type: cyclonedx.ComponentTypeFirmware, Name: prose(p.Name, 200),
		Manufacturer: &cyclonedx.OrganizationalEntity{Name: prose(p.Vendor, 200)},
	}
	name := ""
	if len(p.CPE) == 1 && isCPE(p.CPE[0]) {
		name = p.CPE[0]
	}
	if strings.HasPrefix(name, "cpe:2.3:a:") {
		c.Type = cyclonedx.ComponentTypeApplication
	}
	if p.Version.State == finding.Exact {
		c.Version, c.CPE = prose(p.Version.Text, 200), name
	}
	properties := *endpointProperties(r)
	add := func(name, value string) {
		if value != "" {
			properties = append(properties, property(name, value))
		}
	}
	add("version", p.Version.Text)
	add("version-state", string(p.Version.State))
	add("confidence", string(p.Confidence))
	for _, model := range p.Models[:min(len(p.Models), 20)] {
		add("model", model)
	}
	if p.Upgrade != "" {
		add("upgrade", p.Upgrade)
	}
	for _, f := range p.Findings {
		if day := (claim{p, f}).lastSeen(time.DateOnly); day != "" {
			add("last-seen", day) // it was not judged again since
			break
		}
	}
	c.Properties = &properties
	return c
}

// endpointProperties say where a gateway is and whose it is.
func endpointProperties(r finding.Result) *[]cyclonedx.Property {
	properties := []cyclonedx.Property{property("endpoint", r.Target)}
	add := func(name, value string) {
		if value != "" {
			properties = append(properties, property(name, value))
		}
	}
	add("url", link(r.URL))
	add("owner", r.Input.Owner)
	for _, tag := range resultTags(r.Input.Tags) {
		add("tag", tag)
	}
	return &properties
}

// notedProperty is a finding of a kind in a line: no advisory, and so no statement.
func notedProperty(f finding.Finding) cyclonedx.Property {
	text := prose(f.Advisory, 100) + ": "
	if f.Verdict == finding.Possible {
		text += "possibly "
	}
	text += f.Reason
	if day := (claim{finding: f}).lastSeen(time.DateOnly); day != "" {
		text += "; last seen on " + day
	}
	if f.Accepted != nil {
		text += "; " + acceptance(f.Accepted)
	}
	return property("finding", text)
}

// isCPE reports whether a name is a CPE 2.3 one without anything that it may not hold.
func isCPE(s string) bool {
	parts := strings.Split(strings.ReplaceAll(s, `\:`, ""), ":")
	return len(parts) == 13 && strings.HasPrefix(s, "cpe:2.3:") && len(s) <= 400 && slices.Contains([]string{"a", "o", "h"}, parts[2]) &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '`' })
}
