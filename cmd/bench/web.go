package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// webServers start ordinary web servers of a few kinds: a plain page, a page with a login,
// one that leads to another page, a single-page application that answers every path, one
// that has nothing at its root, and one without TLS.
type webServers struct {
	certificates []tls.Certificate // half of them RSA
	handlers     []http.HandlerFunc
}

func newWebServers() (*webServers, error) {
	w := &webServers{handlers: []http.HandlerFunc{
		page("nginx/1.24.0", "Welcome to our site", "<p>News and words about what we do, with <a href=\"/about\">links</a>.</p>\n", false),
		page("Apache/2.4.62 (Debian)", "Sign in", "<form action=\"/login\" method=\"post\"><input name=\"user\"><input type=\"password\" name=\"pass\"></form>\n", false),
		leadOn,
		page("cloudflare", "Dashboard", "<div id=\"root\" class=\"app\"></div><script src=\"/static/js/main.3f2c1a.js\"></script>\n", true),
		func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
	}}
	for i := range 4 {
		cert, err := certificate(i%2 == 1, i)
		if err != nil {
			return nil, err
		}
		w.certificates = append(w.certificates, cert)
	}
	return w, nil
}

// page answers / with a page of about 6 KiB, or every path with it.
func page(server, title, words string, everywhere bool) http.HandlerFunc {
	const size = 6 << 10
	body := "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title + "</title>\n" +
		"<link rel=\"stylesheet\" href=\"/css/site.css?v=12\"><script src=\"/js/jquery-3.7.1.min.js\"></script></head><body>\n"
	body += strings.Repeat(words, (size-len(body))/len(words)) + "</body></html>\n"
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", server)
		if r.URL.Path != "/" && !everywhere {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Set-Cookie", "sid=8f2b6c1e; Path=/; HttpOnly")
		_, _ = io.WriteString(w, body) // a client that has gone is no fault
	}
}

func leadOn(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		http.Redirect(w, r, "/home/", http.StatusFound)
		return
	}
	r.URL.Path = "/"
	page("nginx", "Home", "<p>The page that the front page leads to.</p>\n", false)(w, r)
}

func certificate(useRSA bool, serial int) (tls.Certificate, error) {
	var key any
	var public any
	if useRSA {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return tls.Certificate{}, err
		}
		key, public = k, &k.PublicKey
	} else {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return tls.Certificate{}, err
		}
		key, public = k, &k.PublicKey
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(serial + 1)), Subject: pkix.Name{CommonName: "www.example.org"}, DNSNames: []string{"www.example.org"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(30 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// kinds says which handler each of twenty ordinary servers has: six a plain page and six a
// login, three lead on, four answer every path, one has nothing at its root.
const kinds = "01230130120101320134"

// webServer is one ordinary server.
type webServer struct {
	plain bool
	mu    sync.Mutex
	since counts
}

// start serves the i-th ordinary endpoint; one of twenty has no TLS.
func (w *webServers) start(address string, i int) (*webServer, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", address, err)
	}
	s := &webServer{plain: i%20 == 7, since: counts{Methods: map[string]int{}}}
	handler := w.handlers[kinds[i%len(kinds)]-'0']
	server := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0),
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			s.add(func(c *counts) { c.Requests++; c.Methods[r.Method]++ })
			handler(rw, r)
		}),
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				s.add(func(c *counts) { c.Connections++ })
			}
		},
	}
	if !s.plain {
		server.TLSConfig = &tls.Config{
			Certificates: []tls.Certificate{w.certificates[i%len(w.certificates)]},
			VerifyConnection: func(tls.ConnectionState) error {
				s.add(func(c *counts) { c.Handshakes++ })
				return nil
			},
		}
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go func() { _ = server.Serve(listener) }() // until the process ends
	return s, nil
}

func (s *webServer) add(change func(*counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.since)
}

func (s *webServer) count() counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.since
	s.since = counts{Methods: map[string]int{}}
	return c
}
