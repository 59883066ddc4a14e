//go:build !linux

package probe

import (
	"context"
	"errors"
	"net"
)

// tolerantTLS says that this program lacks the TLS of the tolerant client: its library does
// not compile for this system.
const tolerantTLS = false

// shakeTolerantly fails; escalate does not lead here.
func (s *Session) shakeTolerantly(_ context.Context, conn net.Conn) (net.Conn, error) {
	_ = conn.Close() // nothing can be done with it
	return nil, &stageError{handshaking, false, errors.New("this program has no tolerant TLS")}
}
