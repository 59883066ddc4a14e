package importer

import (
	"regexp"
	"strings"
	"sync"

	"postern/scanner/version"
)

// A naming is how records name one of our products. The first id that the catalog knows
// is taken: Firepower Threat Defense belongs to cisco-asa until it has a folder.
type naming struct {
	vendor  *regexp.Regexp
	product *regexp.Regexp // also finds the product inside prose
	ids     []string
}

// namings is tried in order, so a more specific name comes first. A name without a
// product of ours stands here too, so that its versions are not taken for those of
// the product named before it.
var namings = sync.OnceValue(func() []naming {
	return []naming{
		name(`fortinet`, `fortios[- ]?6k7k`, "fortinet-fortios-6k7k"),
		name(`fortinet`, `fortios|fortigate`, "fortinet-fortios"),
		name(`fortinet`, `fortiproxy`, "fortinet-fortiproxy"),
		name(`fortinet`, `forti[a-z]+`),
		name(`palo ?alto.*`, `pan-?os`, "paloalto-pan-os"),
		name(`palo ?alto.*`, `cloud ngfw|prisma.*|globalprotect.*`),
		name(`ivanti|pulse ?secure`, `ics|(?:ivanti |pulse )?connect[ _]secure`, "ivanti-connect-secure"),
		name(`ivanti|pulse ?secure`, `ips|(?:ivanti |pulse )?policy[ _]secure`, "ivanti-policy-secure"),
		name(`ivanti`, `(?:ivanti )?(?:neurons for )?zta.*|ivanti neurons.*`, "ivanti-zta-gateway"),
		name(`citrix|cloud software group|netscaler`, `(?:citrix |netscaler )?(?:application delivery controller|adc|gateway)(?:(?: and |, )(?:citrix|netscaler) (?:adc|gateway))?|netscaler`, "citrix-netscaler"),
		name(`sonicwall`, `sma ?1000`, "sonicwall-sma1000"),
		name(`sonicwall`, `sma ?100|(?:sma )?[24][01]0(?:,.*)?`, "sonicwall-sma100"),
		name(`sonicwall`, `sonicos[vx]?`, "sonicwall-sonicos"),
		name(`sonicwall`, `sra`, "sonicwall-sra"),
		name(`zyxel`, `(?:zywall|usg|atp|vpn).*firmware|(?:zywall|usg|atp|vpn)[^,;]*series.*`, "zyxel-zld"),
		name(`check ?point.*`, `(?:check ?point )?(?:quantum )?spark.*`, "checkpoint-spark"),
		name(`check ?point.*`, `(?:check ?point )?(?:quantum[ _](?:security[ _])?gateway|security gateway|cloudguard network).*`, "checkpoint-gateway"),
		name(`cisco`, `(?:cisco )?(?:firepower|secure firewall)[ _]threat[ _]defense.*`, "cisco-ftd", "cisco-asa"),
		name(`cisco`, `(?:cisco )?(?:adaptive[ _]security[ _]appliance|secure firewall adaptive security appliance).*`, "cisco-asa"),
		name(`juniper.*`, `junos os evolved`),
		name(`juniper.*`, `junos(?: os)?`, "juniper-junos"),
		name(`watchguard`, `fireware(?: os)?`, "watchguard-fireware"),
		name(`f5`, `big-?ip.*`, "f5-big-ip"),
		name(`array(?: ?networks)?`, `array ?os[ _]ag|array ag.*|vxag`, "array-ag"),
		name(`sophos`, `(?:sophos )?(?:xg )?firewall|sfos`, "sophos-firewall"),
		name(`openvpn`, `(?:openvpn )?access server`, "openvpn-access-server"),
		name(`openvpn`, `(?:openvpn ?)?2? ?\(?community\)?(?: edition)?|openvpn`, "openvpn-community"),
		name(`sangfor`, `ssl ?vpn`, "sangfor-ssl-vpn"),
		name(`sangfor`, `net-gen application firewall|ngaf`, "sangfor-ngaf"),
		name(`sophos`, `cyberoam ?os`, "sophos-cyberoamos"),
		name(`sophos`, `(?:sg )?utm`, "sophos-utm"),
		name(`cisco`, `(?:cisco )?(?:small business )?rv ?(?:series routers?|\d).*`, "cisco-rv"),
		name(`draytek`, `vigor.*`, "draytek-vigor"),
		name(`progress.*|kemp.*`, `loadmaster`, "kemp-loadmaster"),
		name(`gfi.*`, `kerio ?control`, "gfi-kerio-control"),
		name(`softether.*`, `softether ?vpn|vpn`, "softether-vpn"),
		name(`mikrotik`, `routeros`, "mikrotik-routeros"),
		name(`fatpipe.*`, `ipvpn`, "fatpipe-ipvpn"),
		name(`cisco`, `(?:cisco )?ios[- ]?xe(?: software)?`, "cisco-ios-xe"),
		name(`cisco`, `(?:cisco )?ios(?: software)?`, "cisco-ios"),
		name(`juniper.*`, `screenos`, "juniper-screenos"),
		name(`netgate|pfsense`, `pfblockerng(?:-devel)?`, "pfsense-pfblockerng"),
		name(`h3c`, `(?:er|gr)\d.*`, "h3c-er"),
		name(`ruijie`, `(?:rg-)?eg-?\d.*`, "ruijie-eg"),
		name(`ruijie`, `(?:rg-)?nbr.*`, "ruijie-nbr"),
		name(`hillstone.*`, `sg-?6000.*|stoneos`, "hillstone-sg6000"),
		name(`huawei`, `(?:usg|eudemon|svn|secospace).*`, "huawei-usg"),
	}
})

