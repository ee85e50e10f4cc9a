package screen

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// loginLimit is how long a login may take, the user's steps in the browser included.
const loginLimit = 5 * time.Minute

// renewing is what r does on a screen that shows err: where the session has
// expired it logs in first. Then, and else at once, it reads again.
func renewing(c *Console, err error, again func() tea.Cmd) func() tea.Cmd {
	if ops.KindOf(err) != ops.Expired || c.Login == nil {
		return again
	}
	return func() tea.Cmd { return tui.Push(newLogin(c, again)) }
}

// renewal is the action by which r logs in where the session has expired, for
// screens whose r is otherwise the program's own.
func renewal(c *Console, s *tui.Scope, err error) []tui.Action {
	if ops.KindOf(err) != ops.Expired {
		return nil
	}
	again := func() tea.Cmd { return tui.After(s, runChanged, 0) }
	return []tui.Action{{ID: tui.KeyRefresh, Run: renewing(c, err, again)}}
}

// expiredIn is the problem that says that the session has expired, if any.
func expiredIn[K comparable](problems map[K]error) error {
	for _, err := range problems {
		if ops.KindOf(err) == ops.Expired {
			return err
		}
	}
	return nil
}

// loginScreen runs the command that renews the session and shows what it says.
type loginScreen struct {
	c     *Console
	s     *tui.Scope
	again func() tea.Cmd
	lines []safe.Text
	done  bool
	err   error
}

func newLogin(c *Console, again func() tea.Cmd) tui.Screen { return &loginScreen{c: c, again: again} }

func (l *loginScreen) Title() string   { return "log in" }
func (l *loginScreen) Capturing() bool { return false }

func (l *loginScreen) Open(s *tui.Scope) tea.Cmd {
	l.s = s
	return l.start()
}

func (l *loginScreen) start() tea.Cmd {
	l.lines, l.done, l.err = nil, false, nil
	profile := l.c.Place.Profile
	return tui.Stream(l.s, "login", func(ctx context.Context) (<-chan loginLine, error) {
		ctx, cancel := context.WithTimeout(ctx, loginLimit)
		said, err := l.c.Login(ctx, profile)
		if err != nil {
			cancel()
			return nil, err
		}
		out := make(chan loginLine)
		go func() {
			defer close(out)
			defer cancel()
			for line := range said {
				select {
				case out <- loginLine{text: line}:
				case <-ctx.Done():
				}
			}
			_, err := l.c.ListMachines(ctx, "", 1)
			select {
			case out <- loginLine{over: true, err: err}:
			case <-ctx.Done():
			}
		}()
		return out, nil
	})
}

// loginLine is what the command said, or how the session is after it.
type loginLine struct {
	text safe.Text
	over bool
	err  error
}

func (l *loginScreen) Update(msg tea.Msg) tea.Cmd {
	b, ok := msg.(tui.Batch[loginLine])
	if !ok {
		return nil
	}
	for _, line := range b.Items {
		if !line.over {
			l.lines = append(l.lines, line.text)
			continue
		}
		if ops.KindOf(line.err) != ops.Expired {
			return tea.Batch(tui.Pop(), tui.Toast(tui.Done, safe.Line("logged in")), l.again())
		}
		l.err = line.err
	}
	if b.Done {
		l.done = true
		if b.Err != nil {
			l.err = b.Err
		}
	}
	return nil
}

func (l *loginScreen) Actions() []tui.Action {
	busy := ""
	if !l.done {
		busy = "the login is under way; esc ends it"
	}
	return []tui.Action{{ID: tui.KeyRefresh, Disabled: busy, Run: l.start}}
}

func (l *loginScreen) View(w, h int) string {
	if l.s == nil {
		return fill(nil, w, h)
	}
	t := l.s.Theme
	head := safe.Linef(" Logging in to profile %s; follow what the command says. esc ends it.", safe.Line(l.c.Place.Profile).Or(safe.Line("default")))
	lines := []string{t.Paint(theme.Strong, head.Truncate(w).String()), ""}
	said := l.lines[max(0, len(l.lines)-max(0, h-6)):]
	for _, line := range said {
		lines = append(lines, "   "+line.OneLine().Truncate(w-3).String())
	}
	switch {
	case l.err != nil:
		lines = append(append(lines, ""), problemLines(t, l.err, w, 4)...)
	case l.done:
		lines = append(lines, "", " The command ended without a session. r starts it again.")
	}
	return fill(lines, w, h)
}
