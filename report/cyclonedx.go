package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"

	"postern/scanner/finding"
)

// The identity of the whole, and how many endpoints without an answer are named.
const (
	cycloneRoot        = "postern"
	maxCycloneUnasked  = 1_000
	cycloneSchema      = "http://cyclonedx.org/schema/bom-1.6.schema.json"
	cycloneDescription = "The VPN gateways of an asset list, as they show themselves from outside, and what advisories mean for them."
)

// cycloneWriter writes CycloneDX 1.6: an inventory of gateways, with a VEX statement for
// every advisory. It collects, because a statement names every gateway that it is about;
// BENCHMARKS.md says what that takes of memory.
//
// The library was chosen over OpenVEX's: importing it opens nothing, costs 0.3 ms of every
// start, most of it in encoding/gob, and 0.6 MB. github.com/openvex/go-vex v0.2.9 brings
// protobuf, whose start opens the program's own file to seed itself, four more modules and
// 0.7 ms; and its consumers find products by package URL, which no appliance has.
type cycloneWriter struct {
	out        *stream
	header     finding.Header
	components []cyclonedx.Component
	services   []cyclonedx.Service
	at         map[gatewayKey]int // of a component
	refs       map[string]bool
	statements statements
	unasked    []cyclonedx.Property // endpoints that gave no answer
	more       int                  // of them that are not named
}

// gatewayKey is a product on an endpoint.
type gatewayKey struct{ target, product string }

func newCyclone(out *stream, h finding.Header) *cycloneWriter {
	return &cycloneWriter{out: out, header: h, at: map[gatewayKey]int{}, refs: map[string]bool{cycloneRoot: true}, statements: newStatements()}
}

// Write takes in the gateways of an endpoint. What is possible is "in triage", also where
// no version could be read; what the version rules out is "not affected"; an endpoint
// without an answer makes the inventory incomplete.
func (w *cycloneWriter) Write(r finding.Result) error {
	if w.out.err != nil {
		return w.out.err
	}
	switch r.Outcome {
	case finding.Unreachable, finding.Interrupted:
		if len(w.unasked) < maxCycloneUnasked {
			w.unasked = append(w.unasked, property(string(r.Outcome), r.Target))
		} else {
			w.more++
		}
	}
	for _, p := range r.Products {
		w.gateway(r, p)
	}
	for _, p := range earlierProducts(r) {
		if p.ID != "" {
			w.gateway(r, p)
		} else {
			r.Findings = append(r.Findings[:len(r.Findings):len(r.Findings)], p.Findings...)
		}
	}
	w.endpoint(r)
	return nil
}

// gateway states what is known of one product on an endpoint.
func (w *cycloneWriter) gateway(r finding.Result, p finding.Product) {
	key := gatewayKey{r.Target, p.ID}
	i, known := w.at[key]
	if !known {
		i = len(w.components)
		w.at[key] = i
		w.components = append(w.components, gatewayComponent(r, p, w.ref(prose(r.Target+"/"+p.ID, 400))))
	}
	ref := w.components[i].BOMRef
	for _, f := range p.Findings {
		if f.Kind == finding.Vulnerability {
			w.statements.add(f, analysis(f), ref)
		} else {
			w.components[i].Properties = with(w.components[i].Properties, notedProperty(f))
		}
	}
	for _, id := range p.NotAffected {
		w.statements.add(finding.Finding{Advisory: id}, excludedAnalysis(), ref)
	}
}

// ref makes a reference that nothing else has.
func (w *cycloneWriter) ref(name string) string {
	if name == "" {
		name = "unnamed"
	}
	ref := name
	for n := 2; w.refs[ref]; n++ {
		ref = name + " (" + strconv.Itoa(n) + ")"
	}
	w.refs[ref] = true
	return ref
}

// endpoint keeps what is noted of an endpoint itself: with its first gateway, or as a
// service where none is known.
func (w *cycloneWriter) endpoint(r finding.Result) {
	if len(r.Findings) == 0 {
		return
	}
	var notes []cyclonedx.Property
	for _, f := range r.Findings {
		notes = append(notes, notedProperty(f))
	}
	for _, p := range append(r.Products[:len(r.Products):len(r.Products)], earlierProducts(r)...) {
		if i, ok := w.at[gatewayKey{r.Target, p.ID}]; ok {
			w.components[i].Properties = with(w.components[i].Properties, notes...)
			return
		}
	}
	s := cyclonedx.Service{BOMRef: w.ref(prose(r.Target, 400)), Name: prose(r.Target, 400)}
	if address := link(r.URL); address != "" {
		s.Endpoints = &[]string{address}
	}
	s.Properties = with(endpointProperties(r), notes...)
	w.services = append(w.services, s)
}

