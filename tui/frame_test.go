package tui_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// busy is a console in a state where every part of the frame shows something.
func busy(t *testing.T, look theme.Options, w, h int) *tuitest.Driver {
	t.Helper()
	home := newToy("dumps-run")
	home.read = time.Now()
	home.missing = "first 100"
	home.disabled = "the run has ended"
	home.act = func(*tui.Scope) tea.Cmd {
		return tea.Batch(tui.Attention(3, 1), tui.Toast(tui.Done, safe.Line("copied the ARN")))
	}
	o := options(home)
	o.Theme, o.FixedTheme = look, true
	o.Env.Protected = true
	o.Meter = func() tui.Rates { return tui.Rates{CallsPerMinute: 12, ThrottlesPerMinute: 2} }
	d := tuitest.Drive(t, o, w, h)
	d.Advance(4 * time.Second)
	d.Press("j", "l")
	return d
}

func TestGoldenFrames(t *testing.T) {
	looks := map[string]theme.Options{
		"truecolor": {Profile: theme.TrueColor},
		"light":     {Profile: theme.TrueColor, Light: true},
		"ansi16":    {Profile: theme.ANSI16},
		"nocolor":   {Profile: theme.NoColor},
		"ascii":     {Profile: theme.NoColor, ASCII: true},
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		for name, look := range looks {
			if size[0] != 80 && name != "truecolor" {
				continue // the looks differ by colour, not by size
			}
			t.Run(fmt.Sprintf("%s %dx%d", name, size[0], size[1]), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := busy(t, look, size[0], size[1])
					tuitest.Golden(t, fmt.Sprintf("frame_%s_%dx%d", name, size[0], size[1]), d.Frame())
				})
			})
		}
	}
}

func TestGoldenDialog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := asking(t, false, confirm(""))
		tuitest.Golden(t, "dialog_confirm", d.Frame())
	})
}

func TestGoldenHelp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("dumps-run")
		home.disabled = "the run has ended"
		d := tuitest.Drive(t, options(home), 80, 40)
		d.Press("?")
		tuitest.Golden(t, "help", d.Frame())
	})
}

func TestASCIIHasNoOtherCharacters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := busy(t, theme.Options{ASCII: true}, 100, 30)
		for _, keys := range [][]string{{}, {"esc", "?"}, {"esc", "!"}, {"esc", ":"}} {
			d.Press(keys...)
			for _, r := range d.Text() {
				if r > '~' {
					t.Fatalf("%q is on the screen\n%s", r, d.Text())
				}
			}
		}
	})
}

func TestTheLastBreadcrumbStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("machines"))
		for i := range 8 {
			d.Press(":")
			d.Type(fmt.Sprintf("runs number-%d", i))
			d.Press("enter")
		}
		for _, w := range []int{60, 80, 120} {
			d.Send(tea.WindowSizeMsg{Width: w, Height: 24})
			header, _, _ := strings.Cut(d.Text(), "\n")
			if !strings.Contains(header, "… › ") || !strings.Contains(header, "› runs of number-7") {
				t.Errorf("at %d the header is %q", w, header)
			}
		}
	})
}

func TestTheAgeGoesOnByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.read = time.Now()
		d := drive(t, home)
		for _, step := range []struct {
			by   time.Duration
			want string
		}{{4 * time.Second, "⟳ 4s"}, {time.Second, "⟳ 5s"}, {time.Minute, "⟳ 1m"}, {2 * time.Hour, "⟳ 2h"}} {
			d.Advance(step.by)
			mustShow(t, d, step.want)
		}
		d.Press("p")
		mustShow(t, d, "‖ 2h")
	})
}

// counting is a clock that counts who waits for it.
type counting struct {
	tui.Clock
	waits atomic.Int64
}

func (c *counting) After(d time.Duration) <-chan time.Time {
	c.waits.Add(1)
	return c.Clock.After(d)
}

func TestWakingUpDoesNotAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.read = time.Now().Add(-5 * time.Minute)
		home.act = func(*tui.Scope) tea.Cmd { return tui.Toast(tui.Done, safe.Line("again")) }
		clock := &counting{Clock: tui.RealClock()}
		o := options(home)
		o.Env.Clock = clock
		d := tuitest.Drive(t, o, 100, 24)
		for range 50 {
			d.Press("l")
			d.Advance(10 * time.Second)
		}
		before := clock.waits.Load()
		d.Advance(10 * time.Minute)
		if waits := clock.waits.Load() - before; waits > 15 {
			t.Errorf("the clock was asked %d times in ten quiet minutes", waits)
		}
	})
}

func TestToastsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		home.act = func(*tui.Scope) tea.Cmd {
			return tea.Batch(tui.Toast(tui.Done, safe.Line("stopped run-07")), tui.Toast(tui.Fail, safe.Line("not stopped run-08")))
		}
		d := drive(t, home)
		d.Press("l")
		mustShow(t, d, "stopped run-07", "not stopped run-08")
		d.Advance(4 * time.Second)
		mustShow(t, d, "not stopped run-08")
		d.Advance(4 * time.Second)
		mustNotShow(t, d, "stopped run")
	})
}

func TestWhatWentWrongIsToldWholeInANarrowWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		home := newToy("home")
		long := strings.Repeat("the run was not stopped for a reason ", 4)
		home.act = func(*tui.Scope) tea.Cmd {
			return tea.Batch(tui.Toast(tui.Fail, safe.Line(long+"END")), tui.Toast(tui.Done, safe.Line("copied "+long+"VALUE")))
		}
		d := tuitest.Drive(t, options(home), 60, 24)
		d.Press("l")
		mustShow(t, d, "✖ the run was not stopped", "END", "✔ copied")
		mustNotShow(t, d, "VALUE")
		home.act = func(*tui.Scope) tea.Cmd {
			return tui.Toast(tui.Fail, safe.Line(strings.Repeat("without end ", 50)+"END"))
		}
		d.Advance(8 * time.Second)
		d.Press("l")
		mustShow(t, d, "end without end…")
	})
}

func TestAWindowTooSmallSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		for _, size := range [][2]int{{59, 24}, {100, 14}} {
			d.Send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			mustShow(t, d, "stepdeck needs 60×15, this is "+fmt.Sprintf("%d×%d", size[0], size[1]))
		}
	})
}

func TestTheFooterShowsWhatFitsAndAlwaysTheHelp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		for _, w := range []int{60, 80, 100} {
			d.Send(tea.WindowSizeMsg{Width: w, Height: 24})
			lines := strings.Split(d.Text(), "\n")
			footer := lines[len(lines)-1]
			if !strings.Contains(footer, "enter open") || !strings.HasSuffix(footer, "? help") {
				t.Errorf("at %d the footer is %q", w, footer)
			}
		}
	})
}

func TestWhatIsDisabledGetsRoomInTheFooterLast(t *testing.T) {
	for _, c := range []struct {
		width    int
		disabled string
		want     string
	}{
		{66, "", " ctrl+s preview and start  enter open  l log  X stop  ? help"},
		{66, "no run", " ctrl+s preview and start  enter open  l log  / filter  ? help"},
		{80, "no run", " ctrl+s preview and start  enter open  l log  X stop  / filter  ? help"},
	} {
		synctest.Test(t, func(t *testing.T) {
			home := newToy("home")
			home.disabled = c.disabled
			d := drive(t, home)
			d.Send(tea.WindowSizeMsg{Width: c.width, Height: 24})
			lines := strings.Split(d.Text(), "\n")
			if got := lines[len(lines)-1]; got != c.want {
				t.Errorf("%d cells, disabled %q: %q", c.width, c.disabled, got)
			}
		})
	}
}

func TestTheThemeFollowsTheTerminalsBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drive(t, newToy("home"))
		before := d.Frame()
		d.Send(tea.BackgroundColorMsg{Color: white{}})
		if d.Frame() == before {
			t.Error("a light background changed nothing")
		}
		d.Press(":")
		d.Type("theme dark")
		d.Press("enter")
		if d.Frame() != before {
			t.Error(":theme dark did not go back")
		}
	})
}

type white struct{}

func (white) RGBA() (r, g, b, a uint32) { return 0xffff, 0xffff, 0xffff, 0xffff }

// BenchmarkFrame measures a key and the frame that follows it at 200×60. The
// baseline is 3 ms, which leaves 60 frames a second easy; allocations are
// reported, as they vary less than time.
func BenchmarkFrame(b *testing.B) {
	home := newToy("home")
	for i := range 1000 {
		home.rows = append(home.rows, fmt.Sprintf("run-%d %s", i, strings.Repeat("x", 120)))
	}
	root := tui.NewRoot(b.Context(), options(home))
	defer root.Close(time.Second)
	root.Init()
	root.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		root.Update(tuitest.Key([]string{"j", "k"}[i%2]))
		if len(root.View().Content) < 200 {
			b.Fatal("no frame")
		}
	}
}
