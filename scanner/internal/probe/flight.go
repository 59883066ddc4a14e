package probe

import (
	"bytes"
	"errors"
	"io"
	"math/big"
	"net"
)

// flight is what an endpoint said at the beginning of a handshake, as far as it said it in
// clear: it is evidence also where no client here can go on, as with SSL 3.0 and the
// weakened ciphers that were once for export.
type flight struct {
	version, suite uint16 // as the endpoint chose; 0 before it did
	chosen         bool   // whether it chose
	leaf           []byte // the certificate, nil before it came
	keyBits        int    // of the first number of the endpoint's key exchange: in DHE, the prime
	shown          int    // certificates
	over           bool   // whether nothing more is to come in clear
}

const (
	recordAlert, recordHandshake         = 21, 22
	typeServerHello, typeCertificate     = 2, 11
	typeKeyExchange, typeServerHelloDone = 12, 14

	recordHead, messageHead = 5, 4
	maxRecord               = 1<<14 + 2048
	sessionIDAt             = 34 // in a hello, behind version and random
)

// readFlight reads what came so far. It takes any bytes, and what it cannot read ends it.
func readFlight(raw []byte) flight {
	var f flight
	var messages []byte // the records' contents: a message may go over several
	for len(raw) >= recordHead && !f.over {
		length := int(raw[3])<<8 | int(raw[4])
		switch {
		case raw[0] == recordAlert && length <= len(raw)-recordHead:
			// A warning may come in between; what ends the handshake is the last that comes.
		case raw[0] != recordHandshake || length > maxRecord:
			f.over = true
			continue
		}
		if raw[0] == recordHandshake {
			messages = append(messages, raw[recordHead:min(len(raw), recordHead+length)]...)
			messages = f.take(messages)
		}
		raw = raw[min(len(raw), recordHead+length):]
	}
	return f
}

// take reads the whole messages of a flight and returns what is left over.
func (f *flight) take(messages []byte) []byte {
	for len(messages) >= messageHead && !f.over {
		length := int(messages[1])<<16 | int(messages[2])<<8 | int(messages[3])
		if length > len(messages)-messageHead {
			break
		}
		body := messages[messageHead : messageHead+length]
		switch messages[0] {
		case typeServerHello:
			f.takeHello(body)
		case typeCertificate:
			f.takeCertificates(body)
		case typeKeyExchange:
			f.takeKeyExchange(body)
		case typeServerHelloDone:
			f.over = true
		}
		messages = messages[messageHead+length:]
	}
	return messages
}

func (f *flight) takeHello(body []byte) {
	if f.chosen || len(body) <= sessionIDAt {
		return
	}
	at := sessionIDAt + 1 + int(body[sessionIDAt])
	if len(body) < at+2 {
		return
	}
	f.version = uint16(body[0])<<8 | uint16(body[1])
	f.suite = uint16(body[at])<<8 | uint16(body[at+1])
	f.chosen = true
}

// takeKeyExchange measures the number that a key exchange begins with, which has its length
// in two bytes.
func (f *flight) takeKeyExchange(body []byte) {
	if len(body) < 2 {
		return
	}
	if length := int(body[0])<<8 | int(body[1]); length <= len(body)-2 {
		f.keyBits = new(big.Int).SetBytes(body[2 : 2+length]).BitLen()
	}
}

// takeCertificates reads a list of certificates, each behind its length in three bytes.
func (f *flight) takeCertificates(body []byte) {
	if f.leaf != nil || len(body) < 3 {
		return
	}
	for body = body[3:]; len(body) >= 3; {
		length := int(body[0])<<16 | int(body[1])<<8 | int(body[2])
		body = body[3:]
		if length == 0 || length > len(body) {
			return
		}
		if f.shown++; f.shown == 1 {
			f.leaf = bytes.Clone(body[:length])
		}
		body = body[length:]
	}
}

// maxPieces bounds how often a flight is read anew while it goes on coming.
const maxPieces = 256

// errTooMuch says that an endpoint sent more than it may.
var errTooMuch = errors.New("the endpoint sends more than it may")

// handshakeConn is the connection below a handshake of the tolerant client. It keeps what
// the endpoint says, ends the connection when that is too much, and holds the client's
// complaint back until the endpoint has shown its certificate.
type handshakeConn struct {
	net.Conn
	left  int64 // bytes that may still come; negative is no limit
	done  bool  // the handshake is over: nothing is kept, limited or held back any more
	heard bytes.Buffer
	held  []byte // alerts that were not sent
}

func (c *handshakeConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.done {
		return n, err
	}
	c.heard.Write(b[:n])
	if c.left >= 0 {
		if c.left -= int64(n); c.left < 0 {
			c.left = 0
			return n, errTooMuch
		}
	}
	return n, err
}

func (c *handshakeConn) Write(b []byte) (int, error) {
	if !c.done && len(b) > 0 && b[0] == recordAlert {
		c.held = append(c.held, b...)
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// hearOut reads on after the client has given up, until the endpoint has shown its
// certificate or has no more to say, and then sends the complaint. The connection's
// deadline holds.
func (c *handshakeConn) hearOut() {
	part := make([]byte, maxRecord)
	for range maxPieces {
		f := readFlight(c.heard.Bytes())
		if !f.chosen || f.leaf != nil || f.over || c.left == 0 {
			break
		}
		if n, err := io.ReadAtLeast(c, part, 1); err != nil || n == 0 {
			break
		}
	}
	if len(c.held) > 0 {
		_, _ = c.Conn.Write(c.held) // it will be closed anyway
	}
}

// finish ends the watch over the handshake, and returns what the endpoint said in it.
func (c *handshakeConn) finish() flight {
	said := readFlight(c.heard.Bytes())
	c.done, c.heard, c.held = true, bytes.Buffer{}, nil
	return said
}
