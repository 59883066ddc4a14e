package scannertest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// NameServer answers questions about names on a port of 127.0.0.1, over UDP and TCP, and
// counts them.
type NameServer struct {
	names   map[string][]netip.Addr
	udp     net.PacketConn
	tcp     net.Listener
	serving sync.WaitGroup

	mu      sync.Mutex
	asked   map[string]int // by name, and "tcp" for those over TCP
	failing int            // how many questions are still answered with a failure
	cut     bool           // whether answers over UDP say that they go on over TCP
}

// StartNameServer knows the addresses of some names, and that there are no others.
func StartNameServer(names map[string][]netip.Addr) (*NameServer, error) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("name server: %w", err)
	}
	udp, err := net.ListenPacket("udp", tcp.Addr().String())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("name server: %w", err), tcp.Close())
	}
	s := &NameServer{names: names, udp: udp, tcp: tcp, asked: map[string]int{}}
	s.serving.Go(s.serveUDP)
	s.serving.Go(s.serveTCP)
	return s, nil
}

// Address is where it listens.
func (s *NameServer) Address() string { return s.tcp.Addr().String() }

// Fail makes the next questions end with SERVFAIL.
func (s *NameServer) Fail(questions int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = questions
}

// Truncate makes UDP answers too long to fit.
func (s *NameServer) Truncate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = true
}

// Asked counts the questions about a name, or with "tcp" those over TCP.
func (s *NameServer) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

// Close ends it.
func (s *NameServer) Close() error {
	err := errors.Join(s.udp.Close(), s.tcp.Close())
	s.serving.Wait()
	return err
}

func (s *NameServer) serveUDP() {
	buffer := make([]byte, 4096)
	for {
		n, from, err := s.udp.ReadFrom(buffer)
		if err != nil {
			return
		}
		if answer := s.answer(buffer[:n], false); answer != nil {
			_, _ = s.udp.WriteTo(answer, from) // the client asks again
		}
	}
}

func (s *NameServer) serveTCP() {
	for {
		conn, err := s.tcp.Accept()
		if err != nil {
			return
		}
		s.serving.Go(func() {
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
			var length [2]byte
			if _, err := io.ReadFull(conn, length[:]); err != nil {
				return
			}
			question := make([]byte, binary.BigEndian.Uint16(length[:]))
			if _, err := io.ReadFull(conn, question); err != nil {
				return
			}
			answer := s.answer(question, true)
			_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...))
		})
	}
}

func (s *NameServer) answer(packet []byte, tcp bool) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(packet); err != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[name]++
	if tcp {
		s.asked["tcp"]++
	}
	reply := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: m.ID, Response: true, RecursionDesired: true, RecursionAvailable: true},
		Questions: m.Questions,
	}
	addrs, known := s.names[name]
	switch {
	case s.failing > 0:
		s.failing--
		reply.RCode = dnsmessage.RCodeServerFailure
	case !known:
		reply.RCode = dnsmessage.RCodeNameError
	case s.cut && !tcp:
		reply.Truncated = true
	default:
		reply.Answers = records(q, addrs)
	}
	out, err := reply.Pack()
	if err != nil {
		return nil
	}
	return out
}

func records(q dnsmessage.Question, addrs []netip.Addr) []dnsmessage.Resource {
	var list []dnsmessage.Resource
	for _, addr := range addrs {
		header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: dnsmessage.ClassINET}
		switch {
		case q.Type == dnsmessage.TypeA && addr.Is4():
			list = append(list, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: addr.As4()}})
		case q.Type == dnsmessage.TypeAAAA && addr.Is6():
			list = append(list, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
		}
	}
	return list
}