// Close writes the file; there is one also when nothing was found.
func (w *cycloneWriter) Close(s finding.Summary) error {
	if w.out.err != nil {
		return w.out.err
	}
	for _, gone := range s.Gone {
		if i, ok := w.at[gatewayKey{gone.Target, gone.Product}]; ok && gone.Status == finding.IsFixed {
			w.statements.resolve(gone, w.components[i].BOMRef)
		}
	}
	bom := cyclonedx.NewBOM()
	bom.SpecVersion, bom.JSONSchema = cyclonedx.SpecVersion1_6, cycloneSchema
	serial, err := serialNumber(w.header, s)
	if err != nil {
		return err
	}
	bom.SerialNumber = serial
	bom.Metadata = w.metadata(s)
	bom.Components = &w.components
	if w.components == nil {
		bom.Components = &[]cyclonedx.Component{}
	}
	if w.services != nil {
		bom.Services = &w.services
	}
	aggregate := cyclonedx.CompositionAggregateUnknown // nobody sees from outside that it is all
	if gaps(w.header, s) != "" || len(w.unasked) > 0 {
		aggregate = cyclonedx.CompositionAggregateIncomplete
	}
	bom.Compositions = &[]cyclonedx.Composition{{Aggregate: aggregate, Assemblies: &[]cyclonedx.BOMReference{cycloneRoot}}}
	bom.Vulnerabilities = w.statements.list()
	var b bytes.Buffer
	if err := cyclonedx.NewBOMEncoder(&b, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom); err != nil {
		return fmt.Errorf("encode CycloneDX: %w", err)
	}
	return w.out.write(escapeJSON(b.Bytes()))
}

// metadata says what was scanned, by what, and how far it got.
func (w *cycloneWriter) metadata(s finding.Summary) *cyclonedx.Metadata {
	h := w.header
	version, _ := toolVersion(h.Version)
	var lists []string
	for _, in := range h.Inputs {
		if in != "-" {
			lists = append(lists, prose(path.Base(strings.ReplaceAll(in, `\`, "/")), 200))
		}
	}
	name := "targets"
	if len(lists) > 0 {
		name = cut(strings.Join(lists, ", "), 400)
	}
	properties := []cyclonedx.Property{property("rules-digest", h.Rules.Digest), property("rules-date", h.Rules.Date)}
	add := func(name, value string) {
		if value != "" && value != "0" {
			properties = append(properties, property(name, value))
		}
	}
	add("rules-from", h.Rules.From)
	for _, count := range []struct {
		name string
		n    int
	}{{"targets", s.Targets}, {"results", s.Results}, {"identified", s.Identified}, {"unidentified", s.Unidentified}, {"unreachable-count", s.Unreachable},
		{"interrupted-count", s.Interrupted}, {"still-affected", s.StillAffected}, {"accepted", s.Accepted}} {
		add(count.name, strconv.Itoa(count.n))
	}
	properties = append(properties, property("coverage", strconv.FormatFloat(finite(s.Coverage), 'f', -1, 64)), property("complete", strconv.FormatBool(s.Complete)))
	if h.Baseline != nil {
		add("baseline", writableTime(h.Baseline.Started).Format(time.RFC3339))
	}
	add("shards", shardGaps(h))
	properties = append(properties, w.unasked...)
	add("unanswered-more", strconv.Itoa(w.more))
	m := &cyclonedx.Metadata{
		Lifecycles: &[]cyclonedx.Lifecycle{{Phase: cyclonedx.LifecyclePhaseDiscovery}},
		Tools:      &cyclonedx.ToolsChoice{Components: &[]cyclonedx.Component{{Type: cyclonedx.ComponentTypeApplication, Name: "Postern", Version: version}}},
		Component:  &cyclonedx.Component{BOMRef: cycloneRoot, Type: cyclonedx.ComponentTypePlatform, Name: name, Description: cycloneDescription},
		Properties: &properties,
	}
	if start := writableTime(h.Started); !start.IsZero() {
		m.Timestamp = start.Format(time.RFC3339)
	}
	return m
}

// serialNumber is a UUID (version 8) made of what the report says of itself: the same
// report always has the same.
func serialNumber(h finding.Header, s finding.Summary) (string, error) {
	h.Started, s.Ended = writableTime(h.Started), writableTime(s.Ended)
	s.Coverage = finite(s.Coverage)
	b, err := json.Marshal(finding.Report{Header: h, Summary: s})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]), nil
}

// property is one of ours, under our name.
func property(name, value string) cyclonedx.Property {
	return cyclonedx.Property{Name: "postern:" + name, Value: prose(value, 600)}
}

// with appends to a list that may not be there yet.
func with(list *[]cyclonedx.Property, more ...cyclonedx.Property) *[]cyclonedx.Property {
	var all []cyclonedx.Property
	if list != nil {
		all = *list
	}
	all = append(all, more...)
	return &all
}
