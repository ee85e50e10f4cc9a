package widget

import (
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// Progress is how far work of a known length has come.
type Progress struct {
	Done, Failed, Total int // Failed are of Done
	Note                safe.Text
}

// View is one line: a bar, the count, what failed, the note.
func (p Progress) View(t *theme.Theme, w int) string {
	c := newCanvas(t, w, 1)
	width := max(0, min(40, c.w/3))
	done, failed := 0, 0
	if p.Total > 0 {
		done = max(0, min(width, width*p.Done/p.Total))
		failed = max(0, min(done, (width*p.Failed+p.Total-1)/p.Total))
	}
	c.fill(theme.Succeeded, t.Glyph(theme.GlyphBlock), done-failed)
	c.fill(theme.Failed, t.Glyph(theme.GlyphBlock), done)
	c.fill(theme.Dim, t.Glyph(theme.GlyphLight), width)
	c.to(c.x + 1)
	c.text(theme.Text, safe.Linef("%s of %s", safe.Count(p.Done), safe.Count(p.Total)))
	if p.Failed > 0 {
		c.text(theme.Failed, safe.Linef("  %s %s failed", t.Glyph(theme.GlyphFailed), safe.Count(p.Failed)))
	}
	if !p.Note.Empty() {
		c.to(c.x + 2)
		c.text(theme.Dim, p.Note)
	}
	return c.view()
}
