package probe

import (
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// failing resets the first n connections and serves the rest.
func failing(n int, text string) func(d *device, conn net.Conn) {
	return func(d *device, conn net.Conn) {
		d.mu.Lock()
		count := d.conns
		d.mu.Unlock()
		if count <= n {
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.(*net.TCPConn).SetLinger(0)
			return
		}
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = conn.Write([]byte(text))
	}
}

func TestResetIsAskedAgainOnce(t *testing.T) {
	const plain = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx" // the answer to a hello: plain HTTP
	t.Run("passes", func(t *testing.T) {
		d := listen(t, nil, failing(1, plain))
		s := open(t, d, limits(), Endpoint{})
		start := time.Now()
		x := s.Do(t.Context(), get("/"))
		require.Nil(t, x.Failure)
		require.GreaterOrEqual(t, time.Since(start), backoff/2, "after a pause")
		require.Equal(t, []evidence.FailureKind{evidence.Reset}, kinds(s.Abandoned()), "both count as asked")
	})
	t.Run("stays", func(t *testing.T) {
		d := listen(t, nil, failing(9, plain))
		s := open(t, d, limits(), Endpoint{})
		require.Equal(t, evidence.Reset, s.Do(t.Context(), get("/")).Failure.Kind)
		require.Equal(t, evidence.Reset, s.Do(t.Context(), get("/login")).Failure.Kind)
		_, conns := d.seen()
		want := 3 // one more for the endpoint, not for each request
		if tolerantTLS {
			want = 5 // and the two hellos of the tolerant client, the last of them for each request
		}
		require.Equal(t, want, conns)
		require.Len(t, s.Abandoned(), 1)
	})
}

func kinds(list []evidence.Exchange) []evidence.FailureKind {
	var out []evidence.FailureKind
	for _, x := range list {
		out = append(out, x.Failure.Kind)
	}
	return out
}

func TestOnlyWhatMayPassIsAskedAgain(t *testing.T) {
	at := func(stage stage, err error) error { return &stageError{stage: stage, err: err} }
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"reset while connecting", at(dialing, syscall.ECONNRESET), true},
		{"reset in the handshake", at(handshaking, syscall.ECONNRESET), true},
		{"no answer from the resolver", at(lookingUp, &net.DNSError{IsTimeout: true}), true},
		{"failure of the resolver", at(lookingUp, &net.DNSError{IsTemporary: true}), true},
		{"no such name", at(lookingUp, &net.DNSError{IsNotFound: true, IsTemporary: true}), false},
		{"reset instead of an answer", at(waiting, syscall.ECONNRESET), false},
		{"refused", at(dialing, syscall.ECONNREFUSED), false},
		{"filtered", at(dialing, errConnect), false},
		{"silent handshake", at(handshaking, errConnect), false},
		{"no route", at(dialing, syscall.EHOSTUNREACH), false},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, transient(tt.err), tt.name)
	}
}

// A request on a connection that the endpoint has given up is made again, and both count.
func TestCutConnectionCountsTwice(t *testing.T) {
	d := listen(t, nil, func(d *device, conn net.Conn) {
		for i := 0; ; i++ {
			n, err := conn.Read(make([]byte, 4096))
			d.mu.Lock()
			first := d.conns == 1
			d.mu.Unlock()
			if err != nil || n == 0 || first && i == 1 {
				return
			}
			_, _ = conn.Write([]byte(ok("x")))
		}
	})
	s := open(t, d, limits(), Endpoint{Scheme: "http"})
	require.Nil(t, s.Do(t.Context(), get("/")).Failure)
	require.Nil(t, s.Do(t.Context(), get("/login")).Failure)
	require.Equal(t, []evidence.FailureKind{evidence.Reset}, kinds(s.Abandoned()))
	require.Equal(t, "GET /login", s.Abandoned()[0].Request.Key())
}

func TestShortageWaits(t *testing.T) {
	var said []string
	l := limits()
	l.Notice = func(text string) { said = append(said, text) }
	s := New(l).Open(Endpoint{Host: "127.0.0.1", Port: 443})
	defer s.Close()
	s.addrs = []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	for _, lack := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.EADDRNOTAVAIL} {
		require.True(t, s.outOfResources(&stageError{err: &net.OpError{Op: "dial", Err: lack}}), lack)
	}
	require.Len(t, said, 1, "said once")
	require.Contains(t, said[0], "short of descriptors or ports (too many open files)")
	for _, other := range []error{syscall.EPERM, syscall.ECONNREFUSED, syscall.ENETUNREACH} {
		require.False(t, s.outOfResources(&stageError{err: other}), other)
	}
}
