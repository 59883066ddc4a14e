package scanner

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/scanner/evidence"
	"postern/scanner/finding"
)

// target asks one target, on its port or on all that are usual, one after the other.
func (r *scan) target(ctx context.Context, t Target) []finding.Result {
	switch {
	case ctx.Err() != nil:
		return []finding.Result{{Target: display(t), Input: t.Input, Outcome: finding.Interrupted}}
	case r.opts.Deny.endpoint(t.Host, t.Address, t.Port):
		return r.declare(t, denied(t))
	case r.opts.AllAddresses && t.Address == "" && !isAddress(t.Host):
		return r.everyAddress(ctx, t)
	}
	return r.one(ctx, t)
}

// one asks one target at one place.
func (r *scan) one(ctx context.Context, t Target) []finding.Result {
	if t.Port == 0 {
		return r.host(ctx, t)
	}
	results := []finding.Result{r.result(t, r.visit(ctx, t, 0))}
	t.Declared.AddTo(results, r.db, r.opts.Today)
	r.expose([]int{t.Port}, results)
	return results
}

// display is a target as a person would write it.
func display(t Target) string {
	name := t.Host
	if t.Port != 0 {
		name = hostPort(t.Host, t.Port)
	}
	return name + t.shown
}

// portFailure is why one port gave no answer.
type portFailure struct {
	port    int
	failure evidence.Failure
	asked   []finding.Asked
}

// host tries the usual ports of a target that names none. A port that does not answer is
// left out when another does, unless a gateway may be behind it: then it is a result too.
func (r *scan) host(ctx context.Context, t Target) []finding.Result {
	start := time.Now()
	left := r.opts.Timeout // for connecting to all ports
	var results []finding.Result
	var ports []int // of results
	var failed []portFailure
	answered := false
	usual := r.opts.usualPorts(t)
	for i, port := range usual {
		one := t
		one.Port = port
		v := r.visit(ctx, one, max(left/time.Duration(len(usual)-i), r.opts.Timeout/50))
		left -= v.connecting
		t.addrs = v.addrs // the other ports are those of the same name
		result := r.result(one, v)
		switch {
		case result.Outcome == finding.Interrupted:
			r.expose(ports, results)
			return append(results, finding.Result{Target: display(t), Input: t.Input, Outcome: finding.Interrupted, Seconds: seconds(time.Since(start))})
		case result.Outcome != finding.Unreachable:
			answered = true
			fallthrough
		case hides(result.Reason):
			results, ports = append(results, result), append(ports, port)
		}
		if result.Outcome == finding.Unreachable {
			failed = append(failed, portFailure{port, evidence.Failure{Kind: evidence.FailureKind(result.Reason), Detail: result.Detail}, result.Asked})
		}
		if result.Reason == string(evidence.DNS) {
			break // the other ports have the same name
		}
	}
	if !answered {
		results = []finding.Result{unreachable(t, failed, time.Since(start))}
		t.Declared.AddTo(results, r.db, r.opts.Today)
		return results
	}
	t.Declared.AddTo(results, r.db, r.opts.Today)
	r.expose(ports, results)
	return results
}

// hides reports whether a port that failed like this may still be a gateway, as opposed to
// a port that is closed or serves something else.
func hides(reason string) bool {
	return slices.Contains([]evidence.FailureKind{evidence.TLSFailed, evidence.Local, evidence.ProxyFailed}, evidence.FailureKind(reason))
}

// unreachable is the one result of a host that answers on no port: the most telling reason,
// and what happened at each port.
func unreachable(t Target, failed []portFailure, took time.Duration) finding.Result {
	result := finding.Result{
		Target: display(t), Input: t.Input, Outcome: finding.Unreachable, Seconds: seconds(took),
		Reason: string(evidence.Excluded), Detail: "every port is excluded",
	}
	telling := []evidence.FailureKind{
		evidence.Local, evidence.ProxyFailed, evidence.TLSFailed, evidence.NotHTTP, evidence.Reset,
		evidence.Timeout, evidence.Unroutable, evidence.Refused, evidence.DNS, evidence.Excluded,
	}
	var each []string
	best := len(telling)
	for _, f := range failed {
		result.Asked = append(result.Asked, f.asked...)
		each = append(each, strconv.Itoa(f.port)+" "+string(f.failure.Kind))
		if rank := slices.Index(telling, f.failure.Kind); rank >= 0 && rank < best {
			best, result.Reason, result.Detail = rank, string(f.failure.Kind), f.failure.Detail
		}
	}
	if len(each) > 1 {
		result.Detail = strings.Join(each, ", ")
	}
	return result
}

// expose adds the findings about ports that answer. ports are those of the results of one
// target. A finding belongs to the product on the exposed port if it is recognised there,
// else to the first endpoint of the target where it is.
func (r *scan) expose(ports []int, results []finding.Result) {
	var done []string
	for i := range results {
		for _, product := range results[i].Products {
			if slices.Contains(done, product.ID) {
				continue
			}
			done = append(done, product.ID)
			for j, port := range ports {
				if results[j].URL == "" {
					continue // did not answer
				}
				holder := productOf(&results[j], product.ID)
				if holder == nil {
					holder = productOf(&results[i], product.ID)
				}
				holder.AddExposed([]int{port}, r.db)
			}
		}
	}
}

func productOf(r *finding.Result, id string) *finding.Product {
	for i := range r.Products {
		if r.Products[i].ID == id {
			return &r.Products[i]
		}
	}
	return nil
}
