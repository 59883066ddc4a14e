//go:build unix

package scanner

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/fingerprints"
	"postern/scanner/finding"
)

// Real programs, not recordings: they are started as their packages install them, and must
// come out as what they are.

// needServer finds a program of a Debian package, and skips the test without it, unless
// POSTERN_REQUIRE_SERVERS says that it must be there.
func needServer(t *testing.T, path, pkg string) {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return
	}
	if os.Getenv("POSTERN_REQUIRE_SERVERS") != "" {
		t.Fatalf("%s is missing; install the Debian package %s", path, pkg)
	}
	t.Skipf("%s is missing; the Debian package %s has it", path, pkg)
}

// startServer runs a program until the test ends, and waits until it listens.
func startServer(t *testing.T, address string, name string, args ...string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &said, &said, time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what it forks ends with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	require.NoError(t, cmd.Start())
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	for range 300 {
		if conn, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", name, said.String())
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("%s does not listen at %s", name, address)
}

// certificate makes a key and a certificate in dir, cert.pem and key.pem.
func certificate(t *testing.T, dir, subject string) {
	t.Helper()
	needServer(t, "/usr/bin/openssl", "openssl")
	out, err := exec.Command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject,
		"-keyout", filepath.Join(dir, "key.pem"), "-out", filepath.Join(dir, "cert.pem")).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", closedPort(t))
}

// scanOne scans one address with everything that is built in.
func scanOne(t *testing.T, host, address string) finding.Result {
	t.Helper()
	catalog, err := fingerprints.Builtin()
	require.NoError(t, err)
	results := collect(t, New(catalog, acmeDB(t, "4430"), Options{Timeout: 10 * time.Second}), Target{Host: host, Port: 443, Address: address})
	require.Len(t, results, 1)
	return results[0]
}

func TestRealOcserv(t *testing.T) {
	needServer(t, "/usr/sbin/ocserv", "ocserv")
	if os.Getuid() != 0 {
		t.Skip("ocserv runs as root only")
	}
	dir, address := t.TempDir(), freeAddress(t)
	certificate(t, dir, "/CN=vpn.example")
	_, port, _ := strings.Cut(address, ":")
	settings := fmt.Sprintf(`auth = "plain[passwd=%[1]s/users]"
tcp-port = %[2]s
listen-host = 127.0.0.1
run-as-user = root
run-as-group = root
socket-file = %[1]s/socket
server-cert = %[1]s/cert.pem
server-key = %[1]s/key.pem
isolate-workers = false
device = vpns
ipv4-network = 192.0.2.0/24
`, dir, port)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "users"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "ocserv.conf"), []byte(settings), 0o600))
	startServer(t, address, "/usr/sbin/ocserv", "-f", "-c", filepath.Join(dir, "ocserv.conf"))
	r := scanOne(t, "vpn.example", address)
	require.Equal(t, finding.Identified, r.Outcome, "%s %s", r.Reason, r.Detail)
	require.Equal(t, "ocserv", r.Products[0].ID)
}

// OpenVPN that hands what is no OpenVPN to a web server looks like that web server: there
// is nothing to recognise, and nothing may be made up.
func TestRealOpenVPNBehindAWebServer(t *testing.T) {
	needServer(t, "/usr/sbin/openvpn", "openvpn")
	needServer(t, "/usr/sbin/nginx", "nginx-light")
	if _, err := os.Stat("/dev/net/tun"); err != nil || os.Getuid() != 0 {
		t.Skip("OpenVPN needs root and /dev/net/tun")
	}
	dir, web, address := t.TempDir(), freeAddress(t), freeAddress(t)
	certificate(t, dir, "/CN=www.example")
	startNginx(t, dir, web)
	file := func(name string) string { return filepath.Join(dir, name) }
	_, webPort, _ := strings.Cut(web, ":")
	_, port, _ := strings.Cut(address, ":")
	startServer(t, address, "/usr/sbin/openvpn", "--server", "192.0.2.0", "255.255.255.0", "--proto", "tcp-server", "--local", "127.0.0.1",
		"--port", port, "--dev", "tun", "--ifconfig-noexec", "--route-noexec", "--ca", file("cert.pem"), "--cert", file("cert.pem"),
		"--key", file("key.pem"), "--dh", "none", "--port-share", "127.0.0.1", webPort)
	r := scanOne(t, "www.example", address)
	require.Equal(t, finding.Unidentified, r.Outcome, "%s %s", r.Reason, r.Detail)
	require.Equal(t, "CN=www.example", r.TLS.Subject)
	require.Equal(t, 200, r.Asked[0].Status)
}

// startNginx serves one page in TLS.
func startNginx(t *testing.T, dir, address string) {
	t.Helper()
	settings := fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log; worker_processes 1;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server {
		listen %[2]s ssl; ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem;
		location / { default_type text/html; return 200 "<html><title>Welcome</title><p>It works."; }
	}
}
`, dir, address)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(settings), 0o600))
	startServer(t, address, "/usr/sbin/nginx", "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
}

// SoftEther listens where it likes and writes where it likes, so that it gets a network
// and folders of its own.
func TestRealSoftEther(t *testing.T) {
	needServer(t, "/usr/libexec/softether/vpnserver/vpnserver", "softether-vpnserver")
	inOwnNetwork(t, func(t *testing.T) {
		const run = `for dir in /run /var/lib /var/log; do mount -t tmpfs none $dir; done
mkdir -p /run/softether /var/lib/softether /var/log/softether && exec /usr/libexec/softether/vpnserver/vpnserver execsvc`
		startServer(t, "127.0.0.1:443", "unshare", "--mount", "sh", "-c", run)
		r := scanOne(t, "127.0.0.1", "127.0.0.1:443")
		require.Equal(t, finding.Identified, r.Outcome, "%s %s", r.Reason, r.Detail)
		require.Equal(t, "softether-vpn", r.Products[0].ID)
	})
}
