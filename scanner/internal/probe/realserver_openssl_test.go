package probe

import (
	"net"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// opensslCase is one `openssl s_server -www`, and what must be reported of it.
type opensslCase struct {
	name   string
	host   string   // 127.0.0.1 if empty
	cert   []string // for `openssl req -x509`
	past   bool     // whether the certificate expired long ago
	args   []string // for s_server
	dh     string   // bits of the parameters, if any
	needed []string // what a client of today refuses
	second bool     // whether the first client gives up
	fails  evidence.FailureKind
}

// weak lets this OpenSSL offer what it refuses by default.
const weak = "ALL:@SECLEVEL=0"

func opensslCases() []opensslCase {
	return []opensslCase{
		{name: "modern"},
		{name: "IPv6", host: "::1"},
		{name: "TLS 1.0 only", args: []string{"-tls1", "-cipher", weak}, needed: []string{"tls1.0"}},
		{name: "TLS 1.1 only", args: []string{"-tls1_1", "-cipher", weak}, needed: []string{"tls1.1"}},
		{name: "DHE with 1024 bits", dh: "1024", args: []string{"-tls1_2", "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0"}, needed: []string{"dhe", "weak-dh"}, second: true},
		{name: "RSA key exchange", args: []string{"-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"}, needed: []string{"rsa-kex"}},
		{name: "RSA with 512 bits", cert: []string{"-newkey", "rsa:512"}, args: []string{"-tls1_2", "-cipher", weak}, needed: []string{"weak-key"}},
		{name: "RSA with 512 bits, signed with MD5, TLS 1.0", cert: []string{"-newkey", "rsa:512", "-md5"}, args: []string{"-tls1", "-cipher", weak}, needed: []string{"tls1.0", "weak-key", "md5-signature"}},
		{name: "RSA with 1024 bits", cert: []string{"-newkey", "rsa:1024"}, args: []string{"-cipher", weak}, needed: []string{"weak-key"}},
		{name: "signed with MD5", cert: []string{"-md5"}, args: []string{"-cipher", weak}, needed: []string{"md5-signature"}, second: true},
		{name: "signed with SHA-1", cert: []string{"-sha1"}, args: []string{"-cipher", weak}, needed: []string{"sha1-signature"}},
		{name: "expired, no names", past: true},
		{name: "empty subject", cert: []string{"-subj", "/"}},
		{name: "negative serial", cert: []string{"-set_serial", "-5"}},
		{name: "client certificate required, TLS 1.2", args: []string{"-tls1_2", "-Verify", "1"}, fails: evidence.TLSFailed},
		{name: "client certificate required, TLS 1.3", args: []string{"-tls1_3", "-Verify", "1"}, fails: evidence.TLSFailed},
	}
}

// TestRealOpenSSL checks the reach of the two clients against OpenSSL's server.
func TestRealOpenSSL(t *testing.T) {
	for _, test := range opensslCases() {
		t.Run(test.name, func(t *testing.T) {
			address := startOpenSSL(t, test)
			host, port := splitAddress(t, address)
			l := limits()
			l.Timeout, l.MaxBody = 10*time.Second, 4096
			s := New(l).Open(Endpoint{Scheme: "https", Host: host, Port: port})
			defer s.Close()
			x := s.Do(t.Context(), get("/"))
			t.Logf("failure %+v, TLS %+v", x.Failure, s.TLS())
			require.NotNil(t, s.TLS(), "the handshake is evidence, also when it fails")
			if test.fails != "" {
				require.NotNil(t, x.Failure)
				require.Equal(t, test.fails, x.Failure.Kind)
				require.NotEmpty(t, s.TLS().SHA256)
				require.Regexp(t, "handshake failure|certificate required", x.Failure.Detail, "the alert is evidence")
				require.Empty(t, s.TLS().Escalated, "another client would have no certificate either")
				return
			}
			require.Nil(t, x.Failure)
			require.Equal(t, 200, x.Response.Status)
			require.NotEmpty(t, s.TLS().SHA256)
			require.Equal(t, test.second, s.TLS().Escalated != "", "whether the second client was needed")
			require.ElementsMatch(t, test.needed, s.TLS().Needed)
			require.Equal(t, test.past, s.TLS().NotAfter.Before(time.Now()))
			require.Empty(t, s.TLS().SAN)
		})
	}
}

// startOpenSSL starts the server of a case and returns its address.
func startOpenSSL(t *testing.T, test opensslCase) string {
	t.Helper()
	openssl := needProgram(t, "openssl", "openssl")
	dir := t.TempDir()
	host := test.host
	if host == "" {
		host = "127.0.0.1"
	}
	subject := []string{"req", "-x509", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "1", "-subj", "/CN=box.example"}
	if len(test.cert) == 0 || test.cert[0] != "-newkey" {
		subject = append(subject, "-newkey", "rsa:2048")
	}
	run(t, dir, openssl, append(subject, test.cert...)...)
	if test.past {
		expire(t, dir, openssl)
	}
	port := freePort(t, host)
	address := net.JoinHostPort(host, strconv.Itoa(port))
	args := append([]string{"s_server", "-www", "-quiet", "-key", "key.pem", "-cert", "cert.pem", "-accept", address}, test.args...)
	if test.dh != "" {
		run(t, dir, openssl, "dhparam", "-out", "dh.pem", test.dh)
		args = append(args, "-dhparam", "dh.pem")
	}
	start(t, host, port, dir, openssl, args...)
	if test.dh != "" {
		requireDH(t, address, test.dh)
	}
	return address
}

// expire signs the certificate anew, with a validity that is over.
func expire(t *testing.T, dir, openssl string) {
	t.Helper()
	write(t, dir, "index", "")
	write(t, dir, "ca.cnf", "[ca]\ndefault_ca = own\n[own]\ndatabase = index\nserial = serial\nnew_certs_dir = .\npolicy = names\ndefault_md = sha256\n[names]\ncommonName = optional\n")
	run(t, dir, openssl, "x509", "-x509toreq", "-in", "cert.pem", "-key", "key.pem", "-out", "request.pem")
	run(t, dir, openssl, "ca", "-config", "ca.cnf", "-selfsign", "-batch", "-notext", "-create_serial", "-keyfile", "key.pem", "-in", "request.pem",
		"-out", "cert.pem", "-startdate", "200101000000Z", "-enddate", "210101000000Z")
}

// requireDH checks that a server really uses parameters of this size: OpenSSL takes its own
// where it cannot load those of the file, and goes on.
func requireDH(t *testing.T, address, bits string) {
	t.Helper()
	require.Contains(t, openSSLSays(t, address), "Server Temp Key: DH, "+bits+" bits")
}

// openSSLSays is what OpenSSL's client, as tolerant as it can be, sees of a server.
func openSSLSays(t *testing.T, address string, args ...string) string {
	t.Helper()
	args = append([]string{"s_client", "-connect", address, "-cipher", weak}, args...)
	cmd := exec.CommandContext(t.Context(), needProgram(t, "openssl", "openssl"), args...)
	out, _ := cmd.CombinedOutput() // it ends as it likes; what counts is what it saw
	return string(out)
}

func splitAddress(t *testing.T, address string) (string, int) {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	require.NoError(t, err)
	port, err := strconv.Atoi(text)
	require.NoError(t, err)
	return host, port
}
