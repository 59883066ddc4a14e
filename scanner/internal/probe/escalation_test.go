package probe

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWhatEscalates(t *testing.T) {
	at := func(stage stage, err error) error { return &stageError{stage: stage, err: err} }
	alert := func(text string) error { return &net.OpError{Op: "remote error", Err: errors.New("tls: " + text)} }
	tests := []struct {
		name  string
		err   error
		shown bool // the certificate
		want  bool
	}{
		{"alert", at(handshaking, alert("handshake failure")), false, tolerantTLS},
		{"alert after the certificate", at(handshaking, alert("handshake failure")), true, false},
		{"own complaint about the certificate", at(handshaking, errors.New("x509: negative serial number")), true, tolerantTLS},
		{"cut", at(handshaking, io.EOF), false, tolerantTLS},
		{"reset", at(handshaking, syscall.ECONNRESET), false, tolerantTLS},
		{"unknown name", at(handshaking, alert("unrecognized name")), false, false},
		{"silence", at(handshaking, errConnect), false, false},
		{"no TLS", at(handshaking, tls.RecordHeaderError{}), false, false},
		{"proxy", at(handshaking, proxyError("502")), false, false},
		{"reset while connecting", at(dialing, syscall.ECONNRESET), false, false},
		{"refused", at(dialing, syscall.ECONNREFUSED), false, false},
		{"broken header", at(waiting, errors.New("malformed MIME header line")), true, true},
		{"another protocol", at(waiting, errors.New(`malformed HTTP response "SSH-2.0-x"`)), true, false},
		{"cut instead of an answer", at(waiting, io.EOF), true, false},
		{"on a connection that had answered", &stageError{handshaking, true, io.EOF}, false, false},
	}
	for _, tt := range tests {
		_, ok := escalation(tt.err, tt.shown)
		require.Equal(t, tt.want, ok, tt.name)
	}
}

// Escalating takes no more time than the endpoint has, and no request.
func TestEscalationIsBounded(t *testing.T) {
	if !tolerantTLS {
		t.Skip("this build has no tolerant TLS")
	}
	for _, tt := range []struct {
		name  string
		end   func(net.Conn)
		pause time.Duration
		conns int
	}{
		{"cut", closes, 0, 3},
		{"reset", resets, 0, 4},
		{"alert", func(conn net.Conn) { _, _ = conn.Write(handshakeFailure(tls.VersionTLS12)) }, 0, 3},
		{"unknown name", func(conn net.Conn) { _, _ = conn.Write(record(recordAlert, tls.VersionTLS12, []byte{2, 112})) }, 0, 1},
		{"slow cut", closes, 700 * time.Millisecond, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := listen(t, nil, func(_ *device, conn net.Conn) {
				_, _ = readClientHello(conn)
				time.Sleep(tt.pause)
				tt.end(conn)
			})
			l := limits()
			if tt.pause > 0 {
				l.Timeout, l.DialTimeout = time.Second, time.Second
			}
			s := open(t, d, l, Endpoint{Host: "gate.example", Address: d.addr.String()})
			start := time.Now()
			x := s.Do(t.Context(), get("/"))
			require.NotNil(t, x.Failure)
			require.Less(t, time.Since(start), l.Timeout+500*time.Millisecond)
			_, conns := d.seen()
			require.Equal(t, tt.conns, conns)
		})
	}
}
