package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"strconv"

	"postern/cmd/postern/internal/config"
	"postern/scanner/finding"
)

// configSchema is the JSON Schema of postern.yaml, made of the flags of this program.
func (c *Command) configSchema() (string, error) {
	properties := map[string]any{"ignore": ignoreSchema()}
	for _, command := range configured() {
		f := c.flagsOf(command)
		flags := map[string]any{}
		f.VisitAll(func(fl *flag.Flag) {
			if f.section(fl.Name) == command {
				flags[fl.Name] = flagSchema(fl)
			}
		})
		properties[command] = map[string]any{
			"type": "object", "additionalProperties": false, "properties": flags, "description": "Flags of postern " + command + ".",
		}
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "postern.schema.json", "title": "The configuration of Postern: " + config.Name,
		"type": []string{"object", "null"}, "additionalProperties": false, "properties": properties,
	})
	return out.String(), err
}

func flagSchema(fl *flag.Flag) map[string]any {
	_, about := flag.UnquoteUsage(fl)
	schema := map[string]any{"description": about, "type": []string{"string", "number"}}
	switch kindOf(fl) {
	case config.List:
		return map[string]any{"description": about, "type": "array", "items": map[string]any{"type": []string{"string", "number"}}}
	case config.Switch:
		schema["type"], schema["default"] = "boolean", fl.DefValue == "true"
		return schema
	case config.Number:
		schema["type"] = "integer"
		if n, err := strconv.Atoi(fl.DefValue); err == nil {
			schema["default"] = n
		}
		return schema
	case config.Duration:
		schema["type"], schema["pattern"] = []string{"string", "integer"}, `^[+-]?(0|([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))+)$`
		schema["minimum"], schema["maximum"] = 0, 0 // a plain number has no unit
	}
	if fl.DefValue != "" {
		schema["default"] = fl.DefValue
	}
	return schema
}

func ignoreSchema() map[string]any {
	text := func(about string) map[string]any {
		return map[string]any{"type": "string", "pattern": `\S`, "description": about}
	}
	justification := text("One of OpenVEX's words for why the endpoint is not affected; leave it out for a risk that is merely accepted.")
	justification["enum"] = finding.Justifications()
	advisory := text("The id of one advisory as reports show it, such as CVE-2024-21762 or POSTERN-EOL. No pattern.")
	advisory["pattern"] = `^\s*[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)+\s*$`
	expires := text("The last day on which it is accepted, such as 2027-01-31; at most 366 days ahead.")
	expires["pattern"] = `^\s*\d{4}-\d\d-\d\d\s*$`
	return map[string]any{
		"type": "array", "maxItems": config.MaxIgnored, "description": "Accepted risks: findings that cross no gate until a day.",
		"items": map[string]any{
			"type": "object", "additionalProperties": false, "required": []string{"advisory", "reason", "owner", "expires"},
			"oneOf": []any{map[string]any{"required": []string{"target"}}, map[string]any{"required": []string{"tag"}}},
			"properties": map[string]any{
				"advisory": advisory,
				"target":   text("The endpoints: a name, in which a star stands for any characters between two dots, an address or a range; name and address also with a port."),
				"tag":      text("In place of target: a tag of the asset list."),
				"reason":   text("Why the risk is accepted. It is shown in every report."),
				"owner":    text("Who has accepted it."),
				"expires":  expires, "justification": justification,
			},
		},
	}
}
