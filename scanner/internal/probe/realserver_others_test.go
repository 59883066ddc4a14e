package probe

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// serverCase is one real server, asked for gate.example, and what must be reported of it.
type serverCase struct {
	name, with string
	start      func(t *testing.T) string
	status     int      // of the answer, 0 for none
	needed     []string // what a client of today refuses
	second     bool     // whether the first client gives up
	fails      evidence.FailureKind
	detail     string // part of what is said of the failure
	bare       bool   // no certificate is shown
	plain      bool   // the answer is plain HTTP
	scheme     string // of the target, if it names one
}

// others are the cases that need more than OpenSSL's own server.
func others() []serverCase {
	const tls12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:"
	const noName = "unrecognized name"
	return []serverCase{
		{name: "TLS 1.0 and 1.1 only", with: "stunnel", start: startStunnel, status: 200, needed: []string{"tls1.1"}},
		{name: "3DES only, RSA key exchange", with: "GnuTLS", start: gnutls(tls12 + "+RSA:-CIPHER-ALL:+3DES-CBC"), status: 200, needed: []string{"3des", "rsa-kex"}},
		{name: "3DES only, TLS 1.0, DHE", with: "GnuTLS", start: gnutls("NORMAL:-VERS-ALL:+VERS-TLS1.0:-KX-ALL:+DHE-RSA:-CIPHER-ALL:+3DES-CBC"), status: 200, needed: []string{"tls1.0", "3des", "dhe"}, second: true},
		{name: "RC4-SHA only, TLS 1.2", with: "GnuTLS", start: gnutls(tls12 + "+RSA:-CIPHER-ALL:+ARCFOUR-128"), status: 200, needed: []string{"rc4", "rsa-kex"}},
		{name: "DHE with 512 bits, unless a client names groups", with: "GnuTLS", start: startWeakDHE, status: 200, needed: []string{"dhe", "weak-dh"}, second: true},
		{name: "SSL 3.0 only", with: "NSS", start: nss("-V", "ssl3:ssl3", "-c", ":0005:000a:002f"), needed: []string{"ssl3", "rsa-kex"}, second: true, fails: evidence.TLSFailed, detail: "the endpoint speaks SSLv3"},
		{name: "RC4-MD5 only", with: "NSS", start: nss("-V", "tls1.0:tls1.2", "-c", ":0004"), needed: []string{"rc4", "rsa-kex"}, second: true, fails: evidence.TLSFailed, detail: "TLS_RSA_WITH_RC4_128_MD5"},
		{name: "renegotiation before the answer", with: "Apache", start: apache("TLSv1.2", "optional"), status: 200},
		{name: "renegotiation before the answer, DHE", with: "Apache", start: apache(dheOnly, "optional"), status: 200, needed: []string{"dhe"}, second: true},
		{name: "renegotiation for a client certificate", with: "Apache", start: apache("TLSv1.2", "require"), fails: evidence.TLSFailed, detail: "handshake failure"},
		{name: "client certificate for a path, TLS 1.3", with: "Apache", start: apache("TLSv1.3", "require"), status: 403},
		{name: "client certificate asked for in HTTP", with: "nginx", start: nginx("ssl_verify_client on; ssl_client_certificate cert.pem;", ""), status: 400},
		{name: "right name (SNI)", with: "nginx", start: nginx("server_name gate.example;", rejecting), status: 200},
		{name: "other name than asked for (SNI)", with: "nginx", start: nginx("server_name other.example;", rejecting), fails: evidence.TLSFailed, detail: noName, bare: true},
		{name: "warning about the name (SNI)", with: "GnuTLS", start: gnutls("NORMAL:-VERS-TLS1.3", "--sni-hostname", "other.example"), status: 200},
		{name: "warning about the name (SNI), DHE", with: "GnuTLS", start: gnutls(tls12+"+DHE-RSA", "--sni-hostname", "other.example"), status: 200, needed: []string{"dhe"}, second: true},
		{name: "end about the name (SNI)", with: "GnuTLS", start: gnutls("NORMAL", "--sni-hostname", "other.example", "--sni-hostname-fatal"), fails: evidence.TLSFailed, detail: noName, bare: true},
		{name: "plain HTTP on 443", with: "nginx", start: nginx("", "plain"), status: 200, bare: true, plain: true},
		{name: "TLS on 80, said in HTTP", with: "nginx", start: nginx("", ""), scheme: "http", status: 200},
		{name: "TLS on 80, said by an alert", with: "GnuTLS", start: gnutls("NORMAL"), scheme: "http", status: 200},
	}
}

