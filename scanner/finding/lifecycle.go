package finding

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"postern/advisories"
	"postern/fingerprints"
	"postern/scanner/version"
)

// maxEnded is how many branches a sentence names.
const maxEnded = 4

// LifeEnded is the finding POSTERN-EOL, or nothing: by that day (of UTC) the vendor has
// stopped fixing every release that the device may run, or some of them. A version that
// was not read is in no branch, so that only the end of the whole product counts then. A
// zero day ends nothing.
func LifeEnded(p fingerprints.Product, id fingerprints.Identification, day time.Time) []Finding {
	if p.Lifecycle == nil || day.IsZero() || id.Versions.IsEmpty() {
		return nil
	}
	models := modelsOf(p, id)
	today := day.UTC().Format(time.DateOnly)
	all, some := true, false
	var ended []fingerprints.LifecycleBranch
	for _, model := range models {
		var gone version.Set
		for _, b := range p.Lifecycle.Of(model) {
			if b.Ends < today && b.Versions.Overlaps(id.Versions) {
				gone = gone.Union(b.Versions)
				ended = addBranch(ended, b)
			}
		}
		all = all && id.Versions.Within(gone)
		some = some || !gone.IsEmpty()
	}
	if !some || !all && (!id.Read || id.Versions.IsAll()) {
		return nil
	}
	f := Finding{
		Advisory: "POSTERN-EOL", Kind: EndOfLife, Title: "The release gets no more security fixes",
		Severity: "high", Verdict: Possible,
	}
	if all {
		f.Verdict = Affected
	}
	f.Reason = endedReason(ended, all)
	f.Fixed, f.Remediation = supported(p.Lifecycle, models, ended, today)
	f.Remediation = strings.TrimSpace(f.Remediation + " The day is from " + p.Lifecycle.SourceOf(ended[0]) + ".")
	return []Finding{f}
}

// lifeEnded is LifeEnded, worked out once for devices that run the same.
func lifeEnded(p fingerprints.Product, id fingerprints.Identification, db *advisories.DB, day time.Time) []Finding {
	key := keyOf(endedKey, p, id, day.UTC().Format(time.DateOnly))
	if !id.Read {
		key.what += ", not read"
	}
	return db.Remember(key, func() any { return LifeEnded(p, id, day) }).([]Finding)
}

// endedBy is every version of a model whose release has ended by that day.
func endedBy(p fingerprints.Product, model string, day time.Time) version.Set {
	var gone version.Set
	if p.Lifecycle == nil || day.IsZero() {
		return gone
	}
	today := day.UTC().Format(time.DateOnly)
	for _, b := range p.Lifecycle.Of(model) {
		if b.Ends < today {
			gone = gone.Union(b.Versions)
		}
	}
	return gone
}

// modelsOf is every model that the device may be, as far as the lifecycle tells them
// apart; the empty one stands for all that it does not name.
func modelsOf(p fingerprints.Product, id fingerprints.Identification) []string {
	if len(p.Models) == 0 {
		return []string{""}
	}
	named := p.Lifecycle.NamedModels()
	var may []string
	for _, m := range p.ModelsFor(id.Models, id.Versions) {
		model := m.Name
		if !slices.Contains(named, model) {
			model = ""
		}
		if !slices.Contains(may, model) {
			may = append(may, model)
		}
	}
	return may
}

func addBranch(list []fingerprints.LifecycleBranch, b fingerprints.LifecycleBranch) []fingerprints.LifecycleBranch {
	same := func(o fingerprints.LifecycleBranch) bool {
		return o.Branch == b.Branch && o.Ends == b.Ends && slices.Equal(o.Models, b.Models)
	}
	if slices.ContainsFunc(list, same) {
		return list
	}
	return append(list, b)
}

// endedReason is the verdict in words; all says that every release has ended.
func endedReason(ended []fingerprints.LifecycleBranch, all bool) string {
	if all && len(ended) == 1 {
		return fmt.Sprintf("%s gets no security fixes since %s", branchName(ended[0]), ended[0].Ends)
	}
	var names []string
	for _, b := range ended[:min(len(ended), maxEnded)] {
		names = append(names, branchName(b)+" since "+b.Ends)
	}
	if more := len(ended) - maxEnded; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	who := "some of the candidate versions are"
	if all {
		who = "every candidate version is"
	}
	return who + " in a branch that gets no security fixes: " + strings.Join(names, ", ")
}

func branchName(b fingerprints.LifecycleBranch) string {
	name := "branch " + b.Branch
	if b.Branch == "all" {
		name = "the product"
	}
	if len(b.Models) > 0 {
		name += " on " + strings.Join(b.Models, ", ")
	}
	return name
}

// supported is the nearest branch above what has ended that still gets fixes, and a
// sentence with all of them; both are empty where the lifecycle knows none.
func supported(l *fingerprints.Lifecycle, models []string, ended []fingerprints.LifecycleBranch, today string) (nearest, advice string) {
	scheme := ended[0].Versions.Scheme()
	type open struct {
		begins version.Version
		branch fingerprints.LifecycleBranch
	}
	begins := func(b fingerprints.LifecycleBranch) version.Version {
		v, err := scheme.Parse(b.Branch)
		if err != nil { // "all"
			return version.Version{}
		}
		return v
	}
	var top version.Version
	for _, b := range ended {
		if v := begins(b); v.Compare(top) > 0 {
			top = v
		}
	}
	var above []open
	for _, model := range models {
		for _, b := range l.Of(model) {
			if v := begins(b); b.Ends >= today && v.Compare(top) > 0 {
				above = append(above, open{v, b})
			}
		}
	}
	if len(above) == 0 {
		return "", ""
	}
	slices.SortStableFunc(above, func(a, b open) int { return a.begins.Compare(b.begins) })
	var names []string
	for _, o := range above {
		if name := o.branch.Branch + " until " + o.branch.Ends; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return above[0].branch.Branch, "Move to a branch that gets security fixes: " + strings.Join(names, ", ") + "."
}
