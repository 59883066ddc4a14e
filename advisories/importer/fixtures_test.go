package importer

import (
	"io/fs"
	"testing/fstest"

	"postern/scanner/version"
)

// orders is a catalog that does not grow, so that the expected drafts stay the same.
func orders(product string) (version.Scheme, bool) {
	scheme, ok := map[string]version.Scheme{
		"array-ag":              version.ArrayOS,
		"checkpoint-gateway":    version.Gaia,
		"cisco-asa":             version.ASA,
		"citrix-netscaler":      version.NetScaler,
		"f5-big-ip":             version.BIGIP,
		"fortinet-fortios":      version.FortiOS,
		"ivanti-connect-secure": version.Ivanti,
		"ivanti-policy-secure":  version.Ivanti,
		"juniper-junos":         version.Junos,
		"openvpn-access-server": version.Dotted,
		"paloalto-pan-os":       version.PANOS,
		"sonicwall-sma100":      version.SMA100,
		"sonicwall-sma1000":     version.SMA1000,
		"sonicwall-sonicos":     version.SonicOS,
		"sophos-firewall":       version.SFOS,
		"watchguard-fireware":   version.Fireware,
		"zyxel-zld":             version.ZLD,
	}[product]
	return scheme, ok
}

// oneFile is a tree with nothing but a draft in it.
type oneFile struct{ draft Draft }

func (o oneFile) fs() fs.FS { return fstest.MapFS{o.draft.File: {Data: o.draft.YAML}} }
