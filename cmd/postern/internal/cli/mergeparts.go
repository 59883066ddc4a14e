package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"time"

	"postern/scanner/finding"
)

// part is the report of one shard, as its first reading shows it.
type part struct {
	file    string
	header  finding.Header
	summary finding.Summary
}

func (p *part) shard() finding.Shard { return *p.header.Shard }

// parts are the reports of the shards of one scan, in the order of the shards.
type parts []part

// readParts reads every report to its end without keeping the results, and reports all that
// keeps them from being merged. Files that do not exist are passed over if partial is set.
func (c *Command) readParts(files []string, within time.Duration, partial bool) (parts, error) {
	var all parts
	var errs []error
	for _, file := range files {
		p, err := readPart(file)
		switch {
		case partial && errors.Is(err, fs.ErrNotExist):
			c.notef("%s does not exist; its shard counts as missing", file)
		case err != nil:
			errs = append(errs, err)
		default:
			all = append(all, p)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if partial {
		all = c.dropOld(all, within)
	}
	slices.SortStableFunc(all, func(a, b part) int { return a.shard().Index - b.shard().Index })
	return all, all.check(within)
}

// dropOld leaves out reports of earlier scans, which lie where a shard of this one should.
func (c *Command) dropOld(all parts, within time.Duration) parts {
	var newest time.Time
	for _, p := range all {
		if p.header.Started.After(newest) {
			newest = p.header.Started
		}
	}
	return slices.DeleteFunc(all, func(p part) bool {
		age := newest.Sub(p.header.Started)
		if age > within {
			c.notef("%s began %s before the newest shard; it is taken to be of an earlier scan, and its shard counts as missing", p.file, age)
		}
		return age > within
	})
}

// readPart reads one report and checks what can be said of it alone.
func readPart(file string) (part, error) {
	p := part{file: file}
	in, err := openSaved(file)
	if err != nil {
		return p, err
	}
	defer in.close()
	p.header = in.Header()
	if p.header.Shard == nil {
		return p, notOfShard(file, p.header)
	}
	count, last := 0, int64(0)
	p.summary, err = in.each(func(r finding.Result) error {
		count++
		if r.Position < max(last, 1) {
			return fmt.Errorf("result %d, %s: position %d after %d; these are not the results of a shard in their order", count, printable(r.Target), r.Position, last)
		}
		last = r.Position
		return nil
	})
	if err != nil {
		return p, err
	}
	s, summary := p.header.Shard, p.summary
	switch {
	case s.Index < 1 || s.Index > s.Of || s.Of > maxShards:
		err = fmt.Errorf("%s: there is no shard %d of %d", file, s.Index, s.Of)
	case count != summary.Results:
		err = fmt.Errorf("%s: holds %d results, and its summary says %d", file, count, summary.Results)
	case last > int64(s.Targets) || summary.Targets < 0 || summary.Targets > s.Targets:
		err = fmt.Errorf("%s: has more targets than its list, which has %d", file, s.Targets)
	}
	return p, err
}

func notOfShard(file string, h finding.Header) error {
	if len(h.Shards) > 0 {
		return fmt.Errorf("%s: is merged already; name the reports of the shards", file)
	}
	return fmt.Errorf("%s: is not the report of a shard, which scan -shard writes with -o json", file)
}

// check compares the parts with each other.
func (all parts) check(within time.Duration) error {
	var errs []error
	for i := range all {
		first, p := &all[0], &all[i]
		a, b := first.shard(), p.shard()
		differ := func(what, one, other string) {
			errs = append(errs, fmt.Errorf("%s and %s %s: %s and %s", first.file, p.file, what, printable(one), printable(other)))
		}
		switch h, other := first.header, p.header; {
		case a.Of != b.Of:
			differ("are of scans with other numbers of shards", fmt.Sprint(a.Of), fmt.Sprint(b.Of))
		case a.List != b.List || a.Targets != b.Targets:
			differ("are of other lists or ports; give every shard the same lists, exclusions and flags", a.List, b.List)
		case h.Version != other.Version:
			differ("were made by other versions of postern", h.Version, other.Version)
		case h.Rules.Digest != other.Rules.Digest:
			differ("were judged by other rules", h.Rules.Digest, other.Rules.Digest)
		}
		if i > 0 && all[i-1].shard().Index == b.Index {
			errs = append(errs, fmt.Errorf("%s and %s are both shard %d", all[i-1].file, p.file, b.Index))
		}
	}
	if err := errors.Join(errs...); err != nil || len(all) == 0 {
		return err
	}
	oldest, newest := all[0], all[0]
	for _, p := range all {
		if p.header.Started.Before(oldest.header.Started) {
			oldest = p
		}
		if p.header.Started.After(newest.header.Started) {
			newest = p
		}
	}
	if apart := newest.header.Started.Sub(oldest.header.Started); apart > within {
		return fmt.Errorf("%s began %s before %s: is it of an earlier scan? If not, allow more with -within", oldest.file, apart, newest.file)
	}
	return nil
}

// missing describes the shards that are not there or did not come to their end, and says how
// many targets nothing is known of. It fails where the numbers cannot be.
func (all parts) missing() (gaps []string, targets int, err error) {
	of, at := all[0].shard().Of, 0
	targets = all[0].shard().Targets
	absent := 0
	for index := 1; index <= of; index++ {
		if at == len(all) || all[at].shard().Index != index {
			absent++
			gaps = append(gaps, fmt.Sprintf("shard %d of %d is missing", index, of))
			continue
		}
		p := all[at]
		targets -= p.summary.Targets
		if !p.summary.Complete {
			gaps = append(gaps, fmt.Sprintf("shard %d of %d was stopped before its end (%s)", index, of, p.file))
		}
		at++
	}
	if targets < 0 || targets > 0 && absent == 0 {
		return nil, 0, fmt.Errorf("the shards have %d targets, and their list has %d", all[0].shard().Targets-targets, all[0].shard().Targets)
	}
	return gaps, targets, nil
}

// each passes on the results of all parts in the order of the list. It holds one result of
// each part.
func (all parts) each(f func(finding.Result) error) error {
	type feed struct {
		file string
		next func() (finding.Result, error, bool)
		head finding.Result
	}
	var feeds []*feed
	advance := func(d *feed) (more bool, err error) {
		d.head, err, more = d.next()
		return more, err
	}
	for _, p := range all {
		next, stop := iter.Pull2(p.results())
		defer stop()
		d := &feed{file: p.file, next: next}
		more, err := advance(d)
		if err != nil {
			return err
		}
		if more {
			feeds = append(feeds, d)
		}
	}
	last, from := int64(0), ""
	for len(feeds) > 0 {
		d := slices.MinFunc(feeds, func(a, b *feed) int { return cmp.Compare(a.head.Position, b.head.Position) })
		if d.head.Position == last && d.file != from {
			return fmt.Errorf("%s and %s both have target %d, %s", from, d.file, last, printable(d.head.Target))
		}
		last, from = d.head.Position, d.file
		d.head.Position = 0
		if err := f(d.head); err != nil {
			return err
		}
		more, err := advance(d)
		if err != nil {
			return err
		}
		if !more {
			feeds = slices.DeleteFunc(feeds, func(other *feed) bool { return other == d })
		}
	}
	return nil
}

// results are those of one part, or an error at the end.
func (p *part) results() iter.Seq2[finding.Result, error] {
	stopped := errors.New("stopped")
	return func(yield func(finding.Result, error) bool) {
		in, err := openSaved(p.file)
		if err == nil {
			defer in.close()
			_, err = in.each(func(r finding.Result) error {
				if !yield(r, nil) {
					return stopped
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, stopped) {
			yield(finding.Result{}, err)
		}
	}
}

// header is that of the merged report.
func (all parts) header() finding.Header {
	h := all[0].header
	of := all[0].shard().Of
	h.Shard, h.Shards = nil, make([]finding.ShardRun, of)
	for i := range h.Shards {
		h.Shards[i].Shard = all[0].shard()
		h.Shards[i].Index = i + 1
	}
	for i := range all {
		h.Shards[all[i].shard().Index-1].Summary = &all[i].summary
		if all[i].header.Started.Before(h.Started) {
			h.Started = all[i].header.Started
		}
	}
	return h
}

// sentence joins what is wrong for people.
func sentence(gaps []string) string {
	const most = 5
	if len(gaps) > most {
		return strings.Join(gaps[:most], "; ") + fmt.Sprintf("; and %d more", len(gaps)-most)
	}
	return strings.Join(gaps, "; ")
}
