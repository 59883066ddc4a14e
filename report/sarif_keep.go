package report

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"container/heap"
	"encoding/json"
	"fmt"
	"slices"

	"postern/report/internal/sarif"
)

// What a SARIF file may hold. Code-scanning services refuse a whole run with more
// results or rules, and a file that is larger when it is packed.
const (
	maxSARIFResults = 25_000 // and as many rules, since each has a result
	maxSARIFPacked  = 10_000_000
	// maxSARIFHeld bounds the memory for results and rules, in bytes of their text. 25,000
	// ordinary results have 25 to 45 MB; only text that is made long comes near.
	maxSARIFHeld = 96 << 20
)

// kept are the worst results so far, and the rules that they need.
type kept struct {
	limit int // results
	held  int // bytes of what is kept
	room  int // bytes that may be
	fired int // results that came, kept or not

	worst worst
	rules map[string]*keptRule // by id
	seen  map[string]bool      // fingerprints
	// floor is the worst result that was dropped. Nothing below it is kept afterwards, so
	// that a short result does not stay where a worse and longer one went.
	floor *weighed
}

// keptRule is an encoded rule, and how many kept results are of it.
type keptRule struct {
	json  []byte
	uses  int
	index int // in the file; set when it is written
}

func newKept() kept {
	return kept{limit: maxSARIFResults, room: maxSARIFHeld, rules: map[string]*keptRule{}, seen: map[string]bool{}}
}

// add keeps a result if it is among the worst. A second one with the same fingerprint is
// the same result, from an endpoint that is in the report twice.
func (k *kept) add(id, hash string, weight int, result sarif.Result, rule func() sarif.Rule) error {
	if k.seen[hash] {
		return nil
	}
	one := weighed{rule: id, hash: hash, weight: weight, number: k.fired}
	k.fired++
	if k.floor != nil && one.compare(*k.floor) < 0 {
		return nil
	}
	var err error
	if one.json, err = encode(result); err != nil {
		return err
	}
	if k.rules[id] == nil {
		r, err := encode(rule())
		if err != nil {
			return err
		}
		k.rules[id] = &keptRule{json: r}
		k.held += len(r)
	}
	k.rules[id].uses++
	k.seen[hash] = true
	k.held += len(one.json)
	heap.Push(&k.worst, one)
	for len(k.worst) > k.limit || k.held > k.room && len(k.worst) > 0 {
		k.drop()
	}
	return nil
}

// drop removes the least of all, and its rule with the last result of it.
func (k *kept) drop() {
	one := heap.Pop(&k.worst).(weighed)
	k.held -= len(one.json)
	delete(k.seen, one.hash)
	if r := k.rules[one.rule]; r.uses > 1 {
		r.uses--
	} else {
		k.held -= len(r.json)
		delete(k.rules, one.rule)
	}
	one.json = nil
	k.floor = &one
}

// dropped counts the results that there was no room for.
func (k *kept) dropped() int { return k.fired - len(k.worst) }

// fit drops what makes the packed file too large, the least first; head is how the file
// begins, without rules. It packs everything once, worst first and fast, which takes 0.3
// seconds for 25,000 results; a service packs better. Small files are not packed at all.
func (k *kept) fit(head []byte, limit int) error {
	limit -= limit / 20 // what the packer still holds back, and another order
	if len(head)+k.held < limit {
		return nil
	}
	var size counter
	z, err := gzip.NewWriterLevel(&size, gzip.BestSpeed)
	if err != nil {
		return err
	}
	order := slices.Clone(k.worst)
	slices.SortFunc(order, func(a, b weighed) int { return b.compare(a) })
	counted := map[string]bool{}
	_, err = z.Write(head)
	fitting := 0
	for _, one := range order {
		if !counted[one.rule] && err == nil {
			counted[one.rule] = true
			_, err = z.Write(k.rules[one.rule].json)
		}
		if err == nil {
			_, err = z.Write(one.json)
		}
		if err != nil {
			return fmt.Errorf("pack results: %w", err) // a counter never fails
		}
		if int(size) > limit {
			break
		}
		fitting++
	}
	for len(k.worst) > fitting {
		k.drop()
	}
	return nil
}

// inOrder lists what is kept in the order of the report, and the rules in that of their
// first results.
func (k *kept) inOrder() ([]weighed, []json.RawMessage) {
	slices.SortFunc(k.worst, func(a, b weighed) int { return cmp.Compare(a.number, b.number) })
	rules := []json.RawMessage{}
	listed := map[string]bool{}
	for _, one := range k.worst {
		if !listed[one.rule] {
			listed[one.rule] = true
			k.rules[one.rule].index = len(rules)
			rules = append(rules, k.rules[one.rule].json)
		}
	}
	return k.worst, rules
}

// encode makes JSON that can be printed, in as much memory as it needs.
func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return bytes.Clone(escapeJSON(b)), nil
}

// counter counts the bytes that are written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// weighed is an encoded result, and how much it matters.
type weighed struct {
	json   []byte
	rule   string
	hash   string
	weight int
	number int // in the order of the report
}

// compare is negative if a matters less; of equals the later one does.
func (a weighed) compare(b weighed) int {
	return cmp.Or(cmp.Compare(a.weight, b.weight), cmp.Compare(b.number, a.number))
}

// worst is a heap with the least important result on top.
type worst []weighed

func (h worst) Len() int           { return len(h) }
func (h worst) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h worst) Less(i, j int) bool { return h[i].compare(h[j]) < 0 }

// Push adds a result, for container/heap.
func (h *worst) Push(x any) { *h = append(*h, x.(weighed)) }

// Pop removes the last result, for container/heap.
func (h *worst) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = weighed{} // lets the bytes go
	*h = (*h)[:len(*h)-1]
	return last
}
