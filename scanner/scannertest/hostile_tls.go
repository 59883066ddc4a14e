package scannertest

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"slices"
	"time"
)

// Types of TLS records.
const (
	recordAlert     = 21
	recordHandshake = 22
	recordData      = 23
)

// record frames what belongs in one TLS record of version 1.2.
func record(kind byte, content []byte) []byte {
	return append([]byte{kind, 3, 3, byte(len(content) >> 8), byte(len(content))}, content...)
}

// brokenHandshakes never finish a TLS handshake.
func brokenHandshakes() []Hostile {
	failed, late, gone := []string{"unreachable tls"}, []string{"unreachable timeout"}, []string{"unreachable reset"}
	hello := func(then func(net.Conn)) func(net.Conn) { return say("", then) }
	serverHello := slices.Concat([]byte{2, 0, 0, 38, 3, 3}, make([]byte, 32), []byte{0, 0xc0, 0x2f, 0})
	return []Hostile{
		{"resets in the handshake", gone, false, hello(reset)},
		{"closes in the handshake", gone, false, hello(nil)},
		{"closes in a record", gone, false, say("\x16\x03\x03\x40\x00abc", nil)},
		{"is silent after ServerHello", late, true, say(string(record(recordHandshake, serverHello)), hold)},
		{"drips the handshake", late, true, hello(dripRecords)},
		{"alerts at once", failed, false, say(string(record(recordAlert, []byte{2, 40})), hold)},
		{"warns without end", failed, false, hello(flood(string(bytes.Repeat(record(recordAlert, []byte{1, 90}), 100))))},
		{"sends a million empty records", failed, false, hello(flood(string(bytes.Repeat(record(recordHandshake, nil), 1000))))},
		{"announces a hello of 16 MB", failed, false, hello(floodAfter(record(recordHandshake, []byte{2, 0xff, 0xff, 0xff}), record(recordHandshake, make([]byte, 1<<14))))},
		{"announces a certificate of 16 MB", failed, false, hello(floodAfter(
			record(recordHandshake, append(bytes.Clone(serverHello), 11, 0xff, 0xff, 0xff)), record(recordHandshake, make([]byte, 1<<14))))},
		{"sends a certificate byte by byte", append(slices.Clone(failed), late...), true, hello(floodAfter(
			record(recordHandshake, append(bytes.Clone(serverHello), 11, 3, 0xff, 0xff)), bytes.Repeat(record(recordHandshake, []byte{0}), 100)))},
		{"says hello again and again", failed, false, hello(flood(string(record(recordHandshake, serverHello))))},
		{"sends data before the handshake", []string{"unreachable not_http"}, false, hello(flood(string(record(recordData, make([]byte, 1000)))))},
		{"sends records that are too long", append(slices.Clone(failed), "unreachable not_http"), false, say("\x16\x03\x03\xff\xff", flood("xxxxxxxx"))},
	}
}

// dripRecords sends a ServerHello one byte at a time, each in its own record.
func dripRecords(conn net.Conn) {
	for _, b := range append([]byte{2, 0, 0x10, 0}, make([]byte, 4096)...) {
		if _, err := conn.Write(record(recordHandshake, []byte{b})); err != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func floodAfter(first, again []byte) func(net.Conn) {
	return func(conn net.Conn) {
		if _, err := conn.Write(first); err == nil {
			flood(string(again))(conn)
		}
	}
}

// hugeCertificates show chains that are too long, in bytes or in number. A message of TLS
// holds 16 MB at most.
func hugeCertificates(cert *tls.Certificate) []Hostile {
	failed := []string{"unreachable tls"}
	show := func(rest [][]byte, version uint16) func(net.Conn) {
		chain := *cert
		chain.Certificate = append(slices.Clone(cert.Certificate), rest...)
		config := &tls.Config{Certificates: []tls.Certificate{chain}, MinVersion: version, MaxVersion: version}
		return secure(config, func(conn *tls.Conn, _ net.Conn) { every(page("", "<title>Welcome</title>"))(conn) })
	}
	block := make([]byte, 1<<20)
	huge := slices.Repeat([][]byte{block}, 15)
	same := slices.Repeat([][]byte{cert.Certificate[0]}, 300)
	return []Hostile{
		{"shows certificates of 15 MB in TLS 1.2", failed, false, show(huge, tls.VersionTLS12)},
		{"shows certificates of 15 MB in TLS 1.3", failed, false, show(huge, tls.VersionTLS13)},
		{"shows 300 certificates", failed, false, show(same, tls.VersionTLS12)},
		{"shows what is no certificate", failed, false, show([][]byte{[]byte("none")}, tls.VersionTLS12)},
	}
}

// hostileRecords finish the handshake and send what only the record layer sees.
func hostileRecords(cert *tls.Certificate) []Hostile {
	config := func(version uint16) *tls.Config {
		return &tls.Config{
			Certificates: []tls.Certificate{*cert}, MinVersion: version, MaxVersion: version,
			SessionTicketsDisabled: true, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256},
		}
	}
	after := func(version uint16, kind byte, content []byte) func(net.Conn) {
		return func(raw net.Conn) {
			sealer, err := takeKey(raw, config(version))
			if err != nil {
				return
			}
			go io.Copy(io.Discard, raw) // ends with the connection
			for err == nil {
				_, err = raw.Write(sealer.seal(kind, content))
			}
		}
	}
	failed := []string{"unreachable tls", "unreachable not_http"}
	ticket := slices.Concat([]byte{4, 0, 0, 13}, []byte{0, 0, 0, 9, 1, 2, 3, 4}, []byte{0}, []byte{0, 0}, []byte{0, 0})
	return []Hostile{
		{"sends session tickets without end", failed, false, after(tls.VersionTLS13, recordHandshake, ticket)},
		{"changes keys without end", failed, false, after(tls.VersionTLS13, recordHandshake, []byte{24, 0, 0, 1, 0})},
		{"sends a million empty records after the handshake", failed, false, after(tls.VersionTLS13, recordData, nil)},
		{"asks for renegotiation without end", append([]string{"unreachable timeout"}, failed...), false, after(tls.VersionTLS12, recordHandshake, []byte{0, 0, 0, 0})},
		{"warns without end after the handshake", failed, false, after(tls.VersionTLS12, recordAlert, []byte{1, 90})},
	}
}
