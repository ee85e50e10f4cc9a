package tuitest

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/tui"
)

// endLimit is how long work may take to end when a test is over.
const endLimit = time.Minute

// T is what a Driver needs of a test, be it a testing.T or a rapid.T.
type T interface {
	Helper()
	Error(args ...any)
	Cleanup(f func())
	Context() context.Context
}

// Driver runs the console without a terminal. It is made inside a bubble of
// testing/synctest, whose time is the console's: every method returns when
// nothing more happens without the passing of time.
type Driver struct {
	Root *tui.Root
	// Clipboard is what was copied last, and Quit is set once the program ended.
	Clipboard string
	Quit      bool

	t     T
	mu    sync.Mutex
	queue []tea.Msg
	// arrived holds a token when something was queued.
	arrived chan struct{}
}

// Drive starts the console in a window of w×h. It is closed at the test's end,
// which fails if any work goes on after that.
func Drive(t T, o tui.Options, w, h int) *Driver {
	t.Helper()
	d := &Driver{t: t, arrived: make(chan struct{}, 1), Root: tui.NewRoot(t.Context(), o)}
	t.Cleanup(d.Close)
	d.run(d.Root.Init())
	d.Send(tea.WindowSizeMsg{Width: w, Height: h})
	return d
}

// Close leaves all screens and waits for their work.
func (d *Driver) Close() {
	d.t.Helper()
	if !d.Root.Close(endLimit) {
		d.t.Error("work goes on after all screens were left")
	}
}

// Send gives the program messages and does all that follows from each.
func (d *Driver) Send(msgs ...tea.Msg) {
	for _, msg := range msgs {
		d.handle(msg)
		d.Settle()
	}
}

// Press presses keys by their names.
func (d *Driver) Press(names ...string) {
	for _, name := range names {
		d.Send(Key(name))
	}
}

// Type types text, key by key.
func (d *Driver) Type(text string) {
	for _, r := range text {
		d.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// Advance lets time pass.
func (d *Driver) Advance(by time.Duration) {
	end := time.After(by) // the bubble's time
	for {
		d.Settle()
		select {
		case <-d.arrived:
		case <-end:
			d.Settle()
			return
		}
	}
}

// Settle does all that can be done without the passing of time.
func (d *Driver) Settle() {
	for {
		synctest.Wait()
		d.mu.Lock()
		queue := d.queue
		d.queue = nil
		d.mu.Unlock()
		if len(queue) == 0 {
			d.Root.View() // the program draws after every message
			return
		}
		for _, msg := range queue {
			d.handle(msg)
		}
	}
}

// Frame is the screen as it is written, with its looks.
func (d *Driver) Frame() string { return d.Root.View().Content }

// Text is the screen without looks, a line per row without trailing spaces.
func (d *Driver) Text() string { return plain(d.Frame()) }

// Shows reports whether the text is on the screen.
func (d *Driver) Shows(text string) bool { return strings.Contains(d.Text(), text) }

// handle is what Bubble Tea does with a message.
func (d *Driver) handle(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
		return
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.run(cmd)
		}
		return
	case tea.QuitMsg:
		d.Quit = true
		return
	}
	// The library keeps the types of these messages to itself.
	switch v := reflect.ValueOf(msg); v.Type().String() {
	case "tea.setClipboardMsg":
		d.Clipboard = v.String()
		return
	case "tea.sequenceMsg":
		for i := range v.Len() {
			d.run(v.Index(i).Interface().(tea.Cmd))
			d.Settle()
		}
		return
	}
	_, cmd := d.Root.Update(msg)
	d.run(cmd)
}

func (d *Driver) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		d.mu.Lock()
		defer d.mu.Unlock()
		d.queue = append(d.queue, msg)
		select {
		case d.arrived <- struct{}{}:
		default:
		}
	}()
}

func plain(frame string) string {
	lines := strings.Split(ansi.Strip(frame), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
