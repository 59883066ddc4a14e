package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

func header(targets int64) Header {
	return Header{Scan: "sha256:1", Targets: targets, Header: finding.Header{Format: 1, Tool: "postern", Version: "test"}}
}

func result(n int64) []finding.Result {
	return []finding.Result{{Target: fmt.Sprintf("host-%d.example.org:443", n), Outcome: finding.Unreachable, Reason: "refused", Detail: "<&>\u2028"}}
}

// written is the path and bytes of a journal of some targets.
func written(t *testing.T, targets int64, finished ...int64) (string, []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scan.journal")
	w, err := Create(path, header(targets))
	require.NoError(t, err)
	for _, n := range finished {
		require.NoError(t, w.Add(n, result(n)))
	}
	require.NoError(t, w.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return path, data
}

func TestResumeFindsWhatWasFinished(t *testing.T) {
	path, _ := written(t, 10_000, 3, 0, 9_999)
	w, j, err := Resume(path, header(10_000))
	require.NoError(t, err)
	require.Equal(t, 3, j.Finished())
	require.Zero(t, j.Dropped)
	for _, n := range []int64{0, 3, 9_999} {
		results, ok, err := j.Results(n)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, result(n), results)
	}
	for _, n := range []int64{-1, 1, 4_096, 10_000} {
		_, ok, err := j.Results(n)
		require.NoError(t, err)
		require.False(t, ok, n)
	}
	require.NoError(t, w.Add(1, result(1)))
	require.NoError(t, w.Close())

	w, j, err = Resume(path, header(10_000))
	require.NoError(t, err)
	require.Equal(t, 4, j.Finished())
	require.NoError(t, w.Close())
}

func TestResumeRefusesAnotherScan(t *testing.T) {
	path, _ := written(t, 10, 1)
	_, _, err := Resume(path, header(11))
	require.ErrorContains(t, err, "belongs to a scan of 10 targets, and this one has 11")
	other := header(10)
	other.Scan = "sha256:2"
	_, _, err = Resume(path, other)
	require.ErrorContains(t, err, "of other targets or ports")
	_, err = Create(path, header(10))
	require.ErrorContains(t, err, "exists; go on with it by -resume")
}

func TestResumeRefusesWhatIsNoJournal(t *testing.T) {
	for name, text := range map[string]string{
		"text":            "vpn.example.org\n",
		"text, no line":   "vpn.example.org",
		"a report":        `{"format":1,"tool":"postern"}` + "\n",
		"a later journal": `{"postern_journal":2,"scan":"sha256:1","targets":10}` + "\n",
	} {
		path := filepath.Join(t.TempDir(), "j")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, _, err := Resume(path, header(10))
		require.ErrorContains(t, err, path, name)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(data), "%s: the file must stay as it was", name)
	}
}

// The same command must do after every crash, also after one that came at once.
func TestResumeBeginsWhereNothingWasFinished(t *testing.T) {
	_, data := written(t, 10)
	for size := -1; size < len(data); size++ {
		path := filepath.Join(t.TempDir(), "j")
		if size >= 0 {
			require.NoError(t, os.WriteFile(path, data[:size], 0o600))
		}
		w, j, err := Resume(path, header(10))
		require.NoError(t, err, "cut at %d", size)
		require.Zero(t, j.Finished())
		_, ok, err := j.Results(1)
		require.NoError(t, err)
		require.False(t, ok)
		require.NoError(t, w.Add(1, result(1)))
		require.NoError(t, w.Close())
		w, j, err = Resume(path, header(10))
		require.NoError(t, err)
		require.Equal(t, 1, j.Finished())
		require.NoError(t, w.Close())
	}
}

