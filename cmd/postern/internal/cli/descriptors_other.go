//go:build !unix

package cli

// maxDescriptors is 0 where no limit is known.
func maxDescriptors() uint64 { return 0 }
