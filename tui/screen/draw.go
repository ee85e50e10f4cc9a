package screen

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/aws/workflow"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// fill makes view exactly h lines, none wider than w cells.
func fill(lines []string, w, h int) string {
	var b strings.Builder
	for i := range h {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i < len(lines) {
			b.WriteString(ansi.Truncate(lines[i], w, ""))
		}
	}
	return b.String()
}

// wrap breaks text into lines of at most w cells, at most limit of them.
func wrap(text safe.Text, w, limit int) []safe.Text {
	if w <= 0 || limit <= 0 {
		return nil
	}
	var out []safe.Text
	for _, line := range strings.Split(ansi.Wrap(text.String(), w, " "), "\n") {
		if len(out) == limit {
			out[limit-1] = safe.Join("", out[limit-1], safe.Line("…")).Truncate(w)
			break
		}
		out = append(out, safe.Line(line))
	}
	return out
}

// problemLines tell in place what failed, why, and what to do.
func problemLines(t *theme.Theme, err error, w, limit int) []string {
	title, detail, hint := problemTexts(err)
	var lines []string
	add := func(role theme.Role, text safe.Text) {
		for _, line := range wrap(text, w-3, limit-len(lines)) {
			mark := "   "
			if len(lines) == 0 {
				mark = " " + t.Paint(theme.Failed, t.Glyph(theme.GlyphFailed)) + " "
			}
			lines = append(lines, mark+t.Paint(role, line.String()))
		}
	}
	add(theme.Failed, title)
	if !detail.Empty() {
		add(theme.Text, detail)
	}
	if !hint.Empty() {
		add(theme.Info, hint)
	}
	return lines
}

// problemTexts are an error's title, reason and next step.
func problemTexts(err error) (title, detail, hint safe.Text) {
	var p *ops.Problem
	if !errors.As(err, &p) {
		return safe.Line(err.Error()), safe.Text{}, safe.Line("r tries again")
	}
	hint = safe.Line("r tries again")
	switch {
	case p.Kind == ops.Expired:
		hint = safe.Join(" · ", p.Hint.Or(safe.Line("the session has expired")), safe.Line("r logs in and tries again"))
	case p.Kind == ops.Denied:
		hint = safe.Join(" · ", presentTexts(p.Hint, safe.Line("P and R choose another profile or region"), hint)...)
	case !p.Hint.Empty():
		hint = safe.Join(" · ", p.Hint, hint)
	}
	return p.Title, p.Detail, hint
}

// briefly is an error in a line.
func briefly(err error) safe.Text {
	title, detail, _ := problemTexts(err)
	if detail.Empty() {
		return title
	}
	return safe.Join(": ", title, detail)
}

// previewFrom is the width from which a list shows what is under its cursor.
const previewFrom = 120

// paneWidth is the width of the list beside such a pane.
func paneWidth(w int) int { return w - max(40, w/3) - 3 }

// when is a moment as a list tells it: the time today, else the day too.
func when(at, now time.Time) safe.Text {
	at = at.In(now.Location())
	switch {
	case at.IsZero():
		return safe.Text{}
	case now.Sub(at) < 20*time.Hour && at.Day() == now.Day():
		return safe.Line(at.Format("15:04:05"))
	case now.Sub(at) < 300*24*time.Hour:
		return safe.Line(at.Format("2 Jan 15:04"))
	}
	return safe.Line(at.Format("2 Jan 2006"))
}

// agoText is how long ago a moment was.
func agoText(then, now time.Time) string {
	if now.Sub(then) < time.Second {
		return "a moment ago"
	}
	return safe.Age(then, now).String() + " ago"
}

// briefOverrides are a run's parameters in a line.
func briefOverrides(o workflow.Overrides) safe.Text {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if len(o.Args) > 0 {
		add("%s", strings.Join(o.Args, " "))
	}
	for _, name := range slices.Sorted(maps.Keys(o.Env)) {
		add("%s=%s", name, o.Env[name])
	}
	switch {
	case o.CPU > 0 && o.Memory > 0:
		add("%d/%d", o.CPU, o.Memory)
	case o.CPU > 0:
		add("cpu %d", o.CPU)
	case o.Memory > 0:
		add("memory %d", o.Memory)
	}
	for _, word := range []string{o.Capacity, o.Overlap} {
		if word != "" {
			add("%s", word)
		}
	}
	if o.Timeout > 0 {
		add("≤%s", safe.Duration(o.Timeout))
	}
	return safe.Line(strings.Join(parts, " "))
}

// facts are lines of a label and what it is; what is not known is left out.
type facts struct {
	t     *theme.Theme
	w     int
	lines []string
}

func (f *facts) add(label string, role theme.Role, text safe.Text) {
	if text.Empty() {
		return
	}
	const indent = 11
	for i, line := range wrap(text, f.w-indent, 8) {
		if i > 0 {
			label = ""
		}
		f.lines = append(f.lines, f.t.Paint(theme.Dim, safe.Line(label).Pad(indent).String())+f.t.Paint(role, line.String()))
	}
}

// inPlace are the lines that tell a problem: all of them where there is
// nothing else to show, else a few.
func inPlace(t *theme.Theme, err error, w, h int, alone bool) []string {
	if err == nil {
		return nil
	}
	limit := 4
	if alone {
		limit = h
	}
	return problemLines(t, err, w, min(limit, max(1, h-3)))
}

// stacked puts lines above and below a body that takes the rest.
func stacked(top, bottom []string, w, h int, body func(w, h int) string) string {
	rest := h - len(top) - len(bottom)
	lines := append([]string{}, top...)
	if rest > 0 {
		lines = append(lines, strings.Split(body(w, rest), "\n")...)
	}
	return fill(append(lines, bottom...), w, h)
}
