package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// peerBar is the most CPU time that Postern may take over the mixed fleet, as a share of what
// another program takes.
type peerBar struct {
	name, of, limit string
	most            float64
}

func peerBars() []peerBar {
	return []peerBar{
		{"nuclei", "nuclei with templates for VPN gateways alone", "0.7", 0.7},
		{"httpx", "`httpx -json`", "1/15", 1.0 / 15},
		{"vpnvet", "VpnVet", "1/150", 1.0 / 150},
	}
}

// peer is another program, which runs over the mixed fleet in turn with Postern.
type peer struct {
	name, command string
	asked         counts // in one run
	cpu, wall     series
	rss           series
	ratio         series // of Postern's CPU seconds to its own, run by run
}

// peers is the value of -peer, which may be given more than once.
type peers []*peer

func (p *peers) String() string { return "" }

func (p *peers) Set(text string) error {
	name, command, _ := strings.Cut(text, "=")
	if command == "" {
		return fmt.Errorf("%q: write NAME=COMMAND, with {list} or {urls} where the file of endpoints belongs", text)
	}
	if !slices.ContainsFunc(peerBars(), func(b peerBar) bool { return b.name == name }) {
		return fmt.Errorf("%q: Postern is held against nuclei, httpx and vpnvet", name)
	}
	*p = append(*p, &peer{name: name, command: command})
	return nil
}

// named is the peer of that name, or nil.
func (p peers) named(name string) *peer {
	if i := slices.IndexFunc(p, func(p *peer) bool { return p.name == name }); i >= 0 {
		return p[i]
	}
	return nil
}

// comparePeers runs Postern and then the peer over the mixed fleet, peerRuns times for each.
func (b *bench) comparePeers() error {
	if len(b.peers) == 0 {
		return nil
	}
	var list, urls strings.Builder
	for _, e := range b.fleet.endpoints {
		scheme := "https"
		if e.Plain {
			scheme = "http"
		}
		fmt.Fprintln(&list, e.Address)
		fmt.Fprintf(&urls, "%s://%s\n", scheme, e.Address)
	}
	listFile, urlFile := filepath.Join(b.dir, "peers.txt"), filepath.Join(b.dir, "peers.urls")
	if err := os.WriteFile(listFile, []byte(list.String()), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(urlFile, []byte(urls.String()), 0o644); err != nil {
		return err
	}
	for _, p := range b.peers {
		command := strings.NewReplacer("{list}", listFile, "{urls}", urlFile).Replace(p.command)
		for range b.peerRuns {
			us, err := b.run(b.postern, scanArgs(listFile)...)
			if err != nil {
				return err
			}
			if _, err := b.fleet.count(); err != nil { // what Postern has asked is not the peer's
				return err
			}
			them, err := b.run("/bin/sh", "-c", "exec "+command)
			if err != nil {
				return err
			}
			endpoints, err := b.fleet.count()
			if err != nil {
				return err
			}
			p.asked, _ = total(endpoints, ordinary, gateway, closed)
			p.cpu, p.wall, p.rss = append(p.cpu, them.cpu), append(p.wall, them.wall), append(p.rss, them.rss)
			p.ratio = append(p.ratio, us.cpu/them.cpu)
			fmt.Fprintf(b.out, "%s: %.2f s of CPU, Postern %.2f s\n", p.name, them.cpu, us.cpu)
		}
	}
	return nil
}
