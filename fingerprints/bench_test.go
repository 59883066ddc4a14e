package fingerprints

import (
	"fmt"
	"strings"
	"testing"

	"postern/scanner/evidence"
)

// BenchmarkOrdinary is what a host that is no gateway costs: one page, and the
// decision to stop.
func BenchmarkOrdinary(b *testing.B) {
	benchmark(b, "HTTP/1.1 200 OK\nServer: nginx\nSet-Cookie: sid=1\n\n<html><title>Welcome</title>"+strings.Repeat("<p>An ordinary page of some length.</p>\n", 1000))
}

// BenchmarkLargePage is the same with the largest page that is kept.
func BenchmarkLargePage(b *testing.B) {
	benchmark(b, "HTTP/1.1 200 OK\nServer: nginx\n\n<html><title>Welcome</title>"+strings.Repeat("<p class=\"login vpn ssl\">portal.js?v=12</p>\n", 11000))
}

// BenchmarkPageSizes is an ordinary page by its size.
func BenchmarkPageSizes(b *testing.B) {
	for _, kib := range []int{1, 6, 64} {
		b.Run(fmt.Sprintf("KiB=%d", kib), func(b *testing.B) {
			const words = "<p>An ordinary page of some length.</p>\n"
			benchmark(b, "HTTP/1.1 200 OK\nServer: nginx\n\n<html><title>Welcome</title>"+strings.Repeat(words, kib<<10/len(words)))
		})
	}
}

// BenchmarkGateway is a gateway that is known by its front page.
func BenchmarkGateway(b *testing.B) {
	benchmark(b, "HTTP/1.1 200 OK\nServer: xxxxxxxx-xxxxx\nETag: \"83-63d8872d\"\n\n<html><script>top.location=\"/remote/login\"</script></html>")
}

func benchmark(b *testing.B, response string) {
	catalog, err := Load(embedded)
	if err != nil {
		b.Fatal(err)
	}
	x := answer(b, "GET /", response)
	seen := seenOf()
	for b.Loop() {
		seen.Exchanges = nil
		visit := catalog.Begin()
		for {
			q, _, more := visit.NextBecause(seen)
			if !more {
				break
			}
			seen.Exchanges = append(seen.Exchanges, evidence.Exchange{Request: q, Response: x.Response})
		}
		visit.Identify(seen)
	}
}
