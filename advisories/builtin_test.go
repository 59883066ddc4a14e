package advisories

import (
	"testing"

	"postern/scanner/version"
)

// builtinOrders is what the product folders in fingerprints say; it stands here too so
// that advisories can be worked on alone.
func builtinOrders(product string) (version.Scheme, bool) {
	scheme, ok := map[string]version.Scheme{
		"array-ag":              version.ArrayOS,
		"checkpoint-gateway":    version.Gaia,
		"cisco-asa":             version.ASA,
		"citrix-netscaler":      version.NetScaler,
		"f5-big-ip":             version.BIGIP,
		"fortinet-fortios":      version.FortiOS,
		"ivanti-connect-secure": version.Ivanti,
		"juniper-junos":         version.Junos,
		"ocserv":                version.Dotted,
		"openvpn-access-server": version.Dotted,
		"paloalto-pan-os":       version.PANOS,
		"sangfor-ssl-vpn":       version.Sangfor,
		"sonicwall-sma100":      version.SMA100,
		"sonicwall-sma1000":     version.SMA1000,
		"sonicwall-sonicos":     version.SonicOS,
		"sophos-firewall":       version.SFOS,
		"watchguard-fireware":   version.Fireware,
		"zyxel-zld":             version.ZLD,
	}[product]
	return scheme, ok
}

func TestBuiltin(t *testing.T) {
	db, err := Builtin(builtinOrders)
	if err != nil {
		t.Fatalf("shipped advisories:\n%v", err)
	}
	if err := db.Check(builtinOrders); err != nil {
		t.Errorf("shipped advisories:\n%v", err)
	}
	if len(db.All()) == 0 {
		t.Error("no advisories")
	}
}
