package tui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
	"github.com/stepdeck/stepdeck/tui/tuitest"
)

// toy is a screen with a list that tests lead by their own functions.
type toy struct {
	title     string
	rows      []string
	cursor    int
	filter    string
	capturing bool
	typed     string
	read      time.Time
	missing   string
	selection *tui.Selection
	disabled  string
	// wild views keep to no size.
	wild bool
	// own is a binding whose key the toy handles in Update.
	own tui.ID

	scope *tui.Scope
	open  func(s *tui.Scope) tea.Cmd
	act   func(s *tui.Scope) tea.Cmd
	got   func(msg tea.Msg) tea.Cmd
	seen  []tea.Msg
}

func newToy(title string) *toy {
	t := &toy{title: title}
	for i := range 30 {
		t.rows = append(t.rows, fmt.Sprintf("run-%02d of the orders dump", i))
	}
	return t
}

func (t *toy) Title() string { return t.title }

func (t *toy) Open(s *tui.Scope) tea.Cmd {
	t.scope = s
	if t.open != nil {
		return t.open(s)
	}
	return nil
}

func (t *toy) Update(msg tea.Msg) tea.Cmd {
	t.seen = append(t.seen, msg)
	switch msg := msg.(type) {
	case tea.PasteMsg:
		t.typed += msg.Content
	case tea.KeyPressMsg:
		if t.capturing {
			t.typed += msg.Text
		}
		switch msg.String() {
		case "j", "down":
			t.cursor = min(t.cursor+1, len(t.rows)-1)
		case "k", "up":
			t.cursor = max(t.cursor-1, 0)
		}
	}
	if t.got != nil {
		return t.got(msg)
	}
	return nil
}

func (t *toy) View(w, h int) string {
	th := t.scope.Theme
	if t.wild {
		return strings.Repeat(th.Paint(theme.Failed, strings.Repeat("世 wild ", w))+"\n", h+3)
	}
	lines := make([]string, h)
	for i := range lines {
		at := i + max(0, t.cursor-h+1)
		if at >= len(t.rows) {
			continue
		}
		mark, role := " ", theme.Text
		if at == t.cursor {
			mark, role = th.Paint(theme.Cursor, th.Glyph(theme.GlyphCursor)), theme.Strong
		}
		row := th.Paint(theme.Failed, th.Glyph(theme.GlyphFailed)+" FAILED") + "  " + th.Paint(role, t.rows[at])
		lines[i] = mark + row
	}
	return strings.Join(lines, "\n")
}

func (t *toy) Actions() []tui.Action {
	act := func() tea.Cmd {
		if t.act != nil {
			return t.act(t.scope)
		}
		return nil
	}
	actions := []tui.Action{
		{ID: tui.KeyMove},
		{ID: tui.KeyOpen, Run: func() tea.Cmd { return tui.Push(newToy(t.title + "+")) }},
		{ID: tui.KeyLog, Run: act},
		{ID: tui.KeyStop, Disabled: t.disabled, Run: act},
		{ID: tui.KeySubmit, Run: act},
	}
	if t.own != "" {
		actions = append(actions, tui.Action{ID: t.own})
	}
	return actions
}

func (t *toy) Capturing() bool { return t.capturing }

func (t *toy) Filter() string { return t.filter }

func (t *toy) SetFilter(text string) error {
	t.filter = text
	if strings.HasPrefix(text, "bad:") {
		return errors.New("bad: is not a field; known are status, state, cause, age")
	}
	return nil
}

func (t *toy) Freshness() (time.Time, bool, string) { return t.read, false, t.missing }

func (t *toy) Subject() *tui.Selection { return t.selection }

func (t *toy) ticks() int {
	n := 0
	for _, m := range t.seen {
		if _, ok := m.(tui.Tick); ok {
			n++
		}
	}
	return n
}

func options(home tui.Screen) tui.Options {
	return tui.Options{
		Home: home,
		Env: &tui.Env{Where: tui.Where{
			Profile: safe.Line("prod"), Account: safe.Line("123456789012"), Region: safe.Line("eu-west-1"),
		}},
		Theme:    theme.Options{Profile: theme.TrueColor},
		Commands: []tui.Command{runsCommand()},
	}
}

// runsCommand is a command that opens a screen named by its argument.
func runsCommand() tui.Command {
	return tui.Command{
		Name: "runs", Args: "NAME", Help: "the runs of a machine",
		Complete: func(prefix string) []string {
			var out []string
			for _, name := range []string{"dumps", "dumps-run", "reap"} {
				if strings.HasPrefix(name, prefix) {
					out = append(out, name)
				}
			}
			return out
		},
		Run: func(args []string) tea.Cmd { return tui.Push(newToy("runs of " + strings.Join(args, " "))) },
	}
}

func drive(t testing.TB, home tui.Screen) *tuitest.Driver {
	t.Helper()
	return tuitest.Drive(t, options(home), 100, 24)
}

func mustShow(t testing.TB, d *tuitest.Driver, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !d.Shows(text) {
			t.Errorf("%q is not on the screen\n%s", text, d.Text())
		}
	}
}

func mustNotShow(t testing.TB, d *tuitest.Driver, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if d.Shows(text) {
			t.Errorf("%q is on the screen\n%s", text, d.Text())
		}
	}
}

// answer is a load that ends with its context or when value is sent.
func answer(value <-chan string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		select {
		case v := <-value:
			return v, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}
