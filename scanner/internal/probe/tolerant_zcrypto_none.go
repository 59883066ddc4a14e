//go:build linux && !httpx

package probe

import ztls "github.com/zmap/zcrypto/tls"

// renegotiate lets an endpoint ask for a certificate after the first handshake.
func renegotiate(config *ztls.Config) { config.Renegotiation = ztls.RenegotiateOnceAsClient }

func zmapSuiteName(id uint16) string { return ztls.CipherSuiteID(id).String() }
