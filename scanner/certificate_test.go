package scanner

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/fingerprints"
	"postern/scanner/finding"
)

// A gateway that lets nobody in without a client certificate still shows its own, and is
// recognised by it where that is enough; otherwise the certificate is kept as evidence.
func TestGatewayThatWantsAClientCertificate(t *testing.T) {
	for _, tt := range []struct {
		subject pkix.Name
		outcome finding.Outcome
	}{
		{pkix.Name{CommonName: "FG100E0000000000", Organization: []string{"Fortinet"}, OrganizationalUnit: []string{"FortiGate"}}, finding.Identified},
		{pkix.Name{CommonName: "intranet.example.org"}, finding.Unreachable},
	} {
		catalog, err := fingerprints.Builtin()
		require.NoError(t, err)
		results := collect(t, New(catalog, acmeDB(t, "4430"), Options{Timeout: 5 * time.Second}),
			Target{Host: "gate.example", Port: 443, Address: wantsClientCertificate(t, tt.subject)})
		require.Len(t, results, 1)
		r := results[0]
		require.Equal(t, tt.outcome, r.Outcome, tt.subject.CommonName)
		require.Equal(t, "tls", r.Reason, "why there is no answer")
		require.Contains(t, r.TLS.Subject, tt.subject.CommonName)
		require.Len(t, r.Products, map[finding.Outcome]int{finding.Identified: 1}[tt.outcome])
	}
}

func wantsClientCertificate(t *testing.T, subject pkix.Name) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: subject, NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, ClientAuth: tls.RequireAnyClientCert,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func(conn net.Conn) {
				defer conn.Close()
				_ = conn.(*tls.Conn).Handshake() // fails: nobody has a certificate
			}(conn)
		}
	}()
	return listener.Addr().String()
}
