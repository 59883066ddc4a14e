package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"postern/scanner/scannertest"
)

// nameserver starts a name server that knows these names alone.
func nameserver(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: nameserver NAME HOST=ADDRESS[,ADDRESS]...")
	}
	names := map[string][]netip.Addr{}
	for _, arg := range args[1:] {
		host, list, _ := strings.Cut(arg, "=")
		for text := range strings.SplitSeq(list, ",") {
			addr, err := netip.ParseAddr(text)
			ts.Check(err)
			names[host] = append(names[host], addr)
		}
	}
	server, err := scannertest.StartNameServer(names)
	ts.Check(err)
	ts.Defer(func() { _ = server.Close() })
	ts.Setenv(args[0], server.Address())
}

// proxies is the key under which a script keeps its proxies.
type proxies struct{}

// proxy starts an HTTP and SOCKS5 proxy.
func proxy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 && len(args) != 3 {
		ts.Fatalf("usage: proxy NAME [USER PASSWORD]")
	}
	user, password := "", ""
	if len(args) == 3 {
		user, password = args[1], args[2]
	}
	server, err := scannertest.StartProxy(user, password)
	ts.Check(err)
	ts.Defer(func() { _ = server.Close() })
	ts.Value(proxies{}).(map[string]*scannertest.Proxy)[args[0]] = server
	ts.Setenv(args[0], server.Address())
}

// tunnels writes what a proxy was asked for, a line each.
func tunnels(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tunnels NAME FILE")
	}
	var text strings.Builder
	for _, line := range ts.Value(proxies{}).(map[string]*scannertest.Proxy)[args[0]].Tunnels() {
		text.WriteString(line + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
}

// demand serves a page to whoever shows a client certificate, and makes one.
func demand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: demand NAME CERTIFICATE KEY")
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<title>Inside</title>"))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // who shows none is meant to fail
	server.StartTLS()
	ts.Defer(server.Close)
	ts.Setenv(args[0], server.Listener.Addr().String())

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for file, block := range map[string]*pem.Block{args[1]: {Type: "CERTIFICATE", Bytes: der}, args[2]: {Type: "PRIVATE KEY", Bytes: secret}} {
		ts.Check(os.WriteFile(ts.MkAbs(file), pem.EncodeToMemory(block), 0o600))
	}
}
