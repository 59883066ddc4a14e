package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
)

// endpoint is one line of the fleet's list, and what it was asked.
type endpoint struct {
	Address string `json:"address"`
	Kind    string `json:"kind"` // ordinary, gateway or closed
	Plain   bool   `json:"plain,omitempty"`
	counts
}

// counts are what an endpoint was asked since the last count.
type counts struct {
	Requests    int            `json:"requests,omitempty"`
	Connections int            `json:"connections,omitempty"`
	Handshakes  int            `json:"handshakes,omitempty"` // finished ones
	Methods     map[string]int `json:"methods,omitempty"`
}

// The kinds of endpoints.
const (
	ordinary = "ordinary"
	gateway  = "gateway"
	closed   = "closed"
)

// fleet is the process that serves.
type fleet struct {
	cmd       *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Reader
	endpoints []endpoint
}

// startFleet starts n endpoints in a process of their own, so that its time does not count.
func startFleet(self string, n int) (*fleet, error) {
	f := &fleet{cmd: exec.Command(self, "-serve", "-n", strconv.Itoa(n))}
	f.cmd.Stderr = os.Stderr
	var err error
	if f.in, err = f.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := f.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	f.out = bufio.NewReader(out)
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	if f.endpoints, err = f.count(); err != nil {
		f.stop()
		return nil, fmt.Errorf("the fleet does not start: %w", err)
	}
	return f, nil
}

// count is every endpoint with what it was asked since the last count.
func (f *fleet) count() ([]endpoint, error) {
	if _, err := fmt.Fprintln(f.in, "count"); err != nil {
		return nil, err
	}
	line, err := f.out.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var list []endpoint
	return list, json.Unmarshal(line, &list)
}

func (f *fleet) stop() {
	_ = f.in.Close() // ends it
	_ = f.cmd.Wait() // it has nothing to tell any more
}

// list writes the endpoints of some kinds as an asset list, and as what the floor client
// has to do: address, scheme and number of requests.
func (f *fleet) list(file string, endpoints []endpoint, kinds ...string) (n int, err error) {
	out, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	w := bufio.NewWriter(out)
	for _, e := range endpoints {
		for _, kind := range kinds {
			if e.Kind == kind {
				fmt.Fprintf(w, "%s # plain=%t requests=%d\n", e.Address, e.Plain, e.Requests)
				n++
			}
		}
	}
	return n, w.Flush()
}

// total adds the counts of the endpoints of some kinds.
func total(endpoints []endpoint, kinds ...string) (sum counts, n int) {
	sum.Methods = map[string]int{}
	for _, e := range endpoints {
		for _, kind := range kinds {
			if e.Kind != kind {
				continue
			}
			n++
			sum.Requests += e.Requests
			sum.Connections += e.Connections
			sum.Handshakes += e.Handshakes
			for method, count := range e.Methods {
				sum.Methods[method] += count
			}
		}
	}
	return sum, n
}
