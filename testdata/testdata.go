// Package testdata holds recorded appliances. The demo serves some of them, the
// tests all of them.
package testdata

import "embed"

// Appliances holds appliances/*.txtar; see package scannertest for the form.
//
//go:embed appliances/*.txtar
var Appliances embed.FS