// TestRealServers checks the reach of the two clients against other servers than OpenSSL's.
func TestRealServers(t *testing.T) { checkServers(t, others()) }

func checkServers(t *testing.T, tests []serverCase) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.second && !tolerantTLS {
				t.Skip("this build has no tolerant TLS")
			}
			l := limits()
			l.Timeout, l.DialTimeout, l.MaxBody = 10*time.Second, 5*time.Second, 4096
			s := New(l).Open(Endpoint{Scheme: test.scheme, Host: "gate.example", Port: 443, Address: test.start(t)})
			defer s.Close()
			x := s.Do(t.Context(), get("/"))
			seen := s.TLS()
			t.Logf("failure %+v, TLS %+v", x.Failure, seen)
			require.Equal(t, test.plain, s.Scheme() == "http")
			if test.fails == "" {
				require.Nil(t, x.Failure)
				require.Equal(t, test.status, x.Response.Status)
			} else {
				require.NotNil(t, x.Failure)
				require.Equal(t, test.fails, x.Failure.Kind)
				require.Contains(t, x.Failure.Detail, test.detail)
			}
			if test.bare {
				require.True(t, seen == nil || seen.SHA256 == "")
				return
			}
			require.NotNil(t, seen)
			require.Equal(t, "CN=box.example", seen.Subject, "the certificate is evidence, also when the handshake fails")
			require.Equal(t, test.second, seen.Escalated != "", "whether the second client was needed")
			require.ElementsMatch(t, test.needed, seen.Needed)
		})
	}
}

// Who has a certificate shows it when the endpoint renegotiates for it, with both clients.
func TestRealRenegotiationWithACertificate(t *testing.T) {
	for _, protocol := range []string{"TLSv1.2", dheOnly} {
		if protocol == dheOnly && !tolerantTLS {
			continue
		}
		dir, address := startApache(t, protocol, "require")
		certificate, err := os.ReadFile(filepath.Join(dir, "cert.pem"))
		require.NoError(t, err)
		key, err := os.ReadFile(filepath.Join(dir, "key.pem"))
		require.NoError(t, err)
		l := limits()
		l.Timeout, l.DialTimeout, l.MaxBody = 10*time.Second, 5*time.Second, 4096
		l.ClientCert, err = ParseClientCertificate(certificate, key)
		require.NoError(t, err)
		s := New(l).Open(Endpoint{Host: "gate.example", Port: 443, Address: address})
		x := s.Do(t.Context(), get("/"))
		s.Close()
		require.Nil(t, x.Failure, protocol)
		require.Equal(t, 200, x.Response.Status, protocol)
	}
}

// box makes a folder with a certificate for box.example, and an address to listen at.
func box(t *testing.T) (dir, address string, port int) {
	t.Helper()
	dir, port = t.TempDir(), freePort(t, "127.0.0.1")
	run(t, dir, needProgram(t, "openssl", "openssl"), "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "1",
		"-subj", "/CN=box.example", "-keyout", "key.pem", "-out", "cert.pem")
	return dir, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), port
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}

// gnutls starts GnuTLS's server with these priorities. It listens on every address: it
// cannot be told otherwise.
func gnutls(priorities string, args ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		program := needProgram(t, "gnutls-serv", "gnutls-bin")
		dir, address, port := box(t)
		start(t, "127.0.0.1", port, dir, program, append([]string{"--http", "--disable-client-cert", "--port", strconv.Itoa(port),
			"--x509certfile", "cert.pem", "--x509keyfile", "key.pem", "--priority", priorities}, args...)...)
		return address
	}
}

// startWeakDHE makes sure that the parameters are really used: a client that names groups
// of its own gets one of those.
func startWeakDHE(t *testing.T) string {
	file := filepath.Join(t.TempDir(), "dh.pem")
	run(t, ".", needProgram(t, "openssl", "openssl"), "dhparam", "-out", file, "512")
	address := gnutls("NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA", "--dhparams", file)(t)
	require.Contains(t, openSSLSays(t, address, "-groups", "X25519"), "dh key too small")
	return address
}

