// Package scannertest is a fake gateway: it serves recorded appliances on loopback and
// keeps what it was asked.
//
// An appliance is a txtar file. Its comment holds lines of "key: value" and "#"
// remarks; its sections are answers:
//
//	# FortiGate 100E, 7.2.4; shapes after RC:xml/http_servers.xml
//	expect: identified fortinet-fortios 7.2.4 || 7.2.5
//	affected: CVE-2024-21762 CVE-2023-27997
//	not_affected: CVE-2018-13379
//	demo: vpn-paris.example.com owner=netops tag=prod
//	tls: subject=CN=FG100ETK18000000,OU=FortiGate,O=Fortinet issuer=CN=support,O=Fortinet san=a.example,b.example
//
//	-- GET / --
//	HTTP/1.1 200 OK
//	Server: xxxxxxxx-xxxxx
//
//	<html>…
//	-- GET /vpn/js/rdx/core/lang/rdx_en.json.gz base64 --
//	HTTP/1.1 200 OK
//
//	H4sICA…
//	-- * --
//	HTTP/1.1 302 Found
//	Location: /remote/login
//
// "expect" is "unidentified", or "identified" and one product with the version set in the
// notation of version.ParseSet ("*" when the version cannot be read); it may repeat for
// several products on one host. "affected", "possible" and "not_affected" name verdicts
// that must come out (not necessarily all of them). "tls: none" is plain HTTP; without a
// tls line the certificate is CN=<demo name or appliance name>, self-signed. In tls the
// names are in RFC 2253 order with \, for a comma inside a value.
// The section "*" answers every other path; without it they get a plain 404. HEAD of a path
// with a GET section is answered from that section. "{{origin}}" in a header stands for the
// scheme and host that the client asked.
//
// Status line and fields are sent as recorded, in their order and spelling. Content-Length
// is added or made right, the body is sent in chunks if Transfer-Encoding says so, and a
// header line "Date: now" is filled in. A body whose last line is empty is sent without
// that line and without the line break before it.
package scannertest
