//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// onTerminal runs stepdeck on a real terminal of w×h cells with the home
// folder; env comes over the usual environment.
func onTerminal(t *testing.T, home string, w, h uint16, env []string, args ...string) *tuitest.Process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), installed(), args...)
	cmd.Env = append([]string{
		asStepdeck + "=1", "HOME=" + home, "XDG_STATE_HOME=" + home, "XDG_CONFIG_HOME=" + home, "TERM=xterm-256color", "COLORTERM=truecolor",
		"PATH=" + os.Getenv("PATH"),
	}, env...)
	return tuitest.Spawn(t, cmd, w, h)
}

// localMachine is on the home screen of local AWS.
const localMachine = "dumps-run"

func TestTheConsoleOpensOnLocalAWSAndRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	for name, quit := range map[string]func(p *tuitest.Process){
		"q":       func(p *tuitest.Process) { p.Type("q") },
		"ctrl+c":  func(p *tuitest.Process) { p.Type("\x03") },
		"SIGTERM": func(p *tuitest.Process) { p.Signal(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			p := onTerminal(t, home, 100, 30, nil, "--local")
			p.See("123456789012")
			p.See(localMachine)
			quit(p)
			p.Restored()
			want := exitDone
			if name == "SIGTERM" {
				want = exitInterrupted
			}
			if code, _ := p.Exit(); code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			if _, err := os.Stat(addressFile(home)); err == nil {
				t.Error("local AWS has not stopped")
			}
		})
	}
}

func TestNoColorIsObeyedOnATerminal(t *testing.T) {
	t.Parallel()
	p := onTerminal(t, t.TempDir(), 100, 30, []string{"NO_COLOR=yes"}, "--local")
	p.See(localMachine)
	p.Type("q")
	_, drawn := p.Exit()
	for _, color := range []string{"\x1b[3", "\x1b[4", "\x1b[9", ";3", ";4"} {
		for _, piece := range strings.Split(drawn, color)[1:] {
			if digits := strings.TrimLeft(piece, "0123456789;"); strings.HasPrefix(digits, "m") {
				t.Fatalf("%q… is written: %q", color, piece[:min(len(piece), 20)])
			}
		}
	}
}

func TestWhereTheConsoleCannotBeDrawnOneSentenceTellsWhatCan(t *testing.T) {
	t.Parallel()
	t.Run("TERM=dumb", func(t *testing.T) {
		t.Parallel()
		code, drawn := onTerminal(t, t.TempDir(), 100, 30, []string{"TERM=dumb"}, "--local").Exit()
		has(t, drawn, "stepdeck: the console needs a terminal: TERM=dumb can move no cursor\r\nnext: stepdeck --local runs")
		if code != exitUsage || strings.Contains(drawn, "\x1b") {
			t.Errorf("exit code %d after %q", code, drawn)
		}
	})
	t.Run("too small", func(t *testing.T) {
		t.Parallel()
		p := onTerminal(t, t.TempDir(), 59, 14, nil, "--local")
		p.See("stepdeck needs 60×15, this is 59×14")
		p.See("stepdeck runs")
		p.Type("q")
		p.Restored()
	})
	t.Run("no terminal", func(t *testing.T) {
		t.Parallel()
		o := launch(t, t.TempDir(), "--local").wait(t)
		exits0(t, o)
		has(t, o.out, localMachine, "LAST RUN")
		if strings.Contains(o.out+o.err, "\x1b") {
			t.Errorf("escape sequences in %q", o.out+o.err)
		}
	})
}

func TestBrokenSettingsAreToldWithTheirLine(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	path := filepath.Join(home, "stepdeck", "config.toml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("mouse = true\nthem = \"dark\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, drawn := onTerminal(t, home, 100, 30, nil, "--local").Exit()
	has(t, drawn, path+":2", `there is no setting "them"`, "the nearest is theme")
	if code != exitUsage || strings.Contains(drawn, "\x1b") {
		t.Errorf("exit code %d after %q", code, drawn)
	}
}
