package scanner

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"postern/scanner/evidence"
	"postern/scanner/finding"
	"postern/scanner/internal/probe"
)

// endpoint says where a target is asked, and where it must not be.
func (r *scan) endpoint(t Target, dial time.Duration) probe.Endpoint {
	end := probe.Endpoint{
		Scheme: t.Scheme, Host: t.Host, Port: t.Port, Address: t.Address, Addresses: t.addrs,
		DialTimeout: dial, NeedsAddress: r.opts.Deny.byAddress(),
	}
	if t.exclude != nil || r.opts.Deny != nil {
		end.Refuse = func(at netip.AddrPort) bool { return t.exclude.Covers(at) || r.opts.Deny.Covers(at) }
	}
	if r.opts.Explain != nil {
		end.Explain = func(text string) { r.explain(t, "%s", text) }
	}
	return end
}

// denied is the result of a target that must never be touched.
func denied(t Target) finding.Result {
	return finding.Result{
		Target: display(t), Input: t.Input, Outcome: finding.Unreachable,
		Reason: string(evidence.Excluded), Detail: "denied: nothing was sent",
	}
}

// declare adds to the one result of a target what the list states of it.
func (r *scan) declare(t Target, result finding.Result) []finding.Result {
	results := []finding.Result{result}
	t.Declared.AddTo(results, r.db, r.opts.Today)
	return results
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// everyAddress asks a name at each of its addresses, one after the other.
func (r *scan) everyAddress(ctx context.Context, t Target) []finding.Result {
	start := time.Now()
	addrs, failure := r.prober.Resolve(ctx, t.Host)
	if failure != nil {
		result := finding.Result{
			Target: display(t), Input: t.Input, Outcome: finding.Unreachable,
			Reason: string(failure.Kind), Detail: failure.Detail, Seconds: seconds(time.Since(start)),
		}
		if failure.Kind == evidence.Canceled {
			result.Outcome, result.Reason, result.Detail = finding.Interrupted, "", ""
			return []finding.Result{result}
		}
		return r.declare(t, result)
	}
	var results []finding.Result
	for _, addr := range addrs {
		at := t
		at.Address, at.addrs, at.shown = addr.String(), nil, shownAt(addr.String())
		switch {
		case ctx.Err() != nil:
			results = append(results, finding.Result{Target: display(at), Input: at.Input, Outcome: finding.Interrupted})
		case r.opts.Deny.endpoint(at.Host, at.Address, at.Port):
			results = append(results, r.declare(at, denied(at))...)
		default:
			results = append(results, r.one(ctx, at)...)
		}
	}
	return slices.Clip(results)
}
