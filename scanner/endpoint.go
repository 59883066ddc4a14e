package scanner

import (
	"context"
	"math"
	"net/netip"
	"time"

	"postern/scanner/evidence"
	"postern/scanner/finding"
	"postern/scanner/internal/probe"
)

// maxQuestions ends the questions to one endpoint, should the catalog not.
const maxQuestions = 16

// visit is what was seen of one endpoint.
type visit struct {
	seen       evidence.Seen
	abandoned  []evidence.Exchange // asked, and no evidence
	connecting time.Duration
	took       time.Duration
}

// Record asks one target, which must name its port, what a scan would ask and then each of
// extra that was not asked yet, and returns what it saw.
func (s *Scanner) Record(ctx context.Context, t Target, extra []evidence.Request) evidence.Seen {
	r := &scan{Scanner: s, decoy: randomPath()}
	return r.visit(ctx, t, 0, extra...).seen
}

// visit asks one endpoint all that is worth asking, and then extra. dial is the most time
// for one connection, 0 for that of the options.
func (r *scan) visit(ctx context.Context, t Target, dial time.Duration, extra ...evidence.Request) visit {
	end := probe.Endpoint{Scheme: t.Scheme, Host: t.Host, Port: t.Port, Address: t.Address, DialTimeout: dial}
	if t.exclude != nil {
		end.Refuse = func(at netip.AddrPort) bool { return t.exclude.addr(at.Addr(), int(at.Port())) }
	}
	start := time.Now()
	session := r.prober.Open(end)
	defer session.Close()
	v := visit{seen: evidence.Seen{Scheme: session.Scheme(), Host: t.Host, Port: t.Port, Decoy: r.decoy}}
	ask := func(question evidence.Request) {
		v.seen.Exchanges = append(v.seen.Exchanges, session.Do(ctx, question))
		v.seen.Scheme, v.seen.TLS = session.Scheme(), session.TLS()
	}
	for range maxQuestions {
		question, ok := r.catalog.Next(v.seen)
		if !ok || session.Expired() || v.interrupted() {
			break
		}
		ask(question)
	}
	for _, question := range extra {
		if v.seen.Find(question.Key()) == nil && !v.interrupted() {
			ask(question)
		}
	}
	v.abandoned, v.connecting, v.took = session.Abandoned(), session.Connecting(), time.Since(start)
	return v
}

// answered reports whether the endpoint speaks HTTP.
func (v *visit) answered() bool {
	for _, x := range v.seen.Exchanges {
		if x.Response != nil {
			return true
		}
	}
	return false
}

// failure is the last thing that went wrong, or nil.
func (v *visit) failure() *evidence.Exchange {
	for i := len(v.seen.Exchanges) - 1; i >= 0; i-- {
		if v.seen.Exchanges[i].Failure != nil {
			return &v.seen.Exchanges[i]
		}
	}
	return nil
}

func (v *visit) interrupted() bool {
	x := v.failure()
	return x != nil && x.Failure.Kind == evidence.Canceled
}

// result concludes from a visit and has the products judged.
func (r *scan) result(t Target, v visit) finding.Result {
	result := finding.Result{
		Target: hostPort(t.Host, t.Port), Input: t.Input,
		TLS: v.seen.TLS, Asked: v.asked(), Seconds: seconds(v.took),
	}
	failed := v.failure()
	switch {
	case v.interrupted():
		result.Outcome = finding.Interrupted
		return result
	case !v.answered():
		result.Outcome = finding.Unreachable
		if failed != nil {
			result.Reason, result.Detail = string(failed.Failure.Kind), failed.Failure.Detail
		}
		return result
	}
	result.URL = v.seen.Scheme + "://" + hostPort(t.Host, t.Port) + "/"
	for _, id := range r.catalog.Identify(v.seen) {
		if product, ok := r.catalog.Product(id.Product); ok {
			result.Products = append(result.Products, finding.NewProduct(product, id, r.db))
		}
	}
	if len(result.Products) > 0 {
		result.Outcome = finding.Identified
		return result
	}
	result.Outcome = finding.Unidentified
	if failed != nil { // it may have been recognised otherwise
		result.Reason, result.Detail = string(failed.Failure.Kind), failed.Request.Key()+": "+failed.Failure.Detail
	}
	return result
}

// asked lists every request that was made.
func (v *visit) asked() []finding.Asked {
	var asked []finding.Asked
	for _, list := range [][]evidence.Exchange{v.abandoned, v.seen.Exchanges} {
		for _, x := range list {
			a := finding.Asked{Request: x.Request.Key()}
			if x.Response != nil {
				a.Status, a.Bytes = x.Response.Status, len(x.Response.Body)
			}
			if x.Failure != nil {
				a.Failure = string(x.Failure.Kind)
			}
			asked = append(asked, a)
		}
	}
	return asked
}

// seconds rounds to milliseconds.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }
