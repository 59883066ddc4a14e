package scannertest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"postern/scanner/evidence"
)

// Appliance is one recorded device and what a scan must conclude from it.
type Appliance struct {
	// Name is the file name without folder and ending.
	Name string
	// Expect lists the products that must be identified; none means unidentified.
	Expect []Expectation
	// Reason is why it must stay unidentified, "contradictory"; empty for no reason.
	Reason string
	// Affected, Possible and NotAffected name verdicts that must come out.
	Affected, Possible, NotAffected []string
	// Demo is the part that the appliance plays in the demo.
	Demo Demo
	// TLS is the certificate to show; nil is plain HTTP.
	TLS *Certificate

	answers map[string]*answer // by request key; "*" answers the rest
}

// Expectation is one product on a device.
type Expectation struct {
	// Product is its id.
	Product string
	// Versions is the version set in the notation of version.ParseSet.
	Versions string
}

// Demo is an entry of the demo's asset list; the zero value is none.
type Demo struct {
	// Host is the name that the appliance goes by.
	Host string
	// Words is the metadata that follows it, such as "owner=netops tag=prod".
	Words string
}

// answer is one recorded response, kept as it is sent.
type answer struct {
	status int
	lines  []string // status line and header fields, as recorded, without line ends
	body   []byte
}

// Parse reads one appliance. name is its file name. The error lists every mistake with
// file and line.
func Parse(name string, data []byte) (*Appliance, error) {
	p := &parser{name: name, a: &Appliance{
		Name:    strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ".txtar"),
		answers: map[string]*answer{},
	}}
	p.sections(data)
	p.finish()
	if err := errors.Join(p.errs...); err != nil {
		return nil, err
	}
	return p.a, nil
}

type parser struct {
	name     string
	a        *Appliance
	expected bool // an expect line was seen
	tls      bool // a tls line was seen
	errs     []error
}

func (p *parser) fail(line int, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s:%d: %w", p.name, line, fmt.Errorf(format, args...)))
}

// sections cuts the file at its marker lines and reads each part.
func (p *parser) sections(data []byte) {
	var body []byte
	title, start, number := "", 0, 0
	for line := range bytes.Lines(data) {
		number++
		next, ok := marker(line)
		if !ok && title == "" {
			p.comment(number, strings.TrimSpace(string(line)))
			continue
		}
		if !ok {
			body = append(body, line...)
			continue
		}
		if title != "" {
			p.section(title, start, body)
		}
		title, start, body = next, number, nil
	}
	if title != "" {
		p.section(title, start, body)
	}
}

// marker reads a line such as "-- GET / --".
func marker(line []byte) (title string, ok bool) {
	text := strings.TrimRight(string(line), "\r\n")
	if len(text) < len("-- x --") || !strings.HasPrefix(text, "-- ") || !strings.HasSuffix(text, " --") {
		return "", false
	}
	title = strings.TrimSpace(text[len("-- ") : len(text)-len(" --")])
	return title, title != ""
}

func (p *parser) comment(number int, line string) {
	if line == "" || line[0] == '#' {
		return
	}
	key, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	if !ok || value == "" {
		p.fail(number, "%q is neither \"key: value\" nor a # remark", line)
		return
	}
	switch key {
	case "expect":
		p.expect(number, value)
	case "affected":
		p.a.Affected = append(p.a.Affected, strings.Fields(value)...)
	case "possible":
		p.a.Possible = append(p.a.Possible, strings.Fields(value)...)
	case "not_affected":
		p.a.NotAffected = append(p.a.NotAffected, strings.Fields(value)...)
	case "demo":
		host, words, _ := strings.Cut(value, " ")
		p.a.Demo = Demo{Host: host, Words: strings.TrimSpace(words)}
	case "tls":
		p.certificate(number, value)
	default:
		p.fail(number, "unknown key %q", key)
	}
}

