package scannertest

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	idleTime   = 30 * time.Second // between the bytes of a client
	maxRequest = 64 << 10         // bytes of one request
)

// Server is an appliance that is switched on. It keeps what it was asked.
type Server struct {
	appliance *Appliance
	listener  net.Listener
	serving   sync.WaitGroup

	mu          sync.Mutex
	requests    []string
	connections int
	open        map[net.Conn]bool // nil once closed
}

// Start serves the appliance on a free port of 127.0.0.1 until Close.
func (a *Appliance) Start() (*Server, error) { return a.StartAt("127.0.0.1") }

// StartAt is Start on another address of this machine.
func (a *Appliance) StartAt(address string) (*Server, error) {
	var config *tls.Config
	if a.TLS != nil {
		cert, err := a.TLS.issue(time.Now())
		if err != nil {
			return nil, fmt.Errorf("appliance %s: certificate: %w", a.Name, err)
		}
		config = &tls.Config{Certificates: []tls.Certificate{*cert}}
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return nil, fmt.Errorf("appliance %s: %w", a.Name, err)
	}
	s := &Server{appliance: a, listener: listener, open: map[net.Conn]bool{}}
	s.serving.Go(func() { s.accept(config) })
	return s, nil
}

// Address is where the server listens, "127.0.0.1:40123".
func (s *Server) Address() string { return s.listener.Addr().String() }

// Requests lists every request line so far as "GET /path?query", whatever the method.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Connections counts the TCP connections so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Close ends every connection and waits until nothing is left running.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.open {
		_ = conn.Close() // it is being thrown away
	}
	s.open = nil
	s.mu.Unlock()
	s.serving.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil // closed before
	}
	return err
}

func (s *Server) accept(config *tls.Config) {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of descriptors: wait for some
			continue
		}
		if !s.admit(conn) {
			_ = conn.Close() // nobody was told of it yet
			return
		}
		s.serving.Go(func() {
			defer s.dismiss(conn)
			s.greet(conn, config)
		})
	}
}

func (s *Server) admit(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		return false
	}
	s.connections++
	s.open[conn] = true
	return true
}

func (s *Server) dismiss(conn net.Conn) {
	_ = conn.Close() // the exchange is over; there is nobody to tell
	s.mu.Lock()
	delete(s.open, conn)
	s.mu.Unlock()
}

// serve answers the requests of one connection. net/http's server is not used: it would
// correct the names and the order of recorded header fields.
func (s *Server) serve(conn net.Conn) {
	limited := &io.LimitedReader{R: conn}
	in := bufio.NewReader(limited)
	for {
		limited.N = maxRequest
		if err := conn.SetDeadline(time.Now().Add(idleTime)); err != nil {
			return
		}
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.requests = append(s.requests, req.Method+" "+req.RequestURI)
		s.mu.Unlock()
		keep, err := s.reply(conn, req)
		if err != nil || !keep || req.Close || req.ContentLength != 0 {
			closeTLS(conn)
			return
		}
	}
}

// closeTLS says goodbye, so that a body that ends with the connection is known to be whole.
func closeTLS(conn net.Conn) {
	if secure, ok := conn.(*tls.Conn); ok {
		_ = secure.CloseWrite() // the connection ends either way
	}
}

var notFound = &answer{
	status: http.StatusNotFound,
	lines:  []string{"HTTP/1.1 404 Not Found", "Content-Type: text/plain"},
	body:   []byte("not found\n"),
}

// reply sends the recording for a request and reports whether the connection stays open.
func (s *Server) reply(conn net.Conn, req *http.Request) (keep bool, err error) {
	found := s.appliance.answer(req.Method, req.RequestURI)
	if found == nil {
		found = notFound
	}
	scheme := "https"
	if s.appliance.TLS == nil {
		scheme = "http"
	}
	head, chunked, keep := found.head(req.Method, scheme+"://"+req.Host, time.Now())
	body := found.body
	if req.Method == http.MethodHead || found.status == http.StatusNoContent || found.status == http.StatusNotModified {
		body = nil
	} else if chunked {
		body = fmt.Appendf(nil, "%x\r\n%s\r\n0\r\n\r\n", len(body), body)
		if len(found.body) == 0 {
			body = []byte("0\r\n\r\n")
		}
	}
	_, err = conn.Write(append([]byte(head), body...))
	return keep, err
}

// head writes the recorded status line and fields in their order and spelling. Only the
// length, a date of "now" and the placeholder {{origin}} are filled in.
func (a *answer) head(method, origin string, now time.Time) (head string, chunked, keep bool) {
	keep = !strings.HasPrefix(a.lines[0], "HTTP/1.0")
	measured := a.status < 200 || a.status == http.StatusNoContent || a.status == http.StatusNotModified
	var out strings.Builder
	for _, line := range a.lines {
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(name) {
		case "content-length":
			measured = true
			if method != http.MethodHead || len(a.body) > 0 { // a recorded HEAD states the length of a body that it has not
				line = fmt.Sprintf("%s: %d", name, len(a.body))
			}
		case "transfer-encoding":
			chunked = strings.EqualFold(value, "chunked")
			measured = measured || chunked
		case "connection":
			keep = keep && !strings.EqualFold(value, "close")
		case "date":
			if value == "now" {
				line = name + ": " + now.UTC().Format(http.TimeFormat)
			}
		}
		out.WriteString(strings.ReplaceAll(line, "{{origin}}", origin) + "\r\n")
	}
	if !measured {
		fmt.Fprintf(&out, "Content-Length: %d\r\n", len(a.body))
	}
	out.WriteString("\r\n")
	return out.String(), chunked, keep
}
