package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"postern/scanner/scannertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"postern": main})
}

// TestScripts runs the real command against recorded appliances. Besides the commands of
// testscript, a script has:
//
//	exits STATUS COMMAND...    run a command that must end with this exit status
//	$YESTERDAY, $TOMORROW      days, such as 2026-01-31
//	appliance NAME FILE        serve testdata/appliances/FILE.txtar, or a file of the script
//	                           that ends in .txtar; $NAME is its address
//	requests NAME FILE         write what the appliance was asked to FILE, a line each
//	replace FILE OLD NEW       change every OLD of a file to NEW
//	folded FILE REGEXP         the file, with white space folded, must match
//	inert FILE                 no terminal and no log may act on the file
//	hang NAME                  $NAME is the address of a host that never answers
//	interrupt STATUS N COMMAND...  run a command, interrupt it N times once it waits for
//	                           the hanging host, and compare its exit status
//	nameserver NAME HOST=ADDRESS[,ADDRESS]...  $NAME is the address of a name server that
//	                           knows these names alone
//	proxy NAME [USER PASSWORD] $NAME is the address of an HTTP and SOCKS5 proxy
//	tunnels NAME FILE          write what the proxy was asked for to FILE, a line each
//	fingerprints SARIF FILE    write what tells the alerts of a SARIF file apart, a line each
//	demand NAME CERT KEY       $NAME is the address of a host that asks for a client
//	                           certificate; CERT and KEY are one
func TestScripts(t *testing.T) {
	recorded, err := filepath.Abs("../../testdata/appliances")
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROOT", root)
			env.Setenv("NO_PROXY", "*")
			env.Setenv("YESTERDAY", time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly))
			env.Setenv("TOMORROW", time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly))
			env.Values[hung{}] = new(atomic.Int32)
			env.Values[proxies{}] = map[string]*scannertest.Proxy{}
			env.Values[servers{}] = map[string]*scannertest.Server{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"appliance": func(ts *testscript.TestScript, _ bool, args []string) { serve(ts, recorded, args) },
			"requests":  requests,
			"replace":   replace,
			"folded":    folded,
			"hang":      hang,
			"interrupt": interrupt,
			"inert":     inert,

			"nameserver": nameserver,
			"proxy":      proxy,
			"tunnels":    tunnels,
			"demand":     demand,

			"fingerprints": fingerprints,
		},
	})
}

// servers is the key under which a script keeps its appliances.
type servers struct{}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND [ARG]...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with exit status %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

func serve(ts *testscript.TestScript, recorded string, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: appliance NAME FILE")
	}
	file := filepath.Join(recorded, args[1]+".txtar")
	if strings.HasSuffix(args[1], ".txtar") {
		file = ts.MkAbs(args[1])
	}
	data, err := os.ReadFile(file)
	ts.Check(err)
	appliance, err := scannertest.Parse(args[1], data)
	ts.Check(err)
	server, err := appliance.Start()
	ts.Check(err)
	ts.Defer(func() { _ = server.Close() })
	ts.Value(servers{}).(map[string]*scannertest.Server)[args[0]] = server
	ts.Setenv(args[0], server.Address())
	_, port, _ := strings.Cut(server.Address(), ":")
	ts.Setenv(args[0]+"_PORT", port)
}

func requests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: requests NAME FILE")
	}
	server, ok := ts.Value(servers{}).(map[string]*scannertest.Server)[args[0]]
	if !ok {
		ts.Fatalf("no appliance is named %s", args[0])
	}
	var text strings.Builder
	for _, line := range server.Requests() {
		fmt.Fprintln(&text, line)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text.String()), 0o600))
}

func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s does not contain %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o600))
}

func folded(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: folded FILE REGEXP")
	}
	text := strings.Join(strings.Fields(ts.ReadFile(args[0])), " ")
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	if pattern.MatchString(text) == neg {
		ts.Fatalf("%s: match of %s is %t, want %t, in\n%s", args[0], pattern, !neg, neg == false, text)
	}
}
