package scannertest

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Proxy is an HTTP CONNECT and SOCKS5 proxy on a port of 127.0.0.1. It connects to loopback
// alone: a name leads to 127.0.0.1.
type Proxy struct {
	user, password string // empty: nobody has to say who he is
	listener       net.Listener
	serving        sync.WaitGroup

	mu     sync.Mutex
	tunnel []string
	open   []net.Conn
}

// StartProxy serves whoever gives the user and password, or anybody if user is empty.
func StartProxy(user, password string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p := &Proxy{user: user, password: password, listener: listener}
	p.serving.Go(p.accept)
	return p, nil
}

// Address is where it listens.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Tunnels lists what was asked for, such as "socks5 vpn.example.org:443".
func (p *Proxy) Tunnels() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.tunnel...)
}

// Close ends it and every tunnel.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	for _, conn := range p.open {
		_ = conn.Close() // it is being thrown away
	}
	p.mu.Unlock()
	p.serving.Wait()
	return err
}

func (p *Proxy) keep(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, conn)
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.keep(conn)
		p.serving.Go(func() {
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
			in := bufio.NewReader(conn)
			greet := p.connect
			if first, err := in.Peek(1); err == nil && first[0] == 5 {
				greet = p.socks
			}
			to, err := greet(in, conn)
			if err != nil {
				return
			}
			defer to.Close()
			p.serving.Go(func() { _, _ = io.Copy(to, in) })
			_, _ = io.Copy(conn, to)
		})
	}
}

// dial notes a tunnel and connects it to the port on loopback.
func (p *Proxy) dial(kind, host string, port int) (net.Conn, error) {
	p.mu.Lock()
	p.tunnel = append(p.tunnel, kind+" "+net.JoinHostPort(host, strconv.Itoa(port)))
	p.mu.Unlock()
	to, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err == nil {
		p.keep(to)
	}
	return to, err
}

// connect serves HTTP CONNECT.
func (p *Proxy) connect(in *bufio.Reader, conn net.Conn) (net.Conn, error) {
	r, err := http.ReadRequest(in)
	if err != nil {
		return nil, err
	}
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(p.user+":"+p.password))
	if p.user != "" && r.Header.Get("Proxy-Authorization") != want {
		_, err := io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
		return nil, errors.Join(errors.New("no password"), err)
	}
	host, number, err := net.SplitHostPort(r.Host)
	if err != nil || r.Method != http.MethodConnect {
		return nil, errors.New("no CONNECT")
	}
	port, err := strconv.Atoi(number)
	if err != nil {
		return nil, err
	}
	to, err := p.dial("connect", host, port)
	if err != nil {
		_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return nil, err
	}
	_, err = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	return to, err
}

// socks serves the CONNECT of SOCKS5 (RFC 1928), with a password (RFC 1929) if it wants one.
func (p *Proxy) socks(in *bufio.Reader, conn net.Conn) (net.Conn, error) {
	methods, err := field(in, 2)
	if err != nil {
		return nil, err
	}
	method := byte(0)
	if p.user != "" {
		method = 2
	}
	if !strings.ContainsRune(string(methods), rune(method)) {
		_, err := conn.Write([]byte{5, 0xff})
		return nil, errors.Join(errors.New("no password"), err)
	}
	if _, err := conn.Write([]byte{5, method}); err != nil {
		return nil, err
	}
	if method == 2 {
		user, userErr := field(in, 2)
		password, err := field(in, 1)
		if err := errors.Join(userErr, err); err != nil {
			return nil, err
		}
		wrong := string(user) != p.user || string(password) != p.password
		status := map[bool]byte{true: 1}[wrong]
		if _, err := conn.Write([]byte{1, status}); err != nil || wrong {
			return nil, errors.Join(errors.New("wrong password"), err)
		}
	}
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, err
	}
	host := ""
	switch head[3] {
	case 1, 4:
		raw := make([]byte, map[byte]int{1: 4, 4: 16}[head[3]])
		if _, err := io.ReadFull(in, raw); err != nil {
			return nil, err
		}
		host = net.IP(raw).String()
	default:
		name, err := field(in, 1)
		if err != nil {
			return nil, err
		}
		host = string(name)
	}
	var port [2]byte
	if _, err := io.ReadFull(in, port[:]); err != nil {
		return nil, err
	}
	to, err := p.dial("socks5", host, int(binary.BigEndian.Uint16(port[:])))
	reply := []byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	if err != nil {
		reply[1] = 5 // connection refused
	}
	_, writeErr := conn.Write(reply)
	return to, errors.Join(err, writeErr)
}

// field reads bytes whose number stands in the last of the head bytes before them.
func field(in io.Reader, head int) ([]byte, error) {
	start := make([]byte, head)
	if _, err := io.ReadFull(in, start); err != nil {
		return nil, err
	}
	rest := make([]byte, start[head-1])
	_, err := io.ReadFull(in, rest)
	return rest, err
}
