package advisories

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Load reads every advisory of a tree, vendor/ID.yaml, and checks it against what it
// states. The error joins every [Problem] of every file.
func Load(fsys fs.FS, orders Orders) (*DB, error) { return load(fsys, orders, true, nil) }

// load reads every advisory, from what is prepared where that was made from the same file;
// prove also holds each against the versions that it states.
func load(fsys fs.FS, orders Orders, prove bool, ready map[string]preparedLine) (*DB, error) {
	names, problems, err := find(fsys)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 && len(problems) == 0 {
		return nil, errors.New("no advisories here; they lie in folders of their vendors, as in fortinet/CVE-2024-21762.yaml")
	}
	var all []*Advisory
	first := map[string]string{} // id or alias to the file that has it
	for _, name := range names {
		data, err := readFile(fsys, name, maxFile)
		if err != nil {
			return nil, err
		}
		if line := ready[name]; line.fits(data) {
			a, err := line.read(name, orders)
			if err != nil {
				return nil, err
			}
			all = append(all, a)
			continue
		}
		in := &source{name: name, prove: prove}
		if a := in.read(data, orders, first); a != nil {
			all = append(all, a)
		}
		problems = append(problems, in.problems...)
	}
	overlay, wrong := readOverlay(fsys)
	if problems = append(problems, wrong...); len(problems) > 0 {
		return nil, joined(problems)
	}
	overlay.apply(all)
	db := newDB(fsys, all)
	db.date = max(db.date, overlay.date())
	return db, nil
}

var vendorName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// find lists the files, and complains of YAML that lies where it would not be read.
func find(fsys fs.FS) (names []string, problems []Problem, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("advisories: %w", err)
		}
		if entry.IsDir() && entry.Name() == "testdata" {
			return fs.SkipDir // of a Go package, in a checkout
		}
		suffix := path.Ext(name)
		if entry.IsDir() || suffix != ".yaml" && suffix != ".yml" {
			return nil
		}
		switch vendor, base := path.Split(name); {
		case vendor == overlayFolder+"/":
			problems = append(problems, Problem{File: name, Message: "lies in the folder of the overlays; move it to the folder of its vendor"})
		case strings.Count(name, "/") != 1:
			problems = append(problems, Problem{File: name, Message: "does not lie in a vendor's folder; move it to vendor/" + base})
		case suffix != ".yaml":
			problems = append(problems, Problem{File: name, Message: "ends in .yml; rename it to .yaml"})
		case !vendorName.MatchString(path.Clean(vendor)):
			problems = append(problems, Problem{File: name, Message: fmt.Sprintf("folder %q is no vendor name; use a-z, 0-9 and hyphens", path.Clean(vendor))})
		default:
			names = append(names, name)
		}
		return nil
	})
	return names, problems, err
}

// read is the advisory in data, or nil when it is not even one. Its problems are kept
// in s, and first learns its id and CVE aliases.
func (s *source) read(data []byte, orders Orders, first map[string]string) *Advisory {
	a, root := s.parse(data)
	if a == nil {
		return nil
	}
	if !s.draft {
		s.checkReview(root)
	}
	s.checkIdentity(root, a, first)
	s.checkTexts(root, a)
	s.checkDates(root, a)
	s.checkSeverity(root, a)
	s.checkReferences(root, a)
	s.checkExploitation(root.key("exploitation"), a.Exploitation)
	s.checkAffected(root.key("affected"), a.Affected, orders)
	return a
}
