package scanner

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/fingerprints"
	"postern/scanner/finding"
)

// declarations is what the targets of a list are declared to be: "host: words (place)".
func declarations(t *testing.T, file, text string) string {
	t.Helper()
	l, err := ParseList(file, strings.NewReader(text), ListOptions{Catalog: acmeCatalog(t)})
	require.NoError(t, err)
	var lines []string
	for target := range l.All() {
		line := target.Host
		if d := target.Declared; d != nil {
			line += ": " + d.String() + " (" + d.Place + ")"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestParseListDeclarations(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"words", "a.example # product=acme-gate version=9.1.4 owner=x", "a.example: product=acme-gate version=9.1.4 (hosts.txt:1)"},
		{"words of any case, quoted", "\n\na.example # Product=\"acme-gate\" VERSION=\"9.1\"", "a.example: product=acme-gate version=9.1 (hosts.txt:3)"},
		{"the product alone", "a.example # product=acme-gate", "a.example: product=acme-gate (hosts.txt:1)"},
		{"one address", "192.0.2.1:8443 # product=acme-gate", "192.0.2.1: product=acme-gate (hosts.txt:1)"},
		{"a range of one address", "192.0.2.1/32 # product=acme-gate", "192.0.2.1: product=acme-gate (hosts.txt:1)"},
		{"a remark", "a.example # the old product", "a.example"},
		{"a model without product", "a.example # model=G1", "a.example"},
		{"a model of a product without models", "a.example # product=acme-gate model=G1", "a.example: product=acme-gate (hosts.txt:1)"},
		{"columns", "host,Product,version\na.example,acme-gate,9.1.4\nb.example,,\n", "a.example: product=acme-gate version=9.1.4 (hosts.txt:2)\nb.example"},
		{"in a range listed before", "192.0.2.0/31\n192.0.2.1 # product=acme-gate", "192.0.2.0\n192.0.2.1: product=acme-gate (hosts.txt:2)"},
		{"of a name listed before", "a.example\na.example # product=acme-gate", "a.example: product=acme-gate (hosts.txt:2)"},
		{"of another port", "a.example\na.example:8443 # product=acme-gate", "a.example\na.example: product=acme-gate (hosts.txt:2)"},
		{"said twice", "a.example # product=acme-gate\na.example # product=acme-gate", "a.example: product=acme-gate (hosts.txt:1)"},
		{"httpx has none", `{"url":"https://a.example","product":"acme-gate"}`, "a.example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, declarations(t, "hosts.txt", tt.text)) })
	}
	require.Equal(t, "a.example: product=acme-gate (standard input:1)", declarations(t, "-", "a.example # product=acme-gate"))
}

func TestParseListRefusesDeclarations(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown product", "a.example # product=acme", `hosts.txt:1:1: "a.example": declares the unknown product "acme"; postern products lists those that are known`},
		{"no version", "x.example\n a.example # product=acme-gate version=nine", `hosts.txt:2:2: "a.example": declares a version of acme-gate: `},
		{"no product", "a.example # version=9.1", `hosts.txt:1:1: "a.example": version 9.1 is declared without a product; add product=ID (postern products lists them)`},
		{"a range", "192.0.2.0/31 # product=acme-gate", `hosts.txt:1:1: "192.0.2.0/31": declares a product for a range of addresses; list each gateway on a line of its own`},
		{"two things", "a.example # product=acme-gate version=9\na.example # product=acme-gate version=8", `hosts.txt:2:1: "a.example": declares product=acme-gate version=8, and line 1 declares product=acme-gate version=9; keep one of the two`},
		{"a column", "owner,host,product\nx,a.example,acme\n", `hosts.txt:2:3: "a.example": declares the unknown product "acme"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseList("hosts.txt", strings.NewReader(tt.text), ListOptions{Catalog: acmeCatalog(t)})
			require.ErrorContains(t, err, tt.want)
		})
	}
}

// Without a catalog the words are metadata like any other, so that other readers of asset
// lists need no knowledge of products.
func TestParseListKeepsDeclarationsAsMetadata(t *testing.T) {
	l, err := ParseList("hosts.txt", strings.NewReader("a.example # product=anything version=x"), ListOptions{})
	require.NoError(t, err)
	for target := range l.All() {
		require.Nil(t, target.Declared)
		require.Equal(t, map[string]string{"product": "anything", "version": "x"}, target.Input.Meta)
	}
}

func TestModelsOf(t *testing.T) {
	known := fingerprints.Product{Models: []fingerprints.Model{{Name: "Vigor2960"}, {Name: "Vigor3900"}}}
	got, err := modelsOf("vigor3900, Vigor2960", known)
	require.NoError(t, err)
	require.Equal(t, []string{"Vigor3900", "Vigor2960"}, got)
	_, err = modelsOf("Vigor3900,Vigor1", known)
	require.EqualError(t, err, `"Vigor1" is none of Vigor2960, Vigor3900`)
}

// A scan judges what is declared where nothing is seen, and leaves the outcome as it is.
func TestScanJudgesDeclaredProducts(t *testing.T) {
	catalog := acmeCatalog(t)
	product, _ := catalog.Product("acme-gate")
	nine, err := product.Versions.Parse("9.0.1")
	require.NoError(t, err)
	_, silent := serve(t, "expect: unidentified\n-- * --\nHTTP/1.1 404 Not Found\n\nnothing\n")
	_, gate := serve(t, "expect: unidentified\n-- * --\nHTTP/1.1 200 OK\n\n<title>Acme Gate</title>\n")
	_, shown := serve(t, "expect: unidentified\n-- * --\nHTTP/1.1 200 OK\n\n<title>Acme Gate 9.1.4</title>\n")
	s := New(catalog, acmeDB(t, "443"), Options{Rate: -1, Timeout: 2 * time.Second, Ports: []int{silent, gate}})
	tests := []struct {
		name    string
		port    int
		want    finding.Outcome
		version string
		used    bool
		kinds   int
	}{
		{"closed", closedPort(t), finding.Unreachable, "9.0.1", true, 0},
		{"something else", silent, finding.Unidentified, "9.0.1", true, 0},
		{"recognised, version hidden", gate, finding.Identified, "9.0.1", true, 0},
		{"recognised, another version", shown, finding.Identified, "9.1.4", false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := local(tt.port)
			target.Declared = &finding.Declaration{Product: product, Version: nine, Place: "hosts.txt:1"}
			r := collect(t, s, target)[0]
			require.Equal(t, tt.want, r.Outcome)
			require.Len(t, r.Products, 1)
			p := r.Products[0]
			require.Equal(t, tt.version, p.Version.Text)
			require.Equal(t, tt.used, p.Version.UsesDeclared)
			kinds := 0
			for _, f := range p.Findings {
				if f.Kind == finding.Contradiction {
					kinds++
				}
			}
			require.Equal(t, tt.kinds, kinds)
		})
	}
	t.Run("a host without a port", func(t *testing.T) {
		target := local(0)
		target.Declared = &finding.Declaration{Product: product, Version: nine, Place: "hosts.txt:1"}
		results := collect(t, s, target)
		require.Len(t, results, 2)
		require.Empty(t, results[0].Products, "it was recognised on the other port")
		require.Equal(t, "9.0.1", results[1].Products[0].Version.Text)
	})
}
