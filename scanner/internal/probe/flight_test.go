package probe

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

func TestFlight(t *testing.T) {
	der := bytes.Repeat([]byte{7}, 300)
	whole := serverFlight(tls.VersionTLS10, 0x0003, der)
	cut := func(n int) []byte { // the same in records of n bytes
		var all []byte
		for body := whole[recordHead:]; len(body) > 0; body = body[min(n, len(body)):] {
			all = append(all, record(recordHandshake, tls.VersionTLS10, body[:min(n, len(body))])...)
		}
		return all
	}
	warning := record(recordAlert, tls.VersionTLS10, []byte{1, 112})
	tests := []struct {
		name string
		raw  []byte
		want flight
	}{
		{"nothing", nil, flight{}},
		{"whole", whole, flight{version: 0x0301, suite: 3, chosen: true, leaf: der, shown: 1, over: true}},
		{"in many records", cut(17), flight{version: 0x0301, suite: 3, chosen: true, leaf: der, shown: 1, over: true}},
		{"with a prime", record(recordHandshake, 0x0301, message(typeKeyExchange, []byte{0, 3, 0, 1, 0})), flight{keyBits: 9}},
		{"with a prime that is cut", record(recordHandshake, 0x0301, message(typeKeyExchange, []byte{0, 3, 1})), flight{}},
		{"behind a warning", append(warning, whole...), flight{version: 0x0301, suite: 3, chosen: true, leaf: der, shown: 1, over: true}},
		{"cut in the certificate", whole[:200], flight{version: 0x0301, suite: 3, chosen: true}},
		{"cut in the choice", whole[:30], flight{}},
		{"alert", handshakeFailure(0x0301), flight{}},
		{"no TLS", []byte("HTTP/1.1 400 Bad Request\r\n"), flight{over: true}},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, readFlight(tt.raw), tt.name)
	}
}

// Who gives up says so only after the endpoint has shown its certificate, and waits for it
// no longer than the connection lasts.
func TestHearingOut(t *testing.T) {
	whole := serverFlight(0x0300, 0x0009, bytes.Repeat([]byte{7}, 300))
	for _, tt := range []struct {
		name  string
		parts [][]byte
		leaf  bool
	}{
		{"at once", [][]byte{whole}, true},
		{"in two parts", [][]byte{whole[:100], whole[100:]}, true},
		{"never", [][]byte{whole[:100]}, false},
		{"an alert", [][]byte{handshakeFailure(0x0300)}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			near, far := net.Pipe()
			defer near.Close()
			heard := &handshakeConn{Conn: near, left: -1}
			require.NoError(t, near.SetDeadline(time.Now().Add(300*time.Millisecond)))
			got := make(chan []byte)
			go func() {
				for _, part := range tt.parts {
					_, _ = far.Write(part)
				}
				_ = far.SetDeadline(time.Now().Add(time.Second))
				alert := make([]byte, 10)
				n, _ := far.Read(alert)
				got <- alert[:n]
			}()
			_, err := heard.Read(make([]byte, 80))
			require.NoError(t, err)
			alert := record(recordAlert, 0x0300, []byte{2, 70})
			_, err = heard.Write(alert)
			require.NoError(t, err)
			heard.hearOut()
			if tt.leaf {
				require.Equal(t, alert, <-got, "the complaint is sent in the end")
			} else {
				_ = near.Close()
				<-got
			}
			require.Equal(t, tt.leaf, heard.finish().leaf != nil)
		})
	}
}

func FuzzFlight(f *testing.F) {
	f.Add(serverFlight(tls.VersionTLS10, 0x0003, []byte("certificate")))
	f.Add(handshakeFailure(0x0300))
	f.Add([]byte("\x16\x03\x01\xff\xff\x02\x00\x00\x40"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		said := readFlight(raw)
		if len(said.leaf) > len(raw) || said.leaf != nil && said.shown == 0 {
			t.Errorf("%d bytes give %+v", len(raw), said)
		}
	})
}

// unreadable is a certificate that crypto/x509 cannot parse: its key is on a curve that
// nobody knows.
func unreadable(t testing.TB, subject pkix.Name) *tls.Config {
	t.Helper()
	config := serverTLS(t, &x509.Certificate{Subject: subject})
	der := config.Certificates[0].Certificate[0]
	for i := range der[:len(der)-8] { // the curve, behind the names
		if string(der[i:i+8]) == "\x2a\x86\x48\xce\x3d\x03\x01\x07" {
			der[i+7] = 0x7f
		}
	}
	_, err := x509.ParseCertificate(der)
	require.Error(t, err)
	return config
}

// A certificate that crypto/x509 cannot parse still tells its names.
func TestCertificateThatCannotBeParsed(t *testing.T) {
	config := unreadable(t, pkix.Name{CommonName: "gate", Organization: []string{"Acme"}})
	seen := &evidence.TLS{}
	describeLeaf(seen, config.Certificates[0].Certificate[0])
	require.Equal(t, "CN=gate,O=Acme", seen.Subject)
	require.Equal(t, []string{"bad-certificate"}, seen.Needed)
	require.False(t, seen.NotAfter.IsZero())
	require.Len(t, seen.SHA256, 64)
}

// What is said of a certificate is bounded and printable, whatever its bytes are.
func FuzzDescribeLeaf(f *testing.F) {
	f.Add(serverTLS(f, &x509.Certificate{Subject: pkix.Name{CommonName: "gate\x1b[2J"}, DNSNames: []string{"a.example"}}).Certificates[0].Certificate[0])
	f.Add(unreadable(f, pkix.Name{CommonName: "gate"}).Certificates[0].Certificate[0])
	f.Add([]byte{0x30, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		seen := &evidence.TLS{}
		describeLeaf(seen, der)
		require.Len(t, seen.SHA256, 64)
		require.LessOrEqual(t, len(seen.SAN), maxSAN)
		for _, text := range append([]string{seen.Subject, seen.Issuer}, seen.SAN...) {
			require.LessOrEqual(t, len(text), maxName)
			for _, r := range text {
				require.True(t, unicode.IsPrint(r), "%q", text)
			}
		}
	})
}
