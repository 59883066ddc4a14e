package probe

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClientCertificateIsShownWhenAskedFor(t *testing.T) {
	pair := serverTLS(t, nil).Certificates[0]
	der, err := x509.MarshalECPrivateKey(pair.PrivateKey.(*ecdsa.PrivateKey))
	require.NoError(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})
	key := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	own, err := ParseClientCertificate(certificate, key)
	require.NoError(t, err)
	_, err = ParseClientCertificate(key, certificate)
	require.ErrorContains(t, err, "client certificate and key: ")

	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		shown := make(chan int, 10)
		config := serverTLS(t, nil)
		config.ClientAuth, config.MaxVersion = tls.RequireAnyClientCert, version
		handle := func(d *device, conn net.Conn) {
			if conn.(*tls.Conn).Handshake() == nil {
				shown <- len(conn.(*tls.Conn).ConnectionState().PeerCertificates)
				always(ok("x"))(d, conn)
			}
		}
		d := listen(t, config, handle)
		l := limits()
		l.ClientCert = own
		require.Nil(t, open(t, d, l, Endpoint{}).Do(t.Context(), get("/")).Failure)
		require.Equal(t, 1, <-shown)
		require.NotNil(t, open(t, d, limits(), Endpoint{}).Do(t.Context(), get("/")).Failure, "without one")

		config.ClientAuth = tls.NoClientCert
		d = listen(t, config, handle)
		require.Nil(t, open(t, d, l, Endpoint{}).Do(t.Context(), get("/")).Failure)
		require.Zero(t, <-shown, "to nobody else")
	}
}
