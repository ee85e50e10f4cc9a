package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// grace is how long a dialog takes no keys after it came up, so that a key
// that was meant for the screen answers nothing.
const grace = 400 * time.Millisecond

// Result is the answer to a dialog. OK is false when it was cancelled.
type Result struct {
	OK bool
	// Choice is the index of the chosen option of a Choice.
	Choice int
	// Values are those of a Prompt's fields, in their order.
	Values []string
}

// Dialog is a question over a screen: Confirm, Choice or Prompt.
type Dialog interface {
	// ready fits the dialog to where it is asked.
	ready(e *Env)
	// key takes a key and reports whether the dialog is over.
	key(k tea.KeyPressMsg) (Result, bool)
	paste(text string)
	// body is what the box shows, each line at most w cells, at most h lines.
	body(t *theme.Theme, w, h int) []string
	heading() safe.Text
	hint() string
	then(Result) tea.Cmd
}

// asking is a dialog on its screen.
type asking struct {
	Dialog
	// since is when it came on top, again after another one; zero while it is not.
	since time.Time
}

// armed reports whether the dialog on top takes keys now.
func (a *asking) armed(now time.Time) bool { return now.Sub(a.since) >= grace }

// seen notes which dialog can be seen now, if any of the screen's can.
func (s *Scope) seen(onTop bool) {
	for _, a := range s.dialogs {
		if !onTop || a != s.dialog() {
			a.since = time.Time{}
		} else if a.since.IsZero() {
			a.since = s.Clock.Now()
		}
	}
}

func (s *Scope) ask(d Dialog) {
	d.ready(s.Env)
	s.dialogs = append(s.dialogs, &asking{Dialog: d})
}

func (s *Scope) dialog() *asking {
	if len(s.dialogs) == 0 {
		return nil
	}
	return s.dialogs[len(s.dialogs)-1]
}

// answer gives a key to the dialog on top and, if that ends it, its result to
// the screen.
func (s *Scope) answer(k tea.KeyPressMsg) tea.Cmd {
	d := s.dialog()
	if !d.armed(s.Clock.Now()) {
		return nil
	}
	result, over := d.key(k)
	if !over {
		return nil
	}
	s.dialogs = s.dialogs[:len(s.dialogs)-1]
	return s.own(d.then(result))
}

// answer calls Then, which may be nil.
func answer(then func(Result) tea.Cmd, r Result) tea.Cmd {
	if then == nil {
		return nil
	}
	return then(r)
}

// box frames a dialog's lines; it is at most w cells wide and h lines high.
func box(t *theme.Theme, d Dialog, w, h int) []string {
	inner := min(w-6, 76)
	if inner < 8 || h < 5 {
		return nil
	}
	lines := d.body(t, inner, h-4)
	if len(lines) > h-4 {
		lines = lines[:h-4]
	}
	width := max(widest(lines), d.heading().Width()+2, cells(d.hint()))
	width = min(width, inner)
	rule := func(left, right theme.Glyph, title string) string {
		bar := repeat(t.Glyph(theme.GlyphHorizontal), width+2-cells(title))
		return t.Paint(theme.Border, t.Glyph(left)) + title + t.Paint(theme.Border, bar+t.Glyph(right))
	}
	title := t.Paint(theme.Title, " "+d.heading().OneLine().Truncate(width-2).String()+" ")
	side := t.Paint(theme.Border, t.Glyph(theme.GlyphVertical))
	out := []string{rule(theme.GlyphCornerTopLeft, theme.GlyphCornerTopRight, title)}
	row := func(line string) { out = append(out, side+" "+fill(line, width)+" "+side) }
	for _, line := range lines {
		row(line)
	}
	row("")
	row(t.Paint(theme.Dim, d.hint()))
	return append(out, rule(theme.GlyphCornerBottomLeft, theme.GlyphCornerBottomRight, ""))
}
