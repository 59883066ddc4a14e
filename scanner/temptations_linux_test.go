package scanner

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serveTemptingCertificate starts a server whose certificate says where its issuer, its
// revocation list and its OCSP responder are, and returns its address.
func serveTemptingCertificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gateway.example"}, DNSNames: []string{"other.example", "192.0.2.20"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		OCSPServer:            []string{"http://192.0.2.21/ocsp"},
		IssuingCertificateURL: []string{"http://192.0.2.22/ca.crt", "ldap://192.0.2.23/"},
		CRLDistributionPoints: []string{"http://192.0.2.24/ca.crl"},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", net.JoinHostPort(inside, "0"))
	require.NoError(t, err)
	server := &http.Server{
		Handler:   http.NotFoundHandler(),
		ErrorLog:  log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}},
	}
	go func() { _ = server.ServeTLS(listener, "", "") }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// temptations are appliances that name other hosts and ports wherever a client might go
// and look.
var temptations = []string{
	`expect: unidentified
-- * --
HTTP/1.1 302 Found
Location: https://192.0.2.1/remote/login
`,
	`expect: unidentified
-- * --
HTTP/1.1 301 Moved Permanently
Location: http://gateway.example:8080/
`,
	`expect: unidentified
-- * --
HTTP/1.1 302 Found
Location: https://elsewhere.example/
Refresh: 0; url=https://192.0.2.2/
`,
	`expect: unidentified
-- * --
HTTP/1.1 302 Found
Location: //192.0.2.3/global-protect/login.esp
`,
	`expect: unidentified
tls: none
-- * --
HTTP/1.1 302 Found
Location: https://192.0.2.4:4443/
`,
	`expect: unidentified
-- * --
HTTP/1.1 200 OK
Alt-Svc: h3="192.0.2.5:443"; ma=86400, h2="alt.example:443"
Link: <https://192.0.2.6/style.css>; rel=preload; as=style
Strict-Transport-Security: max-age=31536000
Report-To: {"group":"x","endpoints":[{"url":"https://192.0.2.7/report"}]}
Content-Location: https://192.0.2.8/
X-Pingback: https://192.0.2.9/

<html><head><base href="https://192.0.2.10/"><link rel="shortcut icon" href="https://192.0.2.11/favicon.ico">
<link rel="dns-prefetch" href="//prefetch.example"><meta http-equiv="refresh" content="0;url=https://192.0.2.12/">
<script src="https://192.0.2.13/a.js"></script></head><body><img src="http://192.0.2.14/x.png">
<script>document.location.replace("https://192.0.2.15/+CSCOE+/logon.html")</script></body></html>
`,
	`expect: unidentified
-- * --
HTTP/1.1 305 Use Proxy
Location: http://192.0.2.16:3128/
`,
	`expect: unidentified
-- * --
HTTP/1.1 401 Unauthorized
WWW-Authenticate: Negotiate
WWW-Authenticate: Bearer realm="https://192.0.2.17/token"
Proxy-Authenticate: Basic realm="x"
`,
}
