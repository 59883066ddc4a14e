// Plain asks for a page as any Go program would, and says in a few words how it ended.
package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() { fmt.Println(ask(os.Args[1])) }

func ask(url string) string {
	client := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
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
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "connection closed"
	}
	return "error"
}
