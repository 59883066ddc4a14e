package cli

import (
	"errors"
	"io/fs"
	"os"

	"postern/scanner/finding"
)

const baselineNewFlag = "begin where the -baseline does not exist yet, as in the first night: then everything is new"

// beginBaseline is readBaseline for a file that may be missing if begin says so. It has to be
// said: where the name is mistyped, everything would be new every night.
func (c *Command) beginBaseline(name string, begin, incomplete bool, shard *finding.Shard) (baselinePlan, error) {
	if begin && name == "" {
		return baselinePlan{}, errors.New("-baseline-new: name the earlier report with -baseline FILE")
	}
	if begin {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			c.notef("%s does not exist yet: everything is new", name)
			return baselinePlan{compare: finding.NewComparison(finding.Header{})}, nil
		}
	}
	return readBaseline(name, incomplete, shard)
}
