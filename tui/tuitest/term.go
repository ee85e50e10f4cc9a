package tuitest

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/vt"

	"github.com/stepdeck/stepdeck/tui"
)

// patience is how long a test waits for the screen to show something.
const patience = 20 * time.Second

// Term is the real program on a terminal in memory.
type Term struct {
	Root *tui.Root

	t       testing.TB
	screen  *vt.Emulator
	program *tea.Program
	input   chan []byte
	ended   chan struct{}

	mu      sync.Mutex
	changed chan struct{} // closed and made anew when something was written
	written int
}

// Start runs the program in a window of w×h until the test is over.
func Start(t testing.TB, o tui.Options, w, h int) *Term {
	t.Helper()
	in, input := io.Pipe()
	term := &Term{
		t: t, Root: tui.NewRoot(t.Context(), o), screen: vt.NewEmulator(w, h), input: make(chan []byte, 4096),
		ended: make(chan struct{}), changed: make(chan struct{}),
	}
	term.program = tea.NewProgram(
		term.Root, tea.WithContext(context.WithoutCancel(t.Context())), tea.WithInput(in), tea.WithOutput(term),
		tea.WithWindowSize(w, h), tea.WithColorProfile(colorprofile.TrueColor), tea.WithFPS(120),
		tea.WithEnvironment([]string{"TERM=xterm-256color"}), tea.WithoutSignals(),
	)
	var answers, keys sync.WaitGroup
	answers.Go(term.answers)
	keys.Go(func() {
		for b := range term.input {
			_, _ = input.Write(b) // fails once the program has ended
		}
	})
	go func() {
		defer close(term.ended)
		if _, err := term.program.Run(); err != nil {
			t.Errorf("the program ended with %v", err)
		}
	}()
	t.Cleanup(func() {
		term.program.Quit()
		<-term.ended
		if !term.Root.Close(endLimit) {
			t.Error("work goes on after the program ended")
		}
		_ = in.Close()
		if closer, ok := term.screen.InputPipe().(io.Closer); ok {
			_ = closer.Close()
		}
		answers.Wait()
		close(term.input)
		keys.Wait()
	})
	return term
}

// answers makes what the terminal replies to the program's questions input.
// The emulator's Write waits until a reply has been read, so this never waits
// for the program.
func (term *Term) answers() {
	for {
		b := make([]byte, 256)
		n, err := term.screen.Read(b)
		if err != nil {
			return
		}
		term.input <- b[:n]
	}
}

// Write takes what the program draws. As there is no tty to do it, line feeds
// get their carriage returns here.
func (term *Term) Write(p []byte) (int, error) {
	term.mu.Lock()
	defer term.mu.Unlock()
	term.written += len(p)
	if _, err := term.screen.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	close(term.changed)
	term.changed = make(chan struct{})
	return len(p), nil
}

// Written is how many bytes the program has drawn so far.
func (term *Term) Written() int {
	term.mu.Lock()
	defer term.mu.Unlock()
	return term.written
}

// Press presses keys by their names, as the bytes that a terminal sends.
func (term *Term) Press(names ...string) {
	for _, name := range names {
		term.send(keyBytes(name))
	}
}

// Type types text.
func (term *Term) Type(text string) { term.send(text) }

// Paste pastes text in brackets.
func (term *Term) Paste(text string) { term.send("\x1b[200~" + text + "\x1b[201~") }

// Focus and Blur are sent when the terminal's window gets and loses the focus.
func (term *Term) Focus() { term.send("\x1b[I") }

// Blur is the loss of the focus.
func (term *Term) Blur() { term.send("\x1b[O") }

func (term *Term) send(text string) { term.input <- []byte(text) }

// Resize changes the window's size.
func (term *Term) Resize(w, h int) {
	term.mu.Lock()
	term.screen.Resize(w, h)
	term.mu.Unlock()
	term.program.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Text is what the screen shows, a line per row without trailing spaces.
func (term *Term) Text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	var out []string
	for y := range term.screen.Height() {
		var line strings.Builder
		for x := 0; x < term.screen.Width(); x++ {
			cell := term.screen.CellAt(x, y)
			if cell == nil || cell.Content == "" {
				line.WriteByte(' ')
				continue
			}
			line.WriteString(cell.Content)
			x += max(0, cell.Width-1)
		}
		out = append(out, strings.TrimRight(line.String(), " "))
	}
	return strings.Join(out, "\n")
}

// Style is the look of the cell where text first starts on the screen.
func (term *Term) Style(text string) (uv.Style, bool) {
	for y, line := range strings.Split(term.Text(), "\n") {
		before, _, found := strings.Cut(line, text)
		if !found {
			continue
		}
		term.mu.Lock()
		defer term.mu.Unlock()
		if cell := term.screen.CellAt(cellsOf(before), y); cell != nil {
			return cell.Style, true
		}
	}
	return uv.Style{}, false
}

// Wait waits until the screen fulfils a condition, and fails the test if it
// never does.
func (term *Term) Wait(what string, is func(screen string) bool) {
	term.t.Helper()
	limit := time.After(patience)
	for {
		term.mu.Lock()
		changed := term.changed
		term.mu.Unlock()
		if is(term.Text()) {
			return
		}
		select {
		case <-changed:
		case <-term.ended:
			if !is(term.Text()) {
				term.t.Fatalf("the program ended before %s; the screen was\n%s", what, term.Text())
			}
			return
		case <-limit:
			term.t.Fatalf("the screen never showed %s; it was\n%s", what, term.Text())
		}
	}
}

// See waits until text is on the screen.
func (term *Term) See(text string) {
	term.t.Helper()
	term.Wait(text, func(screen string) bool { return strings.Contains(screen, text) })
}

// Ended waits until the program has ended.
func (term *Term) Ended() {
	term.t.Helper()
	select {
	case <-term.ended:
	case <-time.After(patience):
		term.t.Fatal("the program did not end")
	}
}
