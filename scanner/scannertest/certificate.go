package scannertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Certificate is what an appliance shows in the handshake. Without an issuer it signs
// itself.
type Certificate struct {
	subject, issuer pkix.RDNSequence
	names           []string // subject alternative names: hosts and addresses
}

// attributes maps the short names of RFC 2253 and the customary e-mail one.
var attributes = map[string]asn1.ObjectIdentifier{
	"CN": {2, 5, 4, 3}, "SERIALNUMBER": {2, 5, 4, 5}, "C": {2, 5, 4, 6}, "L": {2, 5, 4, 7},
	"ST": {2, 5, 4, 8}, "STREET": {2, 5, 4, 9}, "O": {2, 5, 4, 10}, "OU": {2, 5, 4, 11},
	"POSTALCODE": {2, 5, 4, 17}, "UID": {0, 9, 2342, 19200300, 100, 1, 1},
	"DC": {0, 9, 2342, 19200300, 100, 1, 25}, "EMAILADDRESS": {1, 2, 840, 113549, 1, 9, 1},
}

func commonName(name string) pkix.RDNSequence {
	return pkix.RDNSequence{{{Type: attributes["CN"], Value: name}}}
}

// parseName reads a distinguished name in RFC 2253 order, most specific first, with
// a backslash before a comma that belongs to a value, or before a byte in hex.
func parseName(text string) (pkix.RDNSequence, error) {
	var name pkix.RDNSequence
	for _, part := range splitName(text) {
		key, value, ok := strings.Cut(part, "=")
		kind := attributes[strings.ToUpper(strings.TrimSpace(key))]
		if kind == nil {
			kind = parseOID(key)
		}
		if !ok || kind == nil {
			return nil, fmt.Errorf("%q in name %q: write CN=, OU=, O=, L=, ST=, C=, emailAddress= or a dotted number, with \\, for a comma", part, text)
		}
		name = append(name, pkix.RelativeDistinguishedNameSET{{Type: kind, Value: value}})
	}
	slices.Reverse(name) // the encoding begins with the most general part
	return name, nil
}

func splitName(text string) []string {
	if text == "" {
		return nil
	}
	parts := []string{""}
	last := &parts[0]
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			if pair, err := hex.DecodeString(text[i+1 : min(i+3, len(text))]); err == nil {
				*last += string(pair)
				i += 2
				continue
			}
			i++
			*last += text[i : i+1]
		case text[i] == ',':
			parts = append(parts, "")
			last = &parts[len(parts)-1]
		default:
			*last += text[i : i+1]
		}
	}
	return parts
}

func parseOID(text string) asn1.ObjectIdentifier {
	var id asn1.ObjectIdentifier
	for word := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(word)
		if err != nil || n < 0 {
			return nil
		}
		id = append(id, n)
	}
	if len(id) < 2 || id[0] > 2 {
		return nil
	}
	return id
}

// issue makes a fresh key and certificate. An issuer other than the subject is a
// certificate authority that is thrown away at once.
func (c *Certificate) issue(now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf, err := c.template(c.subject, now)
	if err != nil {
		return nil, err
	}
	for _, name := range c.names {
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else if name != "" {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	parent, signer := leaf, key
	if c.issuer != nil {
		if parent, err = c.template(c.issuer, now); err != nil {
			return nil, err
		}
		if signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			return nil, err
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func (c *Certificate) template(name pkix.RDNSequence, now time.Time) (*x509.Certificate, error) {
	raw, err := asn1.Marshal(name)
	if err != nil {
		return nil, fmt.Errorf("certificate name %s: %w", name, err)
	}
	return &x509.Certificate{
		SerialNumber: big.NewInt(1),
		RawSubject:   raw,
		NotBefore:    now.Add(-time.Hour).Truncate(time.Hour),
		NotAfter:     now.Add(365 * 24 * time.Hour).Truncate(time.Hour),
	}, nil
}
