package scanner

import "slices"

// Intent is what a scan would do with one target.
type Intent struct {
	Target  string // as results show it
	Connect string // the name or address to connect to
	Lookup  bool   // whether that is a name, whose addresses are not known yet
	Ports   []int  // in the order in which they are asked; empty if all are excluded
	Denied  bool   // nothing would be sent
}

// Intent says what a scan with these options would do with a target. It looks nothing up.
func (o Options) Intent(t Target) Intent {
	o = o.withDefaults()
	in := Intent{Target: display(t), Connect: t.Host, Ports: []int{t.Port}, Denied: o.Deny.endpoint(t.Host, t.Address, t.Port)}
	if t.Port == 0 {
		in.Ports = o.usualPorts(t)
		in.Denied = in.Denied || len(in.Ports) == 0
	}
	if at, err := parseHostPort(t.Address); err == nil {
		if in.Connect = at.host; at.host == "" {
			in.Connect = at.prefix.Addr().String()
		}
		if at.port != 0 {
			in.Ports = []int{at.port}
		}
	}
	in.Lookup = !isAddress(in.Connect)
	return in
}

// usualPorts are the ports to try on a target without one.
func (o Options) usualPorts(t Target) []int {
	return slices.DeleteFunc(slices.Clone(o.Ports), func(port int) bool {
		return t.exclude.endpoint(t.Host, t.Address, port) || o.Deny.endpoint(t.Host, t.Address, port)
	})
}
