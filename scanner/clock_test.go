package scanner

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClockMovesNoDeadline: whoever changes the clock of the machine during a scan moves no
// deadline, gap, rate or wait. Go measures with the monotonic clock as long as a reading of
// it is kept; no code that waits may take it off a time, or make a time of a number.
func TestClockMovesNoDeadline(t *testing.T) {
	strips := []string{"Unix", "UnixNano", "UnixMilli", "Round", "Truncate", "UTC", "Local", "In", "AddDate"}
	files := 0
	for _, root := range []string{".", "internal/probe", "journal"} {
		names, err := filepath.Glob(filepath.Join(root, "*.go"))
		require.NoError(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files++
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if selector, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(strips, selector.Sel.Name) && elsewhere[filepath.ToSlash(name)] != selector.Sel.Name {
					t.Errorf("%s: %s takes the monotonic clock off a time", set.Position(call.Pos()), selector.Sel.Name)
				}
				return true
			})
		}
	}
	require.Greater(t, files, 30)
}

// elsewhere says where these words are about something else: lengths of time, files, times
// before 1970, and the dates of certificates.
var elsewhere = map[string]string{
	"endpoint.go": "Round", "internal/probe/retry.go": "Round", "journal/writer.go": "Truncate",
	"internal/probe/tolerant.go": "Unix", "internal/probe/tolerant_zcrypto.go": "Unix",
	"internal/probe/tolerant_tls.go": "UTC", "internal/probe/certificate.go": "UTC",
}
