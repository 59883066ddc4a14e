//go:build unix

package scanner

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/fingerprints"
	"postern/scanner/evidence"
	"postern/scanner/finding"
)

// Real programs, not recordings: they are started as their packages install them, and must
// come out as what they are.

// needServer makes sure that there is a program of a Debian package.
func needServer(t *testing.T, path, pkg string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		lack(t, pkg, path+" is missing; the Debian package "+pkg+" has it")
	}
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

// freeAddress is below the ports that the system gives to connections, of which there are
// many at once: some servers listen on every address.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(15000))
		if l, err := net.Listen("tcp", address); err == nil {
			require.NoError(t, l.Close())
			return address
		}
	}
	t.Fatal("no free port")
	return ""
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
		lack(t, "root", "ocserv runs as root only")
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
	if os.Getuid() != 0 {
		lack(t, "root", "OpenVPN needs root")
	}
	if _, err := os.Stat("/dev/net/tun"); err != nil {
		lack(t, "tun", "OpenVPN needs a device: "+err.Error())
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

func TestRealServerOnIPv6(t *testing.T) {
	needServer(t, "/usr/sbin/nginx", "nginx-light")
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		lack(t, "ipv6", "no address ::1 on this machine: "+err.Error())
	}
	address := l.Addr().String()
	require.NoError(t, l.Close())
	dir := t.TempDir()
	certificate(t, dir, "/CN=www.example")
	startNginx(t, dir, address)
	targets, err := ParseList("list", strings.NewReader(address+"\n"), ListOptions{})
	require.NoError(t, err)
	catalog, err := fingerprints.Builtin()
	require.NoError(t, err)
	r := collect(t, New(catalog, acmeDB(t, "4430"), Options{Timeout: 10 * time.Second}), slices.Collect(targets.All())...)[0]
	require.Equal(t, finding.Unidentified, r.Outcome, "%s %s", r.Reason, r.Detail)
	require.Equal(t, address, r.Target)
	require.Equal(t, "https://"+address+"/", r.URL)
	require.Equal(t, "CN=www.example", r.TLS.Subject)
	require.Equal(t, 200, r.Asked[0].Status)
}

// What speaks SSL 3.0 alone gives no page to anybody, and is recognised by the certificate
// that it shows first. It listens on every address: NSS cannot be told otherwise.
func TestRealSSL3IsRecognisedByItsCertificate(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the tolerant client's TLS is in builds for Linux")
	}
	for _, program := range []string{"selfserv", "certutil", "pk12util"} {
		needServer(t, "/usr/bin/"+program, "libnss3-tools")
	}
	dir, address := t.TempDir(), freeAddress(t)
	certificate(t, dir, "/O=Fortinet/OU=FortiGate/CN=FG100E0000000000")
	prepare := `cd "$0" && mkdir db && certutil -N -d sql:db --empty-password &&
openssl pkcs12 -export -in cert.pem -inkey key.pem -name box -passout pass:x -out box.p12 && pk12util -i box.p12 -d sql:db -W x -K ''`
	out, err := exec.Command("sh", "-c", prepare, dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	_, port, _ := strings.Cut(address, ":")
	startServer(t, address, "selfserv", "-d", "sql:"+filepath.Join(dir, "db"), "-n", "box", "-p", port, "-V", "ssl3:ssl3", "-c", ":0005:000a:002f")
	r := scanOne(t, "vpn.example", address)
	require.Equal(t, finding.Identified, r.Outcome, "%s %s", r.Reason, r.Detail)
	require.Equal(t, "fortinet-fortios", r.Products[0].ID)
	require.Equal(t, string(evidence.TLSFailed), r.Reason)
	require.Len(t, r.Findings, 1)
	require.Equal(t, "POSTERN-LEGACY-TLS", r.Findings[0].Advisory)
	require.Contains(t, r.Findings[0].Reason, "SSLv3")
	require.Contains(t, r.Findings[0].Reason, "ssl3")
}

// A box that speaks IKE alone has no page and no certificate to show: it is there, and is
// reported as what was found at the ports that were asked.
func TestRealStrongSwan(t *testing.T) {
	needServer(t, charon, "strongswan-charon")
	needServer(t, "/usr/lib/ipsec/plugins/libstrongswan-kdf.so", "libstrongswan")
	inOwnNetwork(t, func(t *testing.T) {
		startCharon(t)
		catalog, err := fingerprints.Builtin()
		require.NoError(t, err)
		results := collect(t, New(catalog, acmeDB(t, "4430"), Options{Timeout: 10 * time.Second}), Target{Host: "127.0.0.1"})
		require.Len(t, results, 1)
		require.Equal(t, finding.Unreachable, results[0].Outcome)
		require.Equal(t, string(evidence.Refused), results[0].Reason)
		require.Empty(t, results[0].Products)
		require.Nil(t, results[0].TLS)
	})
}

const charon = "/usr/lib/ipsec/charon"

// startCharon runs strongSwan's daemon, and waits until it answers IKE: to a version that
// nobody speaks, with the one that it does.
func startCharon(t *testing.T) {
	t.Helper()
	settings := filepath.Join(t.TempDir(), "strongswan.conf")
	require.NoError(t, os.WriteFile(settings, []byte(`charon {
	load = random nonce aes sha1 sha2 hmac kdf gmp x509 pem pkcs1 pubkey kernel-netlink socket-default
	filelog { stderr { default = 1 } }
}
`), 0o600))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "unshare", "--mount", "sh", "-c", "mount -t tmpfs none /run && exec "+charon)
	cmd.Env = append(os.Environ(), "STRONGSWAN_CONF="+settings)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &said, &said, time.Second
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { stop(); _ = cmd.Wait() })

	conn, err := net.Dial("udp", "127.0.0.1:500")
	require.NoError(t, err)
	defer conn.Close()
	question := append(bytes.Repeat([]byte{1}, 8), make([]byte, 8)...)                       // who asks, whom
	question = append(question, 0, 0x30, 34, 8, 0, 0, 0, 0, 0, 0, 0, byte(len(question)+12)) // version 3.0
	answer := make([]byte, 100)
	for range 100 {
		_, _ = conn.Write(question) // refused until the daemon is there
		_ = conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		if n, err := conn.Read(answer); err == nil {
			require.Greater(t, n, 28)
			require.EqualValues(t, 0x20, answer[17], "it speaks IKE 2.0")
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	_ = cmd.Wait()
	t.Fatalf("charon does not answer: %s", said.String())
}