func name(vendor, product string, ids ...string) naming {
	return naming{
		vendor:  regexp.MustCompile(`(?i)^(?:` + vendor + `)$`),
		product: regexp.MustCompile(`(?i)^(?:` + product + `)$`),
		ids:     ids,
	}
}

// A subject is one product of ours that a record speaks of.
type subject struct {
	id     string
	scheme version.Scheme
}

// perModel are products whose models share a name for their versions and not the order.
var perModel = []string{"cisco-rv", "draytek-vigor", "zyxel-zld"}

// idsOf are the products that a vendor's name may stand for.
func idsOf(vendor, product string) []string {
	for _, n := range namings() {
		if n.vendor.MatchString(vendor) && n.product.MatchString(product) {
			return n.ids
		}
	}
	return nil
}

// known is the product that a vendor's name stands for.
func known(vendor, product string, ours Products) (subject, bool) {
	vendor, product = plain(vendor), plain(product)
	if strings.EqualFold(vendor, "n/a") {
		vendor, _, _ = strings.Cut(product, " ") // "Cisco Adaptive Security Appliance"
	}
	if rest, ok := strings.CutPrefix(strings.ToLower(product), strings.ToLower(vendor)+" "); ok {
		product = rest // "Fortinet FortiOS"
	}
	for _, n := range namings() {
		if !n.vendor.MatchString(vendor) || !n.product.MatchString(product) {
			continue
		}
		for _, id := range n.ids {
			if scheme, ok := ours.Order(id); ok {
				return subject{id, scheme}, true
			}
		}
		return subject{}, false
	}
	return byCPE(strings.ReplaceAll(vendor, " ", "_")+":"+strings.ReplaceAll(product, " ", "_"), ours)
}

// byCPE is the product whose folder states this CPE vendor and product.
func byCPE(name string, ours Products) (subject, bool) {
	id, ok := "", false
	if ours.CPE != nil {
		id, ok = ours.CPE(strings.ToLower(name))
	}
	if !ok { // or whose folder is named so: acme-gate
		id = strings.Trim(notInID.ReplaceAllString(strings.ToLower(name), "-"), "-")
	}
	scheme, ok := ours.Order(id)
	return subject{id, scheme}, ok
}

var notInID = regexp.MustCompile(`[^a-z0-9]+`)
