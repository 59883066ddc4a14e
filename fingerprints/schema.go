package fingerprints

import _ "embed" // the schemas

//go:embed product.schema.json
var productSchema string

//go:embed lifecycle.schema.json
var lifecycleSchema string

// ProductSchema is the JSON Schema of product.yaml, for editors. It tells the form; what
// [Load] and [Catalog.Check] ask beyond that it does not.
func ProductSchema() string { return productSchema }

// LifecycleSchema is the JSON Schema of lifecycle.yaml.
func LifecycleSchema() string { return lifecycleSchema }
