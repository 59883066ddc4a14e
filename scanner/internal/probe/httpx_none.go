//go:build !httpx

package probe

import (
	"context"
	"fmt"

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
