//go:build !httpx

package probe

import (
	"context"
	"fmt"

	ztls "github.com/zmap/zcrypto/tls"

	"postern/scanner/evidence"
)

// HasHTTPX says that this program was built without the engine "httpx".
const HasHTTPX = false

// engineHTTPX is the engine "httpx", which is not there.
type engineHTTPX struct{}

func (*engineHTTPX) close() {}

func (s *Session) exchangeByEngine(ctx context.Context, _ evidence.Request) (*evidence.Response, *connectWatch, error) {
	_, watch := watchConnect(ctx, s.dial)
	return nil, watch, fmt.Errorf("%w: this program was built without %s", errEngine, s.p.limits.Engine)
}

// renegotiate lets an endpoint ask for a certificate after the first handshake.
func renegotiate(config *ztls.Config) { config.Renegotiation = ztls.RenegotiateOnceAsClient }

func zmapSuiteName(id uint16) string { return ztls.CipherSuiteID(id).String() }
