//go:build linux

package probe

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
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
	heard := &handshakeConn{Conn: conn, left: s.handshakeBytes()}
	secure := ztls.Client(heard, s.tolerantConfig())
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	err := conn.SetDeadline(deadline(ctx))
	if err == nil {
		err = guarded(secure.Handshake)
	}
	err = contextual(ctx, err)
	if err != nil {
		heard.hearOut()
	}
	stop()
	said := heard.finish()
	s.keepTLS(s.describeFlight(said))
	if err == nil && s.p.limits.MaxChain > 0 && said.shown > s.p.limits.MaxChain {
		err = fmt.Errorf("the endpoint shows more than %d certificates", s.p.limits.MaxChain)
	}
	if err != nil {
		_ = conn.Close() // the handshake has failed
		if why := uncompleted(said); why != nil {
			err = why
		}
		return nil, &stageError{handshaking, false, err}
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
	if s.second.oldest {
		config.ClientFingerprintConfiguration = oldestHello()
	}
	renegotiate(config)
	if cert := s.p.limits.ClientCert; cert != nil {
		if pair, err := ztls.X509KeyPair(cert.certificate, cert.key); err == nil { // else none is shown
			config.Certificates = []ztls.Certificate{pair}
		}
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

// oldestSuites is what a hello of the oldest clients offers: first what can be completed in
// TLS 1.0, then what is offered only so that an endpoint which has nothing else answers.
func oldestSuites() []uint16 {
	return []uint16{
		ztls.TLS_RSA_WITH_AES_128_CBC_SHA, ztls.TLS_RSA_WITH_AES_256_CBC_SHA,
		ztls.TLS_DHE_RSA_WITH_AES_128_CBC_SHA, ztls.TLS_DHE_RSA_WITH_AES_256_CBC_SHA,
		ztls.TLS_DHE_DSS_WITH_AES_128_CBC_SHA, ztls.TLS_DHE_DSS_WITH_AES_256_CBC_SHA,
		ztls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, ztls.TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA, ztls.TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA,
		ztls.TLS_RSA_WITH_RC4_128_SHA, ztls.TLS_DHE_DSS_WITH_RC4_128_SHA,
		ztls.TLS_RSA_WITH_RC4_128_MD5, ztls.TLS_RSA_WITH_CAMELLIA_128_CBC_SHA, ztls.TLS_RSA_WITH_CAMELLIA_256_CBC_SHA,
		ztls.TLS_RSA_WITH_IDEA_CBC_SHA, ztls.TLS_RSA_WITH_SEED_CBC_SHA,
		ztls.TLS_RSA_WITH_DES_CBC_SHA, ztls.TLS_DHE_RSA_WITH_DES_CBC_SHA, ztls.TLS_DHE_DSS_WITH_DES_CBC_SHA,
		ztls.TLS_RSA_EXPORT1024_WITH_RC4_56_SHA, ztls.TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA,
		ztls.TLS_RSA_EXPORT_WITH_RC4_40_MD5, ztls.TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5, ztls.TLS_RSA_EXPORT_WITH_DES40_CBC_SHA,
		ztls.TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA, ztls.TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA,
	}
}

// oldestHello is TLS 1.0 without one extension.
func oldestHello() *ztls.ClientFingerprintConfiguration {
	return &ztls.ClientFingerprintConfiguration{
		HandshakeVersion: ztls.VersionTLS10, CipherSuites: oldestSuites(), CompressionMethods: []uint8{0},
	}
}

// describeFlight takes from a handshake of the second client what is evidence, also from
// one that failed half-way. That the version is 1.0 says nothing where no more was offered,
// unless the suite was offered with a later version too, in vain.
func (s *Session) describeFlight(said flight) *evidence.TLS {
	seen := &evidence.TLS{Escalated: s.escalated}
	if said.chosen {
		seen.Version, seen.Cipher = tls.VersionName(said.version), suiteName(said.suite)
	}
	if said.leaf != nil {
		describeLeaf(seen, said.leaf)
	}
	needed := needs(seen.Version, seen.Cipher)
	if s.second.oldest && !slices.Contains(tolerantSuites(), said.suite) {
		needed = slices.DeleteFunc(needed, func(word string) bool { return word == "tls1.0" })
	}
	if slices.Contains(needed, "dhe") && 0 < said.keyBits && said.keyBits < 2048 {
		needed = append(needed, "weak-dh")
	}
	seen.Needed = append(needed, seen.Needed...)
	return seen
}

// uncompleted says that an endpoint chose what no client here can go on with, or nothing.
func uncompleted(said flight) error {
	switch {
	case !said.chosen:
		return nil
	case said.version < ztls.VersionTLS10:
		return fmt.Errorf("the endpoint speaks %s, which is not spoken here", tls.VersionName(said.version))
	case !slices.Contains(tolerantSuites(), said.suite):
		return fmt.Errorf("the endpoint chose %s, which is not spoken here", suiteName(said.suite))
	}
	return nil
}

// suiteName is the IANA name of a suite, which zcrypto spells like the standard library.
func suiteName(id uint16) string {
	if name := tls.CipherSuiteName(id); !strings.HasPrefix(name, "0x") {
		return name
	}
	return zmapSuiteName(id)
}
