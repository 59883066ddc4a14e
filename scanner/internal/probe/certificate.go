package probe

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"postern/scanner/evidence"
)

const (
	maxName  = 1024 // bytes of a distinguished name
	maxSAN   = 100  // names of a certificate
	maxLabel = 255  // bytes of one of them
)

// describe takes from a handshake what is evidence.
func describe(state tls.ConnectionState) *evidence.TLS {
	seen := &evidence.TLS{
		Version: tls.VersionName(state.Version),
		Cipher:  tls.CipherSuiteName(state.CipherSuite),
	}
	if len(state.PeerCertificates) == 0 {
		return seen
	}
	leaf := state.PeerCertificates[0]
	digest := sha256.Sum256(leaf.Raw)
	seen.Subject = distinguishedName(leaf.Subject)
	seen.Issuer = distinguishedName(leaf.Issuer)
	seen.SAN = alternativeNames(leaf)
	seen.NotBefore, seen.NotAfter = leaf.NotBefore.UTC(), leaf.NotAfter.UTC()
	seen.SHA256 = hex.EncodeToString(digest[:])
	seen.Needed = append(needs(seen.Version, seen.Cipher), weaknesses(leaf)...)
	return seen
}

func alternativeNames(cert *x509.Certificate) []string {
	var names []string
	for _, name := range cert.DNSNames {
		names = append(names, shorten(escape(name, ""), maxLabel))
	}
	for _, ip := range cert.IPAddresses {
		names = append(names, ip.String())
	}
	return names[:min(len(names), maxSAN)]
}

// distinguishedName writes a name in RFC 2253 order, the most specific part first, with
// every attribute in the order of the certificate.
func distinguishedName(name pkix.Name) string {
	short := map[string]string{
		"2.5.4.3": "CN", "2.5.4.5": "SERIALNUMBER", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
		"2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.17": "POSTALCODE",
		"0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
		"1.2.840.113549.1.9.1": "emailAddress",
	}
	var parts []string
	for _, attribute := range slices.Backward(name.Names) {
		key := attribute.Type.String()
		if known := short[key]; known != "" {
			key = known
		}
		parts = append(parts, key+"="+escape(fmt.Sprint(attribute.Value), `,+"\<>;`))
		if len(parts) > maxSAN {
			break
		}
	}
	return shorten(strings.Join(parts, ","), maxName)
}

// escape puts a backslash before special characters, and writes what is not to be shown
// as its bytes in hex.
func escape(text, special string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		edge := (i == 0 || i == len(text)-1) && r == ' ' || i == 0 && r == '#'
		switch {
		case r == utf8.RuneError && size < 2 || !unicode.IsPrint(r):
			for _, b := range []byte(text[i : i+size]) {
				fmt.Fprintf(&out, `\%02X`, b)
			}
		case special != "" && (edge || strings.ContainsRune(special, r)):
			out.WriteByte('\\')
			fallthrough
		default:
			out.WriteString(text[i : i+size])
		}
		i += size
	}
	return out.String()
}

func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}
