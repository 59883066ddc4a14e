package cli

// What a scan needs of the descriptors of its process: reports, streams and the runtime's
// own, and for each target a connection or the two questions about its name.
const (
	descriptorsKept      = 32
	descriptorsPerTarget = 2
)

// fitParallel lowers the number of targets at once to what the limit on descriptors
// allows, and says so.
func (c *Command) fitParallel(parallel int, limit uint64) int {
	if limit == 0 || uint64(parallel)*descriptorsPerTarget+descriptorsKept <= limit {
		return parallel
	}
	fits := 1
	if limit > descriptorsKept+descriptorsPerTarget {
		fits = int((limit - descriptorsKept) / descriptorsPerTarget)
	}
	c.notef("-parallel %d needs more open files than the %d allowed; %d targets at once (ulimit -n raises the limit)", parallel, limit, fits)
	return fits
}
