package widget

// window is a cursor in a list and the part of the list that is shown.
type window struct {
	cursor int
	top    int
	height int // as last drawn, for paging
}

// key moves the cursor among n rows.
func (w *window) key(k string, n int) bool {
	half, page := max(1, w.height/2), max(1, w.height)
	switch k {
	case "j", "down":
		w.cursor++
	case "k", "up":
		w.cursor--
	case "g", "home":
		w.cursor = 0
	case "G", "end":
		w.cursor = n - 1
	case "ctrl+d":
		w.cursor += half
	case "ctrl+u":
		w.cursor -= half
	case "pgdown":
		w.cursor += page
	case "pgup":
		w.cursor -= page
	default:
		return false
	}
	w.clamp(n)
	return true
}

func (w *window) clamp(n int) { w.cursor = max(0, min(w.cursor, n-1)) }

// show makes the window height rows high around the cursor and returns the
// rows to draw, from inclusive to to exclusive.
func (w *window) show(n, height int) (from, to int) {
	w.height = max(0, height)
	w.clamp(n)
	w.top = max(0, min(w.top, n-w.height))
	if w.cursor < w.top {
		w.top = w.cursor
	}
	if w.height > 0 && w.cursor >= w.top+w.height {
		w.top = w.cursor - w.height + 1
	}
	return w.top, min(n, w.top+w.height)
}
