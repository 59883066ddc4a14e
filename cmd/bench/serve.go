package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"postern/scanner/scannertest"
	"postern/testdata"
)

// serveFleet serves n endpoints on addresses of 127.0.0.0/8 until in ends, and answers each
// line of in with what they were asked: of ten endpoints eight are ordinary web servers, one
// is a gateway and one is closed.
func serveFleet(in io.Reader, out io.Writer, n int) error {
	gateways, err := recordedGateways()
	if err != nil {
		return err
	}
	web, err := newWebServers()
	if err != nil {
		return err
	}
	endpoints := make([]endpoint, n)
	servers := make([]interface{ count() counts }, n)
	for i := range endpoints {
		address := fmt.Sprintf("127.%d.%d.%d", 1+i/62500, i/250%250, i%250+1)
		switch i % 10 {
		case 8:
			appliance := gateways[i/10%len(gateways)]
			server, err := appliance.StartAt(address)
			if err != nil {
				return fmt.Errorf("endpoint %d of %d: %w; is the limit of open files above %d?", i, n, err, 3*n)
			}
			endpoints[i] = endpoint{Address: server.Address(), Kind: gateway, Plain: appliance.TLS == nil}
			servers[i] = &recorded{Server: server, secure: appliance.TLS != nil}
		case 9:
			endpoints[i] = endpoint{Address: address + ":8443", Kind: closed}
		default:
			server, err := web.start(address+":8443", i/10*8+i%10)
			if err != nil {
				return fmt.Errorf("endpoint %d of %d: %w; is the limit of open files above %d?", i, n, err, 3*n)
			}
			endpoints[i] = endpoint{Address: address + ":8443", Kind: ordinary, Plain: server.plain}
			servers[i] = server
		}
	}
	encoder := json.NewEncoder(out)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		for i, server := range servers {
			if server != nil {
				endpoints[i].counts = server.count()
			}
		}
		if err := encoder.Encode(endpoints); err != nil {
			return err
		}
	}
	return nil
}

// recordedGateways are the appliances that a scan must identify.
func recordedGateways() ([]*scannertest.Appliance, error) {
	files, err := fs.Glob(testdata.Appliances, "appliances/*.txtar")
	if err != nil {
		return nil, err
	}
	var list []*scannertest.Appliance
	for _, file := range files {
		data, err := fs.ReadFile(testdata.Appliances, file)
		if err != nil {
			return nil, err
		}
		a, err := scannertest.Parse(strings.TrimSuffix(path.Base(file), ".txtar"), data)
		if err != nil {
			return nil, err
		}
		if len(a.Expect) > 0 {
			list = append(list, a)
		}
	}
	return list, nil
}

// recorded counts what a recorded gateway was asked.
type recorded struct {
	*scannertest.Server
	secure            bool
	seen, connections int // before the last count
}

func (r *recorded) count() counts {
	all, connections := r.Requests(), r.Connections()
	c := counts{Requests: len(all) - r.seen, Connections: connections - r.connections, Methods: map[string]int{}}
	for _, line := range all[r.seen:] {
		method, _, _ := strings.Cut(line, " ")
		c.Methods[method]++
	}
	if r.secure {
		c.Handshakes = c.Connections
	}
	r.seen, r.connections = len(all), connections
	return c
}
