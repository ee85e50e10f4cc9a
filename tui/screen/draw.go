package screen

import (
	"errors"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
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
			out[limit-1] = safe.Join("", out[limit-1].Truncate(w-1), safe.Line("…"))
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
