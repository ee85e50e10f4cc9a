package safe

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

const ellipsis = "…"

// Width is the number of terminal cells one line of t takes.
func (t Text) Width() int {
	if plain(t.s, false) {
		return len(t.s)
	}
	return ansi.StringWidth(t.s)
}

// Truncate cuts the end so that the text takes at most width cells, … included.
func (t Text) Truncate(width int) Text {
	if width <= 0 {
		return Text{}
	}
	if t.Width() <= width {
		return t
	}
	if plain(t.s, false) {
		return Text{t.s[:width-1] + ellipsis}
	}
	return Text{ansi.Truncate(t.s, width, ellipsis)}
}

// TruncateLeft cuts the start, for text whose end tells more (ARNs, paths).
func (t Text) TruncateLeft(width int) Text {
	if width <= 0 {
		return Text{}
	}
	if t.Width() <= width {
		return t
	}
	return Text{ellipsis + t.tail(width-1)}
}

// TruncateMiddle cuts the middle, for text whose both ends tell it apart.
func (t Text) TruncateMiddle(width int) Text {
	if width <= 2 {
		return t.Truncate(width)
	}
	if t.Width() <= width {
		return t
	}
	right := (width - 1) / 2
	return Text{ansi.Truncate(t.s, width-1-right, "") + ellipsis + t.tail(right)}
}

// tail returns the longest end of at most width cells. A double-width
// character at the cut is left out as a whole.
func (t Text) tail(width int) string {
	if plain(t.s, false) {
		return t.s[max(0, len(t.s)-width):]
	}
	for cut := t.Width() - width; ; cut++ {
		if rest := ansi.TruncateLeft(t.s, cut, ""); ansi.StringWidth(rest) <= width {
			return rest
		}
	}
}

// Pad fills or cuts the end so that the text takes exactly width cells.
func (t Text) Pad(width int) Text {
	t = t.Truncate(width)
	return Text{t.s + spaces(width-t.Width())}
}

// PadLeft fills the start, for numbers in a column; too long text is cut as in Truncate.
func (t Text) PadLeft(width int) Text {
	t = t.Truncate(width)
	return Text{spaces(width-t.Width()) + t.s}
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }
