package cli

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"postern/scanner"
	"postern/scanner/evidence"
)

// har is what HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) requires; a pointer
// is nil when the field is missing.
type har struct {
	Log struct {
		Version string
		Creator struct{ Name, Version *string }
		Entries []struct {
			StartedDateTime time.Time
			Time            *float64
			Request         struct {
				Method, URL, HTTPVersion      *string
				Cookies, Headers, QueryString *[]struct{ Name, Value *string }
				HeadersSize, BodySize         *int
			}
			Response struct {
				Status                               *int
				StatusText, HTTPVersion, RedirectURL *string
				Cookies                              *[]struct{ Name, Value *string }
				Headers                              *[]struct {
					Name, Value *string
					Base64      string `json:"_base64"`
				}
				Content struct {
					Size           *int
					MimeType       *string
					Text, Encoding string
				}
				HeadersSize, BodySize *int
				Error                 string `json:"_error"`
			}
			Cache   *struct{}
			Timings struct {
				Send, Wait, Receive   *float64
				Blocked, Connect, DNS float64
			}
			ServerIPAddress string
		}
	}
}

func readTrace(t *testing.T, file string) har {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var h har
	require.NoError(t, json.Unmarshal(data, &h))
	require.Equal(t, "1.2", h.Log.Version)
	require.NotNil(t, h.Log.Creator.Name)
	require.NotNil(t, h.Log.Creator.Version)
	for _, e := range h.Log.Entries {
		q, r := e.Request, e.Response
		for _, field := range []any{e.Time, q.Method, q.URL, q.HTTPVersion, q.Cookies, q.Headers, q.QueryString, q.HeadersSize, q.BodySize,
			r.Status, r.StatusText, r.HTTPVersion, r.RedirectURL, r.Cookies, r.Headers, r.Content.Size, r.Content.MimeType, r.HeadersSize, r.BodySize,
			e.Cache, e.Timings.Send, e.Timings.Wait, e.Timings.Receive} {
			require.NotNil(t, field)
		}
		u, err := url.Parse(*q.URL)
		require.NoError(t, err)
		require.True(t, u.IsAbs())
		sum := max(e.Timings.Blocked, 0) + max(e.Timings.DNS, 0) + max(e.Timings.Connect, 0) + *e.Timings.Send + *e.Timings.Wait + *e.Timings.Receive
		require.InDelta(t, *e.Time, sum, 0.01, "the time is the sum of its parts")
		require.False(t, e.StartedDateTime.IsZero())
	}
	return h
}

func traceOf(t *testing.T, sent ...scanner.Sent) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace.har")
	plan := &scanPlan{trace: file}
	tr, err := (&Command{}).openTrace(plan)
	require.NoError(t, err)
	var adding sync.WaitGroup
	for _, s := range sent {
		adding.Go(func() { plan.options.OnSent(s) })
	}
	adding.Wait()
	require.NoFileExists(t, file, "it has no name until it is whole")
	require.NoError(t, tr.close())
	return file
}

func TestTraceOfHostileAnswers(t *testing.T) {
	bodies := []string{"plain\r\n\ttext", "", "\xff\xfe", "a\x00b", "\x1b[2J", "\u202etxt", "</script>", `{"log":`, strings.Repeat("x", 1<<20)}
	var sent []scanner.Sent
	for _, body := range bodies {
		sent = append(sent, scanner.Sent{
			Started: time.Now(), Waited: time.Second, Took: 3 * time.Second, Connecting: time.Second,
			Request: evidence.Request{Method: "GET", Path: "/a", Query: "b=c%20d&e"}, URL: "https://vpn.example.org/a?b=c%20d&e",
			Remote:   netip.MustParseAddrPort("192.0.2.1:443"),
			Response: &evidence.Response{Status: 200, Proto: "HTTP/1.1", Header: http.Header{"Server": {body}, "Set-Cookie": {"a=1", "b=2"}}, Body: []byte(body)},
		})
	}
	sent = append(sent, scanner.Sent{
		Started: time.Now(), Request: evidence.Request{Method: "HEAD", Path: "/"}, URL: "http://[2001:db8::1]/",
		Failure: &evidence.Failure{Kind: evidence.ProxyFailed, Detail: "proxy answers 502 \x1b[2J"},
	})
	file := traceOf(t, sent...)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	for _, steering := range []string{"\x1b", "\u202e", "\x00", "</script>"} {
		require.NotContains(t, string(data), steering)
	}
	h := readTrace(t, file)
	require.Len(t, h.Log.Entries, len(sent))
	var got []string
	for _, e := range h.Log.Entries {
		if e.Response.Error != "" {
			require.Zero(t, *e.Response.Status)
			require.Equal(t, "proxy: proxy answers 502 \uFFFD[2J", e.Response.Error)
			continue
		}
		text := e.Response.Content.Text
		if e.Response.Content.Encoding == "base64" {
			raw, err := base64.StdEncoding.DecodeString(text)
			require.NoError(t, err)
			text = string(raw)
		}
		got = append(got, text)
		server := (*e.Response.Headers)[0]
		value := *server.Value
		if server.Base64 != "" {
			raw, err := base64.StdEncoding.DecodeString(server.Base64)
			require.NoError(t, err)
			value = string(raw)
		}
		require.Equal(t, text, value, "a header keeps its bytes too")
		require.Equal(t, "192.0.2.1", e.ServerIPAddress)
		require.Equal(t, "c d", *(*e.Request.QueryString)[0].Value)
	}
	require.ElementsMatch(t, bodies, got)
}

func TestTraceOfNothing(t *testing.T) {
	require.Empty(t, readTrace(t, traceOf(t)).Log.Entries)
}

func TestTraceSaysWhenItCannotBeWritten(t *testing.T) {
	_, err := (&Command{}).openTrace(&scanPlan{trace: filepath.Join(t.TempDir(), "no", "trace.har")})
	require.ErrorContains(t, err, "-trace ")
	plan := &scanPlan{trace: filepath.Join(t.TempDir(), "trace.har")}
	tr, err := (&Command{}).openTrace(plan)
	require.NoError(t, err)
	require.NoError(t, tr.file.temp.Close()) // as a full disk would
	plan.options.OnSent(scanner.Sent{})
	require.ErrorContains(t, tr.close(), "write trace: ")
	require.NoFileExists(t, plan.trace)
}
