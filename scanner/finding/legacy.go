package finding

import (
	"slices"
	"strings"

	"postern/scanner/evidence"
)

// OutdatedTLS is the finding POSTERN-LEGACY-TLS, or nothing: what a client of today would
// have to overlook to talk to the endpoint, by its handshake (nil on plain HTTP) and by
// how its answers break HTTP. It is a note: no weakness of the product follows from it,
// but its age does. The RSA key exchange alone is none: net/http refuses it, and curl takes
// it (docs/reach.md).
func OutdatedTLS(seen *evidence.TLS, asked []Asked) []Finding {
	var needed []string
	reason := ""
	if seen != nil {
		needed = slices.Clone(seen.Needed)
		if len(needed) > 0 && seen.Version != "" {
			reason = "the endpoint speaks " + strings.TrimSpace(seen.Version+" "+seen.Cipher) + "; "
		}
	}
	var malformed []string
	for _, a := range asked {
		for _, m := range a.Malformed {
			if !slices.Contains(malformed, string(m)) {
				malformed = append(malformed, string(m))
			}
		}
	}
	if len(malformed) > 0 {
		needed = append(needed, "malformed-http ("+strings.Join(malformed, ", ")+")")
	}
	if !slices.ContainsFunc(needed, func(word string) bool { return word != "rsa-kex" }) {
		return nil
	}
	reason += "a client has to accept: " + strings.Join(needed, ", ")
	if seen != nil && seen.Escalated != "" {
		reason += ". A client of today gives up with: " + seen.Escalated
	}
	return []Finding{{
		Advisory: "POSTERN-LEGACY-TLS", Kind: LegacyTLS, Verdict: Affected, Severity: "low",
		Title:       "The endpoint speaks outdated TLS or HTTP",
		Reason:      reason,
		Remediation: "Configure TLS 1.2 or later with ciphers, keys and signatures of today; where the software cannot, replace it.",
	}}
}
