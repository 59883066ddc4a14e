package scanner

import (
	"context"
	"math"
	"net/netip"
	"time"

	"postern/fingerprints"
	"postern/scanner/evidence"
	"postern/scanner/finding"
)

// visit is what was seen of one endpoint.
type visit struct {
	catalog    *fingerprints.Visit
	seen       evidence.Seen
	abandoned  []evidence.Exchange // asked, and no evidence
	connecting time.Duration
	took       time.Duration
	addrs      []netip.Addr // where the endpoint is, see [probe.Session.Addresses]
}

// Record asks one target, which must name its port, what a scan would ask and then each of
// extra that was not asked yet, and returns what it saw.
func (s *Scanner) Record(ctx context.Context, t Target, extra []evidence.Request) evidence.Seen {
	r := &scan{Scanner: s, decoy: randomPath()}
	if s.opts.Deny.endpoint(t.Host, t.Address, t.Port) {
		root, why := evidence.Request{Method: evidence.GET, Path: "/"}, denied(t)
		failed := evidence.Failure{Kind: evidence.Excluded, Detail: why.Detail}
		return evidence.Seen{Host: t.Host, Port: t.Port, Exchanges: []evidence.Exchange{{Request: root, Failure: &failed}}}
	}
	return r.visit(ctx, t, 0, extra...).seen
}

// visit asks one endpoint all that is worth asking, and then extra. dial is the most time
// for one connection, 0 for that of the options.
func (r *scan) visit(ctx context.Context, t Target, dial time.Duration, extra ...evidence.Request) visit {
	start := time.Now()
	session := r.prober.Open(r.endpoint(t, dial))
	defer session.Close()
	v := visit{
		catalog: r.catalog.Begin(),
		seen:    evidence.Seen{Scheme: session.Scheme(), Host: t.Host, Port: t.Port, Decoy: r.decoy},
	}
	ask := func(question evidence.Request) {
		v.seen.Exchanges = append(v.seen.Exchanges, session.Do(ctx, question))
		v.seen.Scheme, v.seen.TLS = session.Scheme(), session.TLS()
	}
	for range r.opts.MaxRequests { // should the catalog not come to an end
		question, why, ok := v.catalog.NextBecause(v.seen)
		if !ok || session.Expired() || v.interrupted() {
			r.explainEnd(t, &v, why)
			break
		}
		r.explain(t, "asks %s: %s", question.Key(), why)
		ask(question)
		r.explainAnswer(t, &v)
	}
	for _, question := range extra {
		if v.seen.Find(question.Key()) == nil && !v.interrupted() {
			ask(question)
		}
	}
	v.abandoned, v.connecting, v.took = session.Abandoned(), session.Connecting(), time.Since(start)
	v.addrs = session.Addresses()
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
		Target: display(t), Input: t.Input,
		TLS: v.seen.TLS, Asked: v.asked(), Seconds: seconds(v.took),
	}
	failed := v.failure()
	ids := v.catalog.Identify(v.seen) // of the certificate alone, where there is no answer
	if !v.interrupted() {
		result.Findings = finding.OutdatedTLS(result.TLS, result.Asked)
	}
	switch {
	case v.interrupted():
		result.Outcome = finding.Interrupted
		return result
	case !v.answered() && len(ids) == 0:
		result.Outcome = finding.Unreachable
		if failed != nil {
			result.Reason, result.Detail = string(failed.Failure.Kind), failed.Failure.Detail
		}
		return result
	}
	result.URL = v.seen.Scheme + "://" + hostPort(t.Host, t.Port) + "/"
	if vendors := r.catalog.Contradiction(ids); vendors != nil {
		result.Outcome, result.Reason = finding.Unidentified, finding.ReasonContradictory
		result.Findings = append(result.Findings, finding.ManyVendors(r.names(ids), len(vendors)))
		return result
	}
	for _, id := range ids {
		if product, ok := r.catalog.Product(id.Product); ok {
			result.Products = append(result.Products, t.Declared.Judge(product, id, r.db, r.opts.Today))
		}
	}
	if len(result.Products) > 0 {
		result.Outcome = finding.Identified
		if !v.answered() && failed != nil { // why the certificate is all there is
			result.Reason, result.Detail = string(failed.Failure.Kind), failed.Failure.Detail
		}
		return result
	}
	result.Outcome = finding.Unidentified
	if failed != nil { // it may have been recognised otherwise
		result.Reason, result.Detail = string(failed.Failure.Kind), failed.Request.Key()+": "+failed.Failure.Detail
	}
	return result
}

// names lists what was identified, as people say it.
func (r *scan) names(ids []fingerprints.Identification) []string {
	var names []string
	for _, id := range ids {
		if product, ok := r.catalog.Product(id.Product); ok {
			names = append(names, product.Name)
		}
	}
	return names
}

// asked lists every request that was made: one without an address to go to was not.
func (v *visit) asked() []finding.Asked {
	var asked []finding.Asked
	for _, list := range [][]evidence.Exchange{v.abandoned, v.seen.Exchanges} {
		for _, x := range list {
			a := finding.Asked{Request: x.Request.Key()}
			if x.Response != nil {
				a.Status, a.Bytes, a.Malformed = x.Response.Status, len(x.Response.Body), x.Response.Malformed
			}
			if x.Failure != nil {
				a.Failure = string(x.Failure.Kind)
			}
			if a.Failure == string(evidence.DNS) || a.Failure == string(evidence.Excluded) {
				continue
			}
			asked = append(asked, a)
		}
	}
	return asked
}

// seconds rounds to milliseconds.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1000) / 1000 }
