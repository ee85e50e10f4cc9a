package tui_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

func TestTheProgramOnATerminal(t *testing.T) {
	home := newToy("home")
	home.act = func(*tui.Scope) tea.Cmd { return tui.Toast(tui.Done, safe.Line("done it")) }
	term := tuitest.Start(t, options(home), 100, 24)
	term.See("run-00 of the orders dump")
	if style, ok := term.Style("FAILED"); !ok || style.Fg == nil {
		t.Errorf("FAILED has no colour: %+v", style)
	}
	if style, _ := term.Style("run-00"); style.Attrs&uv.AttrBold == 0 {
		t.Error("the row under the cursor is not bold")
	}
	term.Press("enter")
	term.See("home › home+")
	term.Press("esc")
	term.Wait("home alone", func(s string) bool { return !strings.Contains(s, "home+") })
	term.Press("l")
	term.See("done it")
	term.Resize(50, 10)
	term.See("stepdeck needs 60×15, this is 50×10")
	term.Resize(80, 24)
	term.See("run-00 of the orders dump")
	term.Press(":")
	term.Paste("runs\x1b[31m dumps")
	term.See(":runs")
	term.Press("enter")
	term.See("runs of")
	term.Press("ctrl+c")
	term.Ended()
}

func TestTimeOnATerminalIsTheTests(t *testing.T) {
	clock := tuitest.NewClock(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC))
	home := newToy("home")
	home.act = func(*tui.Scope) tea.Cmd {
		return tui.Ask(&tui.Confirm{Title: safe.Line("Stop it?"), Then: func(r tui.Result) tea.Cmd {
			return tui.Toast(tui.Done, safe.Linef("answered %v", r.OK))
		}})
	}
	o := options(home)
	o.Env.Clock = clock
	term := tuitest.Start(t, o, 100, 24)
	term.See("run-00")
	term.Press("l")
	term.See("Stop it?")
	clock.Advance(pastGrace)
	term.Press("y")
	term.See("answered true")
}

func TestATerminalWithoutTheFocusPollsNothing(t *testing.T) {
	clock := tuitest.NewClock(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC))
	home := newToy("home")
	pressed := 0
	home.open = func(s *tui.Scope) tea.Cmd { return tui.Again(s, "poll", 10*time.Second, nil) }
	home.act = func(*tui.Scope) tea.Cmd {
		pressed++
		return tui.Toast(tui.Info, safe.Linef("pressed %d", pressed))
	}
	home.got = func(msg tea.Msg) tea.Cmd {
		if _, ok := msg.(tui.Tick); ok {
			return tui.Toast(tui.Info, safe.Line("polled"))
		}
		return nil
	}
	o := options(home)
	o.Env.Clock = clock
	term := tuitest.Start(t, o, 100, 24)
	term.See("run-00")
	term.Blur()
	term.Press("l")
	term.See("pressed 1")
	clock.Advance(10 * time.Second)
	term.Press("l")
	term.See("pressed 2")
	if strings.Contains(term.Text(), "polled") {
		t.Error("it polled without the focus")
	}
	term.Focus()
	term.See("polled")
}

// A cursor that moves by one row must not cost a screen over ssh.
func TestMovingTheCursorWritesLittle(t *testing.T) {
	home := newToy("home")
	term := tuitest.Start(t, options(home), 200, 60)
	term.See("run-29")
	before := term.Written()
	term.Press("j")
	term.Wait("the cursor on the second row", func(s string) bool {
		return strings.Contains(s, "▌✖ FAILED  run-01")
	})
	if bytes := term.Written() - before; bytes > 400 {
		t.Errorf("%d bytes were written", bytes)
	}
}

func TestAPictureOfTheScreen(t *testing.T) {
	const frame = "\x1b[1;31m✖ FAILED\x1b[m <job> & \x1b[7m LOCAL \x1b[m\n世界 \x1b[4;2mdim\x1b[m"
	var out bytes.Buffer
	if err := tuitest.SVG(&out, frame, 30, 2); err != nil {
		t.Fatal(err)
	}
	picture := out.String()
	for _, part := range []string{
		"✖ FAILED", "&lt;job&gt; &amp;", `font-weight="bold"`, " LOCAL ", `fill="#c0caf5"/>`, "世界", `opacity="0.6"`, "underline",
	} {
		if !strings.Contains(picture, part) {
			t.Errorf("%q is not in the picture\n%s", part, picture)
		}
	}
	decoder := xml.NewDecoder(&out)
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v", err)
		}
	}
}
