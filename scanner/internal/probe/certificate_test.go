package probe

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func rawName(t *testing.T, attributes ...pkix.AttributeTypeAndValue) []byte {
	t.Helper()
	var name pkix.RDNSequence
	for _, a := range attributes {
		name = append(name, pkix.RelativeDistinguishedNameSET{a})
	}
	raw, err := asn1.Marshal(name)
	require.NoError(t, err)
	return raw
}

func attribute(value string, oid ...int) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: oid, Value: value}
}

func TestCertificateFacts(t *testing.T) {
	template := &x509.Certificate{
		RawSubject: rawName(t, attribute("US", 2, 5, 4, 6), attribute("Acme, Inc.", 2, 5, 4, 10), attribute("A", 2, 5, 4, 11),
			attribute("B", 2, 5, 4, 11), attribute("gate\x1b[2J", 2, 5, 4, 3), attribute("x@acme.example", 1, 2, 840, 113549, 1, 9, 1), attribute("z", 1, 2, 3, 4)),
		DNSNames:    []string{"a.example", "b.example"},
		IPAddresses: []net.IP{net.IPv4(192, 0, 2, 1)},
	}
	d := listen(t, serverTLS(t, template), always(ok("x")))
	s := open(t, d, limits(), Endpoint{})
	require.Nil(t, s.TLS())
	require.Nil(t, s.Do(t.Context(), get("/")).Failure)
	seen := s.TLS()
	require.Equal(t, `1.2.3.4=z,emailAddress=x@acme.example,CN=gate\1B[2J,OU=B,OU=A,O=Acme\, Inc.,C=US`, seen.Subject)
	require.Equal(t, seen.Subject, seen.Issuer)
	require.Equal(t, []string{"a.example", "b.example", "192.0.2.1"}, seen.SAN)
	require.Equal(t, time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), seen.NotBefore)
	require.Equal(t, time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC), seen.NotAfter)
	require.Len(t, seen.SHA256, 64)
	require.Equal(t, "TLS 1.3", seen.Version)
	require.NotEmpty(t, seen.Cipher)
}

func TestCertificateIsBounded(t *testing.T) {
	template := &x509.Certificate{Subject: pkix.Name{CommonName: strings.Repeat("ä", 2000)}}
	for i := range 500 {
		template.DNSNames = append(template.DNSNames, fmt.Sprintf("%d.%s.example", i, strings.Repeat("x", 10)))
	}
	template.DNSNames[0] = strings.Repeat("y", 1000)
	d := listen(t, serverTLS(t, template), always(ok("x")))
	s := open(t, d, limits(), Endpoint{})
	require.Nil(t, s.Do(t.Context(), get("/")).Failure)
	require.LessOrEqual(t, len(s.TLS().Subject), maxName)
	require.Len(t, s.TLS().SAN, maxSAN)
	require.Len(t, s.TLS().SAN[0], maxLabel)
}

func TestOldTLS(t *testing.T) {
	for _, tt := range []struct {
		version uint16
		suite   uint16
	}{
		{tls.VersionTLS10, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA},
		{tls.VersionTLS11, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA},
		{tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA},
	} {
		config := serverTLS(t, nil)
		config.MaxVersion, config.CipherSuites = tt.version, []uint16{tt.suite}
		d := listen(t, config, always(ok("x")))
		s := open(t, d, limits(), Endpoint{})
		require.Nil(t, s.Do(t.Context(), get("/")).Failure, tls.VersionName(tt.version))
		require.Equal(t, tls.VersionName(tt.version), s.TLS().Version)
		require.Equal(t, tls.CipherSuiteName(tt.suite), s.TLS().Cipher)
	}
}

// A gateway that insists on a client certificate still shows its own.
func TestCertificateOfAFailedHandshake(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		config := serverTLS(t, &x509.Certificate{Subject: pkix.Name{CommonName: "gate"}})
		config.ClientAuth, config.MaxVersion = tls.RequireAnyClientCert, version
		d := listen(t, config, always(ok("x")))
		s := open(t, d, limits(), Endpoint{})
		x := s.Do(t.Context(), get("/"))
		require.NotNil(t, x.Failure)
		require.EqualValues(t, "tls", x.Failure.Kind, "%s: %s", tls.VersionName(version), x.Failure.Detail)
		require.Equal(t, "CN=gate", s.TLS().Subject)
	}
}

func TestEscape(t *testing.T) {
	tests := []struct{ text, want string }{
		{"plain", "plain"},
		{"a,b+c", `a\,b\+c`},
		{" a ", `\ a\ `},
		{"#a#", `\#a#`},
		{"a\x00\xff\u202eb", `a\00\FF\E2\80\AEb`},
		{"日本", "日本"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, escape(tt.text, `,+"\<>;`))
	}
}
