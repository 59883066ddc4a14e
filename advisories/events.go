package advisories

import (
	"fmt"

	"postern/scanner/version"
)

// parseEvents turns events into affected stretches. They must stand in rising order
// and take turns: introduced, then fixed or last_affected, then introduced …
func parseEvents(p place, line branchLine, scheme version.Scheme) []Span {
	var spans []Span
	var open *Span           // introduced and not yet ended
	var last version.Version // the event before
	for i, e := range line.branch.Events {
		at := p.item(i)
		kind, text, err := e.only()
		if err != nil {
			at.bad("%v", err)
			return nil
		}
		if kind == "introduced" && open != nil {
			at.bad("introduced %s: the versions before it are affected already; state where they were fixed", text)
			return nil
		}
		if kind != "introduced" && open == nil {
			at.bad("%s %s: nothing was introduced that could end here; state introduced first, \"0\" for the beginning of the branch", kind, text)
			return nil
		}
		if kind == "introduced" && text == "0" && i == 0 {
			open = &Span{}
			continue
		}
		v, err := eventVersion(kind, text, line, scheme)
		if err != nil {
			at.bad("%v", err)
			return nil
		}
		if err := inOrder(kind, v, last); err != nil {
			at.bad("%v", err)
			return nil
		}
		last = v
		switch kind {
		case "introduced":
			open = &Span{From: v}
			continue
		case "fixed":
			open.Fixed = v
		case "last_affected":
			open.LastAffected = v
		}
		spans = append(spans, *open)
		open = nil
	}
	if open != nil {
		spans = append(spans, *open)
	}
	return fillSpans(p, line, spans, scheme)
}

// only is the one key of an event.
func (e Event) only() (kind, text string, err error) {
	n := 0
	for _, field := range []struct{ kind, text string }{
		{"introduced", e.Introduced}, {"fixed", e.Fixed}, {"last_affected", e.LastAffected},
	} {
		if field.text != "" {
			kind, text = field.kind, field.text
			n++
		}
	}
	if n != 1 {
		return "", "", fmt.Errorf("event has %d keys; give one of introduced, fixed and last_affected", n)
	}
	return kind, text, nil
}

func eventVersion(kind, text string, line branchLine, scheme version.Scheme) (version.Version, error) {
	if text == "0" && kind == "introduced" {
		return version.Version{}, fmt.Errorf("introduced \"0\" is the beginning of the branch and comes first")
	}
	v, err := scheme.Parse(text)
	if err != nil {
		return version.Version{}, fmt.Errorf("%s: %w", kind, err)
	}
	if !line.prefix.Contains(v) {
		return version.Version{}, fmt.Errorf("%s %s is outside branch %s; state it in its own branch, or as fix of this one", kind, v, line.Name)
	}
	return v, nil
}

// inOrder compares an event with the one before. last_affected may be the version that
// was introduced; everything else must rise.
func inOrder(kind string, v, last version.Version) error {
	if last.IsZero() {
		return nil
	}
	switch c := v.Compare(last); {
	case c == 0 && kind == "last_affected":
		return nil
	case c == 0 && kind == "fixed":
		return fmt.Errorf("fixed %s is the version that introduced it; the range is empty", v)
	case c < 0 && kind != "introduced":
		return fmt.Errorf("%s %s is before %s, where the range begins; the range is backwards", kind, v, last)
	case c <= 0:
		return fmt.Errorf("%s %s does not come after %s; put the events in rising order", kind, v, last)
	}
	return nil
}

// fillSpans works out the versions of each stretch.
func fillSpans(p place, line branchLine, spans []Span, scheme version.Scheme) []Span {
	var seen version.Set
	for i := range spans {
		s := &spans[i]
		set, err := version.Range(scheme, version.Bounds{From: s.From, Before: s.Fixed, Through: s.LastAffected})
		if err != nil {
			p.bad("%s: %v", s, err)
			return nil
		}
		s.Versions = set.Intersect(line.Covers)
		switch {
		case s.Versions.IsEmpty():
			p.bad("%s: more specific branches decide all of this range; remove it", s)
		case !s.Versions.Intersect(seen).IsEmpty():
			p.bad("%s: begins before the range before it has ended, since %s has builds of its own", s, spans[i-1].LastAffected)
		}
		seen = seen.Union(s.Versions)
	}
	return spans
}
