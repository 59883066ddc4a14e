package probe

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"postern/scanner/evidence"
)

// needs names what a client of today refuses of a protocol version and suite.
func needs(version, suite string) []string {
	var all []string
	switch version {
	case "SSLv3":
		all = append(all, "ssl3")
	case "TLS 1.0":
		all = append(all, "tls1.0")
	case "TLS 1.1":
		all = append(all, "tls1.1")
	}
	for _, one := range []struct{ part, word string }{
		{"_RC4_", "rc4"}, {"_3DES_", "3des"}, {"_DES_", "des"}, {"_DES40_", "des"}, {"_RC2_", "rc2"}, {"_EXPORT", "export"},
	} {
		if strings.Contains(suite, one.part) {
			all = append(all, one.word)
		}
	}
	switch {
	case strings.HasPrefix(suite, "TLS_RSA_"):
		all = append(all, "rsa-kex")
	case strings.HasPrefix(suite, "TLS_DHE_") || strings.HasPrefix(suite, "TLS_DH_"):
		all = append(all, "dhe")
	}
	return all
}

// weaknesses names what a client of today refuses of a certificate.
func weaknesses(cert *x509.Certificate) []string {
	var all []string
	if key, ok := cert.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
		all = append(all, "weak-key")
	}
	switch cert.SignatureAlgorithm {
	case x509.MD5WithRSA, x509.MD2WithRSA:
		all = append(all, "md5-signature")
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
		all = append(all, "sha1-signature")
	}
	return all
}

// describeLeaf describes a certificate, whether or not it can be parsed.
func describeLeaf(seen *evidence.TLS, der []byte) {
	digest := sha256.Sum256(der)
	seen.SHA256 = hex.EncodeToString(digest[:])
	cert, err := x509.ParseCertificate(der)
	if err == nil {
		seen.Subject, seen.Issuer = distinguishedName(cert.Subject), distinguishedName(cert.Issuer)
		seen.SAN = alternativeNames(cert)
		seen.NotBefore, seen.NotAfter = cert.NotBefore.UTC(), cert.NotAfter.UTC()
		seen.Needed = append(seen.Needed, weaknesses(cert)...)
		return
	}
	seen.Needed = append(seen.Needed, "bad-certificate")
	describeOutline(seen, der)
}

// outline is the part of a certificate that names it; the rest may be anything.
type outline struct {
	TBS struct {
		Version            asn1.RawValue `asn1:"optional,explicit,tag:0"`
		SerialNumber       asn1.RawValue
		SignatureAlgorithm asn1.RawValue
		Issuer             asn1.RawValue
		Validity           asn1.RawValue
		Subject            asn1.RawValue
		PublicKey          asn1.RawValue
		Rest               asn1.RawValue `asn1:"optional"`
		More               asn1.RawValue `asn1:"optional"`
		Extensions         asn1.RawValue `asn1:"optional"`
	}
	Algorithm asn1.RawValue
	Signature asn1.RawValue
}

// describeOutline takes what can be taken from a certificate that cannot be parsed.
func describeOutline(seen *evidence.TLS, der []byte) {
	var o outline
	if _, err := asn1.Unmarshal(der, &o); err != nil {
		return
	}
	seen.Subject, seen.Issuer = outlineName(o.TBS.Subject), outlineName(o.TBS.Issuer)
	var days struct{ NotBefore, NotAfter time.Time }
	if _, err := asn1.Unmarshal(o.TBS.Validity.FullBytes, &days); err == nil {
		seen.NotBefore, seen.NotAfter = days.NotBefore.UTC(), days.NotAfter.UTC()
	}
}

func outlineName(raw asn1.RawValue) string {
	var names pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw.FullBytes, &names); err != nil {
		return ""
	}
	var name pkix.Name
	for _, set := range names {
		name.Names = append(name.Names, slices.Clone(set)...)
	}
	return distinguishedName(name)
}
