package probe

import (
	"bytes"
	"crypto/tls"
	"fmt"
)

// ClientCertificate is shown to an endpoint that asks for one, and to no other.
type ClientCertificate struct {
	pair             tls.Certificate
	certificate, key []byte // in PEM: the library of the tolerant client has types of its own
}

// ParseClientCertificate reads a certificate, with its chain, and its key, both in PEM.
func ParseClientCertificate(certificate, key []byte) (*ClientCertificate, error) {
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("client certificate and key: %w", err)
	}
	return &ClientCertificate{pair, bytes.Clone(certificate), bytes.Clone(key)}, nil
}

// offer answers an endpoint that asks for a certificate, whichever issuers it names.
func (c *ClientCertificate) offer(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if c == nil {
		return &tls.Certificate{}, nil // none
	}
	return &c.pair, nil
}
