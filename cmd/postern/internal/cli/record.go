package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"postern/fingerprints"
	"postern/scanner"
	"postern/scanner/evidence"
)

// record asks one device what a scan would ask, and prints the answers in the form that
// examples have in a product's YAML, or as a whole appliance.
func (c *Command) record(ctx context.Context, args []string) error {
	var form string
	var also list
	usage := "postern record [flags] TARGET"
	f, v := defineScanFlags(usage)
	f.groups = slices.DeleteFunc(f.groups, func(g flagGroup) bool { return g.title != "Limits" && g.title != "Connection" })
	f.group("Recording", func() {
		f.StringVar(&form, "form", "example", "print `FORM`: example (YAML of a rule) or appliance (a whole device)")
		f.Var(&also, "path", "also ask for this `PATH`; may repeat")
	})
	rest, err := f.parse(c, args)
	if err != nil {
		return err
	}
	if form != "example" && form != "appliance" {
		return fmt.Errorf("-form %s: unknown form; write example or appliance", form)
	}
	if len(rest) != 1 {
		return errors.New("record: name one target of your own")
	}
	extra, err := extraRequests(also)
	if err != nil {
		return err
	}
	opts, optErr := c.scanOptions(v)
	targets, err := scanner.ParseArgs(rest, scanner.ListOptions{})
	if err := errors.Join(optErr, err); err != nil {
		return err
	}
	know, err := loadKnowledge()
	if err != nil {
		return err
	}
	for target := range targets.All() {
		if target.Port == 0 {
			target.Port = 443
		}
		seen := scanner.New(know.catalog, know.db, opts).Record(ctx, target, extra)
		if err := answered(seen); err != nil {
			return statusError{ExitIncomplete, err}
		}
		if err := c.printRecording(form, seen, know.catalog); err != nil {
			return err
		}
	}
	return nil
}

func extraRequests(paths []string) ([]evidence.Request, error) {
	var requests []evidence.Request
	var errs []error
	for _, p := range paths {
		path, query, _ := strings.Cut(p, "?")
		r := evidence.Request{Method: evidence.GET, Path: path, Query: query}
		if err := r.Validate(); err != nil {
			errs = append(errs, fmt.Errorf("-path %s: %w", p, err))
		}
		requests = append(requests, r)
	}
	return requests, errors.Join(errs...)
}

// answered is an error when nothing came back.
func answered(seen evidence.Seen) error {
	for _, e := range seen.Exchanges {
		if e.Response != nil {
			return nil
		}
	}
	for _, e := range seen.Exchanges {
		return fmt.Errorf("%s:%d: %s: %s", seen.Host, seen.Port, e.Failure.Kind, e.Failure.Detail)
	}
	return fmt.Errorf("%s:%d: nothing was asked", seen.Host, seen.Port)
}

func (c *Command) printRecording(form string, seen evidence.Seen, catalog *fingerprints.Catalog) error {
	clean := newRedactor(seen.Host, seen.TLS)
	var out string
	var err error
	if form == "appliance" {
		out = applianceText(seen, clean)
	} else if out, err = exampleYAML(seen, clean); err != nil {
		return err
	}
	if _, err := c.Stdout.Write([]byte(out)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	for _, id := range catalog.Identify(seen) {
		c.notef("recognised as %s, version %s", id.Product, id.Versions.Describe())
	}
	if left := slices.Compact(slices.Sorted(slices.Values(clean.left))); len(left) > 0 {
		c.notef("kept, because it may be a version and not an address: %s", strings.Join(left, ", "))
	}
	c.notef("names, addresses and session values were removed; read the recording before you share it")
	return nil
}

// recordedExample is an example as rules have it.
type recordedExample struct {
	Note       string   `yaml:"note"`
	Subject    string   `yaml:"cert_subject,omitempty"`
	Issuer     string   `yaml:"cert_issuer,omitempty"`
	SAN        []string `yaml:"cert_san,omitempty"`
	Response   string   `yaml:"response,omitempty"`
	BodyBase64 string   `yaml:"body_base64,omitempty"`
}

func exampleYAML(seen evidence.Seen, clean *redactor) (string, error) {
	var examples []recordedExample
	if t := seen.TLS; t != nil {
		e := recordedExample{Note: "tls", Subject: clean.text(t.Subject), Issuer: clean.text(t.Issuer)}
		for _, name := range t.SAN {
			e.SAN = append(e.SAN, clean.text(name))
		}
		examples = append(examples, e)
	}
	for _, exchange := range recorded(seen) {
		e := recordedExample{Note: exchange.Request.Key(), Response: clean.head(exchange.Response)}
		if body, plain := clean.body(exchange.Response); plain {
			e.Response += "\n" + string(body)
		} else {
			e.BodyBase64 = base64.StdEncoding.EncodeToString(body)
		}
		examples = append(examples, e)
	}
	out, err := yaml.Marshal(map[string]any{"examples": examples})
	return string(out), err
}

// recorded lists the answers, other than the one to the decoy.
func recorded(seen evidence.Seen) []evidence.Exchange {
	return slices.DeleteFunc(slices.Clone(seen.Exchanges), func(x evidence.Exchange) bool {
		return x.Response == nil || x.Request.Path == seen.Decoy
	})
}

// body is the body of an answer, cleaned if it is text. plain says that it can be printed
// as it is.
func (r *redactor) body(response *evidence.Response) (body []byte, plain bool) {
	if !utf8.Valid(response.Body) || bytes.ContainsRune(response.Body, 0) {
		return response.Body, false
	}
	text := r.text(string(response.Body))
	shown := strings.NewReplacer("\r\n", "", "\n", "", "##", "", string(unicode.ReplacementChar), "").Replace(text)
	return []byte(text), printable(shown) == shown
}

// head is the status line and the header fields, cleaned and in a fixed order.
func (r *redactor) head(response *evidence.Response) string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d\n", response.Status)
	for _, name := range slices.Sorted(maps.Keys(response.Header)) {
		if name == "Date" || name == "Connection" || name == "Content-Length" || name == "Transfer-Encoding" {
			continue // of this answer, not of the device
		}
		for _, value := range response.Header[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, printable(r.header(name, value)))
		}
	}
	return b.String()
}

func applianceText(seen evidence.Seen, clean *redactor) string {
	var b strings.Builder
	b.WriteString("# Recorded; say what it is and which version runs on it.\nexpect: unidentified\n")
	if t := seen.TLS; t == nil {
		b.WriteString("tls: none\n")
	} else {
		fmt.Fprintf(&b, "tls: subject=%s issuer=%s\n", clean.text(t.Subject), clean.text(t.Issuer))
	}
	for _, exchange := range recorded(seen) {
		body, plain := clean.body(exchange.Response)
		shown, encoding := string(body), ""
		if !plain || strings.Contains("\n"+shown, "\n-- ") { // would be taken for a section
			shown, encoding = base64.StdEncoding.EncodeToString(body), " base64"
		}
		fmt.Fprintf(&b, "\n-- %s%s --\n%s\n%s\n", exchange.Request.Key(), encoding, clean.head(exchange.Response), shown)
	}
	return b.String()
}
