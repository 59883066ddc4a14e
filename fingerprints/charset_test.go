package fingerprints

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"postern/scanner/evidence"
)

// gbkTitle is 网神防火墙 in GBK.
const gbkTitle = "\xcd\xf8\xc9\xf1\xb7\xc0\xbb\xf0\xc7\xbd"

func TestReadable(t *testing.T) {
	meta := "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\"><title>"
	for name, c := range map[string]struct{ contentType, body, want string }{
		"declared by the field":         {"text/html; charset=GBK", gbkTitle, "网神防火墙"},
		"declared in the page":          {"text/html", meta + gbkTitle, meta + "网神防火墙"},
		"Korean":                        {"text/html; charset=euc-kr", "\xc0\xce\xc1\xf5", "인증"},
		"not declared":                  {"text/html", gbkTitle, gbkTitle},
		"declared as another":           {"text/html; charset=UTF-8", gbkTitle, gbkTitle},
		"declared, and UTF-8 after all": {"text/html; charset=gb2312", "网神", "网神"},
		"an encoding nobody knows":      {"text/html; charset=x-none", gbkTitle, gbkTitle},
		"cut inside a character":        {"text/html; charset=gbk", gbkTitle[:3], "网\ufffd"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &facts{response: &evidence.Response{
				Status: 200, Header: http.Header{"Content-Type": {c.contentType}}, Body: []byte(c.body),
			}}
			require.Equal(t, c.want, f.body())
			require.Equal(t, c.body, f.content().data, "digests are over what was sent")
		})
	}
}

// A title in GBK is compared as a title in UTF-8 is.
func TestTitleInGBK(t *testing.T) {
	f := &facts{response: &evidence.Response{
		Status: 200, Header: http.Header{"Content-Type": {"text/html; charset=gbk"}}, Body: []byte("<title>" + gbkTitle + "</title>"),
	}}
	require.Equal(t, []string{"网神防火墙"}, f.titles())
}
