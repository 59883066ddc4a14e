package probe

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// Servers that no package has any more, as far as they are needed.

// clientHello is what a server reads of a hello.
type clientHello struct {
	raw        []byte // with the head of its record
	version    uint16
	suites     []uint16
	extensions bool
}

func readClientHello(conn net.Conn) (hello clientHello, err error) {
	head := make([]byte, recordHead)
	if _, err := io.ReadFull(conn, head); err != nil {
		return hello, err
	}
	body := make([]byte, binary.BigEndian.Uint16(head[3:]))
	if _, err := io.ReadFull(conn, body); err != nil {
		return hello, err
	}
	hello.raw = append(head, body...)
	hello.version = binary.BigEndian.Uint16(body[messageHead:])
	rest := body[messageHead+sessionIDAt:]
	rest = rest[1+int(rest[0]):]
	length := int(binary.BigEndian.Uint16(rest))
	for list := rest[2 : 2+length]; len(list) > 0; list = list[2:] {
		hello.suites = append(hello.suites, binary.BigEndian.Uint16(list))
	}
	rest = rest[2+length:]
	hello.extensions = len(rest) > 1+int(rest[0])
	return hello, nil
}

func record(kind byte, version uint16, body []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{kind}, version)
	return append(binary.BigEndian.AppendUint16(head, uint16(len(body))), body...)
}

func message(kind byte, body []byte) []byte {
	return append([]byte{kind, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

func handshakeFailure(version uint16) []byte { return record(recordAlert, version, []byte{2, 40}) }

// serverFlight is what a server says before the client's key: its choice, its certificate
// and a key that nobody can use.
func serverFlight(version, suite uint16, der []byte) []byte {
	hello := binary.BigEndian.AppendUint16(nil, version)
	hello = append(hello, make([]byte, 32)...)
	hello = append(hello, 0)
	hello = append(binary.BigEndian.AppendUint16(hello, suite), 0)
	list := message(0, message(0, der)[1:])[1:] // lengths in three bytes, as before messages
	all := slices.Concat(message(typeServerHello, hello), message(typeCertificate, list), message(typeKeyExchange, make([]byte, 70)), message(typeServerHelloDone, nil))
	return record(recordHandshake, version, all)
}

// boxCertificate is a certificate for box.example with a key for RSA.
func boxCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "box.example"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// startChoosing answers a hello that offers the suite with that choice, and others with an
// alert.
func startChoosing(version, suite uint16) func(t *testing.T) string {
	return func(t *testing.T) string {
		der := boxCertificate(t).Certificate[0]
		return listen(t, nil, func(_ *device, conn net.Conn) {
			hello, err := readClientHello(conn)
			if err != nil || !slices.Contains(hello.suites, suite) {
				_, _ = conn.Write(handshakeFailure(version))
				return
			}
			_, _ = conn.Write(serverFlight(version, suite, der))
			_, _ = io.Copy(io.Discard, conn)
		}).addr.String()
	}
}

// startIntolerant ends the connection at a hello of a version or with an extension that it
// does not know, and speaks TLS 1.0 otherwise.
func startIntolerant(end func(net.Conn)) func(t *testing.T) string {
	return func(t *testing.T) string {
		config := &tls.Config{Certificates: []tls.Certificate{boxCertificate(t)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10,
			CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}
		return listen(t, nil, func(d *device, conn net.Conn) {
			hello, err := readClientHello(conn)
			if err != nil || hello.version > tls.VersionTLS10 || hello.extensions {
				end(conn)
				return
			}
			always(ok("old"))(d, tls.Server(&rewound{conn, hello.raw}, config))
		}).addr.String()
	}
}

func closes(net.Conn) {}

func resets(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }

// startUnreadable shows a certificate that crypto/x509 cannot parse.
func startUnreadable(t *testing.T) string {
	return listen(t, unreadable(t, pkix.Name{CommonName: "box.example"}), always(ok("x"))).addr.String()
}

// handmade are the cases of these servers.
func handmade() []serverCase {
	const bytes = "raw bytes"
	return []serverCase{
		{name: "export only, 40 bits", with: bytes, start: startChoosing(tls.VersionTLS10, 0x0003), needed: []string{"rc4", "export", "rsa-kex"}, second: true, fails: evidence.TLSFailed, detail: "TLS_RSA_EXPORT_WITH_RC4_40_MD5"},
		{name: "single DES only, SSL 3.0", with: bytes, start: startChoosing(0x0300, 0x0009), needed: []string{"ssl3", "des", "rsa-kex"}, second: true, fails: evidence.TLSFailed, detail: "SSLv3"},
		{name: "closes at a hello younger than TLS 1.0", with: "Go", start: startIntolerant(closes), status: 200, needed: []string{"tls1.0", "rsa-kex"}, second: true},
		{name: "resets at a hello younger than TLS 1.0", with: "Go", start: startIntolerant(resets), status: 200, needed: []string{"tls1.0", "rsa-kex"}, second: true},
		{name: "certificate that cannot be parsed", with: "Go", start: startUnreadable, needed: []string{"bad-certificate"}, second: true, fails: evidence.TLSFailed},
	}
}

func TestHandmadeServers(t *testing.T) { checkServers(t, handmade()) }
