package scannertest

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// Hostile is a kind of server that stalls, floods or fools whoever asks it.
type Hostile struct {
	// Name says what it does.
	Name string
	// Want is what a scan must conclude, "OUTCOME" or "OUTCOME REASON". More than one stands
	// where it depends on which of two things the kernel delivers first, or on how much of the
	// flood a busy machine takes in before the deadline.
	Want []string
	// Stalls says that it holds the connection until the scanner gives up.
	Stalls bool

	serve func(conn net.Conn)
}

// Hostiles lists every kind: those of HTTP twice, in the clear and in TLS.
func Hostiles() ([]Hostile, error) {
	cert, err := (&Certificate{subject: commonName("hostile")}).issue(time.Now())
	if err != nil {
		return nil, fmt.Errorf("hostile servers: %w", err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{*cert}}
	var all []Hostile
	for _, h := range slices.Concat(slowAnswers(), floods(), brokenAnswers(), deceptions()) {
		plain, secure := h, h
		plain.Name, secure.Name = h.Name+" in the clear", h.Name+" in TLS"
		plain.serve = func(conn net.Conn) { serveWeb(conn, h.serve) }
		secure.serve = func(conn net.Conn) {
			inner := tls.Server(conn, config)
			if inner.Handshake() == nil {
				h.serve(inner)
			}
		}
		all = append(all, plain, secure)
	}
	return append(all, slices.Concat(brokenConnections(), brokenHandshakes(), hugeCertificates(cert), hostileRecords(cert))...), nil
}

// serveWeb lets the scanner find out that a port does not speak TLS.
func serveWeb(conn net.Conn, serve func(net.Conn)) {
	var first [1]byte
	if _, err := io.ReadFull(conn, first[:]); err != nil {
		return
	}
	if first[0] == 22 {
		_, _ = io.WriteString(conn, noHTTP) // the connection ends either way
		hold(conn)                          // or what was not read would reset it
		return
	}
	serve(conn)
}

// HostileServer is a hostile server that is switched on.
type HostileServer struct {
	listener net.Listener
	serving  sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]bool // nil once closed
}

// Start serves on a free port of an address, "127.0.0.1", until Close.
func (h Hostile) Start(address string) (*HostileServer, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return nil, fmt.Errorf("hostile server %s: %w", h.Name, err)
	}
	s := &HostileServer{listener: listener, open: map[net.Conn]bool{}}
	s.serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.serving.Go(func() { s.handle(conn, h.serve) })
		}
	})
	return s, nil
}

func (s *HostileServer) handle(conn net.Conn, serve func(net.Conn)) {
	defer conn.Close()
	s.mu.Lock()
	if s.open == nil {
		s.mu.Unlock()
		return
	}
	s.open[conn] = true
	s.mu.Unlock()
	serve(conn)
	s.mu.Lock()
	delete(s.open, conn)
	s.mu.Unlock()
}

// Address is where the server listens, "127.0.0.1:40123".
func (s *HostileServer) Address() string { return s.listener.Addr().String() }

// Close ends every connection and waits until nothing is left running.
func (s *HostileServer) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.open {
		_ = conn.Close() // it is being thrown away
	}
	s.open = nil
	s.mu.Unlock()
	s.serving.Wait()
	return err
}

// request reads what the client sent so far; false when it went away.
func request(conn net.Conn) bool {
	_, err := conn.Read(make([]byte, 4096))
	return err == nil
}

// say answers one request with text, and then does what follows.
func say(text string, then func(conn net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		if !request(conn) {
			return
		}
		if _, err := io.WriteString(conn, text); err == nil && then != nil {
			then(conn)
		}
	}
}

// hold keeps the connection until the client goes.
func hold(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// flood writes text again and again until the client goes.
func flood(text string) func(net.Conn) {
	return func(conn net.Conn) {
		for err := error(nil); err == nil; {
			_, err = io.WriteString(conn, text)
		}
	}
}

// drip writes text a little at a time until the client goes.
func drip(text string) func(net.Conn) {
	return func(conn net.Conn) {
		for err := error(nil); err == nil; time.Sleep(50 * time.Millisecond) {
			_, err = io.WriteString(conn, text)
		}
	}
}

// reset ends a connection with RST.
func reset(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	if plain, ok := conn.(*net.TCPConn); ok {
		_ = plain.SetLinger(0) // closing sends RST then
	}
	_ = conn.Close()
}
