package screen

import (
	"github.com/stepdeck/stepdeck/aws/ops"
	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// unread is a part of the ground that could not be read.
type unread struct {
	what string
	err  error
}

// gapLines tell what the form lacks.
func (f *formScreen) gapLines(w int) []string {
	gaps := f.gaps()
	if gaps.Empty() {
		return nil
	}
	t := f.look()
	var lines []string
	for _, line := range wrap(gaps, max(1, w-4), 3) {
		sign := " "
		if lines == nil {
			sign = t.Glyph(theme.GlyphCatch)
		}
		lines = append(lines, " "+t.Paint(theme.Warning, sign+" "+line.String()))
	}
	return lines
}

// gaps tells what could not be read, what failed alike together.
func (f *formScreen) gaps() safe.Text {
	var whats, all []safe.Text
	for i, gap := range f.ground.partial {
		whats = append(whats, safe.Line(gap.what))
		why := ops.Brief(gap.err)
		if rest := f.ground.partial[i+1:]; len(rest) > 0 && ops.Brief(rest[0].err) == why {
			continue
		}
		all = append(all, safe.Linef("%s not read: %s", safe.Join(" and ", whats...), why))
		whats = nil
	}
	if len(all) == 0 {
		return safe.Text{}
	}
	return safe.Linef("%s; read again every 30 s", safe.Join("; ", all...))
}
