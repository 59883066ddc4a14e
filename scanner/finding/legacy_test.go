package finding

import (
	"strings"
	"testing"

	"postern/scanner/evidence"
)

func TestOutdatedTLS(t *testing.T) {
	tests := []struct {
		name  string
		seen  *evidence.TLS
		asked []Asked
		want  string // part of the reason; empty for no finding
	}{
		{"plain HTTP", nil, []Asked{{Status: 200}}, ""},
		{"TLS of today", &evidence.TLS{Version: "TLS 1.3", Cipher: "TLS_AES_128_GCM_SHA256"}, nil, ""},
		{"old protocol", &evidence.TLS{Version: "TLS 1.0", Cipher: "TLS_RSA_WITH_RC4_128_SHA", Needed: []string{"tls1.0", "rc4", "rsa-kex"}}, nil,
			"the endpoint speaks TLS 1.0 TLS_RSA_WITH_RC4_128_SHA; a client has to accept: tls1.0, rc4, rsa-kex"},
		{"RSA key exchange alone", &evidence.TLS{Version: "TLS 1.2", Cipher: "TLS_RSA_WITH_AES_128_GCM_SHA256", Needed: []string{"rsa-kex"}}, nil, ""},
		{"RSA key exchange and a broken answer", &evidence.TLS{Needed: []string{"rsa-kex"}}, []Asked{{Malformed: []evidence.Malformation{evidence.BadHeader}}},
			"a client has to accept: rsa-kex, malformed-http (header)"},
		{"after an escalation", &evidence.TLS{Version: "TLS 1.2", Needed: []string{"dhe"}, Escalated: "TLS: handshake failure"}, nil,
			"a client has to accept: dhe. A client of today gives up with: TLS: handshake failure"},
		{"broken HTTP", nil, []Asked{{Malformed: []evidence.Malformation{evidence.BadHeader}}, {Malformed: []evidence.Malformation{evidence.BadHeader, evidence.BadLength}}},
			"a client has to accept: malformed-http (header, content-length)"},
	}
	for _, tt := range tests {
		got := OutdatedTLS(tt.seen, tt.asked)
		switch {
		case tt.want == "" && len(got) > 0:
			t.Errorf("%s: %s", tt.name, got[0].Reason)
		case tt.want != "" && (len(got) != 1 || !strings.Contains(got[0].Reason, tt.want)):
			t.Errorf("%s: %+v, want %q", tt.name, got, tt.want)
		case len(got) == 1 && (got[0].Kind != LegacyTLS || got[0].Advisory != "POSTERN-LEGACY-TLS" || got[0].Severity != "low"):
			t.Errorf("%s: %+v", tt.name, got[0])
		}
	}
}

// What the evidence lists must not change under the finding's hands.
func TestOutdatedTLSLeavesTheEvidence(t *testing.T) {
	seen := &evidence.TLS{Needed: append(make([]string, 0, 4), "dhe")}
	OutdatedTLS(seen, []Asked{{Malformed: []evidence.Malformation{evidence.BadHeader}}})
	if got := seen.Needed[:cap(seen.Needed)][1]; got != "" {
		t.Errorf("wrote %q behind the evidence", got)
	}
}
