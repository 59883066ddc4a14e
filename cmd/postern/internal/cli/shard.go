package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"postern/scanner"
	"postern/scanner/finding"
)

// maxShards bounds the parts of a scan: all their reports are open while they are merged.
const maxShards = 1000

// parseShard reads -shard: "2/7", or "auto" and "auto/7" for what the surroundings say. An
// empty value is the whole list, nil.
func (c *Command) parseShard(value string) (*finding.Shard, error) {
	if value == "" {
		return nil, nil
	}
	first, total, given := strings.Cut(value, "/")
	of, err := strconv.Atoi(total)
	if given && (err != nil || of < 1 || of > maxShards) {
		return nil, fmt.Errorf("-shard %s: write the number of this shard and how many there are, 1/7 to 7/7, at most %d; or auto", value, maxShards)
	}
	if first == "auto" {
		return c.detectShard(value, of)
	}
	index, err := strconv.Atoi(first)
	if err != nil || !given {
		return nil, fmt.Errorf("-shard %s: write the number of this shard and how many there are, as in 2/7; or auto", value)
	}
	return checkShard(value, finding.Shard{Index: index, Of: of})
}

func checkShard(value string, s finding.Shard) (*finding.Shard, error) {
	switch {
	case s.Of < 1 || s.Of > maxShards:
		return nil, fmt.Errorf("-shard %s: %d shards; there can be 1 to %d", value, s.Of, maxShards)
	case s.Index < 1 || s.Index > s.Of:
		return nil, fmt.Errorf("-shard %s: there is no shard %d of %d; they are numbered from 1", value, s.Index, s.Of)
	}
	return &s, nil
}

// shardSource is where a service says which of several parallel jobs this is.
type shardSource struct {
	name         string
	index, total string // variables; total is empty where the service does not tell
	from         int    // the number of the first job
}

// shardSources are the services that -shard auto knows. GitHub has no such variables: the
// workflow sets these from strategy.job-index and strategy.job-total.
func shardSources() []shardSource {
	return []shardSource{
		{"a GitHub matrix", "STRATEGY_JOB_INDEX", "STRATEGY_JOB_TOTAL", 0},
		{"GitLab", "CI_NODE_INDEX", "CI_NODE_TOTAL", 1},
		{"a Kubernetes Indexed Job", "JOB_COMPLETION_INDEX", "", 0},
	}
}

// detectShard reads the variables of the service that this runs in. of is how many shards
// the flag says there are, 0 for nothing.
func (c *Command) detectShard(value string, of int) (*finding.Shard, error) {
	var found []shardSource
	for _, s := range shardSources() {
		if c.Getenv(s.index) != "" {
			found = append(found, s)
		}
	}
	switch {
	case len(found) > 1:
		return nil, fmt.Errorf("-shard %s: both %s and %s are set; write the numbers, as in 2/7", value, found[0].index, found[1].index)
	case len(found) == 0 && c.Getenv("CI_NODE_TOTAL") == "1" && of <= 1: // GitLab, without "parallel"
		return &finding.Shard{Index: 1, Of: 1}, nil
	case len(found) == 0:
		var names []string
		for _, s := range shardSources() {
			names = append(names, s.index)
		}
		return nil, fmt.Errorf("-shard %s: none of %s is set; write the numbers, as in 2/7", value, strings.Join(names, ", "))
	}
	source := found[0]
	index, err := strconv.Atoi(c.Getenv(source.index))
	if err != nil {
		return nil, fmt.Errorf("-shard %s: %s=%q is not a number", value, source.index, c.Getenv(source.index))
	}
	total, err := c.shardTotal(value, of, source)
	if err != nil {
		return nil, err
	}
	return checkShard(value, finding.Shard{Index: index - source.from + 1, Of: total})
}

// shardTotal is how many shards there are: what the service says and what the flag says
// must agree.
func (c *Command) shardTotal(value string, of int, source shardSource) (int, error) {
	text := c.Getenv(source.total)
	switch {
	case source.total == "" && of == 0:
		return 0, fmt.Errorf("-shard %s: %s does not tell how many shards there are; write -shard auto/7 for seven", value, source.name)
	case source.total == "":
		return of, nil
	}
	total, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("-shard %s: %s is set, and %s=%q is not a number", value, source.index, source.total, text)
	}
	if of != 0 && of != total {
		return 0, fmt.Errorf("-shard %s: %s=%d says otherwise", value, source.total, total)
	}
	return total, nil
}

// takeShard leaves of the targets of a plan those of its shard, which from then on says what
// the whole list was.
func takeShard(plan *scanPlan) error {
	if plan.shard == nil {
		return nil
	}
	list, err := plan.targets.Digest()
	if err != nil {
		return err
	}
	plan.shard.Targets = int(plan.targets.Count())
	if plan.shard.List, err = shardDigest(list, plan.options); err != nil {
		return err
	}
	plan.targets = plan.targets.Shard(*plan.shard)
	return nil
}

// shardDigest tells apart what must be the same for all shards of a scan.
func shardDigest(list string, o scanner.Options) (string, error) {
	asked, err := json.Marshal([]any{list, o.Ports, o.AllAddresses})
	if err != nil {
		return "", errors.Join(errors.New("digest of the list"), err)
	}
	sum := sha256.Sum256(asked)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
