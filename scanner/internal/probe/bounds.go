package probe

import (
	"crypto/x509"
	"fmt"
	"net/http"
)

// checkFields refuses a header with more fields than anybody sends.
func (l *Limits) checkFields(header http.Header) error {
	count := 0
	for _, values := range header {
		count += len(values)
	}
	if l.MaxFields > 0 && count > l.MaxFields {
		return &stageError{stage: waiting, err: fmt.Errorf("the header has more than %d fields", l.MaxFields)}
	}
	return nil
}

// checkChain refuses a chain that is longer than anybody's.
func (l *Limits) checkChain(chain []*x509.Certificate) error {
	size := int64(0)
	for _, cert := range chain {
		size += int64(len(cert.Raw))
	}
	switch {
	case l.MaxChain > 0 && len(chain) > l.MaxChain:
		return fmt.Errorf("the endpoint shows more than %d certificates", l.MaxChain)
	case l.MaxChainBytes > 0 && size > l.MaxChainBytes:
		return fmt.Errorf("the endpoint shows more than %d bytes of certificates", l.MaxChainBytes)
	}
	return nil
}
