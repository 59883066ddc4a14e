package probe

import (
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

func TestEverySentRequestIsTold(t *testing.T) {
	var told []Sent
	l := limits()
	l.OnSent = func(s Sent) { told = append(told, s) }
	d := listen(t, serverTLS(t, nil), always(ok("hello")))
	s := open(t, d, l, Endpoint{Host: "vpn.example.org", Address: "127.0.0.1"})
	require.Nil(t, s.Do(t.Context(), get("/")).Failure)
	require.Nil(t, s.Do(t.Context(), evidence.Request{Method: "GET", Path: "/a", Query: "b=c"}).Failure)
	require.Len(t, told, 2)
	require.Equal(t, "https://vpn.example.org:"+portOf(d)+"/", told[0].URL)
	require.Equal(t, "https://vpn.example.org:"+portOf(d)+"/a?b=c", told[1].URL)
	require.Equal(t, d.addr, told[0].Remote)
	require.Equal(t, "hello", string(told[0].Response.Body))
	require.Equal(t, []string{"Postern/test"}, told[0].Header["User-Agent"])
	require.Equal(t, "TLS 1.3", told[0].TLS.Version)
	require.Nil(t, told[0].Failure)
	require.Positive(t, told[0].Connecting)
	require.GreaterOrEqual(t, told[0].Took, told[0].Connecting)

	told = nil
	open(t, d, l, Endpoint{Host: "127.0.0.1", Port: 1}).Do(t.Context(), get("/"))
	require.Len(t, told, 1)
	require.Equal(t, evidence.Refused, told[0].Failure.Kind)
	require.Nil(t, told[0].Response)
	require.False(t, told[0].Remote.IsValid())
}
