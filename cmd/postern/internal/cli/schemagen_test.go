package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"postern/scanner/version"
)

// A schemaWriter makes JSON Schemas of the Go types that YAML files are read into, with the
// comments of the types and their fields as descriptions.
type schemaWriter struct {
	comments map[string]string // "Type" or "Type.Field" to its comment
	defs     map[string]any
}

// choices are the fields that hold one of a few words.
var choices = map[string][]string{
	"Advisory.Severity":         {"low", "medium", "high", "critical"},
	"Reference.Type":            {"advisory", "fix", "article", "kev"},
	"Affected.UnlistedBranches": {"unaffected", "affected", "unknown"},
	"Branch.Status":             {"unaffected", "affected", "unknown"},
	"Branch.After":              {"unknown"},
	"Rule.Identifies":           {"definitive", "strong", "weak"},
	"Reading.As":                {"text", "unix", "unixhex", "usechex", "httpdate", "stamp"},
	"Reading.Precision":         {"exact", "prefix"},
	"Table.Precision":           {"exact", "prefix"},
	"Dates.Gaps":                {"none", "fill"},
}

// days are the fields that hold a date.
var days = []string{"Advisory.Published", "Advisory.Modified", "Advisory.Withdrawn", "KEV.Added", "KEV.Due", "LifecycleBranch.Ends"}

// optional are fields without omitempty that some files lack all the same: a product that
// nothing identifies has neither requests nor rules, and an open port has no versions.
var optional = []string{"Product.LeaveOut", "Product.Requests", "Product.Rules", "Affected.Holds", "Campaign.Note", "KEV.Due"}

func newSchemaWriter(t *testing.T, folder string) *schemaWriter {
	t.Helper()
	w := &schemaWriter{comments: map[string]string{}, defs: map[string]any{}}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no Go files: %v", folder, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		w.read(file)
	}
	return w
}

// read collects the comments of a file.
func (w *schemaWriter) read(file *ast.File) {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range gen.Specs {
			typ, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			w.comments[typ.Name.Name] = comment(typ.Doc, gen.Doc)
			fields, ok := typ.Type.(*ast.StructType)
			if !ok {
				continue
			}
			for _, f := range fields.Fields.List {
				for _, name := range f.Names {
					w.comments[typ.Name.Name+"."+name.Name] = comment(f.Doc, f.Comment)
				}
			}
		}
	}
}

// comment is the first of the comments that says something, on one line.
func comment(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if text := strings.Join(strings.Fields(g.Text()), " "); text != "" {
			return text
		}
	}
	return ""
}

// schema is the whole schema of a type. The id is relative: it is a file of this repository.
func (w *schemaWriter) schema(id, title string, typ reflect.Type) map[string]any {
	root := w.object(typ)
	root["$schema"], root["$id"], root["title"] = "https://json-schema.org/draft/2020-12/schema", id, title
	root["$defs"] = w.defs
	return root
}

func (w *schemaWriter) object(typ reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range typ.NumField() {
		field := typ.Field(i)
		key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if key == "" || key == "-" {
			continue
		}
		name := typ.Name() + "." + field.Name
		if options != "omitempty" && !slices.Contains(optional, name) {
			required = append(required, key)
		}
		properties[key] = w.field(name, field.Type)
	}
	object := map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		object["required"] = required
	}
	if about := w.comments[typ.Name()]; about != "" {
		object["description"] = about
	}
	return object
}

// field is the schema of one key.
func (w *schemaWriter) field(name string, typ reflect.Type) map[string]any {
	schema := w.value(typ)
	if words := choices[name]; words != nil {
		schema["enum"] = words
	}
	if slices.Contains(days, name) {
		schema["pattern"] = `^\d{4}-\d\d-\d\d$`
	}
	if about := w.comments[name]; about != "" {
		schema["description"] = about
	}
	return schema
}

func (w *schemaWriter) value(typ reflect.Type) map[string]any {
	if typ == reflect.TypeFor[version.Scheme]() {
		return map[string]any{"type": "string", "enum": version.Schemes()}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return w.value(typ.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "items": w.value(typ.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": w.value(typ.Elem())}
	case reflect.Struct:
		if _, seen := w.defs[typ.Name()]; !seen {
			w.defs[typ.Name()] = nil // while it is made
			w.defs[typ.Name()] = w.object(typ)
		}
		return map[string]any{"$ref": "#/$defs/" + typ.Name()}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return map[string]any{"type": "integer"}
	}
	return map[string]any{"type": "string"}
}
