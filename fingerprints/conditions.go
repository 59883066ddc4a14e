package fingerprints

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func statusIs(list []int) condition {
	return condition{
		looksAt: onAnswer,
		holds:   func(f *facts) bool { return f.response != nil && slices.Contains(list, f.response.Status) },
		shows:   func(f *facts) string { return "" }, // added only when nothing else shows anything
		instead: func(f *facts) string {
			if f.response == nil {
				return "there is no answer"
			}
			return "status is " + strconv.Itoa(f.response.Status)
		},
	}
}

func headerMatches(name string, p *pattern) condition {
	return valueMatches(onFields, p, "header "+name, name+": ", func(f *facts) []string { return f.header(name) })
}

func locationMatches(p *pattern) condition {
	return valueMatches(onAnswer, p, "location", "Location: ", func(f *facts) []string { return f.header("Location") })
}

func subjectMatches(p *pattern) condition {
	return valueMatches(onCertificate, p, "cert_subject", "certificate of ", (*facts).subject)
}

func issuerMatches(p *pattern) condition {
	return valueMatches(onCertificate, p, "cert_issuer", "certificate by ", (*facts).issuer)
}

func sanMatches(p *pattern) condition {
	return valueMatches(onCertificate, p, "cert_san", "certificate for ", (*facts).san)
}

func titleMatches(p *pattern) condition {
	return valueMatches(onAnswer, p, "title", "title ", (*facts).titles)
}

func gzipNameMatches(p *pattern) condition {
	return valueMatches(onAnswer, p, "gzip_name", "gzip name ", (*facts).gzipNames)
}

// valueMatches holds when the pattern matches any one of a few short texts.
func valueMatches(where place, p *pattern, what, label string, values func(*facts) []string) condition {
	return condition{
		looksAt: where,
		holds:   func(f *facts) bool { return slices.ContainsFunc(values(f), p.matches) },
		shows: func(f *facts) string {
			all := values(f)
			if i := slices.IndexFunc(all, p.matches); i >= 0 {
				return label + all[i]
			}
			return ""
		},
		instead: func(f *facts) string { return missing(what, values(f)) },
	}
}

// cookieMatches looks for a cookie by name, or by the beginning of a name that ends
// in *, and by the pattern over its value.
func cookieMatches(name string, p *pattern) condition {
	begin, prefix := strings.CutSuffix(name, "*")
	find := func(f *facts) (found cookie, named []string, ok bool) {
		for _, c := range f.cookies() {
			if c.name != name && !(prefix && strings.HasPrefix(c.name, begin)) {
				continue
			}
			if p.matches(c.value) {
				return c, nil, true
			}
			named = append(named, c.value)
		}
		return cookie{}, named, false
	}
	return condition{
		looksAt: onFields,
		holds:   func(f *facts) bool { _, _, ok := find(f); return ok },
		shows: func(f *facts) string {
			c, _, _ := find(f)
			return "Set-Cookie: " + c.name + "=" + c.value
		},
		instead: func(f *facts) string {
			_, named, _ := find(f)
			return missing("cookie "+name, named)
		},
	}
}

// bodyHolds looks for a literal without regard to ASCII case.
func bodyHolds(l literal, written string) condition {
	return condition{
		looksAt: onAnswer,
		holds:   func(f *facts) bool { return f.holds(l) },
		shows: func(f *facts) string {
			at := strings.Index(f.lower(), l.text)
			return f.around(at, at+len(l.text))
		},
		instead: func(*facts) string { return fmt.Sprintf("the body does not hold %q", written) },
	}
}

func bodyMatches(p *pattern) condition {
	return condition{
		looksAt: onAnswer,
		holds:   func(f *facts) bool { return f.may(p) && p.matches(f.body()) },
		shows: func(f *facts) string {
			at := p.expression().FindStringIndex(f.body())
			if at == nil {
				return ""
			}
			return f.around(at[0], at[1])
		},
		instead: func(*facts) string { return fmt.Sprintf("body_pattern %s matches nothing", p.text) },
	}
}

func iconIs(hashes []int32) condition {
	return condition{
		looksAt: onAnswer,
		holds: func(f *facts) bool {
			hash, ok := f.mmh3()
			return ok && slices.Contains(hashes, hash)
		},
		shows: func(f *facts) string {
			hash, _ := f.mmh3()
			return fmt.Sprintf("favicon_mmh3 %d", hash)
		},
		instead: func(f *facts) string {
			if hash, ok := f.mmh3(); ok {
				return fmt.Sprintf("favicon_mmh3 is %d", hash)
			}
			return "there is no whole body to hash"
		},
	}
}

func digestIs(digests []string) condition {
	low := make([]string, len(digests))
	for i, digest := range digests {
		low[i] = strings.ToLower(digest)
	}
	return condition{
		looksAt: onAnswer,
		holds: func(f *facts) bool {
			digest, ok := f.md5()
			return ok && slices.Contains(low, digest)
		},
		shows: func(f *facts) string {
			digest, _ := f.md5()
			return "body_md5 " + digest
		},
		instead: func(f *facts) string {
			if digest, ok := f.md5(); ok {
				return "body_md5 is " + digest
			}
			return "there is no whole body to hash"
		},
	}
}
