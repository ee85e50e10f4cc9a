package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"
	"github.com/charmbracelet/x/term"
)

// app is the program around its commands: where it reads and writes, and the persistent flags.
type app struct {
	in       io.Reader
	out, err io.Writer
	// asks: somebody can answer a question. draws: somebody looks at the output.
	asks, draws bool
	now         func() time.Time
	// state is the directory of the journal, the log and the file that tells where local AWS is.
	state string
	// startLocal serves local AWS inside this process until stop is called.
	startLocal func(ctx context.Context) (endpoint string, stop func(), err error)

	flags flags
	// cleanup runs, last first, when the command has ended.
	cleanup []func()
}

// flags are those that every command has.
type flags struct {
	output, profile, region, endpoint, role, reason string
	readOnly, yes, local, noColor, ascii            bool
}

func newApp() *app {
	a := &app{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		asks:  term.IsTerminal(os.Stdin.Fd()),
		draws: term.IsTerminal(os.Stdout.Fd()),
		now:   time.Now,
		state: filepath.Join(xdg.StateHome, "stepdeck"),
		flags: flags{noColor: os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"},
	}
	a.startLocal = a.startLocalHere
	return a
}

// execute runs one command line and returns the exit code.
func (a *app) execute(ctx context.Context, args []string) int {
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	if err != nil && asksJSON(args) {
		// The flags' parser stops at the first wrong one, which may stand before this one.
		a.flags.output = "json"
	}
	for i := len(a.cleanup) - 1; i >= 0; i-- {
		a.cleanup[i]()
	}
	return a.report(ctx, err)
}

// asksJSON tells whether a command line asks for JSON.
func asksJSON(args []string) bool {
	for i, arg := range args {
		switch arg {
		case "--":
			return false
		case "--output=json", "-o=json", "-ojson":
			return true
		case "--output", "-o":
			if i+1 < len(args) && args[i+1] == "json" {
				return true
			}
		}
	}
	return false
}
