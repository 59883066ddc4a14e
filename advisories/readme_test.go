package advisories

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

func TestReadmeExampleIsAShippedFile(t *testing.T) {
	readme := readReadme(t)
	_, after, _ := strings.Cut(readme, "## An example")
	name := strings.Split(after, "`")[1]
	data, err := builtin.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(after, "```yaml\n"+string(data)+"```\n") {
		t.Errorf("the example is not %s as it stands; copy the file into README.md", name)
	}
}

func TestReadmeHasEveryKey(t *testing.T) {
	readme := readReadme(t)
	seen := map[reflect.Type]bool{}
	var walk func(typ reflect.Type)
	walk = func(typ reflect.Type) {
		for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			key, _, _ := strings.Cut(typ.Field(i).Tag.Get("yaml"), ",")
			if key == "-" || key == "" {
				continue
			}
			if !strings.Contains(readme, "`"+key+"`") && !strings.Contains(readme, "`"+key+":") {
				t.Errorf("README.md says nothing about the key %s of %s", key, typ.Name())
			}
			walk(typ.Field(i).Type)
		}
	}
	walk(reflect.TypeFor[Advisory]())
	if len(seen) < 9 {
		t.Errorf("only %d types have keys", len(seen))
	}
}

func readReadme(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
