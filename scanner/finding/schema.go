package finding

import _ "embed"

// Schema is the JSON Schema (2020-12) of a [Report]. One line of the jsonl format is
// its "#/$defs/result".
//
//go:embed results.schema.json
var Schema []byte
