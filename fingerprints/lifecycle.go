package fingerprints

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"postern/scanner/version"
)

// lifecycleFile stands beside product.yaml where the vendor's dates are known.
const lifecycleFile = "lifecycle.yaml"

// everyVersion is the branch of the whole product.
const everyVersion = "all"

// loadLifecycle reads what stands beside the product, if anything does.
func (c *compiler) loadLifecycle() []Problem {
	file := path.Join(c.folder, lifecycleFile)
	data, err := readFile(c.files, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return []Problem{{File: file, Message: err.Error()}}
	}
	doc := &lifecycle{compiler: compiler{product: &product{Product: c.Product, file: file, node: documentOf(data)}}}
	doc.Lifecycle = &Lifecycle{}
	if faults := decode(file, data, doc.Lifecycle); len(faults) > 0 {
		return faults
	}
	doc.compile()
	c.product.Lifecycle = doc.Lifecycle
	return doc.problems
}

// useLifecycle takes dates that were checked before. The branches share the versions out
// when somebody asks.
func (c *compiler) useLifecycle(l *Lifecycle) {
	doc := &lifecycle{compiler: compiler{product: &product{Product: c.Product}}, Lifecycle: l}
	l.share = sync.OnceFunc(func() {
		prefixes := make([]version.Set, len(l.Branches))
		for i, b := range l.Branches {
			prefixes[i] = doc.compileBranch(spot{}, b)
		}
		doc.divide(prefixes)
	})
	c.product.Lifecycle = l
}

// strayLifecycles finds files that no product would ever read.
func strayLifecycles(fsys fs.FS) []Problem {
	files, _ := fs.Glob(fsys, "*/"+lifecycleFile) // the pattern is well formed
	var problems []Problem
	for _, file := range files {
		if _, err := fs.Stat(fsys, path.Join(path.Dir(file), "product.yaml")); err != nil {
			problems = append(problems, Problem{File: file, Message: "no product.yaml stands beside it"})
		}
	}
	return problems
}

// lifecycle is a Lifecycle on the way to being compiled.
type lifecycle struct {
	compiler
	*Lifecycle
}

func (l *lifecycle) compile() {
	if strings.TrimSpace(l.Source) == "" {
		l.fail(spot{"source"}, "", "source is empty; say where the dates are from, and of which day")
	}
	if len(l.Branches) == 0 {
		l.fail(spot{"branches"}, "", "branches is empty; list at least one, or remove the file")
	}
	prefixes := make([]version.Set, len(l.Branches))
	for i, b := range l.Branches {
		prefixes[i] = l.compileBranch(spot{"branches", i}, b)
	}
	for i := range l.Branches {
		l.compareBranches(i, prefixes)
	}
	if len(l.problems) == 0 {
		l.divide(prefixes)
	}
}

// compileBranch checks one branch on its own and is every version that begins with it.
func (l *lifecycle) compileBranch(at spot, b LifecycleBranch) version.Set {
	if _, err := time.Parse(time.DateOnly, b.Ends); err != nil {
		l.fail(at.to("ends"), "", "branch %s: ends is %q, which is no date; write \"2025-09-30\"", b.Branch, b.Ends)
	}
	for i, model := range b.Models {
		if !slices.Contains(l.ModelNames(), model) {
			l.fail(at.to("models", i), "", "branch %s: %q is none of the models of the product", b.Branch, model)
		}
	}
	if b.Branch == everyVersion {
		return version.All(l.Versions)
	}
	v, err := l.Versions.Parse(b.Branch)
	if err != nil {
		l.fail(at.to("branch"), "", "branch: %v; the branch of every version is %q", err, everyVersion)
		return version.Set{}
	}
	return version.Prefix(v)
}

// compareBranches refuses two that leave open which of them decides.
func (l *lifecycle) compareBranches(i int, prefixes []version.Set) {
	at, b := spot{"branches", i}, l.Branches[i]
	for j, other := range l.Branches[:i] {
		shared := slices.ContainsFunc(b.Models, func(m string) bool { return slices.Contains(other.Models, m) })
		same := sameModels(b, other)
		switch {
		case shared && !same:
			l.fail(at.to("models"), "", "branches %s and %s share some of their models; list the same models or other ones", other.Branch, b.Branch)
		case !same || prefixes[i].Intersect(prefixes[j]).IsEmpty():
		case prefixes[i].Equal(prefixes[j]):
			l.fail(at, "", "branch %s is listed twice; %s is the same", b.Branch, other.Branch)
		case !prefixes[i].Within(prefixes[j]) && !prefixes[j].Within(prefixes[i]):
			l.fail(at, "", "branches %s and %s overlap, and neither is inside the other", other.Branch, b.Branch)
		}
	}
}

func sameModels(a, b LifecycleBranch) bool {
	return len(a.Models) == len(b.Models) && slices.Equal(slices.Sorted(slices.Values(a.Models)), slices.Sorted(slices.Values(b.Models)))
}

// divide gives each branch the versions that no more specific branch of the same models
// takes.
func (l *lifecycle) divide(prefixes []version.Set) {
	for i := range l.Branches {
		b := &l.Branches[i]
		b.Versions = prefixes[i]
		for j, other := range l.Branches {
			if j != i && sameModels(*b, other) && prefixes[j].Within(prefixes[i]) {
				b.Versions = b.Versions.Minus(prefixes[j])
			}
		}
		if b.Versions.IsEmpty() {
			l.fail(spot{"branches", i}, "", "branch %s decides nothing; more specific branches hold all of it", b.Branch)
		}
	}
}

// Of is the branches of one model, each with the versions that it decides there: what is
// stated for a model goes before what is stated for all. The empty model is one that no
// branch names.
func (l *Lifecycle) Of(model string) []LifecycleBranch {
	if l.share != nil {
		l.share()
	}
	var own, rest []LifecycleBranch
	var taken version.Set
	for _, b := range l.Branches {
		switch {
		case model != "" && slices.Contains(b.Models, model):
			own, taken = append(own, b), taken.Union(b.Versions)
		case len(b.Models) == 0:
			rest = append(rest, b)
		}
	}
	for _, b := range rest {
		if !taken.IsEmpty() {
			b.Versions = b.Versions.Minus(taken)
		}
		if !b.Versions.IsEmpty() {
			own = append(own, b)
		}
	}
	return own
}

// NamedModels lists the models that some branch is about, in order.
func (l *Lifecycle) NamedModels() []string {
	var list []string
	for _, b := range l.Branches {
		list = append(list, b.Models...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// SourceOf says where the day of a branch is from.
func (l *Lifecycle) SourceOf(b LifecycleBranch) string { return cmp.Or(b.Source, l.Source) }
