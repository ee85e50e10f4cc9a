//go:build unix

package tui_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// asProgram makes the test binary the console itself, for tests on a real
// terminal.
const asProgram = "STEPDECK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := tui.Run(ctx, options(newToy("home"))); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Println("ended with:", err)
		os.Exit(1)
	}
	fmt.Println("ended well")
}

// onTerminal runs the toy console on a real terminal.
func onTerminal(t *testing.T, env ...string) *tuitest.Process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append([]string{asProgram + "=1", "TERM=xterm-256color", "PATH=" + os.Getenv("PATH")}, env...)
	return tuitest.Spawn(t, cmd, 100, 24)
}

func TestQuittingRestoresTheTerminal(t *testing.T) {
	for name, quit := range map[string]func(p *tuitest.Process){
		"q":       func(p *tuitest.Process) { p.Type("q") },
		"ctrl+c":  func(p *tuitest.Process) { p.Type("\x03") },
		"SIGTERM": func(p *tuitest.Process) { p.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			p := onTerminal(t)
			p.See("run-00")
			quit(p)
			if code, drawn := p.Exit(); code != 0 || !strings.HasSuffix(drawn, "ended well\r\n") {
				t.Errorf("exit code %d after %q", code, drawn)
			}
			p.Restored()
		})
	}
}

func TestNoColorLeavesColorsOut(t *testing.T) {
	p := onTerminal(t, "NO_COLOR=yes", "COLORTERM=truecolor")
	out := p.See("run-19")
	if strings.Contains(out, "\x1b[38;2;") || strings.Contains(out, "\x1b[31m") {
		t.Errorf("colours were written: %q", out)
	}
	p.Type("q")
	p.Exit()
}