func (p *parser) expect(number int, value string) {
	outcome, rest, _ := strings.Cut(value, " ")
	product, versions, _ := strings.Cut(strings.TrimSpace(rest), " ")
	versions = strings.TrimSpace(versions)
	switch {
	case outcome == "unidentified" && (rest == "" || rest == "contradictory"):
		p.a.Reason = rest
		if p.expected {
			p.fail(number, "unidentified beside another expectation")
		}
	case outcome == "identified" && product != "" && versions != "":
		if p.expected && len(p.a.Expect) == 0 {
			p.fail(number, "identified beside unidentified")
		}
		p.a.Expect = append(p.a.Expect, Expectation{Product: product, Versions: versions})
	default:
		p.fail(number, "expect %q: write \"unidentified\", \"unidentified contradictory\" or \"identified PRODUCT VERSIONS\"", value)
	}
	p.expected = true
}

var tlsKey = regexp.MustCompile(`(?:^| )(subject|issuer|san)=`)

func (p *parser) certificate(number int, value string) {
	if p.tls {
		p.fail(number, "a second tls line")
	}
	p.tls = true
	if value == "none" {
		return
	}
	c := &Certificate{}
	at := tlsKey.FindAllStringSubmatchIndex(value, -1)
	if len(at) == 0 || at[0][0] != 0 {
		p.fail(number, "tls %q: write \"none\" or subject=NAME issuer=NAME san=HOST,HOST", value)
		return
	}
	for i, m := range at {
		end := len(value)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		text := strings.TrimSpace(value[m[1]:end])
		var err error
		switch value[m[2]:m[3]] {
		case "subject":
			c.subject, err = parseName(text)
		case "issuer":
			c.issuer, err = parseName(text)
		case "san":
			c.names = strings.Split(text, ",")
		}
		if err != nil {
			p.fail(number, "tls: %w", err)
		}
	}
	p.a.TLS = c
}

func (p *parser) section(title string, start int, data []byte) {
	words := strings.Fields(title)
	encoded := len(words) > 1 && words[len(words)-1] == "base64"
	if encoded {
		words = words[:len(words)-1]
	}
	key := strings.Join(words, " ")
	if key != "*" {
		if len(words) != 2 {
			p.fail(start, "section %q: write \"GET /path\", \"HEAD /path\" or \"*\", optionally with \"base64\"", title)
			return
		}
		path, query, _ := strings.Cut(words[1], "?")
		if err := (evidence.Request{Method: words[0], Path: path, Query: query}).Validate(); err != nil {
			p.fail(start, "section %q could never be asked for: %w", title, err)
			return
		}
	}
	if p.a.answers[key] != nil {
		p.fail(start, "a second section %q", key)
		return
	}
	answer, err := parseAnswer(data, encoded)
	if err != nil {
		p.fail(start, "section %q: %w", key, err)
		return
	}
	p.a.answers[key] = answer
}

// parseAnswer checks a recording and keeps its head line by line, so that it can be sent
// with the very names and order that the device uses.
func parseAnswer(data []byte, encoded bool) (*answer, error) {
	resp, err := evidence.ParseResponse(data)
	if err != nil {
		return nil, fmt.Errorf("of the section, %w", err)
	}
	head := data[:len(data)-len(resp.Body)]
	a := &answer{status: resp.Status, body: resp.Body}
	for line := range strings.Lines(string(head)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			a.lines = append(a.lines, line)
		}
	}
	if whole, ok := bytes.CutSuffix(a.body, []byte("\n")); ok && (len(whole) == 0 || bytes.HasSuffix(whole, []byte("\n"))) {
		a.body = bytes.TrimSuffix(whole, []byte("\n")) // the last line is empty: no final line break
	}
	if encoded {
		text := strings.Join(strings.Fields(string(a.body)), "")
		if a.body, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, fmt.Errorf("body is not base64: %w", err)
		}
	}
	return a, nil
}

func (p *parser) finish() {
	if !p.expected {
		p.fail(1, "no expect line: say what a scan must conclude")
	}
	if len(p.a.answers) == 0 {
		p.fail(1, "no answers: add a section such as \"-- GET / --\"")
	}
	if !p.tls {
		name := p.a.Demo.Host
		if name == "" {
			name = p.a.Name
		}
		p.a.TLS = &Certificate{subject: commonName(name), names: []string{name}}
	}
}

// answer finds the recording for a request, or nil.
func (a *Appliance) answer(method, target string) *answer {
	for _, key := range []string{method + " " + target, evidence.GET + " " + target, "*"} {
		if found := a.answers[key]; found != nil {
			return found
		}
	}
	return nil
}
