//go:build httpx

package probe

import ztls "github.com/zmap/zcrypto/tls"

// httpx is made with a zcrypto of 2024, and one program has room for one zcrypto. It has no
// renegotiation, and other names.

func renegotiate(*ztls.Config) {}

func zmapSuiteName(id uint16) string { return ztls.CipherSuite(id).String() }
