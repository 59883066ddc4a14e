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
		{name: "DHE with 1024 bits", dh: "1024", args: []string{"-tls1_2", "-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0"}, needed: []string{"dhe"}, second: true},
		{name: "RSA key exchange", args: []string{"-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"}, needed: []string{"rsa-kex"}},
		{name: "RSA with 512 bits", cert: []string{"-newkey", "rsa:512"}, args: []string{"-tls1_2", "-cipher", weak}, needed: []string{"weak-key"}},
		{name: "RSA with 1024 bits", cert: []string{"-newkey", "rsa:1024"}, args: []string{"-cipher", weak}, needed: []string{"weak-key"}},
		{name: "signed with MD5", cert: []string{"-md5"}, args: []string{"-cipher", weak}, needed: []string{"md5-signature"}, second: true},
		{name: "signed with SHA-1", cert: []string{"-sha1"}, args: []string{"-cipher", weak}, needed: []string{"sha1-signature"}},
		{name: "empty subject", cert: []string{"-subj", "/"}},
		{name: "negative serial", cert: []string{"-set_serial", "-5"}},
		{name: "client certificate required", args: []string{"-tls1_2", "-Verify", "1"}, fails: evidence.TLSFailed},
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
				return
			}
			require.Nil(t, x.Failure)
			require.Equal(t, 200, x.Response.Status)
			require.NotEmpty(t, s.TLS().SHA256)
			require.Equal(t, test.second, s.TLS().Escalated != "", "whether the second client was needed")
			require.ElementsMatch(t, test.needed, s.TLS().Needed)
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

// requireDH checks that a server really uses parameters of this size: OpenSSL takes its own
// where it cannot load those of the file, and goes on.
func requireDH(t *testing.T, address, bits string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), needProgram(t, "openssl", "openssl"), "s_client", "-connect", address, "-cipher", weak)
	out, _ := cmd.CombinedOutput() // it ends as it likes; what counts is what it saw
	require.Contains(t, string(out), "Server Temp Key: DH, "+bits+" bits")
}

func splitAddress(t *testing.T, address string) (string, int) {
	t.Helper()
	host, text, err := net.SplitHostPort(address)
	require.NoError(t, err)
	port, err := strconv.Atoi(text)
	require.NoError(t, err)
	return host, port
}
