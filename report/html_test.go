package report

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"postern/scanner/finding"
)

// elements lists every element of a page.
func elements(t *testing.T, page []byte) []*html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	require.NoError(t, err)
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// inPage is a place in the page itself.
var inPage = regexp.MustCompile(`^#[a-z0-9]+$`)

// The page must need nothing from elsewhere and run nothing but its own script, whatever
// a device sent.
func TestHTMLRunsAndLoadsNothingOfADevice(t *testing.T) {
	h, results := poisoned()
	for name, page := range map[string][]byte{"example": convert(t, "html", Options{}), "poisoned": written(t, "html", h, results)} {
		scripts := 0
		policy := ""
		for _, n := range elements(t, page) {
			switch n.Data {
			case "script":
				scripts++
				require.Contains(t, policy, cspHash(n.FirstChild.Data), name)
			case "style":
				require.Contains(t, policy, cspHash(n.FirstChild.Data), name)
			case "meta":
				if attribute(n, "http-equiv") == "Content-Security-Policy" {
					policy = attribute(n, "content")
				}
			case "img", "iframe", "object", "embed", "link", "base", "form", "video", "audio":
				t.Errorf("%s: has <%s>", name, n.Data)
			}
			for _, a := range n.Attr {
				require.False(t, strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src", "%s: %s=%q", name, a.Key, a.Val)
				if a.Key == "href" {
					require.True(t, a.Val == link(a.Val) || inPage.MatchString(a.Val), "%s: href=%q", name, a.Val)
				}
			}
		}
		require.Equal(t, 1, scripts, name)
		require.True(t, strings.HasPrefix(policy, "default-src 'none'; "), policy)
	}
}

func TestHTMLHasEveryEndpointWorstFirst(t *testing.T) {
	page := convert(t, "html", Options{})
	var states []string
	for _, n := range elements(t, page) {
		if state := attribute(n, "data-state"); state != "" {
			states = append(states, state)
		}
	}
	require.Len(t, states, 16)
	require.Equal(t, "affected", states[0])
	order := map[string]int{}
	for i, s := range htmlStates {
		order[s.Text] = i
	}
	require.True(t, slices.IsSortedFunc(states, func(a, b string) int { return order[a] - order[b] }), "%v", states)
	require.Contains(t, states, "interrupted")
	require.Contains(t, string(page), "The scan is incomplete: what is not listed was not judged.")
}

func TestHTMLWithoutResultsIsWhole(t *testing.T) {
	page := string(written(t, "html", finding.Header{}, nil))
	require.Contains(t, page, "No gateway was recognised")
	require.True(t, strings.HasSuffix(page, "</html>\n"), page[len(page)-40:])
}

// filled is a result with one text everywhere.
func filled(text string) finding.Result {
	var r finding.Result
	fill(reflect.ValueOf(&r).Elem(), text)
	r.Outcome = finding.Identified
	for i := range r.Products {
		r.Products[i].Version.State = finding.Exact
		for j := range r.Products[i].Findings {
			f := &r.Products[i].Findings[j]
			f.Verdict, f.Kind, f.Accepted, f.Change = finding.Affected, finding.Vulnerability, nil, finding.IsNew
		}
	}
	return r
}
