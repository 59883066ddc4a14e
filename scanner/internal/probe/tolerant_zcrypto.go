//go:build linux

package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"time"

	ztls "github.com/zmap/zcrypto/tls"

	"postern/scanner/evidence"
)

// tolerantTLS says that this program has the TLS of the tolerant client. zcrypto does not
// compile for other systems; malformed HTTP is read on all of them.
const tolerantTLS = true

// shakeTolerantly makes the handshake over an open connection, and closes it on failure.
func (s *Session) shakeTolerantly(ctx context.Context, conn net.Conn) (net.Conn, error) {
	limited := &handshakeLimit{Conn: conn, left: s.handshakeBytes()}
	secure := ztls.Client(limited, s.tolerantConfig())
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err := conn.SetDeadline(deadline(ctx))
	if err == nil {
		err = guarded(secure.Handshake)
	}
	stop()
	limited.left = -1
	s.keepTLS(describeTolerantly(secure, s.escalated))
	if shown := chainLength(secure); err == nil && s.p.limits.MaxChain > 0 && shown > s.p.limits.MaxChain {
		err = fmt.Errorf("the endpoint shows more than %d certificates", s.p.limits.MaxChain)
	}
	if err != nil {
		_ = conn.Close() // the handshake has failed
		return nil, &stageError{handshaking, false, contextual(ctx, err)}
	}
	return secure, nil
}

// tolerantConfig offers all that the library can complete.
func (s *Session) tolerantConfig() *ztls.Config {
	config := &ztls.Config{
		ServerName:         s.endpoint.Host,
		InsecureSkipVerify: true,              // see the package comment
		MinVersion:         ztls.VersionTLS10, // the library cannot complete SSL 3.0; what answers with it is seen
		MaxVersion:         ztls.VersionTLS12, // what speaks 1.3 the first client can talk to
		CipherSuites:       tolerantSuites(),
		ForceSuites:        true,
		ClientDSAEnabled:   true,
	}
	if strings.Contains(config.ServerName, ":") || net.ParseIP(config.ServerName) != nil {
		config.ServerName = "" // it is sent for names only
	}
	renegotiate(config)
	if cert := s.p.limits.ClientCert; cert != nil {
		config.Certificates = []ztls.Certificate{{Certificate: cert.pair.Certificate, PrivateKey: cert.pair.PrivateKey}}
	}
	return config
}

// tolerantSuites is every suite that the library implements for protocols up to TLS 1.2,
// the better ones first.
func tolerantSuites() []uint16 {
	return []uint16{
		ztls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, ztls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		ztls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, ztls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		ztls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, ztls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
		ztls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, ztls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
		ztls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, ztls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
		ztls.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, ztls.TLS_DHE_RSA_WITH_AES_256_GCM_SHA384,
		ztls.TLS_DHE_RSA_WITH_AES_128_CBC_SHA256, ztls.TLS_DHE_RSA_WITH_AES_256_CBC_SHA256,
		ztls.TLS_DHE_RSA_WITH_AES_128_CBC_SHA, ztls.TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
		ztls.TLS_RSA_WITH_AES_128_GCM_SHA256, ztls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		ztls.TLS_RSA_WITH_AES_128_CBC_SHA256, ztls.TLS_RSA_WITH_AES_256_CBC_SHA256,
		ztls.TLS_RSA_WITH_AES_128_CBC_SHA, ztls.TLS_RSA_WITH_AES_256_CBC_SHA,
		ztls.TLS_DHE_DSS_WITH_AES_128_CBC_SHA, ztls.TLS_DHE_DSS_WITH_AES_256_CBC_SHA,
		ztls.TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA, ztls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
		ztls.TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA, ztls.TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA, ztls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
		ztls.TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, ztls.TLS_ECDHE_RSA_WITH_RC4_128_SHA,
		ztls.TLS_DHE_DSS_WITH_RC4_128_SHA, ztls.TLS_RSA_WITH_RC4_128_SHA,
	}
}

// describeTolerantly takes from a handshake of the second client what is evidence, also
// from one that failed half-way.
func describeTolerantly(conn *ztls.Conn, why string) *evidence.TLS {
	seen := &evidence.TLS{Escalated: why}
	log := conn.GetHandshakeLog()
	if log == nil {
		return seen
	}
	if hello := log.ServerHello; hello != nil {
		seen.Version = tls.VersionName(uint16(hello.Version))
		seen.Cipher = suiteName(uint16(hello.CipherSuite))
	}
	if certs := log.ServerCertificates; certs != nil && len(certs.Certificate.Raw) > 0 {
		describeLeaf(seen, certs.Certificate.Raw)
	}
	seen.Needed = append(needs(seen.Version, seen.Cipher), seen.Needed...)
	return seen
}

// chainLength is how many certificates were shown.
func chainLength(conn *ztls.Conn) int {
	log := conn.GetHandshakeLog()
	if log == nil || log.ServerCertificates == nil {
		return 0
	}
	return 1 + len(log.ServerCertificates.Chain)
}

// suiteName is the IANA name of a suite, which zcrypto spells like the standard library.
func suiteName(id uint16) string {
	if name := tls.CipherSuiteName(id); !strings.HasPrefix(name, "0x") {
		return name
	}
	return zmapSuiteName(id)
}
