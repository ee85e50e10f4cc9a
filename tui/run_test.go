package tui_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/creack/pty"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/tui"
)

func TestColors(t *testing.T) {
	for _, c := range []struct {
		choice string
		env    []string
		want   colorprofile.Profile
	}{
		{"", []string{"TERM=xterm"}, colorprofile.ANSI},
		{"auto", []string{"TERM=xterm-256color"}, colorprofile.ANSI256},
		{"", []string{"TERM=xterm-256color", "COLORTERM=truecolor"}, colorprofile.TrueColor},
		{"", []string{"TERM=xterm-kitty"}, colorprofile.TrueColor},
		{"", []string{"TERM=xterm-256color", "NO_COLOR=yes"}, colorprofile.ASCII},
		{"", []string{"TERM=xterm-256color", "NO_COLOR=0"}, colorprofile.ASCII},
		{"", []string{"TERM=xterm-256color", "NO_COLOR="}, colorprofile.ANSI256},
		{"always", []string{"TERM=xterm-256color", "NO_COLOR=1"}, colorprofile.ANSI256},
		{"always", []string{}, colorprofile.ANSI},
		{"never", []string{"TERM=xterm-256color", "COLORTERM=truecolor"}, colorprofile.ASCII},
		{"", []string{"TERM=xterm-256color", "CLICOLOR_FORCE=1", "NO_COLOR=1"}, colorprofile.ASCII},
	} {
		if got := tui.Colors(c.choice, c.env); got != c.want {
			t.Errorf("--color=%s %v: %v, not %v", c.choice, c.env, got, c.want)
		}
	}
}

func TestWithoutATerminalTheCommandsAreNamed(t *testing.T) {
	control, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer control.Close()
	defer tty.Close()
	if err := tui.Terminal(tty, tty, []string{"TERM=xterm"}); err != nil {
		t.Fatalf("a terminal was refused: %v", err)
	}
	for reason, err := range map[string]error{
		"the input is not one":  tui.Terminal(&bytes.Buffer{}, tty, nil),
		"the output is not one": tui.Terminal(tty, &bytes.Buffer{}, nil),
		"TERM=dumb":             tui.Terminal(tty, tty, []string{"TERM=dumb"}),
	} {
		if ops.KindOf(err) != ops.Usage || !strings.Contains(err.Error(), reason) || !strings.Contains(err.Error(), "stepdeck runs") {
			t.Errorf("%s: %v", reason, err)
		}
	}
}