// nss starts the server of Mozilla's library, which still speaks SSL 3.0. It listens on
// every address: it cannot be told otherwise.
func nss(args ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		program, openssl := needProgram(t, "selfserv", "libnss3-tools"), needProgram(t, "openssl", "openssl")
		dir, address, port := box(t)
		require.NoError(t, os.Mkdir(filepath.Join(dir, "db"), 0o700))
		run(t, dir, needProgram(t, "certutil", "libnss3-tools"), "-N", "-d", "sql:db", "--empty-password")
		run(t, dir, openssl, "pkcs12", "-export", "-in", "cert.pem", "-inkey", "key.pem", "-name", "box", "-passout", "pass:x", "-out", "box.p12")
		run(t, dir, needProgram(t, "pk12util", "libnss3-tools"), "-i", "box.p12", "-d", "sql:db", "-W", "x", "-K", "")
		start(t, "127.0.0.1", port, dir, program, append([]string{"-d", "sql:db", "-n", "box", "-p", strconv.Itoa(port)}, args...)...)
		return address
	}
}

// startStunnel puts stunnel in front of a plain web server.
func startStunnel(t *testing.T) string {
	program := needProgram(t, "stunnel4", "stunnel4")
	web := nginx("", "plain")(t)
	dir, address, port := box(t)
	write(t, dir, "stunnel.conf", fmt.Sprintf(`foreground = yes
pid =
[web]
accept = %s
connect = %s
cert = %[3]s/cert.pem
key = %[3]s/key.pem
sslVersionMin = TLSv1
sslVersionMax = TLSv1.1
ciphers = ALL:@SECLEVEL=0
securityLevel = 0
`, address, web, dir))
	start(t, "127.0.0.1", port, dir, program, filepath.Join(dir, "stunnel.conf"))
	return address
}

// dheOnly is a protocol for Apache that the first client cannot complete.
const dheOnly = "TLSv1.2\nSSLCipherSuite DHE-RSA-AES128-GCM-SHA256"

// apache starts Apache with a client certificate wished for or required for every path:
// in TLS 1.2 it renegotiates for it before it answers.
func apache(protocol, verify string) func(t *testing.T) string {
	return func(t *testing.T) string {
		_, address := startApache(t, protocol, verify)
		return address
	}
}

func startApache(t *testing.T, protocol, verify string) (dir, address string) {
	program := needProgram(t, "apache2", "apache2")
	dir, address, port := box(t)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "www"), 0o755))
	write(t, dir, "www/index.html", "<title>Gate</title>")
	modules := ""
	for _, name := range []string{"mpm_prefork", "ssl", "authz_core", "dir"} {
		modules += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", name)
	}
	write(t, dir, "apache.conf", modules+fmt.Sprintf(`ServerRoot %[1]s
PidFile %[1]s/pid
ErrorLog %[1]s/error.log
Mutex file:%[1]s
ServerName box.example
Listen %[2]s
DocumentRoot %[1]s/www
DirectoryIndex index.html
SSLEngine on
SSLProtocol %[3]s
SSLCertificateFile %[1]s/cert.pem
SSLCertificateKeyFile %[1]s/key.pem
SSLCACertificateFile %[1]s/cert.pem
<Location />
	SSLVerifyClient %[4]s
</Location>
`, dir, address, protocol, verify))
	start(t, "127.0.0.1", port, dir, program, "-X", "-f", filepath.Join(dir, "apache.conf"))
	return dir, address
}

// rejecting is a server that takes no name but those of others.
const rejecting = "server { listen %s ssl default_server; ssl_reject_handshake on; }"

// nginx starts nginx with these settings of its server, beside another server if there is
// one; "plain" makes it speak plain HTTP.
func nginx(settings, other string) func(t *testing.T) string {
	return func(t *testing.T) string {
		program := needProgram(t, "nginx", "nginx-light")
		dir, address, port := box(t)
		secure := "ssl"
		switch {
		case other == "plain":
			secure, other = "", ""
		case other != "":
			other = fmt.Sprintf(other, address)
		}
		temporary := ""
		for _, kind := range strings.Fields("client_body proxy fastcgi uwsgi scgi") {
			temporary += fmt.Sprintf("%s_temp_path %s/%[1]s; ", kind, dir)
		}
		write(t, dir, "nginx.conf", fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log; worker_processes 1;
events {}
http {
	access_log off; %[2]s
	%[3]s
	server {
		listen %[4]s %[5]s; ssl_certificate %[1]s/cert.pem; ssl_certificate_key %[1]s/key.pem; %[6]s
		location / { default_type text/html; return 200 "<title>Gate</title>"; }
	}
}
`, dir, temporary, other, address, secure, settings))
		start(t, "127.0.0.1", port, dir, program, "-p", dir, "-c", filepath.Join(dir, "nginx.conf"))
		return address
	}
}
