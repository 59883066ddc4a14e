package scannertest

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"time"
)

// What ordinary servers say to a client that speaks the other protocol.
const (
	noHTTP = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
	noTLS  = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 45\r\n\r\nThe plain HTTP request was sent to HTTPS port"
)

// greet looks which protocol the client speaks.
func (s *Server) greet(conn net.Conn, config *tls.Config) {
	if conn.SetDeadline(time.Now().Add(idleTime)) != nil {
		return
	}
	in := bufio.NewReader(conn)
	first, err := in.Peek(1)
	if err != nil {
		return
	}
	const handshake = 22 // the first byte of a TLS connection
	peeked := &peekedConn{conn, in}
	switch secure := first[0] == handshake; {
	case secure && config != nil:
		s.serve(tls.Server(peeked, config))
	case !secure && config == nil:
		s.serve(peeked)
	default:
		text := noTLS
		if secure {
			text = noHTTP
		}
		_, _ = io.WriteString(conn, text) // the connection ends either way
		_, _ = io.CopyN(io.Discard, in, maxRequest)
	}
}

// peekedConn is a connection whose beginning was looked at.
type peekedConn struct {
	net.Conn
	in *bufio.Reader
}

func (c *peekedConn) Read(p []byte) (int, error) { return c.in.Read(p) }
