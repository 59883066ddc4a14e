package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// floorParallel is how many targets the floor client has at once, as many as Postern.
const floorParallel = 64

// floor asks every endpoint of the list as often as it says, over one connection, and looks
// at nothing: no client that speaks TLS can do with less.
func floor(list string) error {
	data, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	work := make(chan endpoint)
	var workers sync.WaitGroup
	for range floorParallel {
		workers.Go(func() {
			for e := range work {
				ask(e)
			}
		})
	}
	for line := range strings.Lines(string(data)) {
		var e endpoint
		if _, err := fmt.Sscanf(line, "%s # plain=%t requests=%d", &e.Address, &e.Plain, &e.Requests); err != nil {
			return fmt.Errorf("%s: %q: %w", list, line, err)
		}
		work <- e
	}
	close(work)
	workers.Wait()
	return nil
}

// ask makes the requests of one endpoint. One that does not answer costs what it costs.
func ask(e endpoint) {
	conn, err := net.DialTimeout("tcp", e.Address, 5*time.Second)
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // a connection that is gone fails at the next step
	if !e.Plain {
		secure := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		if err := secure.Handshake(); err != nil {
			return
		}
		conn = secure
	}
	in := bufio.NewReader(conn)
	for range e.Requests {
		if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: floor\r\nAccept: */*\r\n\r\n", e.Address); err != nil {
			return
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || response.Close {
			return
		}
	}
}
