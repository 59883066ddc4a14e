package scannertest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash"
	"net"
	"strings"
)

// sealer writes TLS records of its own choice after a handshake of crypto/tls, which would
// not send them.
type sealer struct {
	version  uint16
	aead     cipher.AEAD
	iv       []byte // 12 bytes in TLS 1.3, 4 in TLS 1.2
	sequence uint64 // of the next record
}

// takeKey does a handshake and takes the server's key from it. The suite must be
// AES-128-GCM with SHA-256, as it is when the client prefers it or nothing else is offered.
func takeKey(raw net.Conn, config *tls.Config) (*sealer, error) {
	var keys bytes.Buffer
	config = config.Clone()
	config.KeyLogWriter = &keys
	watched := &watchedConn{Conn: raw}
	conn := tls.Server(watched, config)
	if err := conn.Handshake(); err != nil {
		return nil, err
	}
	state := conn.ConnectionState()
	if state.Version == tls.VersionTLS13 {
		return sealer13(state.CipherSuite, secret(keys.String(), "SERVER_TRAFFIC_SECRET_0", 2))
	}
	const random = 11 // where it stands in a record with a ServerHello
	server := watched.first[random : random+32]
	return sealer12(secret(keys.String(), "CLIENT_RANDOM", 2), server, secret(keys.String(), "CLIENT_RANDOM", 1))
}

// secret finds one field of a line of a key log.
func secret(log, label string, field int) []byte {
	for line := range strings.Lines(log) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == label {
			value, _ := hex.DecodeString(words[field]) // crypto/tls wrote it
			return value
		}
	}
	return nil
}

func sealer13(suite uint16, traffic []byte) (*sealer, error) {
	size, newHash := 16, sha256.New
	if suite != tls.TLS_AES_128_GCM_SHA256 {
		return nil, errors.New("another suite was chosen")
	}
	key, err := expandLabel(newHash, traffic, "key", size)
	if err != nil {
		return nil, err
	}
	iv, err := expandLabel(newHash, traffic, "iv", 12)
	if err != nil {
		return nil, err
	}
	return newSealer(tls.VersionTLS13, key, iv, 0)
}

// expandLabel is HKDF-Expand-Label of RFC 8446.
func expandLabel(newHash func() hash.Hash, secret []byte, label string, size int) ([]byte, error) {
	label = "tls13 " + label
	info := append([]byte{0, byte(size), byte(len(label))}, label...)
	return hkdf.Expand(newHash, secret, string(append(info, 0)), size)
}

func sealer12(master, server, client []byte) (*sealer, error) {
	seed := append([]byte("key expansion"), server...)
	seed = append(seed, client...)
	sum := func(parts ...[]byte) []byte {
		mac := hmac.New(sha256.New, master)
		for _, part := range parts {
			mac.Write(part)
		}
		return mac.Sum(nil)
	}
	var block []byte // P_hash of RFC 5246
	for a := sum(seed); len(block) < 40; a = sum(a) {
		block = append(block, sum(a, seed)...)
	}
	return newSealer(tls.VersionTLS12, block[16:32], block[36:40], 1) // Finished was record 0
}

func newSealer(version uint16, key, iv []byte, sequence uint64) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &sealer{version: version, aead: aead, iv: iv, sequence: sequence}, err
}

// seal encrypts one record.
func (s *sealer) seal(kind byte, content []byte) []byte {
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], s.sequence)
	s.sequence++
	if s.version == tls.VersionTLS13 {
		nonce := bytes.Clone(s.iv)
		for i, b := range number {
			nonce[4+i] ^= b
		}
		inner := append(bytes.Clone(content), kind)
		size := len(inner) + s.aead.Overhead()
		head := []byte{recordData, 3, 3, byte(size >> 8), byte(size)}
		return s.aead.Seal(head, nonce, inner, head)
	}
	nonce := append(bytes.Clone(s.iv), number[:]...)
	extra := append(number[:], kind, 3, 3, byte(len(content)>>8), byte(len(content)))
	size := len(content) + 8 + s.aead.Overhead()
	out := append([]byte{kind, 3, 3, byte(size >> 8), byte(size)}, nonce[4:]...)
	return s.aead.Seal(out, nonce, content, extra)
}

// watchedConn keeps what is written first.
type watchedConn struct {
	net.Conn
	first []byte
}

func (c *watchedConn) Write(p []byte) (int, error) {
	if c.first == nil {
		c.first = bytes.Clone(p)
	}
	return c.Conn.Write(p)
}
