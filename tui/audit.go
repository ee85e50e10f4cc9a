package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// How many problems are kept, and how many changes are read.
const (
	mostProblems = 200
	mostChanges  = 500
)

// auditLimit bounds the reading of the journal.
const auditLimit = 10 * time.Second

// problem is an error that a screen got.
type problem struct {
	time time.Time
	text safe.Text
}

type failing interface{ failure() error }

func failureOf(msg tea.Msg) error {
	if f, ok := msg.(failing); ok {
		return f.failure()
	}
	return nil
}

// note keeps what went wrong for the audit screen.
func (r *Root) note(msg tea.Msg) {
	err := failureOf(msg)
	if err == nil || errors.Is(err, context.Canceled) {
		return
	}
	r.problems = append(r.problems, problem{r.env.Clock.Now(), safe.Line(err.Error())})
	if over := len(r.problems) - mostProblems; over > 0 {
		r.problems = slices.Delete(r.problems, 0, over)
	}
}

// auditScreen shows the changes made from here and the errors seen, the newest
// first.
type auditScreen struct {
	env      *Env
	audit    Audit
	problems []problem
	changes  []Change
	err      error
	loaded   bool
	top      int
	height   int
}

func (r *Root) audit() tea.Cmd {
	if _, open := r.top().screen.(*auditScreen); open {
		return nil
	}
	return Push(&auditScreen{env: r.env, audit: r.options.Audit, problems: slices.Clone(r.problems)})
}

// Title implements Screen.
func (*auditScreen) Title() string { return "audit" }

// Open implements Screen.
func (a *auditScreen) Open(s *Scope) tea.Cmd {
	if a.audit == nil {
		a.loaded = true
		return nil
	}
	return Load(s, "journal", auditLimit, func(context.Context) ([]Change, error) { return a.audit.Changes(mostChanges) })
}

// Actions implements Screen.
func (*auditScreen) Actions() []Action { return []Action{{ID: KeyMove}, {ID: KeyEnds}} }

// Capturing implements Screen.
func (*auditScreen) Capturing() bool { return false }

// Update implements Screen.
func (a *auditScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case Loaded[[]Change]:
		a.loaded, a.changes, a.err = true, msg.Value, msg.Err
	case tea.KeyPressMsg:
		switch msg.String() {
		case "j", "down":
			a.top++
		case "k", "up":
			a.top--
		case "ctrl+d", "pgdown":
			a.top += max(1, a.height/2)
		case "ctrl+u", "pgup":
			a.top -= max(1, a.height/2)
		case "g", "home":
			a.top = 0
		case "G", "end":
			a.top = len(a.changes) + len(a.problems) + a.height
		}
	}
	return nil
}

// View implements Screen.
func (a *auditScreen) View(w, h int) string {
	lines := a.lines()
	a.height = h
	a.top = max(0, min(a.top, len(lines)-h))
	return strings.Join(excerpt(a.env.Theme, lines, a.top, w, h), "\n")
}

func (a *auditScreen) lines() []string {
	t := a.env.Theme
	out := []string{" " + t.Paint(theme.Title, "changes made from here")}
	switch {
	case a.err != nil:
		out = append(out, " "+t.Paint(theme.Failed, safe.Line(a.err.Error()).String()))
	case !a.loaded:
		out = append(out, t.Paint(theme.Dim, " reading the journal"))
	case len(a.changes) == 0:
		out = append(out, t.Paint(theme.Dim, " none"))
	}
	for _, c := range slices.Backward(a.changes) {
		out = append(out, a.change(c))
	}
	out = append(out, "", " "+t.Paint(theme.Title, "errors of this session"))
	if len(a.problems) == 0 {
		out = append(out, t.Paint(theme.Dim, " none"))
	}
	for _, p := range slices.Backward(a.problems) {
		out = append(out, fmt.Sprintf(" %s  %s", t.Paint(theme.Dim, stamp(p.time)), t.Paint(theme.Failed, p.text.String())))
	}
	return out
}

func (a *auditScreen) change(c Change) string {
	t := a.env.Theme
	sign, role := t.Glyph(theme.GlyphSucceeded), theme.Succeeded
	if !c.OK {
		sign, role = t.Glyph(theme.GlyphFailed), theme.Failed
	}
	line := fmt.Sprintf(" %s %s  %s %s", t.Paint(role, sign), t.Paint(theme.Dim, stamp(c.Time)),
		c.Operation.OneLine().Pad(18), c.Target.OneLine().TruncateMiddle(70))
	if !c.OK {
		line += "  " + t.Paint(theme.Failed, c.Result.OneLine().String())
	}
	if !c.RequestID.Empty() {
		line += "  " + t.Paint(theme.Dim, c.RequestID.OneLine().String())
	}
	return line
}

func stamp(at time.Time) string { return at.Format("02 Jan 15:04:05") }
