package report

import (
	"bytes"
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
					require.Equal(t, a.Val, link(a.Val), name)
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
	require.Equal(t, "interrupted", states[len(states)-1])
	require.Contains(t, string(page), "The scan is incomplete: what is not listed was not judged.")
}

func TestHTMLWithoutResultsIsWhole(t *testing.T) {
	page := string(written(t, "html", finding.Header{}, nil))
	require.Contains(t, page, "No gateway known to be affected")
	require.True(t, strings.HasSuffix(page, "</html>\n"), page[len(page)-40:])
}
