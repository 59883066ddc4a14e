package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"postern/scanner"
)

// scanOptions checks what says how targets are asked, and reports all that is wrong.
func (c *Command) scanOptions(v *scanFlags) (scanner.Options, error) {
	errs := []error{v.given.preset()}
	opts := scanner.Options{
		Parallel: v.parallel, Timeout: v.timeout, MaxOutage: v.maxOutage, Gap: v.gap, PerNet: v.perNet,
		AllAddresses: v.allAddresses, Contact: v.contact, Version: Version,
	}
	if v.parallel < 1 || v.parallel > 4096 {
		errs = append(errs, fmt.Errorf("-parallel %d: must be 1 to 4096", v.parallel))
	}
	if v.timeout < 100*time.Millisecond {
		errs = append(errs, fmt.Errorf("-timeout %s: must be at least 100ms", v.timeout))
	}
	if strings.ContainsFunc(v.contact, func(r rune) bool { return r < ' ' || r >= 0x7f || r == '(' || r == ')' }) || len(v.contact) > 100 {
		errs = append(errs, fmt.Errorf("-contact %q: write an address or URL in plain ASCII, without brackets", v.contact))
	}
	if v.gap < 0 || v.gap > 10*time.Minute {
		errs = append(errs, fmt.Errorf("-gap %s: must be 0 to 10m", v.gap))
	}
	if v.gap == 0 {
		opts.Gap = -1 // the option's word for none
	}
	if v.perNet < 0 {
		errs = append(errs, fmt.Errorf("-per-net %d: must be 0 or more", v.perNet))
	}
	if v.perNet == 0 {
		opts.PerNet = -1
	}
	if v.maxOutage < time.Second {
		errs = append(errs, fmt.Errorf("-max-outage %s: must be at least 1s", v.maxOutage))
	}
	if v.maxRequests < 1 || v.maxRequests > 100 {
		errs = append(errs, fmt.Errorf("-max-requests %d: must be 1 to 100", v.maxRequests))
	}
	var err error
	opts.MaxRequests = v.maxRequests
	opts.MaxBody, err = parseSize("max-body", v.maxBody, 64<<20)
	errs = append(errs, err)
	opts.MaxHeader, err = parseSize("max-header", v.maxHeader, 1<<20)
	errs = append(errs, err)
	rate, err := strconv.ParseFloat(v.rate, 64)
	switch {
	case err != nil || !(rate >= 0 && rate <= 1e6):
		errs = append(errs, fmt.Errorf("-rate %s: not a number of requests a second", v.rate))
	case rate == 0:
		rate = -1 // the option's word for no limit
	}
	opts.Rate = rate
	opts.Ports, err = parsePorts(v.ports)
	errs = append(errs, err)
	opts.Proxy, err = parseProxy(v.proxy)
	errs = append(errs, err)
	opts.Deny, err = c.readDenials(v)
	errs = append(errs, err)
	opts.Resolver, err = parseResolver(v.resolver, opts.Deny)
	errs = append(errs, err)
	opts.ClientCert, err = readClientCert(v.clientCert, v.clientKey)
	errs = append(errs, err, checkEngine(v, opts))
	opts.Engine = v.engine
	return opts, errors.Join(errs...)
}

// parseSize reads a number of bytes from 1 KiB to most, "512KiB", "1MiB" or plain "65536".
func parseSize(flag, value string, most int64) (int64, error) {
	number, unit := value, int64(1)
	for suffix, bytes := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20} {
		if rest, ok := strings.CutSuffix(value, suffix); ok {
			number, unit = rest, bytes
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 || n > most/unit || n*unit < 1<<10 {
		return 0, fmt.Errorf("-%s %s: write a size from 1KiB to %dMiB, as in 512KiB", flag, value, most>>20)
	}
	return n * unit, nil
}

func joinPorts(ports []int) string {
	var words []string
	for _, p := range ports {
		words = append(words, strconv.Itoa(p))
	}
	return strings.Join(words, ",")
}

func parsePorts(value string) ([]int, error) {
	var ports []int
	seen := map[int]bool{}
	for word := range strings.SplitSeq(value, ",") {
		port, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || port < 1 || port > 65535 {
			return nil, fmt.Errorf("-ports %s: %q is no port; write numbers from 1 to 65535 with commas", value, word)
		}
		if !seen[port] {
			ports = append(ports, port)
		}
		seen[port] = true
	}
	return ports, nil
}

// parseProxy turns -proxy into the scan's choice: empty follows HTTPS_PROXY and NO_PROXY.
func parseProxy(value string) (func(*url.URL) (*url.URL, error), error) {
	switch value {
	case "":
		return func(endpoint *url.URL) (*url.URL, error) {
			return http.ProxyFromEnvironment(&http.Request{URL: endpoint})
		}, nil
	case "none":
		return nil, nil
	}
	proxy, err := url.Parse(value)
	if err != nil || proxy.Host == "" || (proxy.Scheme != "http" && proxy.Scheme != "https" && proxy.Scheme != "socks5" && proxy.Scheme != "socks5h") {
		return nil, fmt.Errorf("-proxy %s: write http://host:port, https://host:port or socks5://host:port", printableProxy(value))
	}
	return func(*url.URL) (*url.URL, error) { return proxy, nil }, nil
}

// printableProxy keeps a password out of an error.
func printableProxy(value string) string {
	if i := strings.LastIndexByte(value, '@'); i >= 0 {
		return "…" + value[i:]
	}
	return value
}

// parseResolver reads the name server that is to be asked; it must not be a denied one.
func parseResolver(value string, deny *scanner.Exclusions) (netip.AddrPort, error) {
	if value == "" {
		return netip.AddrPort{}, nil
	}
	at, err := netip.ParseAddrPort(value)
	if err != nil {
		addr, addrErr := netip.ParseAddr(strings.Trim(value, "[]"))
		if addrErr != nil {
			return at, fmt.Errorf("-resolver %s: write the address of a name server, such as 10.0.0.53 or [2001:db8::53]:5353", value)
		}
		at = netip.AddrPortFrom(addr, 53)
	}
	if at.Port() == 0 || deny != nil && deny.Covers(at) {
		return at, fmt.Errorf("-resolver %s: is denied, or has port 0", value)
	}
	return at, nil
}

func readClientCert(certificate, key string) (*scanner.ClientCertificate, error) {
	if certificate == "" && key == "" {
		return nil, nil
	}
	if certificate == "" || key == "" {
		return nil, errors.New("-client-cert and -client-key: give both")
	}
	certPEM, err := os.ReadFile(certificate)
	keyPEM, keyErr := os.ReadFile(key)
	if err := errors.Join(err, keyErr); err != nil {
		return nil, fmt.Errorf("-client-cert: %w", err)
	}
	return scanner.ParseClientCertificate(certPEM, keyPEM)
}
