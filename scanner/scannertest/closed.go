package scannertest

import (
	"fmt"
	"net"
	"net/netip"
)

// ClosedPort is an address of 127.0.0.1 that refuses connections. It is the near end of a
// connection that stays open until release, so that the system gives the port to nobody
// else meanwhile.
func ClosedPort() (address netip.AddrPort, release func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return address, nil, fmt.Errorf("a closed port: %w", err)
	}
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		_ = listener.Close()
		return address, nil, fmt.Errorf("a closed port: %w", err)
	}
	release = func() {
		_ = conn.Close()
		_ = listener.Close()
	}
	return conn.LocalAddr().(*net.TCPAddr).AddrPort(), release, nil
}
