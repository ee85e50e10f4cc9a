package widget

import (
	"time"

	"github.com/stepdeck/stepdeck/aws/safe"
	"github.com/stepdeck/stepdeck/tui/theme"
)

// SpanKind is what a stretch of time was spent on.
type SpanKind int

// The kinds: work is a bar, waiting (queued, between retries) a dotted line,
// and a redrive a sign at the moment From.
const (
	WorkSpan SpanKind = iota
	WaitSpan
	RedriveSpan
)

// TimeSpan is a stretch of time on a row of a timeline.
type TimeSpan struct {
	From time.Time
	To   time.Time // zero: goes on
	Role theme.Role
	Kind SpanKind
	Note safe.Text // for the cursor's row: "attempt 2 OutOfMemory"
}

// barCell is one cell of a row.
type barCell struct {
	glyph string
	role  theme.Role
}

// eighths are left parts of a cell, from none to all of it.
var eighths = [9]string{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}

// bars draws spans into width cells that stand for the time between from and
// to; a span that goes on ends at now, with an arrow. Later spans lie over
// earlier ones, redrives over all; each takes at least part of a cell.
func bars(t *theme.Theme, spans []TimeSpan, from, to, now time.Time, width int) []barCell {
	cells := make([]barCell, max(0, width))
	total := to.Sub(from)
	if total <= 0 || width <= 0 {
		return cells
	}
	// Places are in eighths of a cell.
	place := func(at time.Time) int {
		x := float64(at.Sub(from)) / float64(total) * float64(width) * 8
		return int(max(-8, min(x, float64(width*8+8))))
	}
	for _, s := range spans {
		start, end, open := place(s.From), place(s.To), s.To.IsZero()
		if open {
			end = place(now)
		}
		end = max(end, start)
		switch s.Kind {
		case RedriveSpan:
			// Drawn below, over the rest.
		case WaitSpan:
			for x := max(0, start/8); x <= end/8 && x < width; x++ {
				cells[x] = barCell{t.Glyph(theme.GlyphDot), s.Role}
			}
		default:
			work(cells, start, end, s.Role, t.Options().ASCII, t.Glyph(theme.GlyphBlock))
			if open && end >= 0 && end <= width*8 {
				cells[min(end/8, width-1)] = barCell{t.Glyph(theme.GlyphArrow), s.Role}
			}
		}
	}
	for _, s := range spans {
		if at := place(s.From); s.Kind == RedriveSpan && at >= 0 && at <= width*8 {
			cells[min(at/8, width-1)] = barCell{t.Glyph(theme.GlyphLoop), s.Role}
		}
	}
	return cells
}

// work fills from start to end, in eighths of a cell.
func work(cells []barCell, start, end int, role theme.Role, ascii bool, block string) {
	if end < 0 || start >= len(cells)*8 {
		return
	}
	for x := max(0, start/8); x < len(cells) && x*8 <= end; x++ {
		if x*8 == end && x*8 > start {
			return
		}
		glyph := block
		if !ascii {
			glyph = partOfCell(start-x*8, end-x*8)
		}
		cells[x] = barCell{glyph, role}
	}
}

// partOfCell is the block for a bar from start to end of a cell, in eighths;
// beyond 0 and 8 it goes on in the cells beside.
func partOfCell(start, end int) string {
	switch {
	case end >= 8 && start <= 1:
		return eighths[8]
	case end >= 8 && start <= 5:
		return "▐"
	case end >= 8:
		return "▕"
	case start <= 0:
		return eighths[max(1, end)]
	case start >= 5:
		return "▕"
	default:
		// There is no block for the middle of a cell; the width tells more than the place.
		return eighths[max(1, end-start)]
	}
}
