package scanner

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/finding"
)

// A gateway behind the balancer, or in front of the gateway, of another vendor shows the
// marks of both, and both are reported; three vendors at one endpoint are none. The more
// it contradicts itself, the less it is asked.
func TestManyVendorsAtOneEndpoint(t *testing.T) {
	const (
		openVPN = "Server: OpenVPN-AS\n"
		sra     = "Server: SonicWALL SSL-VPN Web Server\n"
		asa     = `<script>document.location.replace("/+CSCOE+/logon.html")</script>`
	)
	catalog, db := shipped(t)
	s := New(catalog, db, Options{Rate: -1})
	tests := []struct {
		name, fields, page string
		want               []string // products
		reason             string
		requests           int // at most
	}{
		{"one", openVPN, "", []string{"openvpn-access-server"}, "", maxGateway},
		{"two vendors", openVPN, asa, []string{"cisco-asa", "openvpn-access-server"}, "", maxGateway},
		{"two other vendors", sra + openVPN, "", []string{"openvpn-access-server", "sonicwall-sma100"}, "", maxGateway},
		{"three vendors", sra + openVPN, asa, nil, finding.ReasonContradictory, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, port := serve(t, "expect: unidentified\n-- * --\nHTTP/1.1 200 OK\nSet-Cookie: webvpn=; path=/\n"+tt.fields+"\n<html>"+tt.page+"</html>\n")
			r := collect(t, s, local(port))[0]
			var got []string
			for _, p := range r.Products {
				got = append(got, p.ID)
			}
			require.ElementsMatch(t, tt.want, got)
			require.Equal(t, tt.reason, r.Reason)
			require.LessOrEqual(t, len(server.Requests()), tt.requests, "%v", server.Requests())
			if tt.reason == "" {
				require.Equal(t, finding.Identified, r.Outcome)
				require.Empty(t, r.Findings)
				return
			}
			require.Equal(t, finding.Unidentified, r.Outcome)
			require.Len(t, r.Findings, 1)
			require.Equal(t, "POSTERN-CONTRADICTORY", r.Findings[0].Advisory)
		})
	}
}
