package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"postern/advisories"
	"postern/fingerprints"
)

const root = "../../../.."

// yamlFormats are the formats that people write, each with its schema.
var yamlFormats = []struct {
	name, folder, file, title, files string
	typ                              reflect.Type
}{
	{"product", "fingerprints", "product.schema.json", "A product of Postern: fingerprints/*/product.yaml", "*/product.yaml", reflect.TypeFor[fingerprints.Product]()},
	{"lifecycle", "fingerprints", "lifecycle.schema.json", "The lifecycle of a product: fingerprints/*/lifecycle.yaml", "*/lifecycle.yaml", reflect.TypeFor[fingerprints.Lifecycle]()},
	{"advisory", "advisories", "advisory.schema.json", "An advisory of Postern: advisories/*/*.yaml", "*/*.yaml", reflect.TypeFor[advisories.Advisory]()},
}

// The schemas in the folders are what the Go types say, and what the program prints.
func TestSchemasAreFresh(t *testing.T) {
	for _, f := range yamlFormats {
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(newSchemaWriter(t, filepath.Join(root, f.folder)).schema(f.file, f.title, f.typ)); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(root, f.folder, f.file)
		if *update {
			if err := os.WriteFile(name, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue // the program holds what was there when it was built
		}
		if read(t, name) != want.String() {
			t.Errorf("%s is not what the types say; run: go test ./cmd/postern/internal/cli -run Schema -update", name)
		}
		var out bytes.Buffer
		c := Command{Stdout: &out, Stderr: &out, Getenv: os.Getenv}
		if status := c.Main(t.Context(), []string{"check", "-schema", f.name}); status != ExitOK || out.String() != want.String() {
			t.Errorf("check -schema %s: exit status %d, and not the schema of the folder", f.name, status)
		}
	}
}

// Every shipped file is valid, and every key that a schema has is described.
func TestShippedFilesAreValid(t *testing.T) {
	for _, f := range yamlFormats {
		schema := compileSchema(t, filepath.Join(root, f.folder, f.file))
		files, err := filepath.Glob(filepath.Join(root, f.folder, f.files))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files: %v", f.name, err)
		}
		for _, name := range files {
			if err := schema.Validate(yamlValue(t, read(t, name))); err != nil {
				t.Errorf("%s: %v", strings.TrimPrefix(name, root+"/"), err)
			}
		}
	}
}

// A schema refuses what the loader refuses.
func TestSchemasRefuse(t *testing.T) {
	for _, tt := range []struct{ format, text, want string }{
		{"lifecycle", "source: s\nbranches: [{branch: '7.0', ends: 2025}]", "ends"},
		{"lifecycle", "source: s\nbranches: [{branch: '7.0', ends: '2025-01-01', until: x}]", "until"},
		{"lifecycle", "source: s", "branches"},
		{"product", "{id: a, name: A, vendor: B, versions: semver}", "versions"},
		{"product", "{id: a, name: A, vendor: B, versions: dotted, rules: [{id: r, on: [root], identifies: certain, match: {}, source: s, examples: []}]}", "identifies"},
		{"advisory", "{id: CVE-2024-1, severity: severe}", "severity"},
	} {
		for _, f := range yamlFormats {
			if f.name != tt.format {
				continue
			}
			err := compileSchema(t, filepath.Join(root, f.folder, f.file)).Validate(yamlValue(t, tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v, want a word on %s", tt.text, err, tt.want)
			}
		}
	}
}

func compileSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// yamlValue is YAML as JSON has it.
func yamlValue(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return value
}
