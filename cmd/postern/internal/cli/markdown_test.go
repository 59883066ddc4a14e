package cli

import "testing"

// Nothing in a cell breaks the table or is taken for more than text.
func TestMarkdownCell(t *testing.T) {
	for text, want := range map[string]string{
		"PAN-OS (GlobalProtect, management)": "PAN-OS (GlobalProtect, management)",
		"a | b\n| c":                         `a \| b \| c`,
		`ends in \`:                          `ends in \\`,
		`\|`:                                 `\\\|`,
		"<script>alert(1)</script> & more":   "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more",
		"`x` *y* _z_ [l](http://e.example)":  "\\`x\\` \\*y\\* \\_z\\_ \\[l\\](http://e.example)",
		"red \x1b[31m":                       "red \uFFFD\\[31m",
	} {
		if got := markdownCell(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
