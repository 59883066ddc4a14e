// Plain asks for a page as any Go program would, of a server at another address than that of
// its name, and says in a few words how it ended.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

func main() { fmt.Println(ask(os.Args[1], os.Args[2])) }

func ask(url, address string) string {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}}
	resp, err := client.Get(url)
	if err == nil {
		defer resp.Body.Close()
		if _, err = io.ReadAll(resp.Body); err == nil {
			return fmt.Sprintf("answers %d", resp.StatusCode)
		}
	}
	var op *net.OpError
	switch text := err.Error(); {
	case errors.As(err, &op) && op.Op == "remote error", strings.Contains(text, "tls:"), strings.Contains(text, "x509:"):
		return "TLS error"
	case strings.Contains(text, "malformed"), strings.Contains(text, "Content-Length"), strings.Contains(text, "chunk"), strings.Contains(text, "HTTP response to HTTPS"):
		return "malformed answer"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "connection closed"
	}
	return "error"
}
