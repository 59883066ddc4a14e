package report

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// browser is a headless Chromium that is driven through the pipe of its DevTools
// protocol, with one page. It reaches no network.
type browser struct {
	t        *testing.T
	commands *os.File
	out      *bufio.Reader
	next     int
	session  string
	events   []browserEvent
}

type browserEvent struct {
	Method string
	Params json.RawMessage
}

// requireBrowser makes the absence of Chromium or axe-core a failure.
const requireBrowser = "POSTERN_REQUIRE_BROWSER"

// startBrowser skips the test where there is no Chromium.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		lacking(t, "short")
	}
	program, err := exec.LookPath("chromium")
	if err != nil {
		lacking(t, "no chromium: "+err.Error())
	}
	commandsRead, commands, err := os.Pipe()
	require.NoError(t, err)
	answers, answersWrite, err := os.Pipe()
	require.NoError(t, err)
	args := []string{"--headless", "--remote-debugging-pipe", "--user-data-dir=" + t.TempDir(), "--no-first-run", "--disable-gpu", "--disable-quic",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-dev-shm-usage",
		"--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:1", "--hide-scrollbars", "--force-color-profile=srgb"}
	if os.Getuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium refuses to start otherwise; it opens only files that the tests made
	}
	cmd := exec.Command(program, args...)
	cmd.ExtraFiles = []*os.File{commandsRead, answersWrite} // descriptors 3 and 4
	require.NoError(t, cmd.Start())
	require.NoError(t, commandsRead.Close())
	require.NoError(t, answersWrite.Close())
	b := &browser{t: t, commands: commands, out: bufio.NewReaderSize(answers, 1<<20)}
	t.Cleanup(func() {
		kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_, _ = commands.WriteString(`{"id": 1000000, "method": "Browser.close"}` + "\x00") // and its children with it
		_ = cmd.Wait()
		kill.Stop()
		_, _ = commands.Close(), answers.Close()
	})
	require.NoError(t, answers.SetReadDeadline(time.Now().Add(4*time.Minute)))
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Network", "Runtime", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv(requireBrowser) != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// call asks the browser for something and keeps the events that come first.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	b.next++
	id := b.next
	message, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params, "sessionId": b.session})
	if b.session == "" {
		message, err = json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	}
	require.NoError(b.t, err)
	_, err = b.commands.Write(append(message, 0))
	require.NoError(b.t, err)
	for {
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
			browserEvent
		}
		b.read(&answer)
		if answer.ID == 0 {
			b.events = append(b.events, answer.browserEvent)
			continue
		}
		require.Equal(b.t, id, answer.ID)
		if answer.Error != nil {
			b.t.Fatalf("%s: %s", method, answer.Error.Message)
		}
		if result != nil {
			require.NoError(b.t, json.Unmarshal(answer.Result, result))
		}
		return
	}
}

func (b *browser) read(into any) {
	b.t.Helper()
	line, err := b.out.ReadBytes(0)
	require.NoError(b.t, err, "the browser is gone")
	require.NoError(b.t, json.Unmarshal(line[:len(line)-1], into))
}

// open shows a page from a file and waits until it has loaded.
func (b *browser) open(page []byte) {
	b.t.Helper()
	name := filepath.Join(b.t.TempDir(), "report.html")
	require.NoError(b.t, os.WriteFile(name, page, 0o644))
	b.events = nil
	b.call("Page.navigate", map[string]any{"url": "file://" + name}, nil)
	for !b.saw("Page.loadEventFired") {
		var event browserEvent
		b.read(&event)
		b.events = append(b.events, event)
	}
}

func (b *browser) saw(method string) bool { return len(b.eventsOf(method)) > 0 }

func (b *browser) eventsOf(method string) []string {
	var all []string
	for _, e := range b.events {
		if e.Method == method {
			all = append(all, string(e.Params))
		}
	}
	return all
}

