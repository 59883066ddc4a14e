package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"postern/scanner/scannertest"
	"postern/testdata"
)

// demo serves recorded gateways and ordinary web servers on loopback and scans them through
// the code that scans real ones. Nothing leaves the machine.
func (c *Command) demo(ctx context.Context, args []string) error {
	var dir string
	f := newFlags("postern demo [flags]")
	f.group("Flags", func() {
		f.StringVar(&dir, "dir", "", "put the asset list and the reports in this `FOLDER` (default: a new one)")
	})
	if rest, err := f.parse(c, args); err != nil || len(rest) > 0 {
		return errorOr(err, "demo: takes no arguments")
	}
	dir, err := demoFolder(dir)
	if err != nil {
		return err
	}
	fleet, err := demoFleet()
	if err != nil {
		return err
	}
	lines := []string{"# Recorded appliances on loopback: name@address, then what to remember of it."}
	for _, a := range fleet {
		server, err := a.Start()
		if err != nil {
			return fmt.Errorf("serve %s: %w", a.Name, err)
		}
		defer server.Close()
		lines = append(lines, demoLine(a, server.Address()))
	}
	assets := filepath.Join(dir, "assets.txt")
	if err := os.WriteFile(assets, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		return err
	}
	c.notef("serving %d recorded appliances on loopback and scanning them", len(fleet))
	jsonFile, sarifFile, page := filepath.Join(dir, "scan.json"), filepath.Join(dir, "scan.sarif"), filepath.Join(dir, "scan.html")
	_, v := defineScanFlags("")
	v.lists = list{assets}
	v.outputs = list{"text", "json=" + jsonFile, "sarif=" + sarifFile, "html=" + page}
	v.proxy = "none" // the fleet is on this machine
	v.failOn = "none"
	plan, err := c.planScan(v, nil)
	if err != nil {
		return err
	}
	if _, err := c.runScan(ctx, plan); err != nil {
		return err
	}
	c.notef("asset list %s", assets)
	c.notef("reports %s, %s and %s", jsonFile, sarifFile, page)
	return nil
}

func demoFolder(dir string) (string, error) {
	if dir == "" {
		return os.MkdirTemp("", "postern-demo-")
	}
	return dir, os.MkdirAll(dir, 0o755)
}

// demoFleet is every recorded appliance that has a name in the demo.
func demoFleet() ([]*scannertest.Appliance, error) {
	files, err := fs.Glob(testdata.Appliances, "appliances/*.txtar")
	if err != nil {
		return nil, err
	}
	var fleet []*scannertest.Appliance
	var errs []error
	for _, file := range files {
		data, err := fs.ReadFile(testdata.Appliances, file)
		if err != nil {
			return nil, err
		}
		a, err := scannertest.Parse(strings.TrimSuffix(path.Base(file), ".txtar"), data)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if a.Demo.Host != "" {
			fleet = append(fleet, a)
		}
	}
	return fleet, errors.Join(errs...)
}

// demoLine turns "demo: vpn.example.com owner=netops" into a line of an asset list.
func demoLine(a *scannertest.Appliance, address string) string {
	line := a.Demo.Host + ":443@" + address
	if a.Demo.Words != "" {
		line += " # " + a.Demo.Words
	}
	return line
}
