package advisories

import _ "embed" // the schema

//go:embed advisory.schema.json
var schema string

// Schema is the JSON Schema of an advisory's file, for editors. It tells the form; what
// [Load] asks beyond that it does not.
func Schema() string { return schema }