// eval runs an expression in the page, waits for its promise and reads its value.
func (b *browser) eval(expression string, into any) {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &answer)
	if answer.ExceptionDetails != nil {
		b.t.Fatalf("%.200s: %s", expression, answer.ExceptionDetails.Exception.Description)
	}
	if into != nil {
		require.NoError(b.t, json.Unmarshal(answer.Result.Value, into), "%.200s", expression)
	}
}

func (b *browser) text(expression string) string {
	b.t.Helper()
	var s string
	b.eval("String("+expression+")", &s)
	return s
}

// show sets the width of the window, the colours that the reader prefers, and the medium.
func (b *browser) show(width, height int, scheme, media string) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": media, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// key presses keys, one after another: "Tab", "Enter", "Space", or single characters.
func (b *browser) key(keys ...string) {
	b.t.Helper()
	special := map[string]struct {
		code int
		text string
	}{"Tab": {9, ""}, "Enter": {13, "\r"}, "Space": {32, " "}}
	for _, k := range keys {
		params := map[string]any{"type": "keyDown", "key": k, "text": k}
		if s, ok := special[k]; ok {
			params = map[string]any{"type": "keyDown", "key": k, "code": k, "windowsVirtualKeyCode": s.code, "text": s.text}
			if k == "Space" {
				params["key"] = " "
			}
		}
		b.call("Input.dispatchKeyEvent", params, nil)
		params["type"] = "keyUp"
		delete(params, "text")
		b.call("Input.dispatchKeyEvent", params, nil)
	}
}

// screenshot is a PNG of the window, or of the whole page.
func (b *browser) screenshot(whole bool) []byte {
	b.t.Helper()
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": whole}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(b.t, err)
	return png
}

// requireQuiet wants a page that asked for nothing but itself, ran nothing that it was
// not meant to, and broke none of its own rules.
func (b *browser) requireQuiet() {
	b.t.Helper()
	b.eval("new Promise((done) => setTimeout(done, 200))", nil)
	for _, request := range b.eventsOf("Network.requestWillBeSent") {
		if !strings.Contains(request, `"url":"file://`) || !strings.Contains(request, `"type":"Document"`) {
			b.t.Errorf("the page asked for something: %.500s", request)
		}
	}
	for _, method := range []string{"Page.javascriptDialogOpening", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.windowOpen", "Page.downloadWillBegin"} {
		for _, event := range b.eventsOf(method) {
			b.t.Errorf("%s: %.500s", method, event)
		}
	}
}

// requireAccessible runs axe-core over the page.
func (b *browser) requireAccessible(axe, what string) {
	b.t.Helper()
	if axe == "" {
		return
	}
	var violations []struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML, FailureSummary string }
	}
	b.eval(axe+"; axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations)", &violations)
	for _, v := range violations {
		b.t.Errorf("%s: %s (%s): %s; %d places, such as %.300s: %s", what, v.ID, v.Impact, v.Help, len(v.Nodes), v.Nodes[0].HTML, v.Nodes[0].FailureSummary)
	}
}

// axeCore is the text of axe-core, which the environment variable POSTERN_AXE names; see
// testdata/axe. Without it nothing is said of accessibility, which is a failure only where
// the browser is required.
func axeCore(t *testing.T) string {
	t.Helper()
	name := os.Getenv("POSTERN_AXE")
	if name == "" {
		if os.Getenv(requireBrowser) != "" {
			t.Fatal("POSTERN_AXE does not name axe.min.js; copy report/testdata/axe to a folder and run npm ci there")
		}
		t.Log("POSTERN_AXE does not name axe.min.js: accessibility is not checked")
		return ""
	}
	source, err := os.ReadFile(name)
	require.NoError(t, err)
	var pinned struct{ Dependencies map[string]string }
	wanted, err := os.ReadFile("testdata/axe/package.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(wanted, &pinned))
	require.Contains(t, string(source[:min(len(source), 200)]), "axe v"+pinned.Dependencies["axe-core"], fmt.Sprintf("%s is another version", name))
	return string(source)
}
