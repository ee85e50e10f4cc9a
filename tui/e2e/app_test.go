package e2e_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stepdeck/stepdeck/aws/session"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// app is the console as its user has it before them.
type app struct {
	*tuitest.Term
	t     *testing.T
	clock *clock
}

// clock is the computer's, which can be set ahead.
type clock struct {
	tui.Clock
	ahead atomic.Int64
}

func (c *clock) Now() time.Time { return c.Clock.Now().Add(time.Duration(c.ahead.Load())) }

// skip goes past the first moments of a dialog, in which it takes no keys so
// that one typed ahead decides nothing.
func (c *clock) skip() { c.ahead.Add(int64(time.Second)) }

// open opens the console in a window of 120×40.
func (w *world) open(t *testing.T) *app {
	t.Helper()
	return w.openAs(t, nil)
}

// openAs opens it with other options of the session.
func (w *world) openAs(t *testing.T, change func(*session.Options)) *app {
	t.Helper()
	c := &clock{Clock: tui.RealClock()}
	return &app{tuitest.Start(t, w.console(t, &tui.Env{Clock: c}, change), 120, 40), t, c}
}

// Gone waits until text is no more on the screen.
func (a *app) Gone(text string) {
	a.t.Helper()
	a.Wait("no "+text, func(screen string) bool { return !strings.Contains(screen, text) })
}

// SeeLine waits for a line that holds all the words.
func (a *app) SeeLine(words ...string) {
	a.t.Helper()
	a.Wait("a line of "+strings.Join(words, " "), func(screen string) bool { return lineOf(screen, words...) != "" })
}

// On waits until the cursor stands on a line that holds all the words.
func (a *app) On(words ...string) {
	a.t.Helper()
	a.SeeLine(append([]string{"▌"}, words...)...)
}

// Cursor moves the cursor down to the line that holds all the words.
func (a *app) Cursor(words ...string) {
	a.t.Helper()
	a.SeeLine(words...)
	a.Press("g")
	for range 40 {
		a.SeeLine("▌")
		before := lineOf(a.Text(), "▌")
		if lineOf(before, words...) != "" {
			return
		}
		a.Press("j")
		a.Wait("the cursor on another line", func(screen string) bool { return lineOf(screen, "▌") != before })
	}
	a.t.Fatalf("the cursor never came to %v:\n%s", words, a.Text())
}

// Field moves on to the form's field of that name.
func (a *app) Field(name string) {
	a.t.Helper()
	for range 40 {
		a.SeeLine("▌")
		before := lineOf(a.Text(), "▌")
		if lineOf(before, " "+name+" ") != "" {
			return
		}
		a.Press("tab")
		a.Wait("another field", func(screen string) bool { return lineOf(screen, "▌") != before })
	}
	a.t.Fatalf("there is no field %s:\n%s", name, a.Text())
}

// Filter leaves what the text matches.
func (a *app) Filter(text string) {
	a.t.Helper()
	a.Press("/")
	a.Type(text)
	a.See(" /" + text)
	a.Press("enter")
}

// Runs opens the runs of a machine.
func (a *app) Runs(machine string) {
	a.t.Helper()
	a.SeeLine(machine, "std")
	a.Command("runs " + machine)
	a.See("› " + machine)
	a.See("STATUS")
}

// Run opens a run of a machine from the list of its runs.
func (a *app) Run(machine, run string) {
	a.t.Helper()
	a.Runs(machine)
	a.Filter(run)
	a.On(run)
	a.Press("enter")
	a.See("1 verdict")
}

// Command runs a command of the `:` line.
func (a *app) Command(line string) {
	a.t.Helper()
	a.Press(":")
	a.Type(line)
	a.Press("enter")
}

// Agree answers the question of that title with yes.
func (a *app) Agree(title string) {
	a.t.Helper()
	a.dialog(title)
	a.Press("y")
	a.Gone("╭ " + title)
}

// Take takes what is chosen, or filled in, in the dialog of that title.
func (a *app) Take(title string) {
	a.t.Helper()
	a.dialog(title)
	a.Press("enter")
}

// Confirm types the word that the question of that title wants.
func (a *app) Confirm(title, word string) {
	a.t.Helper()
	a.dialog(title)
	a.Type(word)
	a.Press("enter")
	a.Gone("╭ " + title)
}

// Launch starts the run that the form's preview shows.
func (a *app) Launch() {
	a.t.Helper()
	a.See("Nothing has been sent yet")
	a.clock.skip()
	a.Press("enter")
}

// dialog waits until the dialog of that title is there and takes keys.
func (a *app) dialog(title string) {
	a.t.Helper()
	a.See("╭ " + title)
	a.clock.skip()
}

// lineOf is the first line that holds all the words, or nothing.
func lineOf(screen string, words ...string) string {
lines:
	for line := range strings.SplitSeq(screen, "\n") {
		for _, word := range words {
			if !strings.Contains(line, word) {
				continue lines
			}
		}
		return line
	}
	return ""
}
