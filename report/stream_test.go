package report

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// failing takes so many bytes and then fails; if short, it takes less than it is given
// and says nothing.
type failing struct {
	left  int
	short bool
	taken bytes.Buffer
}

var errFull = errors.New("no space left")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) <= f.left {
		f.left -= len(p)
		return f.taken.Write(p)
	}
	n, _ := f.taken.Write(p[:f.left])
	f.left = 0
	if f.short {
		return n, nil
	}
	return n, errFull
}

// TestErrorsOfTheStreamAreReturned fails the stream at every place, in steps: somebody
// is told, later calls tell it again, and nothing is written after the gap.
func TestErrorsOfTheStreamAreReturned(t *testing.T) {
	saved, err := os.ReadFile(example)
	require.NoError(t, err)
	for _, format := range Formats() {
		whole := convert(t, format, Options{})
		for _, short := range []bool{false, true} {
			for left := 0; left < len(whole); left += 1 + len(whole)/60 {
				f := &failing{left: left, short: short}
				want := errFull
				if short {
					want = io.ErrShortWrite
				}
				require.ErrorIs(t, writeAll(t, format, f, saved), want, "%s, %d bytes", format, left)
				require.Equal(t, string(whole[:left]), f.taken.String(), "%s, %d bytes", format, left)
			}
			require.NoError(t, writeAll(t, format, &failing{left: len(whole)}, saved))
		}
	}
}

// writeAll goes on after errors, as the command line does, and returns the last.
func writeAll(t *testing.T, format string, w io.Writer, saved []byte) error {
	t.Helper()
	reader, err := NewReader(bytes.NewReader(saved))
	require.NoError(t, err)
	writer, err := New(format, w, reader.Header(), Options{})
	if err != nil {
		return err
	}
	summary, err := reader.Each(func(r finding.Result) error {
		_ = writer.Write(r) // Close must tell it again
		return nil
	})
	require.NoError(t, err)
	return writer.Close(summary)
}

func TestWriteReturnsTheError(t *testing.T) {
	for _, format := range []string{"json", "jsonl"} {
		w, err := New(format, &failing{left: 300}, finding.Header{}, Options{})
		require.NoError(t, err)
		var first error
		for i := 0; i < 20 && first == nil; i++ {
			first = w.Write(finding.Result{Target: "a.example:443"})
		}
		require.ErrorIs(t, first, errFull, format)
		require.ErrorIs(t, w.Write(finding.Result{}), errFull, format)
	}
}