// A crash may end the file anywhere, and a loss of power may leave zeros.
func TestTornJournalLosesOnlyTheTornTarget(t *testing.T) {
	_, data := written(t, 100, 5, 6, 7)
	first := bytes.IndexByte(data, '\n') + 1
	for cut := first; cut <= len(data); cut++ {
		whole := bytes.Count(data[:cut], []byte("\n")) - 1
		for _, tail := range [][]byte{nil, make([]byte, 100)} {
			path := filepath.Join(t.TempDir(), "j")
			require.NoError(t, os.WriteFile(path, append(bytes.Clone(data[:cut]), tail...), 0o600))
			w, j, err := Resume(path, header(100))
			require.NoError(t, err)
			require.Equal(t, whole, j.Finished(), "cut at %d", cut)
			require.NoError(t, w.Add(50, result(50)))
			results, ok, err := j.Results(5)
			require.NoError(t, err)
			require.Equal(t, whole > 0, ok)
			if ok {
				require.Equal(t, result(5), results)
			}
			require.NoError(t, w.Close())
			w, j, err = Resume(path, header(100))
			require.NoError(t, err)
			require.Equal(t, whole+1, j.Finished(), "after going on from %d", cut)
			require.Zero(t, j.Dropped)
			require.NoError(t, w.Close())
		}
	}
}

func TestDamagedLineIsDroppedAndTheRestKept(t *testing.T) {
	_, data := written(t, 100, 5, 6, 7)
	for range 200 {
		path := filepath.Join(t.TempDir(), "j")
		bad := bytes.Clone(data)
		at := bytes.IndexByte(bad, '\n') + 1 + rand.IntN(bytes.LastIndexByte(bad, '}')-bytes.IndexByte(bad, '\n'))
		bad[at] ^= 0x15
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		w, j, err := Resume(path, header(100))
		require.NoError(t, err)
		require.GreaterOrEqual(t, j.Finished(), 1, "byte %d", at)
		for _, n := range []int64{5, 6, 7} {
			results, ok, err := j.Results(n)
			require.NoError(t, err)
			if ok {
				require.Equal(t, result(n), results)
			}
		}
		require.NoError(t, w.Close())
	}
}

// A target beyond the list must not be taken for one of it.
func TestTargetsBeyondTheListAreDropped(t *testing.T) {
	path, data := written(t, 100, 5)
	raw, err := json.Marshal(result(1))
	require.NoError(t, err)
	for _, n := range []int64{-1, 100} {
		line, err := json.Marshal(entry{Target: n, Sum: checksum(raw), Results: raw})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(bytes.Clone(data), append(line, '\n')...), 0o600))
		w, j, err := Resume(path, header(100))
		require.NoError(t, err)
		require.Equal(t, 1, j.Finished())
		require.Equal(t, 1, j.Dropped)
		require.NoError(t, w.Close())
	}
}

func TestAddFromManyGoroutines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	w, err := Create(path, header(1000))
	require.NoError(t, err)
	var all sync.WaitGroup
	for n := range int64(1000) {
		all.Go(func() {
			if err := w.Add(n, result(n)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.NoError(t, w.Close())
	w, j, err := Resume(path, header(1000))
	require.NoError(t, err)
	defer w.Close()
	require.Equal(t, 1000, j.Finished())
}

func TestAddFailsForGoodOnceItFailed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	w, err := Create(path, header(10))
	require.NoError(t, err)
	require.NoError(t, w.file.Close())
	first := w.Add(1, result(1))
	require.ErrorContains(t, first, "journal: ")
	require.Equal(t, first, w.Add(2, result(2)))
	_, err = Create("/dev/full/j", header(1))
	require.Error(t, err)
}

func FuzzResume(f *testing.F) {
	path := filepath.Join(f.TempDir(), "seed")
	w, err := Create(path, header(10))
	require.NoError(f, err)
	require.NoError(f, w.Add(2, result(2)))
	require.NoError(f, w.Close())
	seed, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(seed)
	f.Add(seed[:len(seed)-3])
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "j")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		w, j, err := Resume(path, header(10))
		if err != nil {
			return
		}
		for n := range int64(12) {
			_, _, _ = j.Results(n)
		}
		require.LessOrEqual(t, j.Finished(), 10)
		require.NoError(t, w.Add(3, result(3)))
		require.NoError(t, w.Close())
		w, j, err = Resume(path, header(10))
		require.NoError(t, err)
		results, ok, err := j.Results(3)
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, result(3), results)
		require.NoError(t, w.Close())
	})
}
